"""The verdict: what the workloads of one database can open against what it admits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from policies.budget.demand import Workload
from policies.budget.supply import Supply


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The connection budget of one database.

    reserve: connections kept free inside max_connections for administrators and for RDS itself, >= 0. mysqld admits one
    more than max_connections, but only for CONNECTION_ADMIN, which the RDS master user lacks since 8.0.36 (MySQL 8.4
    Reference Manual, "Connection Interfaces"): so the reserve lies inside.
    """

    database: str
    workloads: tuple[Workload, ...]
    supply: Supply
    reserve: int

    def __post_init__(self) -> None:
        if self.reserve < 0:
            raise ValueError(f"{self.database}: the reserve must not be negative, found {self.reserve}")

    @cached_property  # hence no slots: every way out of a broken budget asks for it again
    def demand(self) -> int:
        """Connections that all workloads together can hold open."""
        return sum(workload.demand for workload in self.workloads)

    @property
    def used(self) -> int:
        """Demand and reserve: what must not exceed max_connections."""
        return self.demand + self.reserve

    @property
    def headroom(self) -> int:
        """Connections left over; negative when the budget is broken."""
        return self.supply.max_connections - self.used

    @property
    def fits(self) -> bool:
        """Whether no connection can be refused: demand and reserve within max_connections."""
        return self.headroom >= 0
