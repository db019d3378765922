"""What the engine asks of the cloud behind it: the interface of offline/aws/provider.py, and of fakes in tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeAlias

from offline.aws.handler import Applied, AwsCall, RecordedOperation
from offline.engine.properties import Properties

ProviderFactory: TypeAlias = Callable[[str], "Provider"]
"""Makes the provider of a region."""


class Provider(Protocol):
    """One AWS account and region. Inputs come with secrets unwrapped; unknowns reach `check` only.

    `check`, `create`, `update` and `delete` raise an error whose text is complete for people.
    """

    def supports(self, type_token: str) -> bool:
        """Whether resources of a type can be managed."""
        ...

    def check(self, type_token: str, urn: str, inputs: Properties) -> Properties:
        """Normalised inputs with a generated name where one is needed."""
        ...

    def replace_keys(self, type_token: str) -> frozenset[str]:
        """Top-level inputs whose change replaces the resource; "*" stands for all."""
        ...

    def delete_before_replace(self, type_token: str) -> bool:
        """Whether a replacement must delete first."""
        ...

    def create(self, type_token: str, urn: str, inputs: Properties, *, seed: str) -> Applied:
        """Create a resource; the seed fixes the ids that AWS draws."""
        ...

    def update(
        self,
        type_token: str,
        urn: str,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        inputs: Properties,
        *,
        seed: str,
    ) -> Applied:
        """Change a resource in place."""
        ...

    def delete(self, type_token: str, urn: str, id: str, inputs: Properties, outputs: Properties, *, seed: str) -> None:
        """Delete a resource."""
        ...

    def read(self, type_token: str, urn: str, id: str, inputs: Properties, outputs: Properties) -> Applied | None:
        """What AWS has now; None when it is gone. Types that only the program changes answer what is recorded."""
        ...

    def invoke(self, token: str, args: Properties) -> dict[str, Any]:
        """Answer a data source."""
        ...

    def calls_of_last_operation(self) -> list[AwsCall]:
        """The mutating AWS calls of the last create, update or delete."""
        ...

    def replay(self, operations: Iterable[RecordedOperation]) -> object:
        """Bring an empty cloud to the recorded state, with the recorded ids, by the time it is first needed."""
        ...
