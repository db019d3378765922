"""`./run connections`: values that cannot be read, and the whole command in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from cli import main
from cli.connections.options import rate


@pytest.mark.parametrize(
    ("text", "a_second"),
    [("100/s", Fraction(100)), ("6000/min", Fraction(100)), ("90/h", Fraction(1, 40)), ("0.5", Fraction(1, 2))],
)
def test_rates_are_exact(text: str, a_second: Fraction) -> None:
    assert rate(text) == a_second


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--burst", "0"], '"0" is no whole number from 1 to 999999999'),
        (["--rate", "100/d"], '"100/d" has no unit of time that is known: N/s, N/min or N/h'),
        (["--rate", "-1/s"], "expected one argument"),
        (["--rate", "1e3"], '"1e3" is no number above 0, such as 200 or 0.5'),
        (["--hold-ms", "0"], '"0" is no number above 0, such as 200 or 0.5'),
        (["--hold-ms", "nan"], '"nan" is no number above 0, such as 200 or 0.5'),
        (["--target", "gcp"], "invalid choice: 'gcp'"),
    ],
)
def test_values_that_cannot_be_read(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["connections", *arguments])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_an_unknown_stage_is_exit_code_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main.main(["connections", "-s", "stg", "--state", str(tmp_path)]) == 2
    assert "There is no stage 'stg'" in capsys.readouterr().err


def test_end_to_end_without_boto3(project_root: Path, tmp_path: Path) -> None:
    """The real preview, in a process of its own: neither boto3 nor moto is imported, and nothing is recorded."""
    script = (
        "import sys; sys.path[:0] = ['.', 'policies']\n"
        "from cli.main import main\n"
        f"code = main(['connections', '--json', '--state', {str(tmp_path)!r}])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules} & {'boto3', 'botocore', 'moto'}\n"
        "sys.exit(f'{code} {sorted(loaded)}')"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=project_root, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "0 []"
    assert json.loads(done.stdout)["databases"][0]["used"] == 53
    assert list(tmp_path.iterdir()) == []
