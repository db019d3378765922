"""How numbers are written for people."""

import pytest

from cli.connections.document import Report
from cli.connections.stage import Stage, Timeouts
from cli.connections.text import Page, duration


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 ms"),
        (0.003, "< 0.01 ms"),
        (0.15, "0.15 ms"),
        (94.499, "94.5 ms"),
        (200, "200 ms"),
        (622.1, "622 ms"),
        (9999, "9999 ms"),
        (12_400, "12.4 s"),
    ],
)
def test_durations(milliseconds: float, text: str) -> None:
    assert duration(milliseconds) == text


def test_a_stage_without_a_database(empty_stage: Stage) -> None:
    report = Report(stage=empty_stage, entries=(), timeouts=Timeouts(summary="", findings=()))
    assert [line.plain for line in Page(width=80, plain=True).lines(report, None)] == [
        "Connection budget of stage dev, from its resources as previewed",
        "",
        "The stage has no database and no client of one.",
        "",
        "Timeouts agree: none of them matters here.",
        "",
        "dev: fits: no connection can be refused with all workloads at their maximum",
    ]


def test_timeouts_that_do_not_agree(empty_stage: Stage) -> None:
    report = Report(stage=empty_stage, entries=(), timeouts=Timeouts(summary="", findings=("db: too long.",)))
    lines = [line.plain for line in Page(width=80, plain=True).lines(report, None)]
    assert lines[4:6] == ["Timeouts do not agree:", "  - db: too long."]
