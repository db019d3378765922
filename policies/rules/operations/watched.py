"""Policies about what alarms are there for: a database's connections, and each service what its neighbours are watched for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.alarms import Watched, is_of
from policies.facts.ecs.load_balancers import behind_load_balancer
from policies.facts.finding import Finding
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import NotDecidedError, settled, unknown_at_preview
from policies.resources.reading import optional, required
from policies.resources.requested import asked_text
from policies.rules.policy import CLOUDWATCH_GUIDE, PRD_ONLY, setting
from policies.rules.rule import Problem, Stack, about, checked, policy, stack_policy

_CONNECTIONS = "DatabaseConnections"


@policy(
    what="Where a stack has alarms, one tells early that a database's connections run out, and one late.",
    why="Connections are what this platform counts: from the first alarm on there is time, at the second one there is none.",
    severity="high",
    how_to_fix="Add alarms on DatabaseConnections at 70 and at 90 percent of max_connections.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html",
    levels=PRD_ONLY,
    settings=(
        setting(
            "percent", 80, "Percent of max_connections that one alarm is at or below, and one at or above.", maximum=100
        ),
    ),
    types=(tokens.DB_INSTANCE,),
    also=(tokens.ALARM, tokens.PARAMETER_GROUP),
)
def connections_alarmed(stack: Stack, instance: Resource) -> Iterator[Problem]:
    if stack.trial:
        return  # a program's alarms follow the max_connections that it changes
    database = next((held for held in stack.facts.databases if held.urn == instance.urn), None)
    if database is None or database.supply is None or not stack.graph.of_type(tokens.ALARM):
        return
    optional(asked_text(instance, "identifier"), "")  # what alarms name
    bound = database.supply.max_connections * stack.number("percent") / 100
    thresholds: list[float] = []
    for alarm in stack.facts.alarms.values():
        with about(alarm.resource):
            counting = [metric for metric in settled(alarm.metrics) if required(metric.name) == _CONNECTIONS]
            if any(
                is_of(stack.graph, alarm, metric, "DBInstanceIdentifier", instance, database.called)
                for metric in counting
            ):
                thresholds.append(required(alarm.threshold))
    if not thresholds:
        yield Problem("no alarm watches its connections", f"one at {bound:g} of them or below, and one above")
    elif min(thresholds) > bound:
        yield Problem(f"its alarms on connections begin at {min(thresholds):g}", f"one at {bound:g} or below")
    elif max(thresholds) < bound:
        yield Problem(f"its alarms on connections end at {max(thresholds):g}", f"one at {bound:g} or above")


_ALIKE: Mapping[str, str] = {
    "CPUUtilization": "ServiceName",
    "MemoryUtilization": "ServiceName",
    "RunningTaskCount": "ServiceName",
    "HTTPCode_Target_5XX_Count": "TargetGroup",
    "UnHealthyHostCount": "TargetGroup",
    "TargetResponseTime": "TargetGroup",
}
"""Metric to the dimension that names the service, or its target group."""


@stack_policy(
    what="A service is watched for what nearly every other service of the stack is.",
    why="The one that was left out is the one that fails unheard: nobody misses an alarm that was never there.",
    severity="medium",
    how_to_fix="Add the alarm for this service as well.",
    url=CLOUDWATCH_GUIDE + "Best_Practice_Recommended_Alarms_AWS_Services.html",
    levels=PRD_ONLY,
    types=(tokens.SERVICE, tokens.ALARM, tokens.TARGET_GROUP),
)
def services_alarmed_alike(stack: Stack) -> Iterator[Finding]:
    services = stack.graph.of_type(tokens.SERVICE)
    balanced = [other for other in services if behind_load_balancer(other)]
    known = [held for metric in _ALIKE if (held := stack.facts.watched_services.get(metric))]
    some = frozenset[str]().union(*(held.services for held in known))
    for metric, dimension in _ALIKE.items():
        able = balanced if dimension == "TargetGroup" else services
        watched = stack.facts.watched_services.get(metric)
        missing = [service for service in able if watched is None or service.urn not in watched.services]
        # What nothing watches yet is new, or watched elsewhere.
        missing = [service for service in missing if service.urn in some]
        if watched is None or not missing or len(missing) * 3 > len(able):
            continue
        for service in missing:
            yield from checked(
                stack.spec, [service], lambda _, metric=metric, watched=watched: _unwatched(metric, watched)
            )


def _unwatched(metric: str, watched: Watched) -> Iterator[Problem]:
    for alarm in watched.unknown:
        with about(alarm):
            raise NotDecidedError(unknown_at_preview("dimensions"))
    yield Problem(f"no alarm watches its {metric}, and nearly every other service has one", "one, too")
