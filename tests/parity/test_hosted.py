"""The CLI with a language host, as users have it: the CLI itself runs the program and starts the pack, with the same outcome."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.parity.compare import unlike, unordered
from tests.parity.engines import Pair

pytestmark = pytest.mark.slow

PROGRAM = """
from shared import NAME
topic = aws.sns.Topic("topic", display_name=NAME)
aws.ssm.Parameter("parameter", name="/parameter", type="String", value=topic.arn)
pulumi.export("arn", topic.arn)
"""


@pytest.fixture
def with_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the language host on PATH."""
    folder = Path(__file__).parent / "language_host"
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PARITY_PYTHON", sys.executable)


@pytest.mark.usefixtures("with_host")
def test_the_cli_runs_the_program_and_the_pack_by_itself(both: Pair) -> None:
    both.program(PROGRAM)
    (both.real.project / "shared.py").write_text('NAME = "shared"\n')
    both.real.hosted = True
    embedded, real = both.run("preview")
    assert (real.outcome.result, real.outcome.errors) == ("succeeded", ())
    assert unlike(embedded.steps, real.steps) == []
    assert unlike(unordered(embedded.stack()), unordered(real.stack())) == []
    assert sorted(path.name for path in both.real.project.iterdir() if path.name != "__pycache__") == [
        "Pulumi.dev.yaml",
        "Pulumi.yaml",
        "__main__.py",
        "shared.py",
    ]
