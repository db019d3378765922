"""IAM documents of the pipelines, as canonical JSON: each grants one pipeline, or one step of all, what it does and nothing else.

Source of actions and resources: Service Authorization Reference; CodePipeline User Guide, "Manage the CodePipeline
service role" and the action references; CodeBuild User Guide, "Allow CodeBuild to interact with other AWS services".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..arns import Location
from ..names import builds_log_group
from .roles import assume_role
from .statements import Statement, allow, document


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactAccess:
    """Where one pipeline keeps its artifacts."""

    bucket: str
    prefix: str
    """What the keys of its artifacts begin with, the slash included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentTarget:
    """The ECS service that a pipeline deploys to, by names."""

    cluster: str
    service: str
    """Name of the service and of its task definition family."""
    role_names: Sequence[str]
    """Roles that its task definition names."""


def pipeline_assume_role(location: Location) -> str:
    """Trust of a pipeline's role, as the CodePipeline console writes it: by account."""
    return assume_role("codepipeline.amazonaws.com", account_id=location.account_id)


def project_assume_role(location: Location, project: str) -> str:
    """Trust of a CodeBuild project's role: that project alone."""
    return assume_role(
        "codebuild.amazonaws.com", account_id=location.account_id, source_arn=location.codebuild_project(project)
    )


def trigger_assume_role(location: Location, rule: str) -> str:
    """Trust of the role that EventBridge starts pipelines with: the rules of that name, which may hold wildcards."""
    return assume_role("events.amazonaws.com", account_id=location.account_id, source_arn=location.event_rule(rule))


def trigger_policy(location: Location, pipeline: str) -> str:
    """What EventBridge needs to start pipelines of that name, which may hold wildcards."""
    return document(allow("StartPipeline", ["codepipeline:StartPipelineExecution"], [location.pipeline(pipeline)]))


def mirrors_policy(location: Location, stage: str) -> str:
    """What GitLab's push mirroring needs: to push, and to ask the mirror first which references it has.

    One policy for all mirrors' users: each has the repository `<stage>-<its tag Service>`, and one without the tag has none.
    Git asks a push destination through `git-receive-pack` (GitPush); GitLab also compares with `git ls-remote`, which
    CodeCommit counts as GitPull. Source: GitLab, "Push mirroring", AWS CodeCommit; IAM User Guide, "IAM policy elements:
    Variables and tags".
    """
    own = location.codecommit_repository(f"{stage}-${{aws:PrincipalTag/Service}}")
    return document(allow("Mirror", ["codecommit:GitPull", "codecommit:GitPush"], [own]))


def codecommit_source(location: Location, repository: str) -> Statement:
    """What a pipeline needs to take a branch of a CodeCommit repository as a zip file."""
    actions = ("GetBranch", "GetCommit", "UploadArchive", "GetUploadArchiveStatus", "CancelUploadArchive")
    return allow(
        "ReadSource", [f"codecommit:{action}" for action in actions], [location.codecommit_repository(repository)]
    )


def connection_source(connection_arn: str, full_repository: str) -> Statement:
    """What a pipeline needs to take a branch of one repository through a connection.

    The action is checked under the name of the service in the connection's ARN (Developer Tools console User Guide,
    "Renaming of AWS CodeStar Connections").
    """
    service = connection_arn.split(":")[2]
    return allow(
        "ReadSource",
        [f"{service}:UseConnection"],
        [connection_arn],
        conditions={"StringEquals": {f"{service}:FullRepositoryId": full_repository}},
    )


def pipeline_policy(
    location: Location,
    *,
    source: Statement,
    artifacts: ArtifactAccess,
    projects: Sequence[str],
    target: DeploymentTarget,
) -> str:
    """What a pipeline itself does: take the source, keep artifacts, start its builds, deploy to one service."""
    return document(
        source,
        *_artifacts(location, artifacts, write=True),
        allow(
            "RunBuilds",
            ["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"],
            [location.codebuild_project(project) for project in projects],
        ),
        *_deploy(location, target),
        *_register(location, [target.service], target.role_names),
    )


def build_policy(location: Location, *, log_streams: str, artifacts: ArtifactAccess, repository: str) -> str:
    """What the image build does: read the source, push to one repository, leave the image definitions."""
    push = ("CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart")
    pull = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
    return document(
        _write_logs(log_streams),
        *_artifacts(location, artifacts, write=True),
        # A token is for the registry, not for a repository: AWS has no narrower resource for this action.
        allow("Authenticate", ["ecr:GetAuthorizationToken"], ["*"]),
        allow(
            "PushImage",
            [f"ecr:{action}" for action in (*push, *pull)],
            [location.ecr_repository(repository)],
        ),
    )


def promotion_policy(
    location: Location,
    *,
    log_streams: str,
    artifacts: ArtifactAccess,
    scripts_key: str,
    source_parameter: str,
    source_repository: str,
    repository: str,
) -> str:
    """What a promotion does: read the other stage's image and which one it verified, write it to this stage's repository."""
    read = ("BatchGetImage", "DescribeImages", "GetDownloadUrlForLayer")
    write = ("BatchCheckLayerAvailability", "CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart")
    return document(
        _write_logs(log_streams),
        *_artifacts(location, artifacts, write=True),
        _read_scripts(location, artifacts.bucket, scripts_key),
        allow("ReadVerifiedImage", ["ssm:GetParameter"], [location.ssm_parameter(source_parameter)]),
        allow("ReadImage", [f"ecr:{action}" for action in read], [location.ecr_repository(source_repository)]),
        allow("WriteImage", [f"ecr:{action}" for action in write], [location.ecr_repository(repository)]),
    )


def verify_policy(location: Location, *, stage: str, cluster: str, project: str, bucket: str, scripts_key: str) -> str:
    """What the steps around a deployment do: end the placeholder, watch the service, hand a verified image on.

    For every service of the stage, by the beginning of their names: a list of them would outgrow a role's policy.
    """
    of_stage = f"{stage}-*"
    roles = [f"{stage}-*-{kind}" for kind in ("execution", "task")]
    return document(
        _write_logs(location.log_streams_of(builds_log_group(stage), project)),
        *_artifacts(location, ArtifactAccess(bucket=bucket, prefix=f"{stage}-"), write=False),
        _read_scripts(location, bucket, scripts_key),
        *_deploy(location, DeploymentTarget(cluster=cluster, service=of_stage, role_names=roles)),
        *_register(location, [of_stage], roles),
        # Listed by cluster; AWS names the resource after container instances also where tasks run on Fargate.
        allow("ListTasks", ["ecs:ListTasks"], [location.container_instances_in_cluster(cluster)]),
        allow("DescribeTasks", ["ecs:DescribeTasks"], [location.tasks_in_cluster(cluster)]),
        allow("ReadServiceLogs", ["logs:GetLogEvents"], [location.log_streams(f"/{stage}/*")]),
        # Names, never values; AWS has no narrower resource for this action.
        allow("KnowSecrets", ["ssm:DescribeParameters"], ["*"]),
        allow("Publish", ["ssm:GetParameter", "ssm:PutParameter"], [location.ssm_parameter(f"/{stage}/images/*")]),
    )


def _deploy(location: Location, target: DeploymentTarget) -> list[Statement]:
    service = location.service(target.cluster, target.service)
    return [
        allow("Deploy", ["ecs:DescribeServices", "ecs:UpdateService"], [service]),
        # AWS has no narrower resource for this action.
        allow("ReadRevisions", ["ecs:DescribeTaskDefinition"], ["*"]),
    ]


def _register(location: Location, families: Sequence[str], role_names: Sequence[str]) -> list[Statement]:
    """New revisions of these families, with the tags of the old ones and with no other roles than these."""
    revisions = [location.task_definition_any(family) for family in sorted(set(families))]
    return [
        allow("RegisterRevisions", ["ecs:RegisterTaskDefinition"], revisions),
        allow(
            "TagRevisions",
            ["ecs:TagResource"],
            revisions,
            conditions={"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        ),
        allow(
            "PassTaskRoles",
            ["iam:PassRole"],
            [location.iam_role(name) for name in sorted(set(role_names))],
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    ]


def _artifacts(location: Location, access: ArtifactAccess, *, write: bool) -> list[Statement]:
    bucket = location.s3_bucket(access.bucket)
    actions = ["s3:GetObject", "s3:GetObjectVersion", *(["s3:PutObject"] if write else [])]
    return [
        allow("KnowArtifactBucket", ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"], [bucket]),
        allow("UseArtifacts", actions, [f"{bucket}/{access.prefix}*"]),
    ]


def _read_scripts(location: Location, bucket: str, key: str) -> Statement:
    return allow("ReadScripts", ["s3:GetObject"], [f"{location.s3_bucket(bucket)}/{key}"])


def _write_logs(log_streams: str) -> Statement:
    return allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [log_streams])
