"""What moto lacks or drops, answered here: each entry says what is missing; its test shows that it still is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.aws.handler import AwsCall

if TYPE_CHECKING:
    from tools.aws.offline import Aws


class Overlay:
    """Hooks around the requests of the offline AWS."""

    def answer(self, aws: Aws, call: AwsCall) -> dict[str, Any] | None:
        """An answer instead of moto's, for operations it does not have."""
        return None

    def amend(self, aws: Aws, call: AwsCall, answer: dict[str, Any]) -> dict[str, Any]:
        """moto's answer with what it dropped."""
        return answer

    def revision_of(self, operation: str, answer: dict[str, Any]) -> int | None:
        """The number AWS gave to what was created, where it counts across resources."""
        return None

    def expect_revision(self, call: AwsCall, *, account_id: str, region: str) -> None:
        """Before a replayed request: make moto count from the recorded number on."""


def install() -> Overlay:
    """The overlay of this process."""
    return Overlay()
