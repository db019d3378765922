"""Time and peak memory of a command with all its child processes, the memory sampled from /proc."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_INTERVAL = 0.01
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One run. peak_mib: the largest sum of resident memory at one moment; None where there is no /proc (macOS)."""

    seconds: float
    peak_mib: float | None
    exit_code: int
    output: str


def measure(command: Sequence[str], *, cwd: Path, environment: Mapping[str, str] | None = None) -> Measurement:
    """Run a command to its end, in this process's environment unless another is given."""
    peak = 0
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        ended = threading.Event()

        def sample() -> None:
            nonlocal peak
            while not ended.wait(_INTERVAL):
                peak = max(peak, resident_bytes(process.pid))

        sampler = threading.Thread(target=sample, daemon=True)
        if _PROC.is_dir():
            sampler.start()
        output, _ = process.communicate()
        seconds = time.perf_counter() - started
        ended.set()
    return Measurement(
        seconds=seconds,
        peak_mib=peak / 2**20 if peak else None,
        exit_code=process.returncode,
        output=output,
    )


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and everything below it; a process that just ended counts nothing."""
    try:
        own = int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        # Threads start processes too: each task lists its own children.
        children = " ".join(task.read_text() for task in (_PROC / str(pid) / "task").glob("*/children"))
    except OSError:
        return 0
    return own + sum(resident_bytes(int(child)) for child in children.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a process has used so far. cpu: seconds; peak_mib: the most memory it had."""

    cpu: float
    peak_mib: float | None


def used_by(pid: int) -> Used | None:
    """What a running process has used, without its children; None where there is no /proc (macOS)."""
    try:
        # Behind the name, which may hold spaces: user and system time are fields 14 and 15 of proc(5).
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return None
    peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return Used(
        cpu=(int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
        peak_mib=None if peak is None else int(peak) / 1024,
    )
