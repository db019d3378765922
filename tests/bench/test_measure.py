"""A measurement counts a command's children and keeps its exit code and words."""

import sys
from pathlib import Path

import pytest

from bench.measure import measure

PARENT = """\
import subprocess, sys
print("parent", flush=True)
subprocess.run([sys.executable, "-c", "block = bytearray(64 << 20); import time; time.sleep(0.3); print('child')"])
sys.exit(3)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="memory is sampled from /proc")
def test_children_count(tmp_path: Path) -> None:
    found = measure([sys.executable, "-c", PARENT], cwd=tmp_path)
    assert (found.exit_code, found.output) == (3, "parent\nchild\n")
    assert found.peak_mib is not None
    assert found.peak_mib > 64
    assert found.seconds > 0
