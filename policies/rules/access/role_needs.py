"""What a role is needed for: each type that is given one, to the actions that AWS does with it, and on what."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from policies.facts.delivery.pipelines import Action, Pipeline, read_pipelines, read_variables
from policies.facts.ecs.containers import image_of
from policies.facts.ecs.deployers import deploying
from policies.facts.ecs.first_image import is_placeholder
from policies.facts.ecs.image_owners import REGISTRY
from policies.facts.ecs.parts.logs import log_configuration, proxy_logs
from policies.facts.ecs.parts.secrets import secrets_of
from policies.facts.iam.arns import STARTABLE, ends_of_arn
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Present, Step, Undecided, decided, settled
from policies.resources.reading import known_text, optional, read, required, text_or
from policies.resources.references import task_definitions
from policies.resources.requested import asked_flag, asked_list, asked_map
from policies.rules.access.starting import CALLS, STARTS, STARTS_BY_SCHEDULE, Need, Path, passes, runs_task, started
from policies.rules.rule import Stack, about

_PUSHES = re.compile(r"\b(?:docker\s+(?:image\s+)?push|buildx\s+build\b[^\n]*--push|podman\s+push)\b")
_PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_PUSH = ("ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage")
_IN_A_VPC = (
    "ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
)  # fmt: skip
"""What a build in a VPC does (CodeBuild User Guide, Allow CodeBuild access to AWS services required to create a VPC interface)."""
_WRITE = ("logs:CreateLogStream", "logs:PutLogEvents")


def _logs(role: Path, group: str) -> Iterator[Need]:
    if group:
        name = group.rpartition(":log-group:")[2].removesuffix(":*")
        yield Need(
            role=role,
            actions=_WRITE,
            forms=(f"log-group:{name}", f"log-group:{name}:log-stream:one", f"log-group:{name}:log-stream:"),
        )


@functools.lru_cache(maxsize=1024)
def _pushes(buildspec: str) -> bool:
    """Whether a build pushes an image: asked of each build, and for each service, job and pipeline of it."""
    return "push" in buildspec and _PUSHES.search(buildspec) is not None


def _task(stack: Stack, definition: Resource) -> Iterator[Need]:
    role: Path = ("executionRoleArn",)
    services = stack.facts.services.get(definition.urn, ())
    at_start = stack.facts.by_container(definition, lambda container: [*_at_start(role, container)])
    for name, needs in at_start.items():
        yield from (replace(need, container=name) for need in needs)
    for repositories in _handed_to(stack, definition) if is_placeholder(definition) else ():
        yield from _pulls(role, sorted(repositories))
    for service in services:
        with about(service):
            logs = proxy_logs(service)
        yield from _logs(role, "" if logs is None else logs.group)
        yield from _pulls(role, sorted({*_built_for(stack, service)}))
        if optional(asked_flag(service, "enableExecuteCommand"), False):
            yield Need(
                role=("taskRoleArn",), actions=("ssmmessages:CreateControlChannel", "ssmmessages:OpenDataChannel")
            )


def _at_start(role: Path, container: Mapping[str, object]) -> Iterator[Need]:
    if match := REGISTRY.match(image_of(container)):
        yield from _pulls(role, [match["name"]])
    logs = log_configuration(container)
    yield from _logs(role, "" if logs is None else logs.group)
    for secret in secrets_of(container):
        yield from _secret(role, secret.source)


def _pulls(role: Path, repositories: list[str]) -> Iterator[Need]:
    """One of the repositories that a pipeline fills holds the image."""
    if repositories:
        yield Need(role=role, actions=("ecr:GetAuthorizationToken",), forms=("*",))
        yield Need(role=role, actions=_PULL, forms=tuple(f"repository/{name}" for name in repositories))


def _secret(role: Path, source: str) -> Iterator[Need]:
    if ":secretsmanager:" in source:
        name = source.split(":", 5)[5].removeprefix("secret:").split(":")[0]
        forms = (f"secret:{name}", f"secret:{name}-AbCdEf", f"secret:{name}".rpartition("-")[0] or name)
        yield Need(role=role, actions=("secretsmanager:GetSecretValue",), forms=forms)
    elif source:
        name = source.rpartition(":parameter")[2].lstrip("/")
        yield Need(role=role, actions=("ssm:GetParameters",), forms=(f"parameter/{name}",))


def _built_for(stack: Stack, service: Resource) -> Iterator[str]:
    """The repositories that the pipelines which deploy a service push to. Raises NotDecidedError where one cannot be read."""
    for deployer in deploying(stack.graph, service):
        with about(deployer.pipeline):
            yield from _pushed(stack, stack.facts.pipelines[deployer.pipeline.urn])


def _handed_to(stack: Stack, definition: Resource) -> Iterator[set[str]]:
    """The repositories of each pipeline that gives a step of it the definition's family: whose image a job gets."""
    for pipeline in _handing(stack.graph).get(known_text(definition, "family"), ()):
        if found := set(_pushed(stack, pipeline)):
            yield found


def _pushed(stack: Stack, pipeline: Pipeline) -> Iterator[str]:
    """The repositories that a pipeline's builds push to."""
    for action in pipeline.actions():
        if required(action.provider) == "CodeBuild":
            name = optional(action.configured("ProjectName"), "")
            project = stack.graph.by_handle(tokens.BUILD_PROJECT).get(name)
            if project is not None and _pushes(known_text(project, "source", "buildspec")):
                yield from _repositories(project)


@per_graph
def _handing(graph: Graph) -> Mapping[str, Sequence[Pipeline]]:
    """The pipelines by each word of what they are known to give their builds: one of them may be a family's name."""
    found: dict[str, list[Pipeline]] = {}
    for pipeline in read_pipelines(graph).values():
        told = decided(lambda pipeline=pipeline: [text for step in pipeline.actions() for text in step.told().values()])
        texts = () if isinstance(told, Undecided) else told  # the policies about pipelines say so
        for word in {word for text in texts for word in re.findall(r"[A-Za-z0-9_-]+", text)}:
            found.setdefault(word, []).append(pipeline)
    return found


def _repositories(project: Resource) -> Iterator[str]:
    for variable in read_variables(project, "environment", "environmentVariables"):
        if match := REGISTRY.match(text_or(variable.value, "")):
            yield match["name"]


def _build(_: Stack, project: Resource) -> Iterator[Need]:
    role: Path = ("serviceRole",)
    yield from _logs(role, known_text(project, "logsConfig", "cloudwatchLogs", "groupName"))
    if optional(asked_map(project, "vpcConfig"), {}):
        yield Need(role=role, actions=_IN_A_VPC)
    if known_text(project, "source", "type") == "CODEPIPELINE":
        yield Need(role=role, actions=("s3:GetObject",))
    if known_text(project, "artifacts", "type") == "CODEPIPELINE" and "artifacts:" in known_text(
        project, "source", "buildspec"
    ):
        yield Need(role=role, actions=("s3:PutObject",))
    if _pushes(known_text(project, "source", "buildspec")):
        yield Need(role=role, actions=("ecr:GetAuthorizationToken",), forms=("*",))
        for name in dict.fromkeys(_repositories(project)):
            yield Need(role=role, actions=_PUSH, forms=(f"repository/{name}",))


def _pipeline(stack: Stack, pipeline: Resource) -> Iterator[Need]:
    role: Path = ("roleArn",)
    written = stack.facts.pipelines[pipeline.urn]
    for store in settled(written.stores):
        yield Need(role=role, actions=("s3:GetObject", "s3:PutObject"), forms=(f"{required(store.bucket)}/",))
    for action in written.actions():
        if optional(action.role, ""):
            continue  # it uses that one
        provider = required(action.provider)
        if provider == "CodeCommit":
            actions = ("codecommit:GetBranch", "codecommit:GetCommit", "codecommit:UploadArchive")
            yield Need(role=role, actions=actions, forms=(required(action.configured("RepositoryName")),))
        elif provider == "CodeStarSourceConnection":
            yield Need(role=role, actions=("codeconnections:UseConnection|codestar-connections:UseConnection",))
        elif provider == "Manual" and (topics := _topics(stack, pipeline, action)):
            yield Need(role=role, actions=("sns:Publish",), forms=topics)
        elif provider == "CodeBuild":
            actions = ("codebuild:StartBuild", "codebuild:BatchGetBuilds")
            yield Need(role=role, actions=actions, forms=(f"project/{required(action.configured('ProjectName'))}",))
        elif provider == "ECS":
            name, cluster = required(action.configured("ServiceName")), required(action.configured("ClusterName"))
            forms = (f"service/{cluster}/{name}", f"service/{name}")
            yield Need(role=role, actions=("ecs:DescribeServices", "ecs:UpdateService"), forms=forms)
            yield Need(role=role, actions=("ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"))
            service = stack.graph.by_handle(tokens.SERVICE).get(name)
            definitions = task_definitions(stack.graph, service, "taskDefinition") if service is not None else ()
            yield from passes(stack, role, definitions)


def _service(stack: Stack, service: Resource) -> Iterator[Need]:
    """The functions that ECS calls while it deploys (Amazon ECS Developer Guide, Permissions for lifecycle hooks)."""
    at = ("deploymentConfiguration", "lifecycleHooks")
    kinds = (tokens.FUNCTION, tokens.FUNCTION_ALIAS)
    for position in range(len(optional(asked_list(service, *at), []))):
        role: Path = (*at, position, "roleArn")
        yield from started(role, _ends(stack, service, kinds, *at, position, "hookTargetArn"), CALLS)


def _starter(stack: Stack, resource: Resource) -> Iterator[Need]:
    """What a state machine or pipe starts of the stack's task definitions."""
    started = [urn for urn, launch in stack.facts.launches.items() if resource.urn in launch.by]
    yield from runs_task(stack, ("roleArn",), stack.graph.held(started))


def _topics(stack: Stack, pipeline: Resource, action: Action) -> tuple[str, ...]:
    """The name of the topic that an approval tells, several where one of them is it; none where it is none of the account's."""
    told = action.configured("NotificationArn")
    if isinstance(told, Absent):
        return ()
    if isinstance(told, Present):
        parts = told.value.split(":", 5)
        return (parts[5],) if len(parts) == 6 and parts[4] == stack.facts.account else ()
    return tuple(name for _, name in _ends(stack, pipeline, (tokens.TOPIC,), "stages", ""))


def _schedule(stack: Stack, schedule: Resource) -> Iterator[Need]:
    role: Path = ("target", "roleArn")
    if not isinstance(read(schedule, "target", "ecsParameters"), Absent):
        yield from runs_task(
            stack, role, task_definitions(stack.graph, schedule, "target", "ecsParameters", "taskDefinitionArn")
        )
    else:
        kinds = [kind for kind in STARTABLE if kind != tokens.QUEUE]  # an unknown one may be that of dead letters
        yield from started(role, _ends(stack, schedule, kinds, "target", "arn"), STARTS_BY_SCHEDULE)
    if queues := _ends(stack, schedule, (tokens.QUEUE,), "target", "deadLetterConfig", "arn"):
        yield Need(role=role, actions=("sqs:SendMessage",), forms=tuple(name for _, name in queues))


def _target(stack: Stack, target: Resource) -> Iterator[Need]:
    role: Path = ("roleArn",)
    if not isinstance(read(target, "ecsTarget"), Absent):
        yield from runs_task(stack, role, task_definitions(stack.graph, target, "ecsTarget", "taskDefinitionArn"))
    else:
        yield from started(role, _ends(stack, target, STARTABLE, "arn"), STARTS)


def _ends(stack: Stack, resource: Resource, kinds: Iterable[str], *path: Step) -> tuple[tuple[str, str], ...]:
    return ends_of_arn(stack.graph, resource, kinds, stack.facts.account, *path)


def _written(role: Path, prop: str) -> Callable[[Stack, Resource], Iterator[Need]]:
    """What writes to a log group by a role needs."""

    def needs(stack: Stack, resource: Resource) -> Iterator[Need]:
        found = _ends(stack, resource, (tokens.LOG_GROUP,), prop)
        ours = len(found) == 1 and found[0][0] == "logs"
        yield from _logs(role, found[0][1].removeprefix("log-group:") if ours else known_text(resource, prop))

    return needs


NEEDS: Mapping[str, Callable[[Stack, Resource], Iterator[Need]]] = {
    tokens.TASK_DEFINITION: _task,
    tokens.SERVICE: _service,
    tokens.BUILD_PROJECT: _build,
    tokens.PIPELINE: _pipeline,
    tokens.SCHEDULE: _schedule,
    tokens.EVENT_TARGET: _target,
    tokens.STATE_MACHINE: _starter,
    tokens.PIPE: _starter,
    tokens.FLOW_LOG: _written(("iamRoleArn",), "logDestination"),
    "aws:cloudtrail/trail:Trail": _written(("cloudWatchLogsRoleArn",), "cloudWatchLogsGroupArn"),
    tokens.DB_INSTANCE: lambda _, __: _logs(("monitoringRoleArn",), "RDSOSMetrics"),
    tokens.DB_CLUSTER_INSTANCE: lambda _, __: _logs(("monitoringRoleArn",), "RDSOSMetrics"),
}
"""From AWS's documentation of each: task execution role, CodeBuild and CodePipeline service roles, EventBridge and Scheduler targets,
flow logs to CloudWatch, Enhanced Monitoring."""
