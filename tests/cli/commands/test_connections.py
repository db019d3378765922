"""`./run connections`: an unknown stage, and the whole command in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli import main


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
