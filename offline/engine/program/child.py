"""The process of a program: started by path, it asks the engine over an inherited socket for all that the SDK wants to know.

Everything here belongs to the program once it runs: the engine believes nothing of it but the requests themselves.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _without_debugging(log: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Messages for the SDK's own developers, four a resource, stay here: the engine shows none of them."""
    from google.protobuf.empty_pb2 import Empty
    from pulumi.runtime.proto import engine_pb2

    nothing = Empty()
    return lambda request: nothing if request.severity == engine_pb2.DEBUG else log(request)


def _beside(folder: Path, name: str) -> Any:
    """The module of this name in a folder, under a name that no program gives its own."""
    spec = importlib.util.spec_from_file_location(f"_program_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Run the program that the order names, and say how it ended."""
    # This folder was put first because the file was started by its path; the program must not find its modules there.
    here = Path(sys.path.pop(0))
    # Last: a folder with settings and a program alone takes components and settings from this checkout.
    sys.path.append(str(here.parents[2]))
    sys.stdout.reconfigure(line_buffering=True)  # pyright: ignore[reportAttributeAccessIssue]
    gc.set_threshold(200_000, 50, 100)  # the graph of resources grows, and almost nothing in it is garbage
    host, channels = _beside(here, "host"), _beside(here, "channel")
    from pulumi.runtime.proto import engine_pb2, resource_pb2

    channel = channels.Channel(socket.socket(fileno=int(sys.argv[1])))
    order = json.loads(channel.hear())
    project_dir = Path(order["root_directory"])
    monitor = channel.stub(resource_pb2.DESCRIPTOR.services_by_name["ResourceMonitor"])
    engine = channel.stub(engine_pb2.DESCRIPTOR.services_by_name["Engine"])
    engine.Log = _without_debugging(engine.Log)
    ended: dict[str, Any]
    try:
        with host.inside(project_dir):
            ended = {
                "asked": host.run(
                    host.main_of(project_dir), monitor=monitor, engine=engine, settle=channel.settle, **order
                )
            }
    except BaseException as error:  # noqa: BLE001  # reported to the engine, whatever it is
        report = host.settings_report(error)
        ended = {"settings": report} if report is not None else {"error": host.explained(error, project_dir)}
    sys.stdout.flush()
    sys.stderr.flush()
    channel.say(channels.ENDED, json.dumps(ended).encode())
    os._exit(0)  # its memory is left to the system; what it registered with atexit is its own


if __name__ == "__main__":
    main()
