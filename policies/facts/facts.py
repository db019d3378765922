"""All facts of a stack: what it says, and what follows from several of them: Service Connect, clients and connection budgets."""

from __future__ import annotations

from functools import cached_property

from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget, read_budgets, read_clients
from policies.facts.clients.workloads import Client
from policies.facts.ecs.service_calls import Calls
from policies.facts.ecs.service_connect import Mesh, read_mesh
from policies.facts.stack import StackFacts


class Facts(StackFacts):
    """What policies take."""

    @cached_property
    def mesh(self) -> Mesh:
        """Service Connect of the whole stack."""
        return read_mesh(self)

    @cached_property
    def calls(self) -> Calls:
        """Who calls whom by Service Connect."""
        return Calls(self, self.mesh)

    @cached_property
    def clients(self) -> tuple[Client, ...]:
        """Everything that can reach a database."""
        return read_clients(self)

    @cached_property
    def budgets(self) -> tuple[DatabaseBudget | UndecidedBudget, ...]:
        """The connection budget of every database, and each client whose database cannot be determined."""
        return tuple(read_budgets(self.databases, self.clients))
