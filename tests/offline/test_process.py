"""Processes that end with the one that started them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offline.process import dying_with_parent

START = """
import subprocess, sys, time
from offline.process import dying_with_parent
print(subprocess.Popen(dying_with_parent(["sleep", "60"])).pid, flush=True)
time.sleep(60)
"""


def running(process: int, program: str) -> bool:
    """Whether the process is there and runs that program."""
    try:
        return (Path(f"/proc/{process}") / "cmdline").read_bytes().split(b"\0")[0] == program.encode()
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own means, which only Linux has")
def test_a_killed_process_takes_along_what_it_started(project_root: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", START], cwd=project_root, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    deadline = time.monotonic() + 20
    while not running(child, "sleep") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running(child, "sleep")
    parent.kill()
    parent.wait()
    while running(child, "sleep") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not running(child, "sleep")
    parent.stdout.close()


def test_the_command_has_its_arguments_input_and_exit_code() -> None:
    command = dying_with_parent([sys.executable, "-c", "import sys; print(sys.argv[1:]); sys.exit(3)", "a b", "-c"])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("['a b', '-c']\n", 3)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own means, which only Linux has")
def test_it_is_not_started_where_the_parent_is_gone_already() -> None:
    """Between the start and the request to the kernel nobody else would end it."""
    command = dying_with_parent([sys.executable, "-c", "print('ran')"])
    elsewhere = [str(os.getpid() + 1) if part == str(os.getpid()) else part for part in command]
    done = subprocess.run(elsewhere, capture_output=True, text=True, check=False)
    assert done.stdout == ""
