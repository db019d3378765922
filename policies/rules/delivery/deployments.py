"""Policies about how a pipeline deploys: the artifact that was built, in the right order, turned back where it fails."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from policies.facts.delivery.pipelines import Action, Pipeline
from policies.facts.ecs.first_image import is_placeholder
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, settled
from policies.resources.reading import optional, read_text, required
from policies.resources.references import task_definitions
from policies.rules.policy import PIPELINE_GUIDE, PRD_ONLY, setting
from policies.rules.rule import Problem, Stack, policy


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
    written = stack.facts.pipelines[pipeline.urn]
    if settled(written.mode) == "PARALLEL":
        yield Problem(
            "executionMode is PARALLEL: an older deployment may end after a newer one", "QUEUED or SUPERSEDED"
        )
    built: set[str] = set()
    made: set[str] = set()
    for action in _in_order(written):
        kind, given, makes = settled(action.category), settled(action.inputs), settled(action.outputs)
        if kind == "Deploy" and required(action.provider) == "ECS":
            yield from _deployed(stack, action, built)
        missing = [name for name in given if name not in made]
        if missing and kind != "Deploy":
            label = required(action.name)[:60]
            yield Problem(
                f"{label} takes {', '.join(missing)[:80]}, which no action before it makes", "an output of one"
            )
        made.update(makes)
        name = optional(action.configured("ProjectName"), "")
        project = stack.graph.by_handle(tokens.BUILD_PROJECT).get(name)
        for path in (("source", "type"), ("artifacts", "type")) if project is not None else ():
            source = read_text(project, *path) if project is not None else Absent("")
            if isinstance(source, Present) and source.value != "CODEPIPELINE":
                yield Problem(f"its project {name} has {'.'.join(path)} {source.value[:30]}", "CODEPIPELINE")
        if kind == "Build":
            built.update(makes)


def _deployed(stack: Stack, action: Action, built: set[str]) -> Iterator[Problem]:
    """What is wrong with what a deploy action takes. built: what the builds before it make."""
    given = settled(action.inputs)
    if not set(given) & built:
        yield Problem(
            f"the deploy action takes {', '.join(given) or 'nothing'}, which no build makes", "a build's output"
        )
    name = optional(action.configured("FileName"), "imagedefinitions.json")
    if not name.endswith("imagedefinitions.json"):
        yield Problem(f"FileName is {name[:60]}", "imagedefinitions.json")
    region = optional(action.region, "")
    if region and stack.facts.region and region != stack.facts.region:
        yield Problem(f"the deploy action is of the region {region[:30]}", stack.facts.region)


def _in_order(pipeline: Pipeline) -> Iterator[Action]:
    """The actions in the order that they run in. Raises NotDecidedError."""
    for stage in settled(pipeline.stages):
        yield from stage.in_order()


@policy(
    what="A stage of a pipeline that deploys turns back where it fails.",
    why="A deployment that failed half-way otherwise stays until somebody has time for it.",
    severity="medium",
    how_to_fix="Set onFailure.result of the deploying stage to ROLLBACK, and pipelineType to V2, which alone has rollbacks.",
    url=PIPELINE_GUIDE + "stage-rollback.html",
    levels=PRD_ONLY,
    types=(tokens.PIPELINE,),
)
def pipeline_turns_back(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    written = stack.facts.pipelines[pipeline.urn]
    results = [(optional(part.on_failure, ""), part) for part in settled(written.stages)]
    if optional(written.kind, "V1") != "V2":
        if any(result for result, _ in results) or settled(written.mode) != "SUPERSEDED":
            yield Problem("pipelineType is V1, which has neither onFailure nor other execution modes", "V2")
        return
    for result, part in results:
        deploys = any(settled(action.category) == "Deploy" for action in settled(part.actions))
        if deploys and result != "ROLLBACK":
            yield Problem(f"onFailure of the deploying stage is {result or 'not set'}", "ROLLBACK")


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
    seen: list[Action] = []
    found: list[tuple[tuple[int, int], Action, str]] = []
    for action in _in_order(stack.facts.pipelines[pipeline.urn]):
        name, when = required(action.name), (action.stage, settled(action.order))
        if settled(action.category) == "Deploy":
            deployed = max(deployed or when, when)
        if settled(action.category) in ("Build", "Test", "Invoke"):
            found.append((when, action, _word(action)))
            for other in seen:
                if _does(other) == _does(action):
                    yield Problem(
                        f"{name[:60]} does what {required(other.name)[:60]} has done", "a configuration of its own"
                    )
                    break
            else:
                seen.append(action)
    before, after = stack.texts("before"), stack.texts("after")
    around = [action for _, action, word in found if word.startswith((*before, *after))]
    if deployed is None:
        if around:
            names = ", ".join(required(action.name) for action in around)
            yield Problem(f"{names[:120]} is about a deployment, and nothing deploys", "a Deploy action")
        return
    for when, action, word in found:
        if word.startswith(before) and when >= deployed:
            yield Problem(f"{required(action.name)[:60]} does not run before the deployment", "a lower runOrder")
        elif word.startswith(after) and when <= deployed:
            yield Problem(f"{required(action.name)[:60]} does not run after the deployment", "a higher runOrder")
    yield from _given_alike(stack.texts("sameInBoth"), around)
    prepared = any(word.startswith(before) for _, _, word in found)
    if prepared and not any(word.startswith(after) for _, _, word in found):
        yield Problem(
            "its deployment is handed over, and nothing verifies it", f"an action called {' or '.join(after)}"
        )

    if before and not prepared and _begins_as_placeholder(stack, pipeline):
        yield Problem(
            "its service begins as a placeholder, and nothing hands its deployment over",
            f"an action called {' or '.join(before)} before it",
        )


def _does(action: Action) -> object:
    """What an action does: of two that do the same, the same; what is not known of one is like nothing."""
    return action.provider, action.configuration, action.inputs


def _given_alike(where: tuple[str, ...], around: list[Action]) -> Iterator[Problem]:
    """What the steps around a deployment are given: the same, but for the step itself. where: what both have to be given."""
    builds = [action for action in around if not isinstance(action.configured("ProjectName"), Absent)]
    for first, second in itertools.pairwise(builds):
        if required(first.configured("ProjectName")) != required(second.configured("ProjectName")):
            continue
        told, also = first.told(), second.told()
        for name in sorted({*told, *also} - {"STEP"}):
            one, other = told.get(name), also.get(name)
            if one != other and (name in where or (one is not None and other is not None)):
                yield Problem(
                    f"{required(first.name)[:60]} is told {name[:60]} {(one or 'nothing')[:80]}, and "
                    f"{required(second.name)[:60]} {(other or 'nothing')[:80]}",
                    "the same in both",
                )


def _begins_as_placeholder(stack: Stack, pipeline: Resource) -> bool:
    """Whether a service that a pipeline deploys is declared with a command that its first deployment has to end."""
    services = stack.graph.by_handle(tokens.SERVICE)
    for action in stack.facts.pipelines[pipeline.urn].actions():
        service = services.get(optional(action.configured("ServiceName"), ""))
        for definition in task_definitions(stack.graph, service, "taskDefinition") if service is not None else ():
            if is_placeholder(definition):
                return True
    return False


def _word(action: Action) -> str:
    """What a step is called: by its STEP, which a build project is given, else by the action's name."""
    step = action.told().get("STEP")
    return step.lower() if step else re.sub(r"(?<=[a-z])(?=[A-Z])", "-", required(action.name)).lower()
