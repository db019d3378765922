"""The values of a comparison with an account: what it says of an instance, what differs, what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as declared. breaks: with it, alone or with others of its workload, the budget is broken."""

    subject: str
    what: str
    declared: str
    found: str
    action: str
    breaks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """What an account says of a database instance besides its budget.

    parameter_status: ParameterApplyStatus of its parameter group, "in-sync" when the parameters are in force. timeouts:
    session timeouts as written in that group. pending_class: a class that a later restart brings. peak: the most
    connections that CloudWatch saw in the last 24 hours, None where it has no data.
    """

    database: str
    identifier: str
    status: str
    parameter_group: str
    parameter_status: str
    timeouts: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    pending_class: str = ""
    peak: int | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """Numbers of a database in the account, for people: None where the account has no answer."""

    database: str
    max_connections: int | None
    demand: int | None
    headroom: int | None
    peak_24h: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a comparison came to. target: "offline" or "aws". unread: what was not compared, with the reason."""

    target: str
    differences: tuple[Difference, ...]
    observed: tuple[Observed, ...]
    unread: Mapping[str, str]

    @property
    def agrees(self) -> bool:
        """Whether the account is as declared."""
        return not self.differences

    @property
    def breaks(self) -> bool:
        """Whether a difference breaks a budget."""
        return any(difference.breaks for difference in self.differences)
