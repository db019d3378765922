"""The policy `pipeline-started-by-push`: a pipeline that does not poll is started by a rule about its own source and branch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.facts.event_rules import admits
from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Present, settled
from policies.resources.reading import optional, read_text, required
from policies.resources.references import belonging, references
from policies.resources.requested import asked_text
from policies.rules.rule import Problem, Stack, about, policy


@policy(
    what="A push to a pipeline's own branch of its own repository starts it.",
    why="Without it a merged change waits until somebody presses a button, or another project's push deploys this one.",
    severity="medium",
    how_to_fix="Add an EventBridge rule on the repository's ARN and branch whose target is the pipeline.",
    url="https://docs.aws.amazon.com/codepipeline/latest/userguide/update-change-detection.html",
    types=(tokens.PIPELINE,),
    also=(tokens.EVENT_RULE, tokens.EVENT_TARGET),
)
def pipeline_started_by_push(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    graph = stack.graph
    name = optional(asked_text(pipeline, "name"), pipeline.name)
    started = _starting(graph)
    known = [rule for rule, arn in started.by_name.get(name.rpartition(":")[2], ()) if arn.endswith(f":{name}")]
    rules = {rule.urn: rule for rule in (*known, *started.by_pipeline.get(pipeline.urn, ()))}.values()
    for action in stack.facts.pipelines[pipeline.urn].actions():
        if required(action.provider) != "CodeCommit":
            continue
        if optional(action.configured("PollForSourceChanges"), "true").lower() != "false":
            continue  # it polls
        repository, branch = (required(action.configured(key)) for key in ("RepositoryName", "BranchName"))
        if not any(_about(stack.facts, rule, repository, branch) for rule in rules):
            for target in graph.of_type(tokens.EVENT_TARGET):  # what is unknown of one may be what starts it
                with about(target):
                    optional(asked_text(target, "arn"), "")
        if not rules:
            yield Problem(f"nothing starts it when {repository} is pushed", "an event rule with the pipeline as target")
        elif not any(_about(stack.facts, rule, repository, branch) for rule in rules):
            yield Problem(
                f"{', '.join(sorted(rule.name for rule in rules))} starts it, and no push to {branch} of {repository} does",
                f'source aws.codecommit, resources with {repository}, detail.referenceName ["{branch}"]',
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Starting:
    """The rules that start pipelines: by the last part of an ARN, with the ARN, and by the URN of a pipeline."""

    by_name: Mapping[str, list[tuple[Resource, str]]]
    by_pipeline: Mapping[str, list[Resource]]


@per_graph
def _starting(graph: Graph) -> _Starting:
    by_name: dict[str, list[tuple[Resource, str]]] = {}
    by_pipeline: dict[str, list[Resource]] = {}
    for rule in graph.of_type(tokens.EVENT_RULE):
        for target in belonging(graph, rule, tokens.EVENT_TARGET, "rule"):
            arn = read_text(target, "arn")
            if isinstance(arn, Present) and ":codepipeline:" in arn.value:
                by_name.setdefault(arn.value.rpartition(":")[2], []).append((rule, arn.value))
            for key in references(graph, target, tokens.PIPELINE, "arn").keys:
                by_pipeline.setdefault(key, []).append(rule)
    return _Starting(by_name=by_name, by_pipeline=by_pipeline)


def _about(facts: Facts, rule: Resource, repository: str, branch: str) -> bool:
    """Whether a rule that is switched on matches pushes to a branch of a repository."""
    written = facts.event_rules[rule.urn]
    with about(rule):
        pattern, on = settled(written.pattern), settled(written.on)
    if pattern is None or not on:
        return False
    arn = f"arn:aws:codecommit:{facts.region}:{facts.account}:{repository}"
    push = {
        ("source",): "aws.codecommit",
        ("detail-type",): "CodeCommit Repository State Change",
        ("detail", "event"): "referenceUpdated",
        ("detail", "referenceType"): "branch",
        ("detail", "referenceName"): branch,
    }
    return any(
        admits(asked.get(("detail", "repositoryName"), ()), repository)
        or admits(asked.get(("resources",), ()), arn)
        or any(str(value).endswith(f":{repository}") for value in asked.get(("resources",), ()))
        for asked in pattern.hearing(push)
    )
