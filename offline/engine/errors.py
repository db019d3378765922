"""Errors of the engine that are meant for people: what, where, found, required, how to fix."""

from __future__ import annotations

from settings.files.errors import UsageError as UsageError


class EngineError(Exception):
    """A run cannot go on; the message is complete and is shown without a traceback."""


class StateError(EngineError):
    """The recorded state cannot be read or is in use; the file is kept as it is."""


class UnsupportedError(EngineError):
    """The program uses something this engine does not have; the real one may, offline as well."""

    _INSTEAD = "run it on the real engine: ./run preview -s STAGE --engine pulumi"
    _BY = "offline engine"

    def __init__(self, what: str, *, where: str = "") -> None:
        place = f" ({where})" if where else ""
        super().__init__(f"{what} is not supported by the {self._BY}{place}. Remove it, or {self._INSTEAD}.")


class NotInOfflineAwsError(UnsupportedError):
    """The program uses something of a cloud that the offline AWS does not have, whichever engine asks."""

    _INSTEAD = "run the Pulumi CLI against an account: pulumi preview -s STAGE"
    _BY = "offline AWS"


class PackError(EngineError):
    """The policy pack did not start, died or answered nonsense: nothing was judged, so nothing passes."""


class PolicyViolationError(EngineError):
    """A mandatory resource policy refused a resource before its creation."""


class ResourceError(EngineError):
    """One resource's operation was refused; `urn` says which resource."""

    def __init__(self, urn: str, message: str) -> None:
        super().__init__(message)
        self.urn = urn


class InterruptedRunError(EngineError):
    """A person or the system asked the run to stop; what was finished is recorded."""

    def __init__(self) -> None:
        super().__init__("interrupted: the current operation was finished and recorded. Run the same command again.")
