"""Policies about images and task definitions: no lifecycle rule or replacement removes what runs or what one returns to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.budget.words import counted
from policies.facts.delivery.image_rules import ImageRule, image_rules
from policies.facts.ecs.deployers import deploying
from policies.resources.graph import Resource
from policies.resources.reading import optional, read_text
from policies.resources.references import references
from policies.resources.requested import asked_flag, asked_text
from policies.resources.tokens import PIPELINE, REPOSITORY, REPOSITORY_LIFECYCLE, SERVICE, TASK_DEFINITION
from policies.rules.policy import PRD_ONLY, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, about, policy

_ECR = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/"


@policy(
    what="A lifecycle policy keeps the images that run, and those that a rollback needs.",
    why="ECR does not know what runs: a task that starts again after its image expired cannot, and nothing is left to return to.",
    severity="high",
    how_to_fix="Expire untagged images only, or keep enough tagged ones: countNumber of images or days as the settings say.",
    url=_ECR + "LifecyclePolicies.html",
    settings=(
        setting("minimumImages", 10, "Tagged images that are kept at least, of each rule.", dev=3),
        setting("minimumDays", 90, "Days that tagged images are kept at least.", dev=14),
        setting("untaggedDays", 7, "Days that untagged images are kept at least where tags move.", dev=1),
        setting(
            "throwaway",
            ("branch", "cache", "ci", "feature", "mr", "pr", "preview", "snapshot", "temp", "test", "tmp"),
            "Words in a repository's name or in all tags of a rule that say that nothing runs of it.",
        ),
    ),
    types=(REPOSITORY_LIFECYCLE,),
    also=(REPOSITORY,),
)
def images_kept(stack: Stack, lifecycle: Resource) -> Iterator[Problem]:
    name = read_text(lifecycle, "repository")
    repositories = stack.graph.held(references(stack.graph, lifecycle, REPOSITORY, "repository").keys)
    words = stack.texts("throwaway")
    called = [repository.name for repository in repositories] or [optional(name, "")]
    if all(_throwaway(text, words) for text in called):
        return
    moving = False
    for repository in repositories:
        with about(repository):
            moving = moving or not optional(asked_text(repository, "imageTagMutability"), "MUTABLE").startswith(
                "IMMUTABLE"
            )
    for rule in image_rules(lifecycle):
        if rule.expires:
            yield from _kept(stack, rule, moving, words)


def _kept(stack: Stack, rule: ImageRule, moving: bool, words: tuple[str, ...]) -> Iterator[Problem]:
    if rule.status == "untagged":
        least = stack.number("untaggedDays")
        if moving and rule.kind == "sinceImagePushed" and rule.number < least:
            yield Problem(
                f"{rule.where} expires untagged images after {counted(rule.number, 'day')}, and tags move away from images that run",
                f"at least {counted(least, 'day')}, or imageTagMutability IMMUTABLE",
            )
        return
    if rule.tags and all(_throwaway(tag, words) for tag in rule.tags):
        return
    least = stack.number("minimumImages" if rule.by_count else "minimumDays")
    if rule.number < least:
        unit = "images" if rule.by_count else "days"
        which = "every image, tagged or not," if rule.status == "any" else "tagged images"
        yield Problem(f"{rule.where} expires {which} beyond {rule.number} {unit}", f"at least {least} {unit}")


def _throwaway(text: str, words: tuple[str, ...]) -> bool:
    return any(word in re.split(r"[^a-z0-9]+", text.lower()) for word in words)


@policy(
    what="A replaced task definition stays registered where something else than Pulumi deploys it, and a pipeline's stays in use.",
    why="A pipeline's rollback and a schedule need the revision that ran before; without trackLatest the next up takes the program's "
    "own revision, and rolls the pipeline's image back.",
    severity="medium",
    how_to_fix="Set skipDestroy and trackLatest to true; ignore_changes on the service's taskDefinition does for the second.",
    url="https://www.pulumi.com/registry/packages/aws/api-docs/ecs/taskdefinition/",
    levels=PRD_ONLY,
    types=(TASK_DEFINITION,),
    also=(PIPELINE, SERVICE),
)
def task_definition_kept(stack: Stack, definition: Resource) -> Iterator[Problem]:
    kept = asked_flag(definition, "skipDestroy")
    if stack.graph.of_type(PIPELINE) and not optional(kept, False):
        yield Problem(f"{stated('skipDestroy', kept, 'false')}, and the stack has pipelines", "true")
    tracked = asked_flag(definition, "trackLatest")
    for service in stack.facts.services.get(definition.urn, ()) if not optional(tracked, False) else ():
        deployers = deploying(stack.graph, service)
        if deployers and "taskDefinition" not in service.ignores:
            found = (
                f"{stated('trackLatest', tracked, 'false')}, and the pipeline {deployers[0].pipeline.name} deploys it"
            )
            yield Problem(found, "true")
