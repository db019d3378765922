"""The policy `connection-budget-at-registration`: adds up what is registered and denies the resource that breaks the budget.

A preview stays silent: there the stack policy shows the whole table. During an update ids are known, so resources are related by
their ids and names alone. Every resource registered so far only adds demand, and a database's supply does not change after its
registration: a partial sum over max_connections proves the whole budget broken.
"""

from __future__ import annotations

from collections.abc import Iterator

from .connections import DatabaseBudget, broken_message, read_budgets
from .findings import Finding
from .graph import Graph, Resource
from .tokens import READ_BY_THE_BUDGET


class Registrations:
    """What this process has seen registered."""

    def __init__(self) -> None:
        self._graph = Graph(())

    def judge(self, resource: Resource) -> Iterator[Finding]:
        """A finding where this resource takes a budget over its limit. The resource then counts as not registered."""
        if resource.type not in READ_BY_THE_BUDGET:
            return
        candidate = self._graph.with_resource(resource)
        broken = [
            entry for entry in read_budgets(candidate) if isinstance(entry, DatabaseBudget) and not entry.budget.fits
        ]
        if not broken:
            self._graph = candidate
            return
        for entry in broken:
            yield Finding(
                resource.urn,
                f"{resource.name} breaks the connection budget of {entry.database} with what is registered so far.\n"
                f"{broken_message(entry.budget)}",
            )
