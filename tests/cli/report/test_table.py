"""Tables in columns."""

from __future__ import annotations

from cli.report.table import table


def test_columns_are_as_wide_as_their_longest_text_and_line_breaks_are_written() -> None:
    rows = [("PORT", '"3000"', ""), ("KEY", "-----BEGIN\nabc", "env/api/.env")]
    assert table(("variable", "value", "written in"), rows) == [
        "variable  value            written in",
        'PORT      "3000"',
        "KEY       -----BEGIN\\nabc  env/api/.env",
    ]
