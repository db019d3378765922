"""Alarms as they are written: metrics, queries and thresholds, and the services that each metric is watched of. The one reader of them.

Source: Amazon CloudWatch API Reference, PutMetricAlarm: an alarm reads a metric of its own, or those of its queries.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from policies.resources import tokens
from policies.resources.graph import Graph, Resource, grouped
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Present, Reading, Step, Undecided, decided, settled
from policies.resources.reading import optional, read, read_flag, read_integer, read_map, read_text, refuse, required
from policies.resources.requested import asked, asked_integer, asked_list, asked_text

_OPERATORS = frozenset(
    {"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
     "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"}
)  # fmt: skip
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What is read. statistic: such as "Average". period: in seconds. dimensions: by their names."""

    name: Reading[str]
    namespace: Reading[str]
    statistic: Reading[str]
    unit: Reading[str]
    period: Reading[int]
    dimensions: Mapping[str, Reading[str]] | Undecided

    def dimension(self, name: str) -> Reading[str]:
        """One of its dimensions."""
        return self.dimensions if isinstance(self.dimensions, Undecided) else self.dimensions.get(name, Absent(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query: a metric, or where that is None an expression. returned: whether the threshold is for it."""

    id: Reading[str]
    expression: Reading[str]
    returned: bool | Undecided
    metric: Metric | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm. own: its metric where it has no queries. metrics: all that it reads, its own or its queries'.

    threshold: absent where a query gives it. periods, points: how many are looked at, and how many of them have to be beyond it.
    """

    resource: Resource
    own: Metric | None
    queries: tuple[Query, ...] | Undecided
    metrics: tuple[Metric, ...] | Undecided
    threshold: Reading[float]
    operator: str | Undecided
    periods: Reading[int]
    points: Reading[int]


def read_metric(source: Resource | Mapping[str, object], *at: Step, statistic: str = "stat") -> Metric:
    """The metric at a path. statistic: what that property is called there."""
    return Metric(
        name=read_text(source, *at, "metricName"),
        namespace=read_text(source, *at, "namespace"),
        statistic=read_text(source, *at, statistic),
        unit=read_text(source, *at, "unit"),
        period=read_integer(source, *at, "period"),
        dimensions=decided(lambda: _dimensions(source, *at, "dimensions")),
    )


@per_graph
def read_alarms(graph: Graph) -> Mapping[str, Alarm]:
    """The alarms of the stack by their URNs."""
    return {alarm.urn: _alarm(alarm) for alarm in graph.of_type(tokens.ALARM)}


def is_of(
    graph: Graph, alarm: Alarm, metric: Metric, dimension: str, resource: Resource, names: frozenset[str]
) -> bool:
    """Whether an alarm's metric is one of a resource: made from it, or naming it. Raises NotDecidedError where that is not known."""
    depends = alarm.resource.property_dependencies
    made_from = {urn for prop in ("dimensions", "metricQueries") for urn in depends.get(prop, ())}
    named = metric.dimension(dimension)
    if resource.urn in made_from:
        return True
    if isinstance(named, Undecided) and any(held.type == resource.type for held in graph.held(made_from)):
        return False  # that of another one
    return optional(named, "") in names


def _alarm(alarm: Resource) -> Alarm:
    queries = decided(lambda: _queries(alarm))
    own = None if isinstance(asked_text(alarm, "metricName"), Absent) else _own(alarm)
    return Alarm(
        resource=alarm,
        own=own,
        queries=queries,
        metrics=decided(lambda: _metrics(own, settled(queries))),
        threshold=_number(alarm, "threshold"),
        operator=decided(lambda: _operator(alarm)),
        periods=read_integer(alarm, "evaluationPeriods"),
        points=asked_integer(alarm, "datapointsToAlarm"),
    )


def _own(alarm: Resource) -> Metric:
    found = read_metric(alarm, statistic="statistic")
    return replace(
        found,
        statistic=asked(alarm, "statistic", found.statistic),
        unit=asked(alarm, "unit", found.unit),
        period=asked(alarm, "period", found.period),
    )


def _metrics(own: Metric | None, queries: tuple[Query, ...]) -> tuple[Metric, ...]:
    found = (own, *(query.metric for query in queries))
    if own is None and not queries:
        refuse("metricQueries", "is empty, and metricName is not set")
    return tuple(metric for metric in found if metric is not None)


def _queries(alarm: Resource) -> tuple[Query, ...]:
    return tuple(_query(alarm, at) for at in range(len(optional(asked_list(alarm, "metricQueries"), []))))


def _query(alarm: Resource, at: int) -> Query:
    path = ("metricQueries", at)
    metric = optional(read_map(alarm, *path, "metric"), None)
    return Query(
        id=read_text(alarm, *path, "id"),
        expression=read_text(alarm, *path, "expression"),
        returned=decided(lambda: optional(read_flag(alarm, *path, "returnData"), False)),
        metric=None if metric is None else read_metric(alarm, *path, "metric"),
    )


def _dimensions(source: Resource | Mapping[str, object], *path: Step) -> Mapping[str, Reading[str]]:
    return {name: read_text(source, *path, name) for name in optional(read_map(source, *path), {})}


def _operator(alarm: Resource) -> str:
    operator = required(read_text(alarm, "comparisonOperator"))
    if operator not in _OPERATORS:
        refuse("comparisonOperator", f'is "{operator[:40]}", which is none of CloudWatch\'s')
    return operator


def _number(alarm: Resource, prop: str) -> Reading[float]:
    found = read(alarm, prop)
    value = found.value if isinstance(found, Present) else None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Present(float(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return Present(float(value))
    whole = read_integer(alarm, prop)
    return Present(float(whole.value)) if isinstance(whole, Present) else whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """services: those, as URNs, that an alarm reads a metric of. unknown: alarms of which it is not known whose metric they read."""

    services: frozenset[str]
    unknown: tuple[Resource, ...]


def read_watched(graph: Graph) -> Mapping[str, Watched]:
    """By metric the services that an alarm reads it of: by name, or through their target group."""
    services, found = graph.by_handle(tokens.SERVICE), dict[str, Watched]()
    alarms = read_alarms(graph).values()
    unread = tuple(alarm.resource for alarm in alarms if not _known(alarm))
    by_metric = grouped(
        (metric.name.value, (alarm.resource, metric))
        for alarm in alarms
        for metric in (() if isinstance(alarm.metrics, Undecided) else alarm.metrics)
        if isinstance(metric.name, Present)
    )
    for name, listed in by_metric.items():
        urns: set[str] = set()
        unknown: list[Resource] = []
        for alarm, metric in listed:
            service = metric.dimension("ServiceName")
            of = set(_made_from(graph, alarm))
            if isinstance(service, Present) and service.value in services:
                of.add(services[service.value].urn)
            urns |= of
            if not of and isinstance(service, Undecided):
                unknown.append(alarm)
        found[name] = Watched(services=frozenset(urns), unknown=(*unknown, *unread))
    return found


def _known(alarm: Alarm) -> bool:
    """Whether an alarm reads no other metric than is known of it."""
    return not isinstance(alarm.metrics, Undecided) and not any(
        isinstance(metric.name, Undecided) for metric in alarm.metrics
    )


def _made_from(graph: Graph, alarm: Resource) -> Iterator[str]:
    """The services that an alarm's dimensions are made from, themselves or by their target groups."""
    for prop in ("dimensions", "metricQueries"):
        for urn in alarm.property_dependencies.get(prop, ()):
            held = graph.get(urn)
            if held is not None and held.type == tokens.SERVICE:
                yield urn
            elif held is not None and held.type == tokens.TARGET_GROUP:
                yield from (service.urn for service in _behind(graph, held))


def _behind(graph: Graph, group: Resource) -> list[Resource]:
    """The services whose load balancers are made from a target group."""
    key = (tokens.SERVICE, tokens.TARGET_GROUP, "loadBalancers*")
    if key not in graph.belongings:
        graph.belongings[key] = grouped(
            (urn, service)
            for service in graph.of_type(tokens.SERVICE)
            for urn in service.property_dependencies.get("loadBalancers", ())
        )
    return graph.belongings[key].get(group.urn, [])
