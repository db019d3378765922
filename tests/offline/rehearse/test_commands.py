"""Programs are streamed, limited in time, and leave nobody behind."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from offline.rehearse.commands import ask, stream
from offline.rehearse.errors import CommandError

PATH = {"PATH": os.environ["PATH"]}


def gone(pid: int) -> bool:
    """Whether a process that was killed ends: the system takes a moment for it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def test_output_and_errors_come_line_by_line() -> None:
    told: list[str] = []
    ended = stream(["bash", "-c", "echo one; echo two >&2; printf three; exit 3"], report=told.append, environment=PATH)
    assert told == ["one", "two", "three"]
    assert (ended.exit_status, ended.output, ended.timed_out) == (3, "one\ntwo\nthree", False)


def test_what_a_program_leaves_running_is_ended(tmp_path: Path) -> None:
    script = f"sleep 1000 & echo $! > {tmp_path / 'pid'}"
    assert stream(["bash", "-c", script], report=print, environment=PATH).exit_status == 0
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_program_may_inherit_a_file_descriptor(tmp_path: Path) -> None:
    with (tmp_path / "inherited").open("w") as file:
        number = file.fileno()
        for inherit, exit_status in (((number,), 0), ((), 1)):
            command = ["bash", "-c", f"echo here >&{number}"]
            assert stream(command, report=lambda _: None, environment=PATH, inherit=inherit).exit_status == exit_status
    assert (tmp_path / "inherited").read_text() == "here\n"


def test_a_program_that_takes_too_long_is_ended() -> None:
    ended = stream(["bash", "-c", "sleep 1000"], report=print, environment=PATH, limit_s=0.1)
    assert (ended.exit_status, ended.timed_out) == (-signal.SIGKILL, True)


def test_an_interruption_ends_the_program() -> None:
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stream(["bash", "-c", "echo $$; sleep 1000"], report=interrupt, environment=PATH)
    assert gone(pids[0])


def test_nothing_of_this_process_is_read() -> None:
    told: list[str] = []
    stream(["bash", "-c", "read line || echo end of input; env | grep -c SECRET"], report=told.append, environment=PATH)
    assert told == ["end of input", "0"]


def test_a_failed_question_is_told_with_everything() -> None:
    with pytest.raises(CommandError) as failure:
        ask(["bash", "-c", "echo why >&2; exit 7"], "The question failed.", environment=PATH)
    assert str(failure.value) == (
        "The question failed.\n  command: bash -c echo why >&2; exit 7\n  exit status: 7\n  output:\n    why"
    )


def test_of_a_long_output_the_end_is_shown() -> None:
    error = CommandError("Build failed.", command="make", exit_status=2, output="\n".join(map(str, range(100))))
    assert str(error).splitlines()[3:] == ["  output:", *(f"    {number}" for number in range(80, 100))]
    assert str(CommandError("Build failed.", command="make", exit_status=2, output="")).endswith("output: nothing")
