"""Lines that a change has written: edited, added and moved ones, and none without something to compare with."""

from pathlib import Path

import pytest

from cli.gate.edited_lines import EditedLines
from gate.document import Place


def found(tmp_path: Path, before: str | None, after: str | None) -> list[int]:
    for name, text in (("base", before), ("project", after)):
        (tmp_path / name / "env").mkdir(parents=True)
        if text is not None:
            (tmp_path / name / "env" / "file").write_text(text)
    lines = EditedLines(project=tmp_path / "project", base=tmp_path / "base")
    return [line for line in range(1, 8) if Place(file="env/file", line=line, key="k") in lines]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a\nb\nc\n", "a\nb\nc\n", []),
        ("a\nb\nc\n", "a\nx\nc\n", [2]),
        ("a\nb\nc\n", "x\na\nb\ny\nc\nz\n", [1, 4, 6]),
        ("a\nb\nc\n", "a\nc\n", []),
        ("a\na\na\n", "a\na\na\na\n", [4]),
        (None, "a\nb\n", [1, 2]),
        ("a\n", None, []),
    ],
)
def test_what_a_change_has_written(tmp_path: Path, before: str | None, after: str | None, lines: list[int]) -> None:
    assert found(tmp_path, before, after) == lines


def test_a_file_that_is_no_text_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xff\xfe")
    assert Place(file="file", line=1, key="k") not in EditedLines(project=tmp_path, base=tmp_path)


def test_without_something_to_compare_with_no_line_is_an_edit(tmp_path: Path) -> None:
    assert Place(file="file", line=1, key="k") not in EditedLines(project=tmp_path)
