"""The program ends without a traceback where the CLI interrupts it, and as any other program elsewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from components.interruption import end_quietly
end_quietly()
os.kill(os.getpid(), signal.SIGINT)
"""


@pytest.mark.parametrize(
    ("host", "status", "traceback"), [("pulumi-language-python-exec", 130, False), ("some_test.py", -2, True)]
)
def test_an_interrupted_program(tmp_path: Path, project_root: Path, host: str, status: int, *, traceback: bool) -> None:
    script = tmp_path / host
    script.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "-u", str(script), str(project_root)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == status
    assert ended.stdout == ""
    assert ended.stderr.endswith("KeyboardInterrupt\n") if traceback else ended.stderr == ""
