"""Workloads that reach a database only through a pooler of the stack, such as PgBouncer: the pooler's connections count, not theirs.

Security groups prove it: the database lets the pooler in and the workload out. Without that a workload may pass its pooler by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.budget.declarations import THROUGH_TAG
from policies.facts.database.doors import Doors
from policies.facts.ecs.task_runs import Run
from policies.facts.finding import Reason
from policies.facts.stack import StackFacts
from policies.resources.graph import Graph, Resource, grouped
from policies.resources.once import per_graph
from policies.resources.outcomes import Present, Undecided
from policies.resources.reading import name_of, read_text
from policies.resources.tokens import SERVICE

_SHUT_OUT = "let the group of the pooler alone into the one of the database"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a declared pooler does not settle what a workload opens. premature: what is registered later may settle it."""

    reason: Reason
    premature: bool


def pooled(facts: StackFacts, run: Run, definition: Resource) -> bool | Doubt:
    """Whether a run's task definition declares a pooler that all its connections go through, or why that cannot be determined."""
    named = read_text(definition, "tags", THROUGH_TAG)
    if isinstance(named, Undecided):
        return False  # tags that are unknown declare nothing
    if not isinstance(named, Present) or not named.value:
        return False
    declared = f'its task definition is tagged "{THROUGH_TAG}" with "{named.value[:80]}"'
    poolers = _by_name(facts.graph).get(named.value, ())
    if not poolers:
        reason = Reason(f"{declared}, and no service of this stack is called that", "name the pooler's")
        return Doubt(reason=reason, premature=True)
    if any(service.urn == run.resource.urn for service in poolers):
        return Doubt(
            reason=Reason(f"{declared}, which it is itself", "name another service, or remove the tag"), premature=False
        )
    past = _past(facts.doors, run)
    if past:
        return Doubt(
            reason=Reason(f"{declared}, but {past}, so that it can pass the pooler by", _SHUT_OUT), premature=False
        )
    if run.security_groups.undecided is not None:
        why = run.security_groups.undecided.of(run.resource)
        return Doubt(
            reason=Reason(f"{declared}, but {why}, so whether it can pass the pooler by is not known"), premature=True
        )
    if not all(_lets_in(facts, service) for service in poolers):
        reason = Reason(
            f"{declared}, whose security group no database of this stack lets in", "let it in, so that it is counted"
        )
        return Doubt(reason=reason, premature=True)
    return True


@per_graph
def _by_name(graph: Graph) -> Mapping[str, list[Resource]]:
    """The services by what they are called in the program and in AWS."""
    services = graph.of_type(SERVICE)
    return grouped((name, service) for service in services for name in {service.name, name_of(service)})


def _past(doors: Doors, run: Run) -> str:
    """How a run reaches a database without a pooler: the second half of a sentence; empty where no way is known."""
    admitted = doors.let_in(run.security_groups)
    if admitted:
        return f"{', '.join(database.name for database in admitted)} lets its security group in"
    return next((f"it {database.unguarded}" for database in doors.databases if database.unguarded), "")


def _lets_in(facts: StackFacts, service: Resource) -> bool:
    return any(facts.doors.let_in(run.security_groups) for run in facts.runs_of(service))
