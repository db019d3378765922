"""Alarms by the metric that they read, and the services that each metric is watched of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.resources import tokens
from policies.resources.graph import Graph, Resource, grouped
from policies.resources.outcomes import Present, Step, Undecided
from policies.resources.reading import read, read_text
from policies.resources.requested import asked_list, asked_text


def _metrics(alarm: Resource) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """(metric, path) of each that an alarm reads."""
    queries = read(alarm, "metricQueries")
    listed = range(len(queries.value)) if isinstance(queries, Present) and isinstance(queries.value, list) else range(0)
    at: list[tuple[Step, ...]] = [(), *(("metricQueries", position, "metric") for position in listed)]
    for path in at:
        metric = read_text(alarm, *path, "metricName")
        if isinstance(metric, Present):
            yield metric.value, path


def read_alarms(graph: Graph) -> Mapping[str, tuple[Resource, ...]]:
    """The alarms by the metric that they read."""
    alarms = graph.of_type(tokens.ALARM)
    found = grouped((metric, alarm) for alarm in alarms for metric in {metric for metric, _ in _metrics(alarm)})
    return {metric: tuple(alarms) for metric, alarms in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """services: those, as URNs, that an alarm reads a metric of. unknown: alarms of which it is not known whose metric they read."""

    services: frozenset[str]
    unknown: tuple[Resource, ...]


def read_watched(graph: Graph, alarms: Mapping[str, tuple[Resource, ...]]) -> Mapping[str, Watched]:
    """By metric the services that an alarm reads it of: by name, or through their target group."""
    services, found = graph.by_handle(tokens.SERVICE), dict[str, Watched]()
    unread = tuple(alarm for alarm in graph.of_type(tokens.ALARM) if _unread(alarm))
    for metric, listed in alarms.items():
        urns: set[str] = set()
        unknown: list[Resource] = []
        for alarm in listed:
            of = set(_made_from(graph, alarm))
            names = [read_text(alarm, *path, "dimensions", "ServiceName") for _, path in _metrics(alarm)]
            of |= {services[name.value].urn for name in names if isinstance(name, Present) and name.value in services}
            urns |= of
            if not of and any(isinstance(name, Undecided) for name in names):
                unknown.append(alarm)
        found[metric] = Watched(services=frozenset(urns), unknown=(*unknown, *unread))
    return found


def _unread(alarm: Resource) -> bool:
    """Whether an alarm may read another metric than is known of it."""
    queries = asked_list(alarm, "metricQueries")
    if isinstance(asked_text(alarm, "metricName"), Undecided) or isinstance(queries, Undecided):
        return True
    listed = range(len(queries.value)) if isinstance(queries, Present) else range(0)
    return any(isinstance(read_text(alarm, "metricQueries", at, "metric", "metricName"), Undecided) for at in listed)


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
