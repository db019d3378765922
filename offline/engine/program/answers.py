"""What the engine answers to what the program's process sends: the frames of the requests, and each answer in the protocol's form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offline.engine.errors import EngineError, UsageError
from offline.engine.program.channel import ASK

_LONGEST_NAME, _LONGEST_BODY = 100, 1 << 28


class ProgramError(EngineError):
    """The program itself failed; the message ends where the program's own code raised."""


class Answers:
    """What the engine says to a request of the SDK's protocol."""

    def __init__(self, answers: Callable[[str], Callable[[Any], Any] | None]) -> None:
        from pulumi.runtime.proto import (  # imported late: the program's process loads it meanwhile
            engine_pb2,
            resource_pb2,
        )

        self._answers = answers
        files = (resource_pb2.DESCRIPTOR, "ResourceMonitor"), (engine_pb2.DESCRIPTOR, "Engine")
        self._methods = {m.name: m for file, service in files for m in file.services_by_name[service].methods}

    def answer(self, name: str, body: bytes) -> bytes:
        """Raises UsageError or EngineError, also for what no SDK sends."""
        from google.protobuf.message_factory import GetMessageClass

        answer = self._answers(name) if name in self._methods else None
        if answer is None:
            raise ProgramError(f"{name!r} is no request that this engine answers.")
        try:
            result: bytes = answer(GetMessageClass(self._methods[name].input_type).FromString(body)).SerializeToString()
        except (EngineError, UsageError):
            raise
        except Exception as error:  # whatever a request that no SDK sends leads to
            raise ProgramError(f"{name} cannot be answered: {type(error).__name__}: {error}") from error
        return result


def frame_of(buffer: bytearray) -> tuple[str, bytes] | None:
    """The frame at the start of what has come, taken out of it; None until it is whole. Raises ProgramError for what no SDK sends."""
    if len(buffer) < ASK.size:
        return None
    name, body = ASK.unpack_from(buffer)
    if name > _LONGEST_NAME or body > _LONGEST_BODY:
        raise ProgramError("The program sent the engine something that is no request.")
    end = ASK.size + name + body
    if len(buffer) < end:
        return None
    frame = bytes(buffer[ASK.size : ASK.size + name]).decode(errors="replace"), bytes(buffer[ASK.size + name : end])
    del buffer[:end]
    return frame
