"""Policies about builds: privileged only where they build images, and with logs that are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.resources.graph import Resource
from policies.resources.reading import (
    optional,
    read_text,
    refuse,
    required,
)
from policies.resources.references import in_stack
from policies.resources.requested import asked_flag, asked_text
from policies.resources.tokens import (
    BUILD_PROJECT,
    LOG_GROUP,
)
from policies.rules.policy import STRICT_IN_PRD, hub, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, policy

_BUILDS_IMAGES = re.compile(r"\b(?:docker|buildx|buildctl|podman|kaniko)\b")


@policy(
    name="build-privileged-for-images",
    what="A build is privileged only where it builds images.",
    why="A privileged build is root on its host; only the Docker daemon needs that.",
    severity="high",
    how_to_fix="Set privilegedMode to false, or list the project in the setting imageBuilds.",
    url=hub("CodeBuild.5"),
    levels=STRICT_IN_PRD,
    references="CKV_AWS_316 CodeBuild.5",
    settings=(
        setting("imageBuilds", (), "Projects that build images although their buildspec is not in the program."),
    ),
    types=(BUILD_PROJECT,),
)
def build_privileged_for_images(stack: Stack, project: Resource) -> Iterator[Problem]:
    if not optional(asked_flag(project, "environment", "privilegedMode"), False):
        return
    if optional(asked_text(project, "name"), project.name) in stack.texts("imageBuilds"):
        return
    buildspec = required(read_text(project, "source", "buildspec"))
    if "\n" not in buildspec and re.fullmatch(r"[\w./:-]+\.ya?ml", buildspec.strip()):
        refuse("source.buildspec", "is a file that the pack cannot see, and the build is privileged")
    if not _BUILDS_IMAGES.search(re.sub(r"(?m)^\s*#.*$", "", buildspec)):
        yield Problem("privilegedMode is true, and its buildspec builds no image", "false")


@policy(
    name="build-logs",
    what="A build logs to a log group of the stack.",
    why="Without its log a failed build cannot be explained; groups that CodeBuild makes by itself keep logs for ever.",
    severity="medium",
    how_to_fix="Set logsConfig.cloudwatchLogs with status ENABLED and the groupName of a declared LogGroup.",
    url=hub("CodeBuild.4"),
    levels=STRICT_IN_PRD,
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
