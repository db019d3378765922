"""The policy `alarm-can-fire`: an alarm's threshold can be reached, in the direction that is bad."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.alarms import Alarm, Metric
from policies.facts.ecs.autoscaling import scaling_targets
from policies.facts.ecs.deployments import desired_count
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, settled
from policies.resources.reading import optional, read, read_integer, required, text_or
from policies.resources.requested import asked_text
from policies.resources.tokens import ALARM, SERVICE
from policies.rules.policy import CLOUDWATCH_GUIDE, setting
from policies.rules.rule import Problem, Stack, policy

_PERCENT = frozenset(
    {"CPUUtilization", "MemoryUtilization", "EBSFilesystemUtilization", "CPUReservation", "MemoryReservation"}
)
_GOOD = frozenset(
    {"HealthyHostCount", "FreeStorageSpace", "FreeableMemory", "CPUCreditBalance", "BurstBalance", "EBSIOBalance%", "EBSByteBalance%",
     "RequestCount", "RequestCountPerTarget", "NumberOfMessagesReceived", "NumberOfMessagesDeleted",
     "RunningTaskCount", "HTTPCode_Target_2XX_Count"}
)  # fmt: skip
"""Metrics of which less is worse, or may be."""

_SLOW = {"BucketSizeBytes": 86_400, "DaysToExpiry": 86_400, "EstimatedCharges": 21_600, "NumberOfObjects": 86_400}
"""Metrics that AWS writes seldom, to the seconds between two (User Guides of S3, ACM and AWS Billing)."""


@policy(
    what="An alarm's threshold can be reached, in the direction that is bad, and within the hour.",
    why="An alarm that cannot fire is worse than none: people rely on it.",
    severity="high",
    how_to_fix="Set threshold, comparisonOperator, datapointsToAlarm and evaluationPeriods to what is bad, for minutes and not hours.",
    url=CLOUDWATCH_GUIDE + "AlarmThatSendsEmail.html",
    settings=(setting("maximumSeconds", 3600, "Seconds that something is bad until its alarm fires, at most."),),
    types=(ALARM,),
)
def alarm_can_fire(stack: Stack, resource: Resource) -> Iterator[Problem]:
    alarm = stack.facts.alarms[resource.urn]
    settled(alarm.metrics)
    periods = required(alarm.periods)
    points = optional(alarm.points, periods)
    if points > periods:
        yield Problem(
            f"datapointsToAlarm is {points} of {periods} evaluationPeriods, which AWS refuses", f"at most {periods}"
        )
    period = optional(alarm.own.period, 60) if alarm.own is not None else 60
    slowest = max((_SLOW.get(optional(metric.name, ""), 0) for metric in settled(alarm.metrics)), default=0)
    most = max(stack.number("maximumSeconds"), slowest)
    if period * points > most:
        yield Problem(f"it fires after {period * points} s (period times datapointsToAlarm)", f"at most {most} s")
    yield from _difference(stack, alarm)
    metrics = _watched(alarm)
    if not metrics or not isinstance(read(resource, "thresholdMetricId"), Absent):
        return
    threshold, operator = required(alarm.threshold), settled(alarm.operator)
    names = {required(metric.name) for metric in metrics}
    called = ", ".join(required(metric.name) for metric in metrics)
    if names <= _PERCENT and not 0 < threshold < 100:
        yield Problem(f"threshold of {called} is {threshold:g}, and it goes from 0 to 100", "between them")
    elif names <= _PERCENT and threshold <= 1:
        found = f"threshold of {called} is {threshold:g} of 100, which is always passed"
        yield Problem(found, f"such as {threshold * 100:g}")
    if operator.startswith("LessThan") and names <= _BAD - _GOOD:
        yield Problem(
            f"comparisonOperator is {operator[:40]}, and much {called} is what is bad", "GreaterThanOrEqualToThreshold"
        )
    for metric in metrics:
        name, statistic = required(metric.name), optional(metric.statistic, "")
        if operator.startswith("GreaterThan") and name in _BAD and statistic in ("Minimum", "SampleCount"):
            yield Problem(f"statistic of {name} is {statistic}: the peaks are lost", "Maximum or Average")
        if name.startswith("HTTPCode_") and (statistic or "Sum") != "Sum":
            yield Problem(f"statistic of {name} is {statistic[:20]}", "Sum")
    if names == {"DatabaseConnections"}:
        yield from _connections(stack, metrics, threshold)


_ONE_OF = re.compile(r"\s*(?:MAX|MIN|AVG)\s*\(\s*\[([\w\s,]+)\]\s*\)\s*")
"""Metric math that has the unit of what it picks from."""


def _watched(alarm: Alarm) -> tuple[Metric, ...]:
    """What the threshold is for: the alarm's own metric, or those that its one expression picks from."""
    if alarm.own is not None:
        return (alarm.own,)
    found: dict[str, Metric | None] = {}
    wanted: list[str] = []
    for query in settled(alarm.queries):
        name = required(query.id)
        found[name] = query.metric
        if settled(query.returned):
            picks = _ONE_OF.fullmatch(optional(query.expression, ""))
            wanted = [item.strip() for item in picks[1].split(",")] if picks else [name]
    metrics = [found[name] for name in wanted if name in found]
    known = tuple(metric for metric in metrics if metric is not None)
    return known if len(known) == len(metrics) else ()


_AS_PERCENT, _LEAST_SHARE = 100, 0.1
"""A threshold on connections up to the one, and below the other's share of all, was meant in percent."""
_BAD = _PERCENT | frozenset(
    {"DatabaseConnections", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "UnHealthyHostCount", "TargetResponseTime",
     "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "RejectedConnectionCount", "DiskQueueDepth", "ReplicaLag"}
)  # fmt: skip
"""Metrics of which more is worse."""


def _ids_in(expression: str) -> set[str]:
    """The ids that metric math names: they begin with a small letter, its functions and words with a large one."""
    if expression.lstrip()[:7].upper() == "SELECT " or "INSIGHT_RULE_METRIC" in expression:
        return set()  # these name metrics and rules
    return set(re.findall(r"\b[a-z]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", expression)))


def _difference(stack: Stack, alarm: Alarm) -> Iterator[Problem]:
    """An expression is of queries that exist; a difference of what runs and what should run, the wrong way round, is never above 0."""
    queries = settled(alarm.queries)
    metrics = {required(query.id): query.metric for query in queries}
    band = optional(asked_text(alarm.resource, "thresholdMetricId"), "")
    if band and band not in metrics:
        yield Problem(f"thresholdMetricId is {band[:40]}, which no query is called", "an id")
    # Of an anomaly's alarm both return data: the metric, and the band that is its threshold.
    returned = sum(settled(query.returned) for query in queries if required(query.id) != band)
    if queries and returned != 1:
        yield Problem(f"{returned} of its metricQueries return data, which AWS refuses", "one with returnData true")
    for query in queries:
        expression = optional(query.expression, "")
        for name in _ids_in(expression) - metrics.keys():
            yield Problem(
                f"the expression of {required(query.id)} is of {name[:40]}, which no query is called", "an id"
            )
        match = re.fullmatch(r"\s*(\w+)\s*-\s*(\w+)\s*", expression)
        if match is None or settled(alarm.operator).startswith("LessThan"):
            continue
        less, more = metrics.get(match[1]), metrics.get(match[2])
        if less is None or more is None:
            continue
        first, second = required(less.name), required(more.name)
        if first in _GOOD and second not in _GOOD:
            yield Problem(
                f"{match[1]} - {match[2]} is {first} less {second}, which is never above 0", f"{match[2]} - {match[1]}"
            )
        elif first == "DesiredTaskCount" and (most := _most_tasks(stack, less)) is not None:
            threshold = required(alarm.threshold)
            if threshold > most:
                yield Problem(
                    f"threshold is {threshold:g} tasks, and its service has at most {most}", f"at most {most}"
                )


def _most_tasks(stack: Stack, metric: Metric) -> int | None:
    """How many tasks the service of a metric may have; None where that is not known."""
    service = stack.graph.by_handle(SERVICE).get(text_or(metric.dimension("ServiceName"), ""))
    if service is None:
        return None
    counts = [read_integer(target, "maxCapacity") for target in scaling_targets(stack.facts.scalers, service)]
    counts.append(desired_count(service))
    return max((count.value for count in counts if isinstance(count, Present)), default=None)


def _connections(stack: Stack, metrics: tuple[Metric, ...], threshold: float) -> Iterator[Problem]:
    """Connections beyond what the database admits are refused, never counted."""
    names = {text_or(metric.dimension("DBInstanceIdentifier"), "") for metric in metrics}
    for database in stack.facts.databases:
        name = next(iter(sorted(names & database.called)), "")
        if not name or database.supply is None:
            continue
        most = database.supply.max_connections
        if threshold > most:
            yield Problem(f"threshold is {threshold:g} connections, and {name} admits {most}", f"at most {most}")
        elif threshold <= _AS_PERCENT and threshold < most * _LEAST_SHARE:
            share = threshold * 100 / most
            yield Problem(
                f"threshold is {threshold:g} connections, {share:.0f} percent of the {most} that {name} admits",
                f"connections and not percent, such as {int(most * threshold / 100)}",
            )
