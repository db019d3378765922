"""The benchmark's history: a line a run, compared with the newest one of the same machine."""

import json
from pathlib import Path

import pytest

from bench import history


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_run_is_a_line_of_ratios_and_the_next_one_says_what_became_slower(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "history.jsonl"
    history.record(tmp_path, {"preview": 2.0, "up": 3.0}, 0.5, path)
    assert "the first run on this machine" in capsys.readouterr().out
    with path.open("a") as file:
        file.write("{half a line\n" + json.dumps({"machine": "another", "ratios": {"preview": 1.0}}) + "\n")
    history.record(tmp_path, {"preview": 2.5, "up": 3.0, "new": 1.0}, 0.5, path)
    [first, second] = [json.loads(line) for line in path.read_text("utf-8").splitlines() if '"calibration"' in line]
    assert (first["ratios"], first["commit"], first["machine"]) == (
        {"preview": 4.0, "up": 6.0},
        "unknown",
        history.machine(),
    )
    assert second["ratios"] == {"preview": 5.0, "up": 6.0, "new": 2.0}
    said = capsys.readouterr().out
    assert ["1.25 times the run before, slower" in said, "1.00 times the run before\n" in said, "new" in said] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("now", "says"), [(1.14, "1.14 times the run before"), (1.15, "1.15 times the run before, slower")]
)
def test_from_which_slip_on_a_figure_is_pointed_at(now: float, says: str) -> None:
    assert history.compared({"preview": now, "new": 1.0}, {"preview": 1.0, "gone": 1.0}) == {"preview": says}
