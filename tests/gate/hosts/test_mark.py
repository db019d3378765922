"""The hidden mark: only a note's first line is one, and only of this project."""

import pytest

from gate.hosts.mark import MARK_LENGTH, Mark, marked, name_of, unmarked
from tests.gate.inputs.hostile import HOSTILE


def test_a_marked_text_is_read_again() -> None:
    body = Mark(pipeline=812, job=4711, name="shop").on("text\n")
    found = marked(body, "shop")
    assert (found.rank, unmarked(body), marked(body, "other")) == ((812, 4711), "text\n", None)
    assert marked(body.replace("\n", "\r\n"), "shop") == found
    assert found != marked(Mark(pipeline=812, job=4711, name="shop").on("text 2\n"), "shop")


@pytest.mark.parametrize("before", [" ", "> ", "\n", "x"])
def test_a_mark_elsewhere_is_none(before: str) -> None:
    assert marked(before + Mark(pipeline=1, job=1, name="shop").on("text"), "shop") is None


@pytest.mark.parametrize("text", HOSTILE[:60], ids=range(60))
def test_a_hostile_project_has_a_harmless_name(text: str) -> None:
    body = Mark(pipeline=1, job=1, name=name_of(text)).on("x")
    assert marked(body, name_of(text)) is not None
    assert body.count("-->") == 1
    assert len(body) < MARK_LENGTH
