"""The CDK app beside this project: a run of both at the smallest size, and what is said where Node is missing."""

import re
import shutil
from pathlib import Path

import pytest

from bench import peers


def test_without_node_the_peers_are_skipped_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project_root: Path
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert (peers.compare(project_root, runs=1), capsys.readouterr().out) == (
        0,
        "Peers: skipped, node is not on PATH.\n",
    )


@pytest.mark.skipif(
    shutil.which("node") is None or not (peers.PEERS / "node_modules").is_dir(),
    reason="npm ci --prefix bench/peers has not been run",
)
def test_both_run_in_turn_and_their_ratios_are_printed(project_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert peers.compare(project_root, runs=1, sizes=[4]) == 0
    [_, _, cdk, nag, floor] = capsys.readouterr().out.splitlines()
    line = r" +4 services, {} +\d+\.\d\d \(\d+\.\d\d to \d+\.\d\d\), target {}; memory \d+\.\d\d .*"
    assert re.fullmatch(line.format("CDK", "0.5"), cdk)
    assert re.fullmatch(line.format("cdk-nag alone", "1.0"), nag)
    assert re.fullmatch(r" +4 services, bare program +\d+\.\d\d \(.*\); memory \d+\.\d\d .*", floor)
