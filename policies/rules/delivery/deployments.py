"""Policies about how a pipeline deploys: the artifact that was built, in the right order, turned back where it fails."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator

from policies.facts.ecs.first_image import is_placeholder
from policies.facts.ecs.pipeline_steps import steps_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import (
    optional,
    read,
    read_integer,
    read_json,
    read_list,
    read_text,
    read_texts,
    required,
)
from policies.resources.references import task_definitions
from policies.resources.requested import asked_text
from policies.rules.policy import PIPELINE_GUIDE, PRD_ONLY, setting
from policies.rules.rule import Problem, Stack, policy
from policies.rules.wiring.leaves import leaves


@policy(
    what="A deploy action takes what a build of its pipeline made, as the file that it writes, and one run at a time.",
    why="With another artifact the deployment fails or repeats the last image; runs side by side overtake each other.",
    severity="high",
    how_to_fix="Give the deploy action the output of a build (inputArtifacts), FileName imagedefinitions.json; executionMode QUEUED.",
    url=PIPELINE_GUIDE + "action-reference-ECS.html",
    types=(tokens.PIPELINE,),
    also=(tokens.BUILD_PROJECT,),
)
def pipeline_deploys_build(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    if optional(asked_text(pipeline, "executionMode"), "SUPERSEDED") == "PARALLEL":
        yield Problem(
            "executionMode is PARALLEL: an older deployment may end after a newer one", "QUEUED or SUPERSEDED"
        )
    built: set[str] = set()
    made: set[str] = set()
    for at in range(len(required(read_list(pipeline, "stages")))):
        found = range(len(required(read_list(pipeline, "stages", at, "actions"))))
        orders = {position: _order(pipeline, at, position) for position in found}
        for position in sorted(found, key=lambda position: orders[position]):
            action = ("stages", at, "actions", position)
            kind = required(read_text(pipeline, *action, "category"))
            if kind == "Deploy" and required(read_text(pipeline, *action, "provider")) == "ECS":
                given = read_texts(pipeline, *action, "inputArtifacts")
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
            missing = [name for name in read_texts(pipeline, *action, "inputArtifacts") if name not in made]
            if missing and kind != "Deploy":
                label = required(read_text(pipeline, *action, "name"))[:60]
                yield Problem(
                    f"{label} takes {', '.join(missing)[:80]}, which no action before it makes", "an output of one"
                )
            made |= set(read_texts(pipeline, *action, "outputArtifacts"))
            name = read_text(pipeline, *action, "configuration", "ProjectName")
            project = stack.graph.by_handle(tokens.BUILD_PROJECT).get(name.value) if isinstance(name, Present) else None
            for path in (("source", "type"), ("artifacts", "type")) if project is not None else ():
                source = read_text(project, *path) if project is not None else Absent("")
                if isinstance(source, Present) and source.value != "CODEPIPELINE":
                    yield Problem(
                        f"its project {name.value if isinstance(name, Present) else ''} has {'.'.join(path)} {source.value[:30]}",
                        "CODEPIPELINE",
                    )
            if kind == "Build":
                built |= set(read_texts(pipeline, *action, "outputArtifacts"))


def _order(pipeline: Resource, at: int, position: int) -> int:
    return optional(read_integer(pipeline, "stages", at, "actions", position, "runOrder"), 1)


@policy(
    what="A stage of a pipeline that deploys turns back where it fails.",
    why="A deployment that failed half-way otherwise stays until somebody has time for it.",
    severity="medium",
    how_to_fix="Set onFailure.result of the deploying stage to ROLLBACK, and pipelineType to V2, which alone has rollbacks.",
    url=PIPELINE_GUIDE + "stage-rollback.html",
    levels=PRD_ONLY,
    types=(tokens.PIPELINE,),
)
def pipeline_turns_back(_: Stack, pipeline: Resource) -> Iterator[Problem]:
    stages = range(len(required(read_list(pipeline, "stages"))))
    results = {
        at: ""
        if isinstance(read(pipeline, "stages", at, "onFailure"), Absent)
        else optional(read_text(pipeline, "stages", at, "onFailure", "result"), "")
        for at in stages
    }
    if optional(asked_text(pipeline, "pipelineType"), "V1") != "V2":
        if any(results.values()) or optional(asked_text(pipeline, "executionMode"), "SUPERSEDED") != "SUPERSEDED":
            yield Problem("pipelineType is V1, which has neither onFailure nor other execution modes", "V2")
        return
    for at in stages:
        if any(category == "Deploy" for category, _ in _steps(pipeline, at)) and results[at] != "ROLLBACK":
            yield Problem(f"onFailure of the deploying stage is {results[at] or 'not set'}", "ROLLBACK")


def _steps(pipeline: Resource, at: int) -> list[tuple[str, int]]:
    """(category, position) of a stage's actions, in the order that they run in."""
    found = range(len(required(read_list(pipeline, "stages", at, "actions"))))
    placed = sorted(found, key=lambda position: _order(pipeline, at, position))
    return [
        (required(read_text(pipeline, "stages", at, "actions", position, "category")), position) for position in placed
    ]


@policy(
    what="What prepares a deployment runs before it, what verifies it after it, each once and of the same deployment.",
    why="A check that runs beside or before the deployment has looked at the old version, and calls the new one good.",
    severity="high",
    how_to_fix="Give the verifying action a runOrder above the deployment's, or a later stage, and each action its own configuration.",
    url=PIPELINE_GUIDE + "action-requirements.html",
    levels=PRD_ONLY,
    settings=(
        setting(
            "before",
            ("hand-over", "handover"),
            "Beginnings of names of actions, or of their STEP, that come before a deployment.",
        ),
        setting("after", ("verify", "smoke"), "Beginnings of those that come after it."),
        setting(
            "sameInBoth",
            ("SERVICE", "CLUSTER", "PARAMETER", "JOB_FAMILIES"),
            "Variables that both are told, and that are the same.",
        ),
    ),
    types=(tokens.PIPELINE,),
)
def pipeline_steps_in_order(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    deployed: tuple[int, int] | None = None
    seen: dict[str, str] = {}
    found: list[tuple[tuple[int, int], str, str]] = []
    for at in range(len(required(read_list(pipeline, "stages")))):
        for category, position in _steps(pipeline, at):
            action = ("stages", at, "actions", position)
            name, when = required(read_text(pipeline, *action, "name")), (at, _order(pipeline, at, position))
            if category == "Deploy":
                deployed = max(deployed or when, when)
            if category in ("Build", "Test", "Invoke"):
                found.append((when, name, _word(pipeline, action, name)))
                does = json.dumps(
                    [_known(pipeline, *action, key) for key in ("provider", "configuration", "inputArtifacts")]
                )
                if does in seen:
                    yield Problem(f"{name[:60]} does what {seen[does][:60]} has done", "a configuration of its own")
                seen.setdefault(does, name)
    before, after = stack.texts("before"), stack.texts("after")
    if deployed is None:
        if around := [name for _, name, word in found if word.startswith((*before, *after))]:
            yield Problem(f"{', '.join(around)[:120]} is about a deployment, and nothing deploys", "a Deploy action")
        return
    for when, name, word in found:
        if word.startswith(before) and when >= deployed:
            yield Problem(f"{name[:60]} does not run before the deployment", "a lower runOrder")
        elif word.startswith(after) and when <= deployed:
            yield Problem(f"{name[:60]} does not run after the deployment", "a higher runOrder")
    yield from _given_alike(stack, pipeline, found, (before, after))
    prepared = [word for _, _, word in found if word.startswith(before)]
    if prepared and not any(word.startswith(after) for _, _, word in found):
        yield Problem(
            "its deployment is handed over, and nothing verifies it", f"an action called {' or '.join(after)}"
        )

    if before and not prepared and _begins_as_placeholder(stack, pipeline):
        yield Problem(
            "its service begins as a placeholder, and nothing hands its deployment over",
            f"an action called {' or '.join(before)} before it",
        )


def _given_alike(
    stack: Stack, pipeline: Resource, found: list[tuple[tuple[int, int], str, str]], words: tuple[tuple[str, ...], ...]
) -> Iterator[Problem]:
    """What the steps around a deployment are given: the same, but for the step itself."""
    around = {name for _, name, word in found if word.startswith((*words[0], *words[1]))}
    steps = [step for step in steps_of(pipeline) if step.name in around]
    for first, second in itertools.pairwise(steps):
        if first.project != second.project:
            continue
        for step in (first, second):
            optional(step.written, "")  # what is not known of one is not the same
        for name in sorted({*first.variables, *second.variables} - {"STEP"}):
            one, other = first.variables.get(name), second.variables.get(name)
            where = stack.texts("sameInBoth")
            if one != other and (name in where or (one is not None and other is not None)):
                yield Problem(
                    f"{first.name[:60]} is told {name[:60]} {(one or 'nothing')[:80]}, and {second.name[:60]} {(other or 'nothing')[:80]}",
                    "the same in both",
                )


def _begins_as_placeholder(stack: Stack, pipeline: Resource) -> bool:
    """Whether a service that a pipeline deploys is declared with a command that its first deployment has to end."""
    services = stack.graph.by_handle(tokens.SERVICE)
    for _, name in leaves(pipeline, ("stages", "*", "actions", "*", "configuration", "ServiceName")):
        service = services.get(str(name.value)) if isinstance(name, Present) else None
        for definition in task_definitions(stack.graph, service, "taskDefinition") if service is not None else ():
            if is_placeholder(definition):
                return True
    return False


def _known(pipeline: Resource, *path: str | int) -> object:
    found = read(pipeline, *path)
    return found.value if isinstance(found, Present) else str(path)


def _word(pipeline: Resource, action: tuple[str | int, ...], name: str) -> str:
    """What a step is called: by its STEP, which a build project is given, else by the action's name."""
    given = read_json(pipeline, *action, "configuration", "EnvironmentVariables")
    for item in given.value if isinstance(given, Present) and isinstance(given.value, list) else ():
        if isinstance(item, dict) and item.get("name") == "STEP":
            return str(item.get("value")).lower()
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
