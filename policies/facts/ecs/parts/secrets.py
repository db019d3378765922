"""The variables of a container whose values ECS reads from a parameter or a secret (secrets)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.resources.once import per_document
from policies.resources.outcomes import Reading
from policies.resources.reading import optional, read_list, read_text, required, text_or

_KEY = "secrets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One of them. name: the variable's. written: what it is read from."""

    name: str
    written: Reading[str]

    @property
    def source(self) -> str:
        """What it is read from, empty where that is no text, which no-plaintext-secrets reports."""
        return text_or(self.written, "")


@per_document
def secrets_of(container: Mapping[str, object]) -> tuple[Secret, ...]:
    """The secrets of a container, in their order. Raises NotDecidedError where one has no name."""
    return tuple(
        Secret(
            name=required(read_text(container, _KEY, position, "name")),
            written=read_text(container, _KEY, position, "valueFrom"),
        )
        for position in range(len(optional(read_list(container, _KEY), [])))
    )
