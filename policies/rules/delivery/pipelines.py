"""Policies about pipelines: the right branch, consent in prd, encrypted artifacts, and failures that are heard."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from typing import cast

from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.reading import (
    Absent,
    NotDecidedError,
    Present,
    Undecided,
    decided,
    optional,
    read,
    read_flag,
    read_json,
    read_list,
    read_map,
    read_text,
    refuse,
    required,
)
from policies.resources.references import belonging
from policies.resources.requested import asked_text
from policies.rules.policy import PRD_ONLY, STRICT_IN_PRD, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, about, policy

_PIPELINES = "https://docs.aws.amazon.com/codepipeline/latest/userguide/"
_TELLING = (
    (tokens.EVENT_RULE, "eventPattern"),
    (tokens.EVENT_RULE, "state"),
    (tokens.EVENT_TARGET, "rule"),
    (tokens.NOTIFICATION_RULE, "eventTypeIds"),
    (tokens.NOTIFICATION_RULE, "targets"),
)
_POLLS_BY_DEFAULT = frozenset({"CodeCommit", "S3", "GitHub"})


def _actions(pipeline: Resource) -> Iterator[tuple[int, Mapping[str, object]]]:
    """(position of the stage, action) in order."""
    for stage in range(len(required(read_list(pipeline, "stages")))):
        for action in range(len(required(read_list(pipeline, "stages", stage, "actions")))):
            yield stage, required(read_map(pipeline, "stages", stage, "actions", action))


def _sources(pipeline: Resource) -> Iterator[Mapping[str, object]]:
    return (action for _, action in _actions(pipeline) if required(read_text(action, "category")) == "Source")


@policy(
    name="pipeline-branch",
    what="A stage is deployed from its branch.",
    why="A development branch in production is code that nobody has approved.",
    severity="high",
    how_to_fix="Set the source action's BranchName to a branch of the stage, or the setting branches.",
    url=_PIPELINES + "concepts-devops-example.html",
    levels=STRICT_IN_PRD,
    settings=(
        setting(
            "branches",
            ("main", "master", "release/*"),
            "Branches, or patterns, of the stage.",
            dev=("dev*", "feature/*"),
        ),
    ),
    types=(tokens.PIPELINE,),
)
def pipeline_branch(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    patterns = stack.texts("branches")
    for action in _sources(pipeline):
        if required(read_text(action, "provider")) in ("ECR", "S3"):
            continue  # no branches there
        found = [read_text(action, "configuration", key) for key in ("BranchName", "Branch")]
        named = [reading for reading in found if not isinstance(reading, Absent)]
        if not named:
            refuse("configuration.BranchName", "of the source action is absent")
        branch = required(named[0])
        if not any(fnmatch.fnmatchcase(branch, pattern) for pattern in patterns):
            yield Problem(f'its branch is "{branch[:80]}"', " or ".join(patterns))


@policy(
    name="pipeline-approval",
    what="Somebody approves a deployment, in a stage of its own before it.",
    why="A push alone must not change what customers see; a rejection inside the deploying stage would roll that one back.",
    severity="high",
    how_to_fix="Add a pipeline stage with a Manual approval action before the stage that deploys.",
    url=_PIPELINES + "approvals.html",
    levels=PRD_ONLY,
    types=(tokens.PIPELINE,),
)
def pipeline_approval(_: Stack, pipeline: Resource) -> Iterator[Problem]:
    approved: set[int] = set()
    for stage, action in _actions(pipeline):
        category = required(read_text(action, "category"))
        if category == "Approval":
            approved.add(stage)
        elif category == "Deploy":
            if stage in approved:
                yield Problem("the approval is in the stage that deploys", "a stage of its own before it")
            elif not approved:
                yield Problem("nothing is approved before the deployment", "a Manual approval in a stage before it")
            return


@policy(
    name="pipeline-artifacts-encrypted",
    what="A pipeline's and a build's artifacts are encrypted, in a bucket that says so.",
    why="They hold the whole source and what was built of it.",
    severity="medium",
    how_to_fix="Give the artifact bucket a BucketServerSideEncryptionConfiguration, and keep encryptionDisabled false.",
    url=_PIPELINES + "S3-artifact-encryption.html",
    levels=STRICT_IN_PRD,
    references="CKV_AWS_78 CKV_AWS_311 CodeBuild.3",
    types=(tokens.PIPELINE, tokens.BUILD_PROJECT),
    also=(tokens.BUCKET, tokens.BUCKET_ENCRYPTION),
)
def pipeline_artifacts_encrypted(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type == tokens.BUILD_PROJECT:
        for path in (("artifacts", "encryptionDisabled"), ("logsConfig", "s3Logs", "encryptionDisabled")):
            if optional(read_flag(resource, *path), False):
                yield Problem(f"{'.'.join(path)} is true", "false")
        return
    for position in range(len(required(read_list(resource, "artifactStores")))):
        if not isinstance(read(resource, "artifactStores", position, "encryptionKey"), Absent):
            continue
        location = required(read_text(resource, "artifactStores", position, "location"))
        bucket = stack.graph.by_handle(tokens.BUCKET).get(location)
        if bucket is None:
            refuse(f"artifactStores[{position}].location", f"names {location[:63]}, which is no bucket of this stack")
        if not belonging(stack.graph, bucket, tokens.BUCKET_ENCRYPTION, "bucket"):
            yield Problem(f"the artifact bucket {location[:63]} declares no encryption", "one that is declared")


@policy(
    name="pipeline-no-polling",
    what="A pipeline is started by events, not by polling its source.",
    why="Polling starts minutes late, is throttled, and CodePipeline's default for CodeCommit and S3.",
    severity="low",
    how_to_fix='Set PollForSourceChanges to "false" and start the pipeline by an EventBridge rule.',
    url=_PIPELINES + "update-change-detection.html",
    levels=STRICT_IN_PRD,
    types=(tokens.PIPELINE,),
)
def pipeline_no_polling(_: Stack, pipeline: Resource) -> Iterator[Problem]:
    for action in _sources(pipeline):
        provider = required(read_text(action, "provider"))
        default = "true" if provider in _POLLS_BY_DEFAULT else "false"
        polls = read_text(action, "configuration", "PollForSourceChanges")
        if optional(polls, default).lower() != "false":
            shown = stated("PollForSourceChanges", polls, "true")
            yield Problem(f"{shown}, so that the {provider} source polls", '"false"')


@policy(
    name="pipeline-failures-heard",
    what="A failed pipeline tells somebody.",
    why="A deployment that failed in silence is believed to be live.",
    severity="medium",
    how_to_fix="Add an EventBridge rule on aws.codepipeline with state FAILED and a target, or a notification rule.",
    url=_PIPELINES + "detect-state-changes-cloudwatch-events.html",
    levels=STRICT_IN_PRD,
    types=(tokens.PIPELINE,),
    also=(tokens.EVENT_RULE, tokens.EVENT_TARGET, tokens.NOTIFICATION_RULE),
)
def pipeline_failures_heard(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    name = optional(asked_text(pipeline, "name"), "")
    heard = _heard(stack.graph)
    for rule in heard:
        if _tells_failures(rule, name):
            return
    for rule in stack.graph.of_type(tokens.NOTIFICATION_RULE):
        named = pipeline.urn in rule.property_dependencies.get("resource", ()) or (
            bool(name) and str(rule.props.get("resource")).endswith(f":{name}")
        )
        events = decided(lambda rule=rule: required(read_list(rule, "eventTypeIds")))
        if rule.props.get("status") == "DISABLED" or not rule.props.get("targets"):
            continue
        if named and isinstance(events, list) and any("failed" in str(event) for event in events):
            return
    # What is unknown of a rule or of a target may be what tells.
    for kind, prop in _TELLING:
        for resource in stack.graph.of_type(kind):
            with about(resource):
                if isinstance(found := read(resource, prop), Undecided) and resource.property_dependencies.get(prop):
                    raise NotDecidedError(found)
    yield Problem("no rule tells of its failures", "one with a target")


def _heard(graph: Graph) -> tuple[Resource, ...]:
    """The event rules about pipelines that have a target: found by the target's dependency, or by the rule's chosen name."""
    targets = graph.of_type(tokens.EVENT_TARGET)
    by_dependency = {urn for target in targets for urn in target.property_dependencies.get("rule", ())}
    by_name = {named.value for target in targets if isinstance(named := read_text(target, "rule"), Present)}
    return tuple(
        rule
        for rule in graph.of_type(tokens.EVENT_RULE)
        if "aws.codepipeline" in str(rule.props.get("eventPattern"))
        and (
            rule.urn in by_dependency
            or (isinstance(name := read_text(rule, "name"), Present) and name.value in by_name)
        )
    )


def _tells_failures(rule: Resource, name: str) -> bool:
    """Whether an event pattern covers failures of a pipeline of this name."""
    document = read_json(rule, "eventPattern")
    if not isinstance(document, Present) or not isinstance(document.value, Mapping):
        return False
    if str(rule.props.get("state", "ENABLED")) == "DISABLED" or rule.props.get("isEnabled") is False:
        return False
    pattern = cast("Mapping[str, object]", document.value)
    detail = pattern.get("detail", {})
    fields = cast("Mapping[str, object]", detail) if isinstance(detail, Mapping) else {}
    return (
        "aws.codepipeline" in _listed(pattern.get("source"))
        and (not _listed(fields.get("state")) or "FAILED" in _listed(fields.get("state")))
        and _covers(fields.get("pipeline"), name)
    )


def _covers(tests: object, name: str) -> bool:
    return not _listed(tests) or any(
        test == name
        or (isinstance(test, Mapping) and name.startswith(str(cast("Mapping[str, object]", test).get("prefix", "\0"))))
        for test in _listed(tests)
    )


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
