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


def test_a_narrow_screen_folds_inside_a_column_and_never_in_what_people_copy() -> None:
    rows = [
        (
            "DATALAB_API_URL",
            '"http://datalab-api.dev-itemscout-ns:3000"',
            "env/gateway/.env.development:3 DATALAB_API_URL",
        )
    ]
    lines = table(("variable", "value", "written in"), rows, whole=(0,), width=80)
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith("DATALAB_API_URL  ")
    assert [line.startswith(" " * 17) for line in lines[2:]] == [True] * (len(lines) - 2)
    assert len(table(("variable", "value", "written in"), rows)) == 2


def test_a_table_that_fits_80_columns_is_as_wide_as_it_must_be() -> None:
    assert table(("a", "b"), [("1", "2")], width=80) == ["a  b", "1  2"]
