"""A program goes on while its requests are answered, and takes the next answer where it can do nothing more without one."""

import asyncio
import collections
import os
from typing import Any

import pulumi
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import resource_pb2 as pb

from offline.engine.monitor import FEATURES
from offline.engine.program import host


class Engine:
    """Notes what it is asked and when an answer is taken; refuses the resources that it is told to."""

    def __init__(self, refused: str = "") -> None:
        self.log: list[str] = []
        self._refused = refused
        self._waiting: collections.deque[tuple[str, asyncio.Future[Any]]] = collections.deque()

    def GetDeploymentInfo(self, request: Empty) -> pb.DeploymentInfo:
        del request
        return pb.DeploymentInfo(supportedFeatures=FEATURES)

    def RegisterResource(self, request: pb.RegisterResourceRequest) -> asyncio.Future[Any]:
        return self._later(request.name)

    def RegisterResourceOutputs(self, request: pb.RegisterResourceOutputsRequest) -> asyncio.Future[Any]:
        return self._later(f"{request.urn}'s outputs")

    def SignalAndWaitForShutdown(self, request: Empty) -> Empty:
        self.log.append("end")
        return request

    def Log(self, request: Any) -> Empty:
        del request
        return Empty()

    def settle(self) -> bool:
        if not self._waiting:
            return False
        name, future = self._waiting.popleft()
        self.log.append(f"answer {name}")
        if name == self._refused:
            future.set_exception(ValueError(f"no {name}"))
        else:
            future.set_result(pb.RegisterResourceResponse(urn=name))
        return True

    def _later(self, name: str) -> asyncio.Future[Any]:
        self.log.append(f"ask {name}")
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((name, future))
        return future


class Box(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("shop:index:Box", name, None, opts)


def run(engine: Engine, main: Any) -> None:
    host.run(
        main,
        monitor=engine,
        engine=engine,
        settle=engine.settle,
        config={},
        secret_keys=[],
        dry_run=True,
        project="shop",
        stack="dev",
    )


def test_what_can_be_asked_is_asked_before_the_next_answer_is_taken() -> None:
    engine = Engine()

    def main() -> None:
        box = Box("box")
        for name in ("one", "two"):
            Box(name, pulumi.ResourceOptions(parent=box))

    run(engine, main)
    assert engine.log == [
        "ask shop-dev",
        "answer shop-dev",
        "ask shop-dev's outputs",
        "ask box",
        "answer shop-dev's outputs",
        "answer box",
        "ask one",
        "ask two",
        "answer one",
        "answer two",
        "end",
    ]


def test_a_refusal_is_raised_where_its_answer_is_awaited_and_the_run_ends_with_it() -> None:
    engine = Engine(refused="box")

    async def program() -> None:
        box = Box("box")
        Box("beside")
        await box.urn.future()
        Box("behind")

    with pytest.raises(ValueError, match=r"^no box$"):
        run(engine, lambda: pulumi.run(program))
    assert engine.log[2:5] == ["ask box", "ask beside", "answer box"]
    assert "ask behind" not in engine.log
    assert "end" not in engine.log


def test_a_program_that_looks_again_and_again_gets_its_answer() -> None:
    engine = Engine()

    async def program() -> None:
        urn = asyncio.ensure_future(Box("box").urn.future())
        while not urn.done():
            await asyncio.sleep(0)
        engine.log.append(f"seen {urn.result()}")

    run(engine, lambda: pulumi.run(program))
    assert engine.log[-4:] == ["seen box", "ask shop-dev's outputs", "answer shop-dev's outputs", "end"]


def test_what_the_program_waits_for_itself_comes_as_well() -> None:
    engine = Engine()

    async def program() -> None:
        reading, writing = os.pipe()
        reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
        with os.fdopen(reading, "rb") as file:
            transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
            loop.call_later(0.001, os.write, writing, b"said\n")
            engine.log.append((await reader.readline()).decode())
            transport.close()
            os.close(writing)

    run(engine, lambda: pulumi.run(program))
    assert engine.log.index("said\n") < engine.log.index("end")  # whatever the engine answers meanwhile
