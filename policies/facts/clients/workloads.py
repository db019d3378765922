"""The clients of databases: which runs can reach one, and the workload each is, or why that cannot be determined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policies.budget.declarations import CONNECTIONS_TAG, DATABASE_TAG, LIMIT, OUTSIDE_TAG
from policies.budget.demand import Workload
from policies.budget.limits import RefusedLimit, parse_limit
from policies.facts.clients.database_access import reach_of
from policies.facts.clients.places import read_places
from policies.facts.clients.poolers import Doubt, pooled
from policies.facts.clients.proxies import only_by_proxy
from policies.facts.clients.sidecars import by_sidecar
from policies.facts.clients.task_connections import read_task_connections
from policies.facts.database.databases import Database
from policies.facts.database.doors import Doors
from policies.facts.ecs.containers import Container, read_tag, with_overrides
from policies.facts.ecs.task_counts import tasks_of
from policies.facts.ecs.task_runs import Run
from policies.facts.event_input import overrides_by_event, with_event
from policies.facts.finding import Finding, Reason
from policies.facts.stack import StackFacts
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, NotDecidedError, Undecided, decided
from policies.resources.reading import read_json, read_text, refuse, required
from policies.resources.references import pinned
from policies.resources.tokens import EVENT_TARGET

_ELSEWHERE = (
    'declare the database in this stack too, as an existing one (docs/policies.md, "What a program declares"), so that what it '
    "admits is known"
)
_SET_LIMIT = f"Set {LIMIT} to a positive integer in the container's environment."
_STATE_POOL = f"{_SET_LIMIT} The application has to give it to its pool; the pool's size by the variable of its framework counts, too."
_IN_APPLY = (
    ". No task definition of this stack stands behind it: one that is built inside apply, or by a library that does so, is not there "
    "at preview. Build the task definition outside of apply, from names and ARNs that the program chooses, and let only what is "
    "unimportant to it come from outputs"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A run that can reach databases. workload: None where findings say why."""

    run: Run
    databases: tuple[Database, ...]
    workload: Workload | None
    findings: tuple[Finding, ...]


def read_client(facts: StackFacts, run: Run) -> Client | None:
    """The run as a client of databases; None where it can reach none and declares none."""
    found = decided(lambda: _definition_and_containers(facts, run))
    if isinstance(found, Undecided):
        subject = run.definitions[0] if len(run.definitions) == 1 else run.resource
        cause = reason = found.of(subject)
        if found.unknown and not run.definitions:
            reason += _IN_APPLY
        # What cannot be read may be a client of any database here, and what is unknown of one elsewhere, too.
        # Which of several definitions is meant may be known at preview alone, by dependencies.
        several = len(run.definitions) > 1
        return _uncounted(facts.doors, run, reason, cause, premature=several, unknown=found.unknown)
    definition, containers = found
    overridden = decided(lambda: _overridden(run, containers))
    if isinstance(overridden, Undecided):
        reason = overridden.of(run.resource)
        return _uncounted(facts.doors, run, reason, reason, unknown=overridden.unknown)
    return _client(facts, run, definition, overridden)


def _uncounted(
    doors: Doors, run: Run, reason: str, cause: str, *, premature: bool = False, unknown: bool = False
) -> Client | None:
    if not doors.databases and not unknown:
        return None
    reached = reach_of(doors, run, ()).databases or doors.databases
    finding = _finding(run, reason, premature=premature or not doors.databases, cause=cause)
    return Client(run=run, databases=reached, workload=None, findings=(finding,))


def _client(facts: StackFacts, run: Run, definition: Resource, containers: Sequence[Container]) -> Client | None:
    databases = facts.databases
    through = pooled(facts, run, definition)
    if through is True or (through is False and only_by_proxy(facts, run)):
        return None
    reach = reach_of(facts.doors, run, containers)
    variables = [name for container in containers for name in container.database_variables]
    findings: list[Finding] = []
    declared = None if variables else decided(lambda: read_tag(definition, CONNECTIONS_TAG, least=0))
    if declared == 0:
        return None
    if declared is not None:
        findings.append(_finding(run, _not_zero(definition, declared)))
    if isinstance(through, Doubt):
        findings.append(_finding(run, through.reason, premature=through.premature))
    if reach.misnamed:
        findings.append(_finding(run, _misnamed(databases, reach.misnamed), premature=True))
    elif variables and len(reach.databases) != 1 and not reach.declared:
        findings.append(_finding(run, _wrong_reach(databases, reach.databases, variables), premature=True))
    elif reach.undecided is not None and not variables:
        cause = reach.undecided.of(run.resource)
        reason = f"{cause}, so whether it reaches a database is not known"
        finding = _finding(run, reason, premature=True, cause=cause)
        return Client(run=run, databases=databases, workload=None, findings=(finding,))
    elif not variables and not reach.databases:
        return None
    users = _users(facts, definition, containers)
    findings.extend(_limit_findings(run, containers, users, reach.doubt))
    workload: Workload | None = None
    if not findings:
        read = decided(lambda: _workload(facts, run, definition, users))
        if isinstance(read, Undecided):
            findings.append(_finding(run, read.of(run.resource), premature=True, cause=read.of(run.resource)))
        else:
            workload = read
    return Client(run=run, databases=reach.databases, workload=workload, findings=tuple(findings))


def _not_zero(definition: Resource, declared: int | Undecided) -> Reason:
    if isinstance(declared, Undecided):
        return Reason(declared.of(definition))
    return Reason(
        f'its task definition is tagged "{CONNECTIONS_TAG}" with {declared}, where only 0 is known',
        f"what opens connections declares {LIMIT}",
    )


def _definition_and_containers(facts: StackFacts, run: Run) -> tuple[Resource, tuple[Container, ...]]:
    if len(run.definitions) != 1:
        if not run.definitions:
            named = read_text(run.resource, *run.definition_property.split("."))
            if isinstance(named, Undecided) and named.unknown:
                raise NotDecidedError(named)
            if others := pinned(facts.graph, run.resource, *run.definition_property.split(".")):
                refuse(
                    run.definition_property,
                    f"names a fixed revision of {others[0].name}, not the one of this stack, so what it runs is not known: leave "
                    "the revision out",
                )
            refuse(
                run.definition_property,
                "names no task definition of this stack, so what it runs is not known: name one by its family or ARN",
            )
        names = ", ".join(definition.urn for definition in run.definitions)
        refuse(run.definition_property, f"may name several task definitions ({names}), so what it runs is not known")
    return run.definitions[0], facts.containers(run.definitions[0])


def _overridden(run: Run, containers: tuple[Container, ...]) -> tuple[Container, ...]:
    if run.resource.type == EVENT_TARGET and overrides_by_event(run.resource):
        return with_event(containers, run.resource)
    overrides = read_json(run.resource, *run.overrides) if run.overrides else Absent("input")
    return containers if isinstance(overrides, Absent) else with_overrides(containers, required(overrides))


def users_of(facts: StackFacts, run: Run) -> list[Container]:
    """The containers of a run whose pools count, as the run overrides them. Raises NotDecidedError."""
    definition, containers = _definition_and_containers(facts, run)
    return _users(facts, definition, _overridden(run, containers))


def _users(facts: StackFacts, definition: Resource, containers: Sequence[Container]) -> list[Container]:
    """The containers whose pools count: an environment file cannot be read here, so it may hold the variables of one."""
    hosts = frozenset[str]().union(*(database.hosts for database in facts.databases))
    pooled_here = by_sidecar(definition, containers, hosts)
    users = [container for container in containers if container.uses_database or container.environment_files]
    return [container for container in users if container.name not in pooled_here]


def _limit_findings(
    run: Run, containers: Sequence[Container], users: Sequence[Container], doubt: str
) -> Iterator[Finding]:
    if not users:
        names = ", ".join(container.name for container in containers) or "none"
        reason = f"it {doubt or 'can reach a database'}, and no container declares {LIMIT} (containers: {names})"
        none = f'Where it opens none, tag its task definition "{CONNECTIONS_TAG}" with 0.'
        yield _finding(run, reason, fix=f"{_SET_LIMIT} {none}")
    for container in users:
        declared = container.secrets.keys() | container.environment.keys()
        if LIMIT not in declared:
            stated = container.pools(None)
            if container.environment_files or not (stated.size or stated.unknown):
                fix = _SET_LIMIT if container.environment_files else _STATE_POOL
                yield _finding(run, _without_limit(container), fix=fix, container=container.name)
            continue
        if LIMIT in container.secrets:
            reason = "is a secret, whose value is unknown"
        elif LIMIT in container.unclear:
            reason = container.unclear[LIMIT]
        else:
            limit = parse_limit(container.environment[LIMIT])
            reason = limit.reason if isinstance(limit, RefusedLimit) else ""
        if reason:
            yield _finding(run, f'{LIMIT} of container "{container.name}" {reason}', fix=_SET_LIMIT)


def _without_limit(container: Container) -> str:
    if not container.uses_database:
        return f"may use the database by its environment file, which cannot be read here, and declares no {LIMIT}"
    also = "; an environment file may set it, but cannot be read here" if container.environment_files else ""
    return f"uses the database without {LIMIT}{also}"


def _workload(facts: StackFacts, run: Run, definition: Resource, users: Sequence[Container]) -> Workload:
    task = read_task_connections(definition, users, lambda: read_places(facts.graph).get(run.name))
    return Workload(
        name=run.name,
        limit=task.limit,
        tasks=tasks_of(facts, run, definition),
        processes=task.processes,
        pools=task.pools,
        outside_pool=read_tag(definition, OUTSIDE_TAG, least=0) or 0,
        limit_by=task.limit_by,
        processes_by=task.processes_by,
    )


def _misnamed(databases: Sequence[Database], named: str) -> Reason:
    known = ", ".join(database.name for database in databases) or "none"
    return Reason(
        f'its task definition is tagged "{DATABASE_TAG}" with "{named[:80]}", and no database of this stack is called that '
        f"(databases here: {known})",
        "tag it with the one it uses, or with several separated by spaces" if databases else _ELSEWHERE,
    )


def _wrong_reach(databases: Sequence[Database], reached: Sequence[Database], variables: Sequence[str]) -> Reason:
    tag_it = f'tag its task definition "{DATABASE_TAG}" with the one it uses, or with several separated by spaces'
    if reached:
        return Reason(f"it reaches several databases ({', '.join(database.name for database in reached)})", tag_it)
    known = ", ".join(database.name for database in databases) or "none"
    shown = ", ".join(sorted(set(variables))[:3])
    return Reason(
        f"it declares variables of a database ({shown}), but reaches no database of this stack by its security group or by a "
        f"host (databases here: {known})",
        tag_it if databases else _ELSEWHERE,
    )


def _finding(
    run: Run, reason: str | Reason, *, fix: str = "", premature: bool = False, cause: str = "", container: str = ""
) -> Finding:
    """container: the one that the reason is about, where it reads on from its name."""
    why = reason if isinstance(reason, Reason) else Reason(reason)
    inside = container and f'container "{container}"'
    message = f"{run.name}: {inside and f'{inside} '}{why}. Its connections cannot be counted.{fix and f' {fix}'}"
    parts = None if cause else why.parts("connections that can be counted")
    if parts and container:
        parts = replace(parts, found=f"a container {parts.found}", inside=inside)
    return Finding(run.resource.urn, message, premature, replace(parts, fix=fix) if parts and fix else parts, cause)
