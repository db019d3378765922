"""Workloads and budgets from plain numbers."""

from datetime import timedelta

from policies.budget.demand import JobTasks, ServiceTasks, Workload
from policies.budget.supply import Supply
from policies.budget.verdict import Budget
from policies.facts.clients.budgets import DatabaseBudget

JOB = Workload(
    name="batch",
    limit=2,
    tasks=JobTasks(task_count=1, longest_run=timedelta(minutes=40), period=timedelta(hours=1)),
)
"""An hourly job of 4 connections: two runs may overlap."""
SUPPLY = Supply(
    max_connections=60,
    estimated=False,
    source="literal in group",
    engine="mysql",
    engine_version="8.4",
    instance_class="db.t4g.micro",
)


def service(name: str = "api", *, limit: int = 10, tasks: int = 2, **other: int) -> Workload:
    """A service with so many connections a task."""
    return Workload(name=name, limit=limit, tasks=ServiceTasks(desired=tasks), **other)


def budget(*workloads: Workload, supply: Supply = SUPPLY, reserve: int = 5) -> Budget:
    """Of 60 connections, unless another supply is given."""
    return Budget(database="db", workloads=workloads, supply=supply, reserve=reserve)


def entry(*workloads: Workload, supply: Supply = SUPPLY, reserve: int = 5) -> DatabaseBudget:
    """A budget as it is read from a stack."""
    urns = tuple(f"urn:{item.name}" for item in workloads)
    return DatabaseBudget(
        database="db", urn="urn:db", budget=budget(*workloads, supply=supply, reserve=reserve), urns=urns
    )
