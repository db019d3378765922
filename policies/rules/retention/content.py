"""Policies about what expires: objects, secrets, keys and snapshots that are needed to return."""

from __future__ import annotations

from collections.abc import Iterator

from policies.budget.words import counted
from policies.facts.lifecycles import bucket_rules
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, settled
from policies.resources.reading import optional, read, read_integer, read_list, read_text, required
from policies.resources.references import belonging, references
from policies.resources.requested import asked_integer, asked_text
from policies.rules.policy import PRD_ONLY, setting
from policies.rules.rule import Problem, Stack, about, policy

_S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"


@policy(
    what="A bucket's objects, and their earlier versions, live long enough.",
    why="A rollback takes its artifact from the bucket, and an incident is looked for in last month's logs.",
    severity="high",
    how_to_fix="Raise expiration.days or noncurrentDays, or limit the rule to what may go by filter.prefix.",
    url=_S3 + "lifecycle-configuration-examples.html",
    settings=(
        setting("minimumDays", 30, "Days that objects are kept at least.", dev=7),
        setting("noncurrentDays", 7, "Days that earlier versions are kept at least.", dev=1),
        setting("prefixes", ("tmp/", "temp/", "cache/"), "Beginnings of keys whose objects may go sooner."),
    ),
    types=(tokens.BUCKET_LIFECYCLE, tokens.BUCKET),
)
def objects_kept(stack: Stack, lifecycle: Resource) -> Iterator[Problem]:
    for rule in bucket_rules(lifecycle):
        if not rule.enabled or (rule.prefix and rule.prefix.startswith(stack.texts("prefixes"))):
            continue
        for ending, name in ((rule.current, "minimumDays"), (rule.earlier, "noncurrentDays")):
            least = stack.number(name)
            if not isinstance(ending.days, Absent) and required(ending.days) < least:
                yield Problem(f"{ending.where} is {required(ending.days)}", f"at least {least}")
        if rule.expires:
            gone = sorted(_objects(stack, lifecycle, rule.prefix))
            if gone:
                yield Problem(
                    f"{rule.where} removes {', '.join(gone)[:150]}, which the program puts there once",
                    "a filter.prefix without it",
                )
        if rule.dated:
            yield Problem(f"{rule.dated} removes everything on one day", "days")


def _objects(stack: Stack, lifecycle: Resource, prefix: str) -> Iterator[str]:
    """The objects of the program in a bucket whose keys begin so: Pulumi does not write them again before they change."""
    own = frozenset({lifecycle.urn}) if lifecycle.type == tokens.BUCKET else frozenset[str]()
    for bucket in stack.graph.held(own or references(stack.graph, lifecycle, tokens.BUCKET, "bucket").keys):
        for kind in (tokens.BUCKET_OBJECT, tokens.BUCKET_OBJECT_V2):
            for item in belonging(stack.graph, bucket, kind, "bucket"):
                name = read_text(item, "key")
                if isinstance(name, Present) and name.value.startswith(prefix):
                    yield item.name


@policy(
    what="A bucket that a load balancer writes its logs to lets them expire.",
    why="They grow with every request, for ever, and hold the addresses of customers longer than anybody may keep them.",
    severity="low",
    how_to_fix="Give the bucket's lifecycle an expiration whose filter.prefix is that of the logs, or none.",
    url=_S3 + "object-lifecycle-mgmt.html",
    types=(tokens.LOAD_BALANCER,),
    also=(tokens.BUCKET, tokens.BUCKET_LIFECYCLE),
)
def access_logs_expire(stack: Stack, balancer: Resource) -> Iterator[Problem]:
    named = read_text(balancer, "accessLogs", "bucket")
    bucket = stack.graph.by_handle(tokens.BUCKET).get(named.value) if isinstance(named, Present) else None
    if bucket is None:
        return
    path = f"{optional(read_text(balancer, 'accessLogs', 'prefix'), '').strip('/')}/AWSLogs/".lstrip("/")
    found = belonging(stack.graph, bucket, tokens.BUCKET_LIFECYCLE, "bucket")
    ending: list[str] = []
    for lifecycle in (*found, bucket):
        with about(lifecycle):
            ending += _expiring(lifecycle)
    if ending and not any(path.startswith(prefix) for prefix in ending):
        yield Problem(
            f"what it writes to {bucket.name} under {path[:80]} never expires, and {', '.join(sorted(ending))[:80]} does",
            "an expiration of that prefix",
        )


def _expiring(lifecycle: Resource) -> Iterator[str]:
    """The beginnings of keys whose objects a lifecycle removes."""
    return (rule.prefix for rule in bucket_rules(lifecycle) if rule.enabled and rule.expires)


@policy(
    what="A pipeline's artifact bucket keeps versions.",
    why="CodePipeline names artifacts and sources by version: without versions a retry or rollback takes what lies there now.",
    severity="medium",
    how_to_fix="Add an aws.s3.BucketVersioning with status Enabled.",
    url=_S3 + "Versioning.html",
    types=(tokens.PIPELINE,),
    also=(tokens.BUCKET, tokens.BUCKET_VERSIONING),
)
def artifacts_versioned(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    for store in settled(stack.facts.pipelines[pipeline.urn].stores):
        bucket = stack.graph.by_handle(tokens.BUCKET).get(required(store.bucket))
        if bucket is None:
            continue  # pipeline-artifacts-encrypted says that it cannot be seen
        found = belonging(stack.graph, bucket, tokens.BUCKET_VERSIONING, "bucket")
        statuses: list[str] = []
        for item in found:
            with about(item):
                statuses.append(required(read_text(item, "versioningConfiguration", "status")))
        own = optional(asked_text(bucket, "versioning", "status"), "") if not found else ""
        enabled = read(bucket, "versioning", "enabled") == Present(True)
        if "Enabled" not in statuses and own != "Enabled" and not enabled:
            shown = f"is {statuses[0]}" if statuses else "is not declared"
            yield Problem(f"versioning of its bucket {bucket.name} {shown}", "Enabled")


@policy(
    what="A secret or key that is deleted can be brought back for some days.",
    why="What was encrypted with a deleted key is lost, and a secret that was deleted at once stops every task that starts.",
    severity="high",
    how_to_fix="Set the secret's recoveryWindowInDays, or the key's deletionWindowInDays, to 30 or leave it out.",
    url="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
    levels=PRD_ONLY,
    references="KMS.3",
    settings=(setting("minimumDays", 14, "Days that a deletion can be taken back at least."),),
    types=(tokens.SECRET, tokens.KEY, tokens.REPLICA_KEY, tokens.EXTERNAL_KEY, tokens.REPLICA_EXTERNAL_KEY),
)
def recovery_window(stack: Stack, resource: Resource) -> Iterator[Problem]:
    prop = "recoveryWindowInDays" if resource.type == tokens.SECRET else "deletionWindowInDays"
    least, days = stack.number("minimumDays"), asked_integer(resource, prop)
    if not isinstance(days, Absent) and required(days) < least:
        yield Problem(f"{prop} is {required(days)}", f"at least {least}")


@policy(
    what="A plan of AWS Backup keeps its recovery points long enough.",
    why="A fault is often noticed days later, and a recovery point that is gone by then brings nothing back.",
    severity="medium",
    how_to_fix="Set lifecycle.deleteAfter of the plan to the days that the setting asks for.",
    url="https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html",
    settings=(setting("minimumDays", 7, "Days that backups are kept at least.", dev=1),),
    types=(tokens.BACKUP_PLAN,),
)
def backup_plan_kept(stack: Stack, plan: Resource) -> Iterator[Problem]:
    least = stack.number("minimumDays")
    for position in range(len(required(read_list(plan, "rules")))):
        days = read_integer(plan, "rules", position, "lifecycle", "deleteAfter")
        if not isinstance(days, Absent) and required(days) < least:
            yield Problem(
                f"rules[{position}].lifecycle.deleteAfter is {counted(required(days), 'day')}", f"at least {least}"
            )
