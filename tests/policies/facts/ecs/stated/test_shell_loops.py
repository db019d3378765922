"""Loops of a shell: how often one runs, and that those which start nothing in the background are left alone."""

import pytest

from policies.facts.ecs.stated.shell_loops import without_loops


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("for i in 1 2 3; do node a.js & done", 3),
        ("for i in $(seq 5); do node a.js & done", 5),
        ("for i in `seq 0 9`; do node a.js & done", 10),
        ("for i in {3..1} 7; do node a.js & done", 4),
        ("for i in $(seq $N); do node a.js & done", 0),
        ("for i in *.csv; do node a.js & done", 0),
        ("for ((i = 0; i < 4; i++)); do node a.js & done", 0),
        ("seq 4 | while read i; do node a.js & done", 4),
        ("while read i; do node a.js & done < list", 0),
        ("for i in 1 2; do for j in 1 2; do node a.js & done; done", 0),
    ],
)
def test_how_often_a_loop_runs(text: str, times: int) -> None:
    left, loops = without_loops(["sh", "-c", f"echo begin; {text}; wait"])
    assert [loop.times for loop in loops] == [times]
    assert "node a.js" not in left[2]
    assert left[2].startswith("echo begin;")


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1 2; do node a.js; done",
        "until nc -z db 3306; do sleep 1 && echo no 2>&1; done",
        "node a.js & echo done",
    ],
)
def test_what_starts_nothing_in_the_background_is_no_such_loop(text: str) -> None:
    assert without_loops([text]) == ([text], ())
