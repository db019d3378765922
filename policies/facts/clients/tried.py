"""A stack as it would be with one way out of a broken budget taken: the resources that it changes, changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from policies.budget.declarations import (
    CLASS_PLACE,
    CONNECTIONS_TAG,
    ELSEWHERE_TAG,
    LIMIT,
    MAX_CONNECTIONS_PLACE,
    ONE_OFF_TAG,
    PROCESSES_PLACE,
    PROCESSES_TAG,
    TASKS_PLACE,
)
from policies.budget.demand import DeclaredClients, JobTasks, ServiceTasks, Workload
from policies.budget.limits import parse_limit
from policies.budget.solve import Kind, Way
from policies.facts.clients.budgets import DatabaseBudget
from policies.facts.clients.proxies import PERCENT, percent_of
from policies.facts.clients.workloads import users_of
from policies.facts.clients.written import Written, changed, left_alone, written
from policies.facts.database.parameter_groups import parameter_groups
from policies.facts.database.parameters import parameters_of
from policies.facts.database.supply import members_of
from policies.facts.ecs.autoscaling import scaling_targets, scheduled_actions
from policies.facts.ecs.stated.pools import DEFAULT_OVERFLOW_NAME
from policies.facts.ecs.task_runs import Run
from policies.resources import tokens
from policies.resources.graph import Graph, PlainResource, Resource
from policies.resources.outcomes import NotDecidedError, Present
from policies.resources.reading import read_integer
from policies.resources.references import belonging

if TYPE_CHECKING:
    from policies.facts.facts import Facts

_MAX_CONNECTIONS = "max_connections"
_TERM = re.compile(r"(?:^| \+ )(.+?) ([0-9]+)(?= \+ |$)")
_STATED = re.compile(r"(\S+(?: of \S+)?) ([0-9]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number that is changed. what: the variable, option or property; inside: the containers, or the resource, that have it."""

    what: str
    old: int | str
    new: int | str
    key: str = ""
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """facts: of the changed stack. numbers: what is changed. types: of the resources that are."""

    facts: Facts
    numbers: tuple[Number, ...]
    types: frozenset[str]


def tried(facts: Facts, entry: DatabaseBudget, way: Way) -> Tried | None:
    """The stack with the way taken, None where what would have to change does not stand in the stack in a form that is known."""
    try:
        made = _made(facts, entry, way)
    except NotDecidedError:
        return None
    if made is None:
        return None
    resources, numbers = made
    if any(left_alone(facts.graph.get(resource.urn), resource) for resource in resources):
        return None
    for resource in resources:
        facts = facts.with_resource(resource)
    return Tried(facts=facts, numbers=numbers, types=frozenset(resource.type for resource in resources))


_Made = tuple[list[PlainResource], tuple[Number, ...]]


def _made(facts: Facts, entry: DatabaseBudget, way: Way) -> _Made | None:
    match way.kind:
        case Kind.MAX_CONNECTIONS | Kind.CLASS:
            return _of_database(facts.graph, entry, way)
        case Kind.NO_RETRIES:
            return _without_retries(facts, entry)
        case _:
            made = [_of_workload(facts, entry, way, position) for position in way.workloads]
            whole = [each for each in made if each is not None]
            if len(whole) < len(made):
                return None
            numbers = whole[0][1] if len(whole) == 1 else (replace(whole[0][1][0], old=way.now, inside=()),)
            return [resource for resources, _ in whole for resource in resources], numbers


def _of_workload(facts: Facts, entry: DatabaseBudget, way: Way, position: int) -> _Made | None:
    workload, urn = entry.budget.workloads[position], entry.urns[position]
    resource = facts.graph.get(urn)
    if resource is None:
        return None
    if resource.type == tokens.DB_PROXY:
        return _of_proxy(facts.graph, resource, entry, way)
    if isinstance(workload.tasks, DeclaredClients):
        tag = ELSEWHERE_TAG if resource.type in (tokens.DB_INSTANCE, tokens.DB_CLUSTER) else CONNECTIONS_TAG
        number = Number(what="connections declared", old=way.now, new=way.value, key=tag)
        return [changed(resource, ("tags", tag), str(way.value))], (number,)
    if way.kind is Kind.TASKS and isinstance(workload.tasks, ServiceTasks):
        return _fewer_tasks(facts, resource, way)
    if way.kind is Kind.TASKS and isinstance(workload.tasks, JobTasks):
        return _fewer_at_once(resource, way)
    run = next(run for run in facts.runs if run.resource.urn == urn)
    if way.kind is Kind.TASKS:
        return _declared(run, ONE_OFF_TAG, way, TASKS_PLACE)
    if way.kind is Kind.PROCESSES and not workload.processes_by:
        return _declared(run, PROCESSES_TAG, way, PROCESSES_PLACE)
    texts = written(facts, run)
    numbers = (
        _processes(facts, texts, workload, way) if way.kind is Kind.PROCESSES else _limit(facts, texts, workload, way)
    )
    return None if not numbers else (list(texts.resources()), tuple(numbers))


def _of_proxy(graph: Graph, proxy: Resource, entry: DatabaseBudget, way: Way) -> _Made | None:
    """A proxy opens a share of max_connections, which stands in its target group."""
    groups = belonging(graph, proxy, tokens.PROXY_TARGET_GROUP, "dbProxyName")
    percent = way.value * 100 // entry.budget.supply.max_connections
    if not groups or percent < 1:
        return None
    number = Number(what=PERCENT[-1], old=percent_of(graph, proxy), new=percent, key=PERCENT[-1])
    return [changed(group, PERCENT, percent) for group in groups], (number,)


def _limit(facts: Facts, texts: Written, workload: Workload, way: Way) -> list[Number]:
    limits = _limits(facts, texts.run)
    if workload.limit_by:
        return _stated_pool(texts, workload, way, limits)
    total, wanted = sum(limits.values()), way.value
    if total != workload.limit or wanted < len(limits):
        return []  # its containers differ in processes or pools
    if not all(texts.restate(name, LIMIT, limits[name], share) for name, share in _shares(limits, wanted).items()):
        return []
    return [Number(what=LIMIT, old=total, new=wanted, key=LIMIT, inside=tuple(limits))]


def _limits(facts: Facts, run: Run) -> dict[str, int]:
    """DB_CONN_LIMIT by container, 0 for one whose pool is stated by another name."""
    read = (
        (container.name, parse_limit(container.environment[LIMIT]) if LIMIT in container.environment else 0)
        for container in users_of(facts, run)
    )
    return {name: limit for name, limit in read if isinstance(limit, int)}


def _stated_pool(texts: Written, workload: Workload, way: Way, limits: dict[str, int]) -> list[Number]:
    """The numbers that add up to a pool, each made smaller, and DB_CONN_LIMIT where it is larger than the pool then is."""
    if len(limits) != 1:
        return []
    ((container, declared),) = limits.items()
    sizes = {name: int(size) for name, size in _TERM.findall(workload.limit_by)}
    wanted = way.value - sizes.pop(DEFAULT_OVERFLOW_NAME, 0)  # stands nowhere
    if wanted < len(sizes):
        return []
    shares = _shares(sizes, wanted)
    if LIMIT not in sizes and declared > way.value:
        sizes[LIMIT], shares[LIMIT] = declared, way.value
    smaller = {name: share for name, share in shares.items() if share < sizes[name]}
    if not all(texts.restate(container, name, sizes[name], share) for name, share in smaller.items()):
        return []
    return [
        Number(what=name, old=sizes[name], new=share, key=name, inside=(container,)) for name, share in smaller.items()
    ]


def _shares(sizes: dict[str, int], wanted: int) -> dict[str, int]:
    """Numbers that add up to what is wanted, each at least 1, in the proportions of those that are there."""
    total = sum(sizes.values())
    shares = {name: max(1, size * wanted // total) for name, size in sizes.items()}
    for name in sorted(shares, key=lambda name: -shares[name]):
        shares[name] = max(1, shares[name] + wanted - sum(shares.values()))
    return shares


def _processes(facts: Facts, texts: Written, workload: Workload, way: Way) -> list[Number]:
    stated = _STATED.fullmatch(workload.processes_by)
    if stated is None:
        return []
    option, number = stated[1], int(stated[2])
    for name in _limits(facts, texts.run):
        if texts.restate(name, option, number, way.value):
            return [Number(what=option, old=number, new=way.value, key=option, inside=(name,))]
    return []


def _declared(run: Run, tag: str, way: Way, key: str) -> _Made | None:
    """What a task definition declares of itself, declared otherwise; None where the tag stands elsewhere, in the provider's default."""
    definition = run.definitions[0]
    if not isinstance(read_integer(definition, "tags", tag), Present):
        return None
    number = Number(
        what=f'processes (the tag "{tag}" and what starts them)', old=way.now, new=way.value, key=key, inside=(tag,)
    )
    return [changed(definition, ("tags", tag), str(way.value))], (number,)


def _fewer_at_once(resource: Resource, way: Way) -> _Made | None:
    path = ("target", "ecsParameters") if resource.type == tokens.SCHEDULE else ("ecsTarget",)
    if resource.type not in (tokens.SCHEDULE, tokens.EVENT_TARGET):
        return None
    number = Number(what="tasks", old=way.now, new=way.value, key=TASKS_PLACE, inside=("taskCount",))
    return [changed(resource, (*path, "taskCount"), way.value)], (number,)


def _fewer_tasks(facts: Facts, service: Resource, way: Way) -> _Made | None:
    places = [(service, ("desiredCount",))]
    for target in scaling_targets(facts.scalers, service):
        places += [(target, ("minCapacity",)), (target, ("maxCapacity",))]
    for action in scheduled_actions(facts.scalers, service):
        places += [(action, ("scalableTargetAction", key)) for key in ("minCapacity", "maxCapacity")]
    resources: dict[str, PlainResource] = {}
    named: list[str] = []
    for resource, path in places:
        count = read_integer(resource, *path)
        if isinstance(count, Present) and count.value > way.value:
            resources[resource.urn] = changed(resources.get(resource.urn, resource), path, way.value)
            named.append(path[-1])
    number = Number(what="tasks", old=way.now, new=way.value, key=TASKS_PLACE, inside=tuple(dict.fromkeys(named)))
    return list(resources.values()), (number,)


def _without_retries(facts: Facts, entry: DatabaseBudget) -> _Made:
    late = [
        (workload.name, facts.graph.get(urn))
        for workload, urn in zip(entry.budget.workloads, entry.urns, strict=True)
        if isinstance(workload.tasks, JobTasks) and workload.tasks.retry_age
    ]
    path = ("retryPolicy", "maximumRetryAttempts")
    resources = [
        changed(resource, ("target", *path) if resource.type == tokens.SCHEDULE else path, 0)
        for _, resource in late
        if resource is not None
    ]
    number = Number(what="retryPolicy", old=1, new=0, inside=tuple(name for name, _ in late))
    return resources, (number,)


def _of_database(graph: Graph, entry: DatabaseBudget, way: Way) -> _Made | None:
    database = graph.get(entry.urn)
    if database is None or database.type not in (tokens.DB_INSTANCE, tokens.DB_CLUSTER):
        return None  # what it admits is a declaration about somebody else's database
    members = members_of(graph, database)
    supply, resources, numbers = entry.budget.supply, list[PlainResource](), list[Number]()
    if way.kind is Kind.CLASS:
        if not members and database.type == tokens.DB_CLUSTER:
            return None
        resources = [changed(member, ("instanceClass",), way.instance_class) for member in members or (database,)]
        numbers.append(Number(what="instanceClass", old=supply.instance_class, new=way.instance_class, key=CLASS_PLACE))
    if way.value:
        groups = list(_groups(graph, members or (database,)))
        if not groups:
            return None
        resources += [_with_parameter(group, str(way.value)) for group in groups]
        names = tuple(str(group.props.get("name") or group.name) for group in groups)
        old = f"an estimated {supply.max_connections}" if supply.estimated else supply.max_connections
        numbers.append(Number(what="max_connections", old=old, new=way.value, key=MAX_CONNECTIONS_PLACE, inside=names))
    return resources, tuple(numbers)


def _groups(graph: Graph, instances: Iterable[Resource]) -> Iterator[Resource]:
    """The parameter groups of the stack in which max_connections stands, or would stand, for these instances."""
    seen: set[str] = set()
    for instance in instances:
        ours = [group.resource for group in parameter_groups(graph, instance) if group.resource is not None]
        for group in [group for group in ours if _MAX_CONNECTIONS in _names(group)] or ours[-1:]:
            if group.urn not in seen:
                seen.add(group.urn)
                yield group


def _names(group: Resource) -> list[str]:
    return [parameter.name for parameter in parameters_of(group)]


def _with_parameter(group: Resource, value: str) -> PlainResource:
    names = _names(group)
    if _MAX_CONNECTIONS in names:
        return changed(group, ("parameters", names.index(_MAX_CONNECTIONS), "value"), value)
    return changed(group, ("parameters", len(names)), {"name": _MAX_CONNECTIONS, "value": value})
