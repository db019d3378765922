"""The policy `event-pattern-matches`: a pattern asks for events that AWS sends, by the words that AWS writes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from policies.facts.event_rules import Asked, EventPattern, Filter, admits
from policies.resources.graph import Resource
from policies.resources.outcomes import settled
from policies.resources.tokens import EVENT_RULE
from policies.rules.rule import Problem, Stack, about, policy

_STATES = frozenset(
    {"STARTED", "SUCCEEDED", "RESUMED", "FAILED", "STOPPING", "STOPPED", "CANCELED", "SUPERSEDED", "ABANDONED"}
)
_TASK = frozenset({
    "PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED",
    "DELETED",
})  # fmt: skip


def _named(*kinds: str) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Events of whose details no words are known here."""
    return {kind: {} for kind in kinds}


_EVENTS: Mapping[str, Mapping[str, Mapping[str, frozenset[str]]]] = {
    "aws.ecs": {
        "ECS Deployment State Change": {
            "eventName": frozenset(
                {"SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_DEPLOYMENT_FAILED"}
            )
        },
        "ECS Task State Change": {"lastStatus": _TASK, "desiredStatus": _TASK},
        "ECS Service Action": {},
        "ECS Container Instance State Change": {},
    },
    "aws.codepipeline": {
        "CodePipeline Pipeline Execution State Change": {"state": _STATES},
        "CodePipeline Stage Execution State Change": {"state": _STATES},
        "CodePipeline Action Execution State Change": {"state": _STATES},
    },
    "aws.codecommit": {
        "CodeCommit Repository State Change": {
            "event": frozenset({"referenceCreated", "referenceUpdated", "referenceDeleted"}),
            "referenceType": frozenset({"branch", "tag"}),
        },
        **_named(
            "CodeCommit Pull Request State Change", "CodeCommit Comment on Commit", "CodeCommit Comment on Pull Request",
            "CodeCommit Approval Rule Template Change",
        ),
    },
    "aws.codebuild": {
        "CodeBuild Build State Change": {
            "build-status": frozenset({"IN_PROGRESS", "SUCCEEDED", "FAILED", "STOPPED", "FAULT", "TIMED_OUT"})
        },
        "CodeBuild Build Phase Change": {},
    },
    "aws.ecr": _named(
        "ECR Image Action", "ECR Image Scan", "ECR Scan Resource Change", "ECR Pull Through Cache Action",
        "ECR Replication Action",
    ),
    "aws.rds": _named(
        "RDS DB Instance Event", "RDS DB Cluster Event", "RDS DB Snapshot Event", "RDS DB Cluster Snapshot Event",
        "RDS DB Parameter Group Event", "RDS DB Security Group Event", "RDS DB Proxy Event", "RDS DB Shard Group Event",
        "RDS Blue Green Deployment Event", "RDS Custom Engine Version Event", "RDS Zero ETL Event",
    ),
    "aws.s3": _named(
        "Object Created", "Object Deleted", "Object Restore Initiated", "Object Restore Completed", "Object Restore Expired",
        "Object Storage Class Changed", "Object Access Tier Changed", "Object ACL Updated", "Object Tags Added",
        "Object Tags Deleted",
    ),
}  # fmt: skip
"""Source to its events (detail-type), to the words of their details (EventBridge Events Reference, and each service's user guide)."""
_SOURCES = frozenset(
    {
        *_EVENTS, "aws.acm", "aws.autoscaling", "aws.backup", "aws.batch", "aws.cloudformation", "aws.cloudtrail", "aws.cloudwatch",
        "aws.codeartifact", "aws.codedeploy", "aws.config", "aws.dms", "aws.dynamodb", "aws.ebs", "aws.ec2", "aws.efs",
        "aws.elasticache", "aws.elasticloadbalancing", "aws.events", "aws.glue", "aws.guardduty", "aws.health", "aws.iam", "aws.inspector2",
        "aws.kms", "aws.lambda", "aws.macie", "aws.opensearch", "aws.organizations", "aws.redshift", "aws.route53", "aws.s3",
        "aws.scheduler", "aws.secretsmanager", "aws.securityhub", "aws.servicediscovery", "aws.sns", "aws.sqs", "aws.ssm", "aws.states",
        "aws.sts", "aws.tag", "aws.trustedadvisor", "aws.wafv2", "aws.xray",
    }
)  # fmt: skip
"""The sources of AWS that a platform listens to."""
_ENDED = ("containers", "stopCode", "stoppedReason")
"""What ECS writes about a task only once it has stopped."""
_CODE = ("detail", "containers", "exitCode")
_NEAR = 0.8


@policy(
    what="A rule's pattern asks for events that AWS sends, by the words that AWS writes.",
    why="EventBridge takes every word: a pattern that matches nothing waits for ever, and nobody is told.",
    severity="high",
    how_to_fix="Write source, detail-type and details as the service's events have them.",
    url="https://docs.aws.amazon.com/eventbridge/latest/ref/welcome.html",
    types=(EVENT_RULE,),
)
def event_pattern_matches(stack: Stack, rule: Resource) -> Iterator[Problem]:
    pattern = settled(stack.facts.event_rules[rule.urn].pattern)
    if pattern is None:
        return  # event-rule-acts says so where it has no schedule either
    sources, kinds = pattern.words("source"), pattern.words("detail-type")
    known = {name: details for source in sources for name, details in _EVENTS.get(source, {}).items()}
    yield from _sources(sources, kinds)
    if not known:
        return
    for kind in kinds:
        near = difflib.get_close_matches(kind, known, n=1, cutoff=_NEAR)
        if kind not in known and near:
            yield Problem(f'detail-type is "{kind[:80]}"', f'"{near[0]}"')
    for kind in kinds:
        for key, words in known.get(kind, {}).items():
            wrong = [word for word in pattern.words("detail", key) if word not in words]
            if wrong:
                nearest = difflib.get_close_matches(wrong[0], words, n=1, cutoff=0)[0]
                yield Problem(f'detail.{key} asks for "{wrong[0][:60]}", which no {kind} has', f'such as "{nearest}"')
    status = pattern.words("detail", "lastStatus")
    if "ECS Task State Change" in kinds and status and "STOPPED" not in status and _asks_for_end(pattern):
        yield Problem(f"it asks how a task ended, of tasks that are {', '.join(status)}", 'lastStatus ["STOPPED"]')


def _source_meant(source: str) -> str:
    """The service of AWS that a source is written nearly like; empty for one of them, and for an application's own."""
    if source in _SOURCES:
        return ""
    for written in (source.lower(), f"aws.{source.lower()}", source.lower().replace("amazonaws.", "").replace("_", "")):
        if written in _SOURCES:
            return written
    near = (
        difflib.get_close_matches(source.lower(), _SOURCES, n=1, cutoff=_NEAR)
        if source.lower().startswith("aws")
        else []
    )
    return near[0] if near else ""


def _sources(sources: list[str], kinds: list[str]) -> Iterator[Problem]:
    """Sources that AWS writes otherwise, or that send none of the events that are asked for."""
    for source in sources:
        if near := _source_meant(source):
            yield Problem(f'source is "{source[:60]}"', f'"{near}"')
    for kind in kinds:
        senders = [known for known, events in _EVENTS.items() if kind in events]
        known = all(source in _SOURCES for source in sources)
        if sources and senders and known and not set(senders) & set(sources):
            yield Problem(f'source is "{", ".join(sources)[:60]}", which sends no {kind}', f'"{senders[0]}"')


def _asks_for_end(pattern: EventPattern) -> bool:
    return any(path[:1] == ("detail",) and path[1] in _ENDED for asked in pattern.alternatives for path in asked)


@policy(
    what="Where a rule listens to runs that failed, every exit code but 0 is heard, and so is a run that never started.",
    why="A run that memory ends has code 137, and one whose image is not found has none: they are the ones that repeat every night.",
    severity="high",
    how_to_fix='Ask for {"$or": [{"containers": {"exitCode": [{"anything-but": 0}]}}, {"stopCode": ["TaskFailedToStart"]}]}.',
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html",
    types=(EVENT_RULE,),
)
def failed_runs_heard(stack: Stack, rule: Resource) -> Iterator[Problem]:
    codes = [
        code for asked in _ends(settled(stack.facts.event_rules[rule.urn].pattern)) for code in asked.get(_CODE, ())
    ]
    if not codes:
        return
    fixed = sorted(str(code) for code in codes if isinstance(code, (int, float)))
    if fixed and len(fixed) == len(codes):
        yield Problem(f"it hears of the exit codes {', '.join(fixed)[:60]} alone", '{"anything-but": 0}')
    heard: list[Asked] = []
    for other in stack.facts.event_rules.values():
        with about(other.resource):
            heard += _ends(settled(other.pattern))
    if not any(_hears_start(asked) for asked in heard):
        yield Problem(
            "no rule hears of runs that never started, which have no exit code", 'stopCode ["TaskFailedToStart"]'
        )


def _ends(pattern: EventPattern | None) -> list[Asked]:
    """What a rule that listens to tasks asks of one that has stopped, alternative by alternative."""
    ways = pattern.alternatives if pattern is not None else ()
    return [asked for asked in ways if "ECS Task State Change" in asked.get(("detail-type",), ())]


def _hears_start(asked: Asked) -> bool:
    codes = asked.get(_CODE)
    without = codes is None or any(
        isinstance(code, Filter) and code.kind == "exists" and code.negated for code in codes
    )
    return without and admits(asked.get(("detail", "stopCode")), "TaskFailedToStart")
