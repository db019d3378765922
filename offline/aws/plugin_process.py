"""The process of the provider plugin: it prints the port that it answers on and ends with its engine.

Started by the engine as `pulumi-resource-aws ENGINE_ADDRESS`, once for every provider of a run. There is one AWS: the
first process holds the record that OFFLINE_AWS_RECORD names, and the others send their engine to it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from offline.engine.errors import EngineError, StateError, UsageError
from offline.engine.interpreter import tuned
from offline.operation_log import OperationLog
from offline.process import end_with_parent

RECORD_VARIABLE = "OFFLINE_AWS_RECORD"
"""The journal's path, such as .state/dev.pulumi/aws.jsonl."""
_WAIT_SECONDS = 10.0
_OTHERS_SECONDS = 4.0
_NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def main() -> int:
    """Serve until the engine ends. A second provider of the same run is sent to the first: there is one AWS."""
    # Ctrl-C is for the engine, which lets operations end; its own SIGINT then asks this process to go, within seconds.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    end_with_parent()
    record = os.environ.get(RECORD_VARIABLE)
    try:
        log = _taken(Path(record)) if record else None
    except (EngineError, UsageError, OSError) as error:
        print(f"The offline AWS cannot start: {error}", file=sys.stderr)
        return 1
    if isinstance(log, int):
        with _port_file(Path(record or "")).open("rb") as shared:
            fcntl.flock(shared, fcntl.LOCK_SH)  # until this process ends: the first one answers for it
            print(log, flush=True)
            signal.sigwait({signal.SIGINT})
        return 0
    # Imported late: a process that only sends its engine to another needs nothing of it.
    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    from offline.aws.plugin import Plugin

    with tuned(), contextlib.ExitStack() as ending:
        if log is not None:
            ending.enter_context(contextlib.closing(log))
        pool = ending.enter_context(ThreadPoolExecutor(max_workers=8))  # left when the last operation is recorded
        server = grpc.server(pool, options=_NO_LIMIT)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Plugin(log), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        named = _port_file(log.path) if log is not None else None
        if named is not None:
            ending.callback(named.unlink, missing_ok=True)
            named.write_text(str(port), encoding="ascii")
        print(port, flush=True)
        signal.sigwait({signal.SIGINT})
        if named is not None:
            _wait_for_others(named)
        server.stop(None)
    return 0


def _wait_for_others(named: Path) -> None:
    """Until no process of the same run sends its engine here, or the engine's patience of 5 s is nearly over.

    The engine ends its providers side by side, each by a Cancel and then a SIGINT. A Cancel that finds nobody is
    reported as "exited prematurely", and fails the run (pulumi 3.274, host.go, Close).
    """
    deadline = time.monotonic() + _OTHERS_SECONDS
    with named.open("rb") as shared:
        while time.monotonic() < deadline:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(shared, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.02)


def _port_file(record: Path) -> Path:
    """Where the process that holds the record says which port it answers on."""
    return record.with_suffix(".port")


def _taken(record: Path) -> OperationLog | int:
    """The record, or the port of the process that holds it. StateError where that one names none in time."""
    named = _port_file(record)
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            log = OperationLog(record, stage=record.parent.stem, mode="write")
        except StateError:
            if named.is_file() and named.stat().st_size:
                return int(named.read_text("ascii"))
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            named.unlink(missing_ok=True)
            return log


if __name__ == "__main__":
    os._exit(main())  # all is recorded and closed; the AWS in its memory need not be taken apart
