"""The plain variables of a container (environment)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.resources.once import per_document
from policies.resources.outcomes import Reading
from policies.resources.reading import optional, read_list, read_text, required, text_or

_KEY = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One of them. written: its value."""

    name: str
    written: Reading[str]

    @property
    def known(self) -> str:
        """Its value, empty where it is not known."""
        return text_or(self.written, "")


@per_document
def variables_of(container: Mapping[str, object]) -> tuple[Variable, ...]:
    """The variables of a container, in their order. Raises NotDecidedError where one has no name."""
    return tuple(
        Variable(
            name=required(read_text(container, _KEY, position, "name")),
            written=read_text(container, _KEY, position, "value"),
        )
        for position in range(len(optional(read_list(container, _KEY), [])))
    )
