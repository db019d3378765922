"""The pipelines' documents: exact grants, each limited to one service, one repository, one project."""

import json
from typing import Any

import pytest
from moto.iam.policy_validation import IAMPolicyDocumentValidator, IAMTrustPolicyDocumentValidator

from components.calc.arns import Location
from components.calc.iam import delivery as iam

REST = "ap-northeast-2:123456789012"
SEOUL = Location(region="ap-northeast-2", account_id="123456789012")
ACCESS = iam.ArtifactAccess(bucket="dev-artifacts", prefix="dev-api/")
TARGET = iam.DeploymentTarget(cluster="dev-item", service="dev-api", role_names=["dev-api-execution", "dev-api-task"])
CONNECTION = "arn:aws:codeconnections:ap-northeast-2:123456789012:connection/0a1b2c3d"

PIPELINE = iam.pipeline_policy(
    SEOUL,
    source=iam.codecommit_source(SEOUL, "dev-api"),
    artifacts=ACCESS,
    projects=["dev-api-build", "dev-verify"],
    target=TARGET,
)
BUILD = iam.build_policy(
    SEOUL, log_streams=SEOUL.log_streams_of("/dev/builds", "dev-api-build"), artifacts=ACCESS, repository="dev-api"
)
PROMOTION = iam.promotion_policy(
    SEOUL,
    log_streams=SEOUL.log_streams_of("/prd/builds", "prd-api-build"),
    artifacts=ACCESS,
    scripts_key="delivery/0abc.json",
    source_parameter="/dev/images/api",
    source_repository="dev-api",
    repository="prd-api",
)
VERIFY = iam.verify_policy(
    SEOUL,
    stage="dev",
    cluster="dev-item",
    project="dev-verify",
    bucket="dev-artifacts",
    scripts_key="delivery/0abc.json",
)
POLICIES = {
    "pipeline": PIPELINE,
    "build": BUILD,
    "promotion": PROMOTION,
    "verify": VERIFY,
    "trigger": iam.trigger_policy(SEOUL, "dev-*"),
    "mirrors": iam.mirrors_policy(SEOUL, "dev"),
}


def statements(document: str) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(document)["Statement"]}


def granted(document: str) -> dict[str, tuple[list[str], list[str]]]:
    return {sid: (each["Action"], each["Resource"]) for sid, each in statements(document).items()}


@pytest.mark.parametrize("document", POLICIES.values(), ids=POLICIES)
def test_every_action_is_named_and_every_resource_where_aws_has_one(document: str) -> None:
    IAMPolicyDocumentValidator(document).validate()
    for sid, (actions, resources) in granted(document).items():
        assert not [action for action in actions if "*" in action]
        assert ("*" in resources) is (sid in ("Authenticate", "KnowSecrets", "ReadRevisions"))


REVISIONS = f"arn:aws:ecs:{REST}:task-definition/dev-api:*"
ARTIFACTS = {
    "KnowArtifactBucket": (
        ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"],
        ["arn:aws:s3:::dev-artifacts"],
    ),
    "UseArtifacts": (["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], ["arn:aws:s3:::dev-artifacts/dev-api/*"]),
}
DEPLOY = {
    "Deploy": (["ecs:DescribeServices", "ecs:UpdateService"], [f"arn:aws:ecs:{REST}:service/dev-item/dev-api"]),
    "ReadRevisions": (["ecs:DescribeTaskDefinition"], ["*"]),
}


def test_a_pipeline_deploys_one_service_and_runs_its_two_projects() -> None:
    assert granted(PIPELINE) == {
        "ReadSource": (
            [
                "codecommit:CancelUploadArchive",
                "codecommit:GetBranch",
                "codecommit:GetCommit",
                "codecommit:GetUploadArchiveStatus",
                "codecommit:UploadArchive",
            ],
            [f"arn:aws:codecommit:{REST}:dev-api"],
        ),
        **ARTIFACTS,
        "RunBuilds": (
            ["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"],
            [f"arn:aws:codebuild:{REST}:project/dev-api-build", f"arn:aws:codebuild:{REST}:project/dev-verify"],
        ),
        **DEPLOY,
        "RegisterRevisions": (["ecs:RegisterTaskDefinition"], [REVISIONS]),
        "TagRevisions": (["ecs:TagResource"], [REVISIONS]),
        "PassTaskRoles": (
            ["iam:PassRole"],
            [f"arn:aws:iam::123456789012:role/dev-api-{kind}" for kind in ("execution", "task")],
        ),
    }
    conditions = {sid: each.get("Condition") for sid, each in statements(PIPELINE).items() if "Condition" in each}
    assert conditions == {
        "TagRevisions": {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        "PassTaskRoles": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    }


def test_a_connection_reads_one_repository_under_the_name_of_its_service() -> None:
    assert iam.connection_source(CONNECTION, "itemscout/api") == {
        "Sid": "ReadSource",
        "Effect": "Allow",
        "Action": ["codeconnections:UseConnection"],
        "Resource": [CONNECTION],
        "Condition": {"StringEquals": {"codeconnections:FullRepositoryId": "itemscout/api"}},
    }
    older = CONNECTION.replace("codeconnections", "codestar-connections")
    assert iam.connection_source(older, "itemscout/api")["Action"] == ["codestar-connections:UseConnection"]


def test_a_build_pushes_to_one_repository() -> None:
    push = granted(BUILD)["PushImage"]
    assert push == (
        [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:GetDownloadUrlForLayer",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ],
        [f"arn:aws:ecr:{REST}:repository/dev-api"],
    )
    assert granted(BUILD) == {
        "WriteLogs": (
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [f"arn:aws:logs:{REST}:log-group:/dev/builds:log-stream:dev-api-build/*"],
        ),
        **ARTIFACTS,
        "Authenticate": (["ecr:GetAuthorizationToken"], ["*"]),
        "PushImage": push,
    }


def test_a_promotion_reads_the_other_stage_and_writes_this_one() -> None:
    found = granted(PROMOTION)
    assert found["ReadVerifiedImage"] == (["ssm:GetParameter"], [f"arn:aws:ssm:{REST}:parameter/dev/images/api"])
    assert found["ReadImage"] == (
        ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"],
        [f"arn:aws:ecr:{REST}:repository/dev-api"],
    )
    assert found["WriteImage"] == (
        [
            "ecr:BatchCheckLayerAvailability",
            "ecr:CompleteLayerUpload",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ],
        [f"arn:aws:ecr:{REST}:repository/prd-api"],
    )
    assert found["ReadScripts"] == (["s3:GetObject"], ["arn:aws:s3:::dev-artifacts/delivery/0abc.json"])


def test_a_verification_watches_the_services_of_a_stage_and_publishes_their_images() -> None:
    found = granted(VERIFY)
    families = [f"arn:aws:ecs:{REST}:task-definition/dev-*:*"]
    assert found == {
        "WriteLogs": (
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [f"arn:aws:logs:{REST}:log-group:/dev/builds:log-stream:dev-verify/*"],
        ),
        "KnowArtifactBucket": ARTIFACTS["KnowArtifactBucket"],
        "UseArtifacts": (["s3:GetObject", "s3:GetObjectVersion"], ["arn:aws:s3:::dev-artifacts/dev-*"]),
        "ReadScripts": (["s3:GetObject"], ["arn:aws:s3:::dev-artifacts/delivery/0abc.json"]),
        **DEPLOY,
        "Deploy": (DEPLOY["Deploy"][0], [f"arn:aws:ecs:{REST}:service/dev-item/dev-*"]),
        "RegisterRevisions": (["ecs:RegisterTaskDefinition"], families),
        "TagRevisions": (["ecs:TagResource"], families),
        "PassTaskRoles": (
            ["iam:PassRole"],
            [f"arn:aws:iam::123456789012:role/dev-*-{kind}" for kind in ("execution", "task")],
        ),
        "ListTasks": (["ecs:ListTasks"], [f"arn:aws:ecs:{REST}:container-instance/dev-item/*"]),
        "DescribeTasks": (["ecs:DescribeTasks"], [f"arn:aws:ecs:{REST}:task/dev-item/*"]),
        "ReadServiceLogs": (["logs:GetLogEvents"], [f"arn:aws:logs:{REST}:log-group:/dev/*:*"]),
        "KnowSecrets": (["ssm:DescribeParameters"], ["*"]),
        "Publish": (["ssm:GetParameter", "ssm:PutParameter"], [f"arn:aws:ssm:{REST}:parameter/dev/images/*"]),
    }


def test_a_trigger_starts_pipelines_of_its_stage_and_a_mirror_pushes_to_the_repository_of_its_tag() -> None:
    assert granted(POLICIES["trigger"]) == {
        "StartPipeline": (["codepipeline:StartPipelineExecution"], [f"arn:aws:codepipeline:{REST}:dev-*"])
    }
    assert granted(POLICIES["mirrors"]) == {
        "Mirror": (
            ["codecommit:GitPull", "codecommit:GitPush"],
            [f"arn:aws:codecommit:{REST}:dev-${{aws:PrincipalTag/Service}}"],
        )
    }


@pytest.mark.parametrize(
    ("document", "service", "source"),
    [
        (iam.pipeline_assume_role(SEOUL), "codepipeline", None),
        (
            iam.project_assume_role(SEOUL, "dev-api-build"),
            "codebuild",
            f"arn:aws:codebuild:{REST}:project/dev-api-build",
        ),
        (iam.trigger_assume_role(SEOUL, "dev-api-pushed"), "events", f"arn:aws:events:{REST}:rule/dev-api-pushed"),
    ],
)
def test_a_service_takes_the_role_for_this_account_and_resource_only(
    document: str, service: str, source: str | None
) -> None:
    IAMTrustPolicyDocumentValidator(document).validate()
    [statement] = json.loads(document)["Statement"]
    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        **({"ArnLike": {"aws:SourceArn": source}} if source else {}),
    }
