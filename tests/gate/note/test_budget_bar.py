"""Bars of the budget: one connection left is never drawn as full, and what is too many stands behind the limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.document import Document
from gate.note.budget_bar import bar, bars


@pytest.mark.parametrize(
    ("used", "limit", "drawn"),
    [
        (0, 100, "░" * 40),
        (1, 1000, "█" + "░" * 39),
        (50, 100, "█" * 20 + "░" * 20),
        (99, 100, "█" * 39 + "░"),
        (100, 100, "█" * 40),
        (200, 100, "█" * 20 + "│" + "▓" * 20),
        (0, 0, ""),
    ],
)
def test_a_bar(used: int, limit: int, drawn: str) -> None:
    assert bar(used, limit) == drawn


@given(used=st.integers(0, 10**9), limit=st.integers(1, 10**9))
def test_the_picture_never_contradicts_the_numbers(used: int, limit: int) -> None:
    drawn = bar(used, limit)
    assert ("│" in drawn) == (used > limit)
    assert ("░" in drawn) == (used < limit)
    assert ("█" in drawn) == (used > 0)


def test_before_after_and_the_way_there(example: Document) -> None:
    entry = example.stages[1].budgets[0]
    assert [row[:10] for row in bars("prd", entry)] == ["@@ prd, pr", "  before  ", "- after   "]
    worse = entry.rollout.model_copy(update={"used": 4000, "headroom": -1460})
    assert bars("prd", entry.model_copy(update={"rollout": worse}))[-1].endswith("4,000 used, 1,460 too many")
    assert bars("prd", entry.model_copy(update={"after": None, "verdict": "undecided"}))[2] == "- after   undecided"
    gone = entry.model_copy(update={"after": None, "verdict": "fits", "rollout": None})
    assert bars("prd", gone)[-1] == "  after   the database is gone"
