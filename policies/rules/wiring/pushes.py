"""The policy `pipeline-started-by-push`: a pipeline that does not poll is started by a rule about its own source and branch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Present
from policies.resources.reading import fields_of, items_of, optional, read_json, read_text, required
from policies.resources.references import belonging, references
from policies.resources.requested import asked_flag, asked_text
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
        if not any(_about(rule, repository, branch) for rule in rules):
            for target in graph.of_type(tokens.EVENT_TARGET):  # what is unknown of one may be what starts it
                with about(target):
                    optional(asked_text(target, "arn"), "")
        if not rules:
            yield Problem(f"nothing starts it when {repository} is pushed", "an event rule with the pipeline as target")
        elif not any(_about(rule, repository, branch) for rule in rules):
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


def _about(rule: Resource, repository: str, branch: str) -> bool:
    """Whether a rule that is switched on matches pushes to a branch of a repository."""
    with about(rule):
        document = required(read_json(rule, "eventPattern"))
        on = optional(asked_text(rule, "state"), "ENABLED") != "DISABLED" and optional(
            asked_flag(rule, "isEnabled"), True
        )
    pattern = fields_of(document)
    detail = pattern.get("detail")
    fields = fields_of(detail)
    named = json.dumps([pattern.get("resources"), fields.get("repositoryName")])
    branches, kinds = fields.get("referenceName"), fields.get("referenceType")
    return (
        on
        and "aws.codecommit" in items_of(pattern.get("source"))
        and (f':{repository}"' in named or f'"{repository}"' in named)
        and (
            branches is None
            or branch in items_of(branches)
            or any(isinstance(item, Mapping) for item in items_of(branches))
        )
        and (kinds is None or "branch" in items_of(kinds))
        and ("event" not in fields or "referenceUpdated" in items_of(fields["event"]))
    )
