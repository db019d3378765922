"""The program's end of the socket to the engine: requests go out at once, their answers are taken in the same order.

A frame is two lengths, a name and a body; an answer is one byte (0 answered, 1 refused), a length and a body. Unasked comes only
the order. Stands alone, as host.py does.
"""

from __future__ import annotations

import collections
import select
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

ENDED = "ended"
"""The last frame: how the program ended."""
ASK, ANSWER = struct.Struct(">HI"), struct.Struct(">BI")
LATER = frozenset({"RegisterResource", "RegisterResourceOutputs"})
"""Methods whose answer the SDK only hands on: a future does as well."""
_AT_ONCE = 1 << 18
"""Bytes that are read at once."""


class RefusedError(Exception):
    """The engine refuses a request, and says to people why."""


class Channel:
    """The engine's side of the SDK's two services, asked and answered over one socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._come = bytearray()
        self._waiting: collections.deque[tuple[asyncio.Future[Any], Callable[[bytes], Any]]] = collections.deque()

    def say(self, name: str, body: bytes) -> None:
        """Send a frame."""
        encoded = name.encode()
        left = memoryview(ASK.pack(len(encoded), len(body)) + encoded + body)
        while left:
            try:
                left = left[self._connection.send(left, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                # The engine may wait for somebody to read its answers before it reads on.
                if select.select([self._connection], [self._connection], [])[0]:
                    self._read()

    def hear(self) -> bytes:
        """Wait for what the engine says next. Raises RefusedError."""
        while len(self._come) < ANSWER.size:
            self._read()
        refused, length = ANSWER.unpack_from(self._come)
        end = ANSWER.size + length
        while len(self._come) < end:
            self._read()
        answer = bytes(memoryview(self._come)[ANSWER.size : end])
        del self._come[:end]
        if refused:
            raise RefusedError(answer.decode())
        return answer

    def settle(self) -> bool:
        """Take the next answer that is waited for, and give it to who waits; False where nobody does."""
        if not self._waiting:
            return False
        future, read = self._waiting.popleft()
        try:
            answer = read(self.hear())
        except RefusedError as error:
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(answer)
        return True

    def stub(self, service: Any) -> Any:
        """An object with the methods of a service of the protocol; those that stream are not there."""
        from asyncio import get_running_loop  # imported late: the engine takes the frames' form from here

        from google.protobuf.message_factory import GetMessageClass

        def method(name: str, answer_type: Any) -> Callable[[Any], Any]:
            read: Callable[[bytes], Any] = answer_type.FromString

            def ask(request: Any) -> Any:
                self.say(name, request.SerializeToString())
                while self.settle():
                    pass
                return read(self.hear())

            def ask_for_later(request: Any) -> asyncio.Future[Any]:
                future = get_running_loop().create_future()
                self.say(name, request.SerializeToString())
                self._waiting.append((future, read))
                return future

            return ask_for_later if name in LATER else ask

        methods = {
            item.name: staticmethod(method(item.name, GetMessageClass(item.output_type)))
            for item in service.methods
            if not (item.client_streaming or item.server_streaming)
        }
        return type(service.name, (), methods)()

    def _read(self) -> None:
        data = self._connection.recv(_AT_ONCE)
        if not data:
            raise EOFError("The engine is gone.")
        self._come += data
