"""docs/decisions: each decision has a number of its own."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_decisions_are_numbered_once_and_as_their_headings_say() -> None:
    numbers = {
        path: int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("*.md") if path.name[0].isdigit()
    }
    assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))
    headings = {path: path.read_text("utf-8").splitlines()[0] for path in numbers}
    assert [path.name for path, number in numbers.items() if not headings[path].startswith(f"# {number}. ")] == []
