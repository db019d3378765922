"""Policies about how a pipeline builds and deploys: the artifact that was built, turned back where it fails, with a known builder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.budget.words import counted
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.reading import Absent, Present, optional, read, read_list, read_text, required
from policies.resources.requested import asked_flag, asked_integer, asked_text
from policies.rules.policy import PRD_ONLY, STRICT_IN_PRD, setting
from policies.rules.rule import Problem, Stack, policy

_PIPELINES = "https://docs.aws.amazon.com/codepipeline/latest/userguide/"
_OWN_IMAGE = re.compile(r"aws/codebuild/|[0-9]{12}\.dkr\.ecr\.|public\.ecr\.aws/")
_OLD_IMAGE = re.compile(
    r"aws/codebuild/(?:standard:[1-5]\.|amazonlinux2-x86_64-standard:[1-4]\.|amazonlinux2-aarch64-standard:[12]\.)"
)
"""Build images that CodeBuild no longer caches or updates (CodeBuild User Guide, Docker images provided by CodeBuild)."""


@policy(
    name="pipeline-deploys-build",
    what="A deploy action takes what a build of its pipeline made, as the file that it writes, and one run at a time.",
    why="With another artifact the deployment fails or repeats the last image; runs side by side overtake each other.",
    severity="high",
    how_to_fix="Give the deploy action the output of a build (inputArtifacts), FileName imagedefinitions.json; executionMode QUEUED.",
    url=_PIPELINES + "action-reference-ECS.html",
    levels=STRICT_IN_PRD,
    types=(tokens.PIPELINE,),
)
def pipeline_deploys_build(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    if optional(asked_text(pipeline, "executionMode"), "SUPERSEDED") == "PARALLEL":
        yield Problem(
            "executionMode is PARALLEL: an older deployment may end after a newer one", "QUEUED or SUPERSEDED"
        )
    built: set[str] = set()
    for at in range(len(required(read_list(pipeline, "stages")))):
        found = range(len(required(read_list(pipeline, "stages", at, "actions"))))
        orders = {position: _order(pipeline, at, position) for position in found}
        for position in sorted(found, key=lambda position: orders[position]):
            action = ("stages", at, "actions", position)
            kind = required(read_text(pipeline, *action, "category"))
            if kind == "Deploy" and required(read_text(pipeline, *action, "provider")) == "ECS":
                given = _artifacts(pipeline, action, "inputArtifacts")
                if not set(given) & built:
                    yield Problem(
                        f"the deploy action takes {', '.join(given) or 'nothing'}, which no build makes",
                        "a build's output",
                    )
                name = read_text(pipeline, *action, "configuration", "FileName")
                if isinstance(name, Present) and not name.value.endswith("imagedefinitions.json"):
                    yield Problem(f"FileName is {name.value[:60]}", "imagedefinitions.json")
                region = read_text(pipeline, *action, "region")
                if isinstance(region, Present) and stack.facts.region and region.value != stack.facts.region:
                    yield Problem(f"the deploy action is of the region {region.value[:30]}", stack.facts.region)
            if kind == "Build":
                built |= set(_artifacts(pipeline, action, "outputArtifacts"))


def _artifacts(pipeline: Resource, action: tuple[str | int, ...], prop: str) -> list[str]:
    listed = optional(read_list(pipeline, *action, prop), [])
    return [required(read_text(pipeline, *action, prop, position)) for position in range(len(listed))]


def _order(pipeline: Resource, at: int, position: int) -> int:
    found = read(pipeline, "stages", at, "actions", position, "runOrder")
    return int(found.value) if isinstance(found, Present) and isinstance(found.value, (int, float)) else 1


@policy(
    name="pipeline-turns-back",
    what="A stage of a pipeline that deploys turns back where it fails, and looks at what runs.",
    why="A deployment that failed half-way otherwise stays until somebody has time for it.",
    severity="medium",
    how_to_fix="Set onFailure.result of the deploying stage to ROLLBACK (a V2 pipeline).",
    url=_PIPELINES + "stage-rollback.html",
    levels=PRD_ONLY,
    types=(tokens.PIPELINE,),
)
def pipeline_turns_back(_: Stack, pipeline: Resource) -> Iterator[Problem]:
    if optional(asked_text(pipeline, "pipelineType"), "V1") != "V2":
        return  # the first type has no rollback of stages
    for at in range(len(required(read_list(pipeline, "stages")))):
        categories = [
            required(read_text(pipeline, "stages", at, "actions", position, "category"))
            for position in range(len(required(read_list(pipeline, "stages", at, "actions"))))
        ]
        result = (
            optional(read_text(pipeline, "stages", at, "onFailure", "result"), "")
            if not isinstance(read(pipeline, "stages", at, "onFailure"), Absent)
            else ""
        )
        if "Deploy" in categories and result != "ROLLBACK":
            yield Problem(f"onFailure of the deploying stage is {result or 'not set'}", "ROLLBACK")


@policy(
    name="build-image-trusted",
    what="A build runs in an image of AWS or of an account's own registry that is still kept up, with the time that it needs.",
    why="The builder sees the source and every credential of the build; somebody's latest image is anybody's code.",
    severity="high",
    how_to_fix="Set environment.image to a current image of CodeBuild, or to one of your registry by digest; buildTimeout 10 or more.",
    url="https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html",
    levels=STRICT_IN_PRD,
    settings=(setting("minimumMinutes", 10, "Minutes that a build has at least.", maximum=2160),),
    types=(tokens.BUILD_PROJECT,),
)
def build_image_trusted(stack: Stack, project: Resource) -> Iterator[Problem]:
    image = required(read_text(project, "environment", "image"))
    if not _OWN_IMAGE.match(image):
        yield Problem(f"environment.image is {image[:100]}", "an image of CodeBuild or of your own registry")
    elif _OLD_IMAGE.match(image):
        yield Problem(f"environment.image is {image[:100]}, which AWS no longer keeps up", "a current one")
    minutes = optional(asked_integer(project, "buildTimeout"), 60)
    if minutes < stack.number("minimumMinutes"):
        yield Problem(f"buildTimeout is {counted(minutes, 'minute')}", f"at least {stack.number('minimumMinutes')}")
    if optional(asked_flag(project, "source", "insecureSsl"), False):
        yield Problem("source.insecureSsl is true: the source may be anybody's", "false")
