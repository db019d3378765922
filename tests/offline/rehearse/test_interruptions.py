"""A rehearsal that is ended from outside: by a person, by the system, without a word."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("real_parts")]
Bench = Any


def test_an_interruption_in_a_build(bench: Bench, sample: Path) -> None:
    def interrupt(line: str) -> None:
        if line == "  phase build":
            raise KeyboardInterrupt

    before = bench.record()
    with pytest.raises(KeyboardInterrupt):
        bench.rehearse(sample, report=interrupt)
    assert bench.record() == before
    assert sorted(path.name for path in bench.state.iterdir()) == ["dev.jsonl", "dev.key"]


def test_an_interruption_in_a_deployment_rolls_back(bench: Bench, sample: Path) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("Deploy: Verify"):
            raise KeyboardInterrupt

    before = bench.seen()
    with pytest.raises(KeyboardInterrupt):
        bench.rehearse(sample, report=interrupt)
    assert bench.seen() == before


def test_the_system_ends_a_rehearsal(bench: Bench, sample: Path, project_root: Path) -> None:
    before = bench.record()
    program = [sys.executable, project_root / "cli" / "__main__.py", "rehearse", "datalab-api", "-s", "dev"]
    with subprocess.Popen(
        [*program, "--source", sample, "--state", bench.state],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next(line for line in lines if line.startswith("images: ")).split()[-1]
        assert any(line == "  phase build\n" for line in lines)
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (1, "\nInterrupted.\n")
    assert bench.record() == before
    assert sorted(path.name for path in bench.state.iterdir()) == ["dev.jsonl", "dev.key"]
    assert not answers("127.0.0.1", int(address.rpartition(":")[2]))


def test_a_killed_rehearsal_takes_its_registry_along(bench: Bench, sample: Path, project_root: Path) -> None:
    """Nothing can be cleaned up then; the next rehearsal begins with what is left."""
    program = [sys.executable, project_root / "cli" / "__main__.py", "rehearse", "datalab-api", "-s", "dev"]
    with subprocess.Popen(
        [*program, "--source", sample, "--state", bench.state], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next(line for line in lines if line.startswith("images: ")).split()[-1]
        process.kill()
    deadline = time.monotonic() + 30
    while answers("127.0.0.1", int(address.rpartition(":")[2])):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (bench.state / "dev.rehearsal").is_dir()
    bench.rehearse(sample)
    assert bench.seen()["revision"] == "dev-datalab-api:3"
    assert not (bench.state / "dev.rehearsal").exists()


def answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return False
    return True
