"""The program's end of the socket: requests go out at once, answers are taken in the same order, and nobody waits for the other."""

import asyncio
import socket
import threading
from collections.abc import Callable, Generator
from typing import Any

import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import resource_pb2 as pb

from offline.engine.program.answers import frame_of
from offline.engine.program.channel import ANSWER, Channel, RefusedError


@pytest.fixture
def sockets() -> Generator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(30)
        yield ours, theirs


def stub_of(channel: Channel) -> Any:
    return channel.stub(pb.DESCRIPTOR.services_by_name["ResourceMonitor"])


def registration(name: str) -> pb.RegisterResourceRequest:
    return pb.RegisterResourceRequest(name=name)


def say(engine: socket.socket, body: bytes, *, refused: int = 0) -> None:
    engine.sendall(ANSWER.pack(refused, len(body)) + body)


def registered(urn: str) -> bytes:
    return pb.RegisterResourceResponse(urn=urn).SerializeToString()


def in_a_loop(work: Callable[[], Any]) -> Any:
    async def run() -> Any:
        return work()

    return asyncio.run(run())


def test_a_registration_is_sent_at_once_and_answered_when_its_turn_comes(
    sockets: tuple[socket.socket, socket.socket],
) -> None:
    engine, program = sockets
    channel = Channel(program)
    stub = stub_of(channel)

    def work() -> None:
        first, second = (stub.RegisterResource(registration(name)) for name in "ab")
        outputs = stub.RegisterResourceOutputs(pb.RegisterResourceOutputsRequest(urn="a"))
        buffer = bytearray(engine.recv(1 << 16))
        assert [frame_of(buffer) for _ in range(4)] == [
            ("RegisterResource", registration("a").SerializeToString()),
            ("RegisterResource", registration("b").SerializeToString()),
            ("RegisterResourceOutputs", pb.RegisterResourceOutputsRequest(urn="a").SerializeToString()),
            None,
        ]
        say(engine, registered("urn:a"))
        say(engine, b"no b", refused=1)
        say(engine, Empty().SerializeToString())
        assert channel.settle()
        assert (first.result().urn, second.done(), outputs.done()) == ("urn:a", False, False)
        assert channel.settle()
        with pytest.raises(RefusedError, match=r"^no b$"):
            second.result()
        assert (outputs.done(), channel.settle(), outputs.result()) == (False, True, Empty())
        assert not channel.settle()

    in_a_loop(work)


def test_what_is_answered_at_once_comes_behind_what_was_asked_before(
    sockets: tuple[socket.socket, socket.socket],
) -> None:
    engine, program = sockets
    stub = stub_of(Channel(program))
    say(engine, registered("urn:a"))
    say(engine, pb.ResourceInvokeResponse().SerializeToString())

    def work() -> tuple[Any, Any]:
        registered_later = stub.RegisterResource(registration("a"))
        return stub.Invoke(pb.ResourceInvokeRequest(tok="t")), registered_later.result().urn

    assert in_a_loop(work) == (pb.ResourceInvokeResponse(), "urn:a")


def test_an_answer_that_nobody_waits_for_any_more_is_passed_over(sockets: tuple[socket.socket, socket.socket]) -> None:
    engine, program = sockets
    channel = Channel(program)
    stub = stub_of(channel)
    say(engine, registered("urn:a"))
    say(engine, b"no", refused=1)
    say(engine, registered("urn:c"))

    def work() -> str:
        first, second, third = (stub.RegisterResource(registration(name)) for name in "abc")
        first.cancel()
        second.cancel()
        assert [channel.settle() for _ in range(3)] == [True, True, True]
        return str(third.result().urn)

    assert in_a_loop(work) == "urn:c"


def test_neither_waits_for_the_other_when_both_have_more_to_say_than_the_socket_holds(
    sockets: tuple[socket.socket, socket.socket],
) -> None:
    engine, program = sockets
    channel = Channel(program)
    stub = stub_of(channel)
    count, size = 20, 300_000

    def answer() -> None:
        buffer, answered = bytearray(), 0
        while answered < count:
            buffer += engine.recv(1 << 20)
            while frame_of(buffer) is not None:
                say(engine, registered(f"{answered}".ljust(size)))  # before it reads on, as an engine does
                answered += 1

    def work() -> list[str]:
        futures = [stub.RegisterResource(registration("n" * size)) for _ in range(count)]
        while channel.settle():
            pass
        return [future.result().urn.rstrip() for future in futures]

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    assert in_a_loop(work) == [str(number) for number in range(count)]
    thread.join()


def test_a_program_without_an_engine_ends(sockets: tuple[socket.socket, socket.socket]) -> None:
    engine, program = sockets
    engine.sendall(ANSWER.pack(0, 10) + b"half")
    engine.close()
    with pytest.raises(EOFError, match=r"^The engine is gone\.$"):
        Channel(program).hear()
