"""The sample application by itself: what it answers, and that it ends when ECS asks it to."""

import json
import os
import re
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Generator
from pathlib import Path

import pytest


@pytest.fixture
def server(project_root: Path) -> Generator[subprocess.Popen[str]]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is missing: it runs the sample application. Debian: apt install nodejs")
    process = subprocess.Popen(
        [node, project_root / "examples" / "datalab-api" / "server.mjs"],
        env={"PATH": os.environ["PATH"], "PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def port_of(server: subprocess.Popen[str]) -> int:
    assert server.stdout is not None
    match = re.fullmatch(r"listening on (\d+)\n", server.stdout.readline())
    assert match is not None
    return int(match[1])


def test_it_answers_its_health_and_its_path_and_nothing_else(server: subprocess.Popen[str]) -> None:
    port = port_of(server)
    for path in ("/health", "/datalab", "/datalab/categories"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            assert json.load(answer) == {"service": "datalab-api", "path": path}
    for path in ("/", "/datalabs"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}")


def test_it_ends_when_it_is_asked_to(server: subprocess.Popen[str]) -> None:
    port_of(server)
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=10) == 0
