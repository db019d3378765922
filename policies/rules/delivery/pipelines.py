"""Policies about pipelines: the right branch, consent in prd, encrypted artifacts, and events instead of polling."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from policies.facts.delivery.pipelines import Action
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, settled
from policies.resources.reading import optional, read, read_flag, refuse, required
from policies.resources.references import belonging
from policies.resources.requested import asked
from policies.rules.policy import PIPELINE_GUIDE, PRD_ONLY, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, policy

_POLLS_BY_DEFAULT = frozenset({"CodeCommit", "S3", "GitHub"})


def _sources(stack: Stack, pipeline: Resource) -> Iterator[Action]:
    written = stack.facts.pipelines[pipeline.urn]
    return (action for action in written.actions() if settled(action.category) == "Source")


@policy(
    what="A stage is deployed from its branch.",
    why="A development branch in production is code that nobody has approved.",
    severity="high",
    how_to_fix="Set the source action's BranchName to a branch of the stage, or the setting branches.",
    url=PIPELINE_GUIDE + "concepts-devops-example.html",
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
    for action in _sources(stack, pipeline):
        if required(action.provider) in ("ECR", "S3"):
            continue  # no branches there
        found = [action.configured(key) for key in ("BranchName", "Branch")]
        named = [reading for reading in found if not isinstance(reading, Absent)]
        if not named:
            refuse("configuration.BranchName", "of the source action is absent")
        branch = required(named[0])
        if not any(fnmatch.fnmatchcase(branch, pattern) for pattern in patterns):
            yield Problem(f'its branch is "{branch[:80]}"', " or ".join(patterns))
    yield from _started_otherwise(stack, pipeline, patterns)


def _started_otherwise(stack: Stack, pipeline: Resource, patterns: tuple[str, ...]) -> Iterator[Problem]:
    """Triggers with filters that start a deployment of other branches: CodePipeline then heeds BranchName no more."""
    written = stack.facts.pipelines[pipeline.urn]
    if not any(settled(action.category) == "Deploy" for action in written.actions()):
        return
    wanted = " or ".join(patterns)
    for trigger in settled(written.triggers):
        for branch in trigger.branches:
            if not any(fnmatch.fnmatchcase(branch, pattern) for pattern in patterns):
                yield Problem(f'{trigger.where}.includes has "{branch[:80]}"', wanted)
        if trigger.every:
            yield Problem(f"{trigger.where} has excludes alone, and every other branch starts it", wanted)
        if trigger.merges and not stack.lenient:
            yield Problem(f"{trigger.where} starts it with what is yet to be merged", wanted)


@policy(
    what="Somebody approves a deployment, in a stage of its own before it.",
    why="A push alone must not change what customers see; a rejection inside the deploying stage would roll that one back.",
    severity="high",
    how_to_fix="Add a pipeline stage with a Manual approval action before the stage that deploys.",
    url=PIPELINE_GUIDE + "approvals.html",
    levels=PRD_ONLY,
    types=(tokens.PIPELINE,),
)
def pipeline_approval(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    approved: set[int] = set()
    for action in stack.facts.pipelines[pipeline.urn].actions():
        category = settled(action.category)
        if category == "Approval":
            approved.add(action.stage)
        elif category == "Deploy":
            if action.stage in approved:
                yield Problem("the approval is in the stage that deploys", "a stage of its own before it")
            elif not approved:
                yield Problem("nothing is approved before the deployment", "a Manual approval in a stage before it")
            return


@policy(
    what="A pipeline's and a build's artifacts are encrypted, in a bucket that says so.",
    why="They hold the whole source and what was built of it.",
    severity="medium",
    how_to_fix="Give the artifact bucket a BucketServerSideEncryptionConfiguration, and keep encryptionDisabled false.",
    url=PIPELINE_GUIDE + "S3-artifact-encryption.html",
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
    for store in settled(stack.facts.pipelines[resource.urn].stores):
        if store.keyed:
            continue
        location = required(store.bucket)
        bucket = stack.graph.by_handle(tokens.BUCKET).get(location)
        if bucket is None:
            refuse(store.where, f"names {location[:63]}, which is no bucket of this stack")
        if not belonging(stack.graph, bucket, tokens.BUCKET_ENCRYPTION, "bucket") and not _encrypts_itself(bucket):
            yield Problem(f"the artifact bucket {location[:63]} declares no encryption", "one that is declared")


def _encrypts_itself(bucket: Resource) -> bool:
    """Whether a bucket's own property declares its encryption, in either of the provider's forms."""
    forms = ("serverSideEncryptionConfiguration", "serverSideEncryptionConfigurations")
    return any(not isinstance(asked(bucket, form, read(bucket, form)), Absent) for form in forms)


@policy(
    what="A pipeline is started by events, not by polling its source.",
    why="Polling starts minutes late, is throttled, and CodePipeline's default for CodeCommit and S3.",
    severity="low",
    how_to_fix='Set PollForSourceChanges to "false" and start the pipeline by an EventBridge rule.',
    url=PIPELINE_GUIDE + "update-change-detection.html",
    types=(tokens.PIPELINE,),
)
def pipeline_no_polling(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    for action in _sources(stack, pipeline):
        provider = required(action.provider)
        default = "true" if provider in _POLLS_BY_DEFAULT else "false"
        polls = action.configured("PollForSourceChanges")
        if optional(polls, default).lower() != "false":
            shown = stated("PollForSourceChanges", polls, "true")
            yield Problem(f"{shown}, so that the {provider} source polls", '"false"')
