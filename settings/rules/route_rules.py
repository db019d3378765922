"""Listener rules: every path and priority once, and no path that another takes all requests of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.calc.web.paths import MAX_PRIORITY, covers, find_conflicts
from settings.api_docs import API_DOCS, API_DOCS_PATH
from settings.origins import Origin
from settings.problems import Problem, put, shown
from settings.workloads import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One listener rule. path_at: None for api-docs, whose path is built in."""

    name: str
    path: str
    priority: int
    priority_at: Origin
    path_at: Origin | None


def routes(services: Sequence[Service]) -> list[Route]:
    """The listener rules of services; one without a priority has none yet."""
    return [
        Route(
            name=service.name,
            path=service.path,
            priority=service.priority,
            priority_at=service.places.of("priority"),
            path_at=service.places.of("path"),
        )
        for service in services
        if service.path is not None and service.priority is not None
    ]


def api_docs_route(priority: int, at: Origin) -> Route:
    """The listener rule of api-docs. at: where its priority is written."""
    return Route(name=API_DOCS, path=API_DOCS_PATH, priority=priority, priority_at=at, path_at=None)


def route_problems(services: Sequence[Service], api_docs: Route | None) -> Iterator[Problem]:
    """Rules without a priority, rules that AWS refuses, and rules that never get a request."""
    known = [*([api_docs] if api_docs else []), *routes(services)]
    for service in services:
        if service.path is not None and service.priority is None:
            at = service.places.catalogue("priority")
            free = _free(service.path, MAX_PRIORITY // 2, known)
            yield Problem(
                at=at,
                found="nothing",
                allowed=f"required with path {service.path}: a number from 1 to 50,000 that no other service has",
                example=put(priority=free),
            )
    if find_conflicts(_rules(known)):
        for number, route in enumerate(known):
            for earlier in known[:number]:
                yield from _pair(earlier, route, known)


def _pair(one: Route, other: Route, known: Sequence[Route]) -> Iterator[Problem]:
    """What is wrong between two rules, at the later one of the catalogue or at api-docs' own."""
    moved = one if one.path_at is None else other
    if one.path == other.path and moved.path_at is not None:
        rest = _without(moved, known)
        path = next(
            path
            for suffix in ["", *(f"-{number}" for number in range(2, len(known) + 3))]
            if (path := f"/{moved.name}{suffix}*") not in {route.path for route in rest}
        )
        example = put(path=path)
        if find_conflicts([(moved.name, path, moved.priority), *_rules(rest)]):
            example = put(path=path, priority=_free(path, moved.priority, rest))
        yield Problem(
            at=moved.path_at,
            found=f"{shown(moved.path)} in {one.name} and {other.name}",
            allowed="one service a path: the load balancer sends a path to the first rule that matches",
            example=example,
        )
    elif one.priority == other.priority:
        yield Problem(
            at=moved.priority_at,
            found=f"{moved.priority} in {one.name} and {other.name}",
            allowed="a priority that no other listener rule has (AWS refuses the second with PriorityInUse)",
            example=put(priority=_free(moved.path, moved.priority, _without(moved, known))),
        )
    elif conflicts := find_conflicts(_rules([one, other])):
        first, hidden = sorted((one, other), key=lambda route: route.priority)
        at, number = hidden, _free(hidden.path, hidden.priority, _without(hidden, known))
        if number > first.priority:  # nothing is free before it
            at, number = first, _free(first.path, first.priority, _without(first, known))
        yield Problem(
            at=at.priority_at, found=str(at.priority), allowed=" ".join(conflicts), example=put(priority=number)
        )


def _rules(known: Sequence[Route]) -> list[tuple[str, str, int]]:
    """As the listener is asked for conflicts."""
    return [(route.name, route.path, route.priority) for route in known]


def _without(moved: Route, known: Sequence[Route]) -> list[Route]:
    return [route for route in known if route is not moved]


def _free(path: str, near: int, others: Sequence[Route]) -> int:
    """The free priority nearest to one, before all rules that take the path's requests and behind those it would take."""
    taken = {route.priority for route in others}
    before = min((r.priority for r in others if r.path != path and covers(r.path, path)), default=MAX_PRIORITY + 1)
    behind = max((r.priority for r in others if r.path != path and covers(path, r.path)), default=0)
    free = [number for number in range(behind + 1, before) if number not in taken]
    free = free or [number for number in range(1, MAX_PRIORITY + 1) if number not in taken]
    return min(free, key=lambda number: (abs(number - near), number))
