"""Tables in columns."""

from cli.report.table import table


def test_columns_are_as_wide_as_their_longest_text_and_line_breaks_are_written() -> None:
    rows = [("PORT", '"3000"', ""), ("KEY", "-----BEGIN\nabc", "env/api/.env")]
    assert table(("variable", "value", "written in"), rows) == [
        "variable  value            written in",
        'PORT      "3000"',
        "KEY       -----BEGIN\\nabc  env/api/.env",
    ]


ROW = (
    "DATALAB_API_URL",
    '"http://datalab-api.dev-itemscout-ns:3000"',
    "env/gateway/.env.development:3 DATALAB_API_URL",
)
HEAD = ("variable", "value", "written in")


def test_a_narrow_screen_folds_between_words() -> None:
    lines = table(HEAD, [ROW], width=100)
    assert max(map(len, lines)) <= 100
    assert len(lines) == 3
    assert lines[1].split() == ["DATALAB_API_URL", ROW[1], "env/gateway/.env.development:3"]
    assert lines[2].split() == ["DATALAB_API_URL"]
    assert len(table(HEAD, [ROW])) == 2


def test_what_people_copy_is_never_broken() -> None:
    """Where the words do not fit beside each other, each cell has a line of its own."""
    assert table(HEAD, [ROW, ("KEY", "", "the platform")], width=80) == [
        "variable, value, written in",
        "DATALAB_API_URL",
        f"    value       {ROW[1]}",
        f"    written in  {ROW[2]}",
        "KEY",
        "    written in  the platform",
    ]
    assert table(("", "what", "path"), [("--", "deploy", "x" * 90)], lead=2, width=80) == [
        "what, path",
        "--  deploy",
        f"    path  {'x' * 90}",
    ]


def test_a_table_that_fits_80_columns_is_as_wide_as_it_must_be() -> None:
    assert table(("a", "b"), [("1", "2")], width=80) == ["a  b", "1  2"]
