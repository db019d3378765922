"""Policies about builds: a trusted image, privileged where they build images, logs that are kept, and what they hand on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.delivery.pipelines import read_variables
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import optional, read, read_text, refuse, required
from policies.resources.references import in_stack, task_definitions
from policies.resources.requested import asked_flag, asked_text
from policies.resources.tokens import BUILD_PROJECT, LOG_GROUP, PIPELINE, SERVICE, TASK_DEFINITION
from policies.rules.policy import setting
from policies.rules.property_checks import between, stated
from policies.rules.rule import Problem, Stack, about, policy

_OWN_IMAGE = re.compile(r"aws/codebuild/|[0-9]{12}\.dkr\.ecr\.|public\.ecr\.aws/")
_OLD_IMAGE = re.compile(
    r"aws/codebuild/(?:standard:[1-5]\.|amazonlinux2-x86_64-standard:[1-4]\.|amazonlinux2-aarch64-standard:[12]\.)"
)
"""Build images that CodeBuild no longer caches or updates (CodeBuild User Guide, Docker images provided by CodeBuild)."""
_BUILDS_IMAGES = re.compile(r"\b(?:docker|buildx|buildctl|buildah|nerdctl|podman|kaniko|earthly|pack\s+build)\b")
_NEEDS_DAEMON = re.compile(
    r"\bdocker\s+(?:image\s+)?build\b|\bdocker[\s-]compose\s+build\b|\bdocker\s+buildx\s+(?:build|bake)\b"
)
_ELSEWHERE = re.compile(r"--driver[\s=](?:remote|kubernetes|cloud)\b")
"""Where buildx builds on a machine of its own."""


@policy(
    what="A build is privileged where it builds images, and nowhere else.",
    why="A privileged build is root on its host; only the Docker daemon needs that, and without it does not start.",
    severity="high",
    how_to_fix="Set privilegedMode as the buildspec needs it, or list the project in the setting imageBuilds.",
    references="CKV_AWS_316 CodeBuild.5",
    settings=(
        setting("imageBuilds", (), "Projects that build images although their buildspec is not in the program."),
    ),
    types=(BUILD_PROJECT,),
)
def build_privileged_for_images(stack: Stack, project: Resource) -> Iterator[Problem]:
    if not optional(asked_flag(project, "environment", "privilegedMode"), False):
        buildspec = read_text(project, "source", "buildspec")
        elsewhere = not isinstance(read(project, "environment", "dockerServer"), Absent)
        commands = _commands(buildspec.value) if isinstance(buildspec, Present) else ""
        if not elsewhere and _NEEDS_DAEMON.search(commands) and not _ELSEWHERE.search(commands):
            yield Problem("privilegedMode is false, and its buildspec builds an image with Docker", "true")
        return
    if optional(asked_text(project, "name"), project.name) in stack.texts("imageBuilds"):
        return
    buildspec = required(read_text(project, "source", "buildspec"))
    if "\n" not in buildspec and re.fullmatch(r"[\w./:-]+\.ya?ml", buildspec.strip()):
        refuse("source.buildspec", "is a file that the pack cannot see, and the build is privileged")
    if not _BUILDS_IMAGES.search(_commands(buildspec)):
        yield Problem("privilegedMode is true, and its buildspec builds no image", "false")


def _commands(buildspec: str) -> str:
    return re.sub(r"(?m)^\s*#.*$", "", buildspec)


@policy(
    what="A build logs to a log group of the stack.",
    why="Without its log a failed build cannot be explained; groups that CodeBuild makes by itself keep logs for ever.",
    severity="medium",
    how_to_fix="Set logsConfig.cloudwatchLogs with status ENABLED and the groupName of a declared LogGroup.",
    references="CKV_AWS_314 CodeBuild.4",
    types=(BUILD_PROJECT,),
    also=(LOG_GROUP,),
)
def build_logs(stack: Stack, project: Resource) -> Iterator[Problem]:
    to_bucket = optional(read_text(project, "logsConfig", "s3Logs", "status"), "DISABLED") == "ENABLED"
    status = optional(read_text(project, "logsConfig", "cloudwatchLogs", "status"), "ENABLED")
    if status != "ENABLED":
        if not to_bucket:
            yield Problem(f"cloudwatchLogs.status is {status[:20]}", "ENABLED")
        return
    named = read_text(project, "logsConfig", "cloudwatchLogs", "groupName")
    group = optional(named, "")
    if not to_bucket and not in_stack(stack.graph, LOG_GROUP, group):
        shown = stated("logsConfig.cloudwatchLogs.groupName", named, f'"{group[:100]}", no log group of the stack')
        yield Problem(shown, "a declared LogGroup")


@policy(
    what="A build runs in an image of AWS or of an account's own registry that is still kept up.",
    why="The builder sees the source and every credential of the build; somebody's latest image is anybody's code.",
    severity="high",
    how_to_fix="Set environment.image to a current image of CodeBuild, or to one of your registry by digest.",
    url="https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html",
    types=(BUILD_PROJECT,),
)
def build_image_trusted(_: Stack, project: Resource) -> Iterator[Problem]:
    image = required(read_text(project, "environment", "image"))
    if not _OWN_IMAGE.match(image):
        yield Problem(f"environment.image is {image[:100]}", "an image of CodeBuild or of your own registry")
    elif _OLD_IMAGE.match(image):
        yield Problem(f"environment.image is {image[:100]}, which AWS no longer keeps up", "a current one")


_OF_PROCESSOR = re.compile(
    r"(?P<arm>aarch64|arm64)|(?P<x86>x86_64|amd64|aws/codebuild/standard:)|(?P<windows>windows)", re.IGNORECASE
)
"""What the name of an image says of the processors or the system that it is for."""
_LAMBDA, _ARM = re.compile(r".*_LAMBDA_CONTAINER"), re.compile(r"ARM_.*|MAC_ARM")
_KNOWN_TYPES = frozenset(
    {"LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "ARM_CONTAINER", "WINDOWS_CONTAINER", "WINDOWS_SERVER_2019_CONTAINER",
     "WINDOWS_SERVER_2022_CONTAINER", "LINUX_LAMBDA_CONTAINER", "ARM_LAMBDA_CONTAINER", "LINUX_EC2", "ARM_EC2", "WINDOWS_EC2", "MAC_ARM"}
)  # fmt: skip
"""AWS CodeBuild API Reference, ProjectEnvironment."""


@policy(
    what="A build's image, its type of environment and its size go together.",
    why="On another processor the image does not start, with exec format error; a size that the type does not have AWS refuses.",
    severity="high",
    how_to_fix="Take an aarch64 image with ARM_CONTAINER and an x86_64 one with LINUX_CONTAINER; BUILD_LAMBDA sizes with Lambda types.",
    url="https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html",
    types=(BUILD_PROJECT,),
)
def build_image_fits(_: Stack, project: Resource) -> Iterator[Problem]:
    kind = required(read_text(project, "environment", "type"))
    if kind not in _KNOWN_TYPES:
        yield Problem(
            f"environment.type is {kind[:40]}, which CodeBuild does not know", "LINUX_CONTAINER or ARM_CONTAINER"
        )
        return
    image = required(read_text(project, "environment", "image"))
    found = _OF_PROCESSOR.search(image)
    arm = _ARM.fullmatch(kind) is not None
    if found is not None and found.lastgroup is not None:
        fits = kind.startswith("WINDOWS") if found["windows"] else (found["arm"] is not None) == arm
        wanted = {"arm": "an ARM type", "x86": "a LINUX type", "windows": "a WINDOWS type"}[found.lastgroup]
        if not fits or (kind.startswith("WINDOWS") and not found["windows"] and "codebuild" in image):
            yield Problem(
                f"environment.image is {image[:80]}, and environment.type is {kind}",
                f"{wanted}, or an image for {kind}",
            )
    size = optional(asked_text(project, "environment", "computeType"), "")
    for_lambda = _LAMBDA.fullmatch(kind) is not None
    if size and size.startswith("BUILD_LAMBDA") != for_lambda:
        yield Problem(
            f"environment.computeType is {size[:40]}, and environment.type is {kind}", "a size that the type has"
        )
    if for_lambda and optional(asked_flag(project, "environment", "privilegedMode"), False):
        yield Problem(
            f"privilegedMode is true, and environment.type is {kind}, which has no Docker", "a container type"
        )


build_time_bounded = policy(
    name="build-time-bounded",
    what="A build has the time that it needs, and no more.",
    why="One that hangs keeps the pipeline from every later change, and is paid by the minute, until its time is over.",
    severity="medium",
    how_to_fix="Set buildTimeout to minutes within the bounds.",
    url="https://docs.aws.amazon.com/codebuild/latest/userguide/change-project.html",
    settings=(
        setting("minimumMinutes", 10, "Minutes that a build has at least.", maximum=2160),
        setting("maximumMinutes", 180, "Minutes after which a build that hangs is given up, at most.", maximum=2160),
    ),
    types=(BUILD_PROJECT,),
)(between("buildTimeout", least="minimumMinutes", most="maximumMinutes", unit="minutes", default=60))


@policy(
    what="The container that a build writes into imagedefinitions.json is one of the service that its pipeline deploys.",
    why="ECS refuses the deployment of a container that the task does not have, after the whole build.",
    severity="high",
    how_to_fix="Set the variable to the container's name in the task definition.",
    url="https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html",
    settings=(
        setting("variables", ("CONTAINER_NAME", "CONTAINER"), "Variables of a build with the container's name."),
    ),
    types=(PIPELINE,),
    also=(BUILD_PROJECT, SERVICE, TASK_DEFINITION),
)
def build_names_container(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    graph, actions = stack.graph, tuple(stack.facts.pipelines[pipeline.urn].actions())
    services = [optional(action.configured("ServiceName"), "") for action in actions]
    deployed = [held for name in services if (held := graph.by_handle(SERVICE).get(name)) is not None]
    names: set[str] = set()
    for service in deployed:
        for definition in task_definitions(graph, service, "taskDefinition"):
            names |= {str(container.get("name")) for container in stack.facts.documents(definition)}
    for action in actions if names else ():
        name = optional(action.configured("ProjectName"), "")
        project = graph.by_handle(BUILD_PROJECT).get(name)
        for variable in _told(project, stack.texts("variables")) if project is not None else ():
            if variable not in names:
                yield Problem(
                    f'{name} writes the container "{variable[:60]}", and {deployed[0].name} has {", ".join(sorted(names))}',
                    "one of them",
                )


def _told(project: Resource, names: tuple[str, ...]) -> Iterator[str]:
    """The values of a build's own variables of these names."""
    with about(project):
        for variable in read_variables(project, "environment", "environmentVariables"):
            if variable.name in names:
                yield optional(variable.value, "")
