"""The policy `alarm-can-fire`: an alarm's threshold can be reached, in the direction that is bad."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.ecs.autoscaling import scaling_targets
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, NotDecidedError, Present, Undecided
from policies.resources.reading import known_text, optional, read, read_integer, read_list, read_text, required
from policies.resources.requested import asked_integer, asked_text
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


@policy(
    what="An alarm's threshold can be reached, in the direction that is bad, and within the hour.",
    why="An alarm that cannot fire is worse than none: people rely on it.",
    severity="high",
    how_to_fix="Set threshold, comparisonOperator, datapointsToAlarm and evaluationPeriods to what is bad, for minutes and not hours.",
    url=CLOUDWATCH_GUIDE + "AlarmThatSendsEmail.html",
    settings=(setting("maximumSeconds", 3600, "Seconds that something is bad until its alarm fires, at most."),),
    types=(ALARM,),
)
def alarm_can_fire(stack: Stack, alarm: Resource) -> Iterator[Problem]:
    periods = required(read_integer(alarm, "evaluationPeriods"))
    points = optional(asked_integer(alarm, "datapointsToAlarm"), periods)
    if points > periods:
        yield Problem(
            f"datapointsToAlarm is {points} of {periods} evaluationPeriods, which AWS refuses", f"at most {periods}"
        )
    period = optional(asked_integer(alarm, "period"), 60)
    most = stack.number("maximumSeconds")
    if period * points > most:
        yield Problem(f"it fires after {period * points} s (period times datapointsToAlarm)", f"at most {most} s")
    yield from _difference(stack, alarm)
    metrics = _watched(alarm)
    if not metrics or not isinstance(read(alarm, "thresholdMetricId"), Absent):
        return
    threshold = _number(alarm, "threshold")
    operator = required(read_text(alarm, "comparisonOperator"))
    names = {metric for metric, _ in metrics}
    called = ", ".join(metric for metric, _ in metrics)
    if names <= _PERCENT and not 0 < threshold < 100:
        yield Problem(f"threshold of {called} is {threshold:g}, and it goes from 0 to 100", "between them")
    elif names <= _PERCENT and threshold <= 1:
        found = f"threshold of {called} is {threshold:g} of 100, which is always passed"
        yield Problem(found, f"such as {threshold * 100:g}")
    if operator.startswith("LessThan") and names <= _BAD - _GOOD:
        yield Problem(
            f"comparisonOperator is {operator[:40]}, and much {called} is what is bad", "GreaterThanOrEqualToThreshold"
        )
    for metric, statistic in metrics:
        if operator.startswith("GreaterThan") and metric in _BAD and statistic in ("Minimum", "SampleCount"):
            yield Problem(f"statistic of {metric} is {statistic}: the peaks are lost", "Maximum or Average")
        if metric.startswith("HTTPCode_") and (statistic or "Sum") != "Sum":
            yield Problem(f"statistic of {metric} is {statistic[:20]}", "Sum")
    if names == {"DatabaseConnections"}:
        yield from _connections(stack, alarm, threshold)


_ONE_OF = re.compile(r"\s*(?:MAX|MIN|AVG)\s*\(\s*\[([\w\s,]+)\]\s*\)\s*")
"""Metric math that has the unit of what it picks from."""


def _watched(alarm: Resource) -> tuple[tuple[str, str], ...]:
    """(metric, statistic) of what the threshold is for: of the alarm's own, or of those that its one expression picks from."""
    own = optional(asked_text(alarm, "metricName"), "")
    if own:
        return ((own, optional(asked_text(alarm, "statistic"), "")),)
    found: dict[str, tuple[str, str]] = {}
    wanted: list[str] = []
    for at in range(len(optional(read_list(alarm, "metricQueries"), []))):
        query = known_text(alarm, "metricQueries", at, "id")
        metric = known_text(alarm, "metricQueries", at, "metric", "metricName")
        found[query] = metric, known_text(alarm, "metricQueries", at, "metric", "stat")
        if read(alarm, "metricQueries", at, "returnData") == Present(True):
            picks = _ONE_OF.fullmatch(known_text(alarm, "metricQueries", at, "expression"))
            wanted = [item.strip() for item in picks[1].split(",")] if picks else [query]
    metrics = tuple(found[query] for query in wanted if query in found)
    return metrics if all(metric for metric, _ in metrics) else ()


_AS_PERCENT, _LEAST_SHARE = 100, 0.1
"""A threshold on connections up to the one, and below the other's share of all, was meant in percent."""
_BAD = _PERCENT | frozenset(
    {"DatabaseConnections", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "UnHealthyHostCount", "TargetResponseTime",
     "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "RejectedConnectionCount", "DiskQueueDepth", "ReplicaLag"}
)  # fmt: skip
"""Metrics of which more is worse."""


def _number(alarm: Resource, prop: str) -> float:
    found = read(alarm, prop)
    if isinstance(found, Undecided):
        raise NotDecidedError(found)
    value = found.value if isinstance(found, Present) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return float(required(read_integer(alarm, prop)))
    return float(value)


def _difference(stack: Stack, alarm: Resource) -> Iterator[Problem]:
    """A difference between what should run and what runs, taken the wrong way round, is never above zero."""
    queries = read(alarm, "metricQueries")
    listed = range(len(queries.value)) if isinstance(queries, Present) and isinstance(queries.value, list) else range(0)
    names = {
        known_text(alarm, "metricQueries", at, "id"): known_text(alarm, "metricQueries", at, "metric", "metricName")
        for at in listed
    }
    returned = [at for at in listed if read(alarm, "metricQueries", at, "returnData") == Present(True)]
    known = not any(isinstance(read(alarm, "metricQueries", at, "returnData"), Undecided) for at in listed)
    if listed and known and len(returned) != 1:
        yield Problem(
            f"{len(returned)} of its metricQueries return data, which AWS refuses", "one with returnData true"
        )
    for at in listed:
        match = re.fullmatch(r"\s*(\w+)\s*-\s*(\w+)\s*", known_text(alarm, "metricQueries", at, "expression"))
        if match is None or known_text(alarm, "comparisonOperator").startswith("LessThan"):
            continue
        first, second = names.get(match[1], ""), names.get(match[2], "")
        if first in _GOOD and second and second not in _GOOD:
            yield Problem(
                f"{match[1]} - {match[2]} is {first} less {second}, which is never above 0", f"{match[2]} - {match[1]}"
            )
        elif first == "DesiredTaskCount" and (most := _most_tasks(stack, alarm, match[1])) is not None:
            threshold = _number(alarm, "threshold")
            if threshold > most:
                yield Problem(
                    f"threshold is {threshold:g} tasks, and its service has at most {most}", f"at most {most}"
                )


def _most_tasks(stack: Stack, alarm: Resource, wanted: str) -> int | None:
    """How many tasks the service that an expression is about may have; None where that is not known."""
    for position in range(len(optional(read_list(alarm, "metricQueries"), []))):
        if read_text(alarm, "metricQueries", position, "id") != Present(wanted):
            continue
        name = read_text(alarm, "metricQueries", position, "metric", "dimensions", "ServiceName")
        service = stack.graph.by_handle(SERVICE).get(name.value) if isinstance(name, Present) else None
        if service is None:
            return None
        counts = [read_integer(target, "maxCapacity") for target in scaling_targets(stack.facts.scalers, service)]
        counts.append(read_integer(service, "desiredCount"))
        return max((count.value for count in counts if isinstance(count, Present)), default=None)
    return None


def _connections(stack: Stack, alarm: Resource, threshold: float) -> Iterator[Problem]:
    """Connections beyond what the database admits are refused, never counted."""
    name = read_text(alarm, "dimensions", "DBInstanceIdentifier")
    for database in stack.facts.databases:
        if not isinstance(name, Present) or name.value not in database.called or database.supply is None:
            continue
        most = database.supply.max_connections
        if threshold > most:
            yield Problem(f"threshold is {threshold:g} connections, and {name.value} admits {most}", f"at most {most}")
        elif threshold <= _AS_PERCENT and threshold < most * _LEAST_SHARE:
            share = threshold * 100 / most
            yield Problem(
                f"threshold is {threshold:g} connections, {share:.0f} percent of the {most} that {name.value} admits",
                f"connections and not percent, such as {int(most * threshold / 100)}",
            )
