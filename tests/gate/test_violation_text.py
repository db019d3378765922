"""Messages in other forms than the pack's have no parts; the pack's own are read in tests/policies/serving/test_violations.py."""

import pytest

from gate.violation_text import Cause, ViolationText, read_violation, shortened


@pytest.mark.parametrize(
    "message",
    [
        "",
        "One sentence.",
        "What.\ndev-db: 75 of 60\n\n  table\nHow to fix it:\n  - one\n  - two",
        "What.\n- found. Required: x.",
        "What.\n- found.\nan odd line\nWhy: because",
        "What.\nfirst\n- found.\nWhy: because",
        "Why: because",
    ],
)
def test_another_form_has_no_parts(message: str) -> None:
    assert read_violation(message) is None


def test_a_cause_about_the_stack_names_no_resource() -> None:
    assert read_violation("What.\n- found. Required: x.\nWhy: because\nFix: this\n") == ViolationText(
        what="What.", causes=(Cause(found="found", required="x"),), why="because", fix="this"
    )


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  aws:a:B: x, y", "  aws:a:B: x, y"),
        ("  aws:a:B: x, y, z, w", "  aws:a:B: x, y, and 2 more"),
        ('  aws:a:B: x (container "app"), "y, z", w', '  aws:a:B: x (container "app"), "y, z", and 1 more'),
        ("  Fix: a, b, c, d", "  Fix: a, b, c, d"),
        ("  * a, b, c, d", "  * a, b, c, d"),
        ("- a: b, c, d", "- a: b, c, d"),
    ],
)
def test_the_resources_of_one_cause_are_counted_beyond_some(line: str, shown: str) -> None:
    assert shortened(f"What.\n{line}\nWhy: because", most=2) == f"What.\n{shown}\nWhy: because"
