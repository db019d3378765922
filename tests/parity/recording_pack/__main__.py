"""A policy pack that writes down every request of its engine, into the file that RECORDING_PACK names.

It finds no policy violated; where RECORDED_PACK names the folder of another pack, that pack answers.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from offline.process import dying_with_parent
from tests.parity.recording_pack.recorder import Recorder

NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def started(folder: str) -> Callable[[str, Any], Any]:
    """Another pack, started as an engine does; it ends with this process."""
    command = dying_with_parent([sys.executable, "-u", "-m", "pulumi.policy", sys.argv[1], folder])
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE)
    assert process.stdout is not None
    address = f"127.0.0.1:{int(process.stdout.readline())}"
    stub = analyzer_pb2_grpc.AnalyzerStub(grpc.insecure_channel(address, options=NO_LIMIT))
    return lambda method, request: getattr(stub, method)(request)


def main() -> None:
    """Serve until the engine asks this process to go, by SIGINT."""
    behind = os.environ.get("RECORDED_PACK")
    ask = started(behind) if behind else None
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=NO_LIMIT)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Recorder(Path(os.environ["RECORDING_PACK"]), ask), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    signal.sigwait({signal.SIGINT})


main()
