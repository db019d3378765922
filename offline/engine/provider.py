"""What the engine asks of the cloud behind it: the interface of offline/aws/provider.py, and of fakes in tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

from offline.aws.diff import Diff
from offline.aws.handler import Applied, AwsCall, RecordedOperation
from offline.properties import Properties

ProviderFactory: TypeAlias = Callable[[str], "Provider"]
"""Makes the provider of a region."""


class Provider(Protocol):
    """One AWS account and region. Inputs come with secrets unwrapped; unknowns reach `check`, `diff` and the plans only.

    `check`, `create`, `update` and `delete` raise an error whose text is complete for people.
    """

    def supports(self, type_token: str) -> bool:
        """Whether resources of a type can be managed."""
        ...

    def check_config(self, settings: Mapping[str, Any]) -> list[str]:
        """What of the settings is not supported, a phrase each."""
        ...

    def check(
        self, type_token: str, urn: str, inputs: Properties, old_inputs: Mapping[str, Any] | None = None
    ) -> Properties:
        """Normalised inputs with a generated name where one is needed."""
        ...

    def diff(self, type_token: str, old_inputs: Properties, inputs: Properties) -> Diff:
        """What changed, and whether that replaces the resource and deletes it first."""
        ...

    def plan_create(self, type_token: str, inputs: Properties) -> Properties:
        """Outputs of a resource that a preview would create."""
        ...

    def plan_update(
        self, type_token: str, old_inputs: Properties, old_outputs: Properties, inputs: Properties
    ) -> Properties:
        """Outputs of a resource that a preview would update."""
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
