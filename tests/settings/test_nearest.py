"""The name that was meant: one that is alike in any case, never one that is not."""

import pytest

from settings.nearest import aside, nearest, question

KNOWN = ("datalab-api", "legacy-api", "tracking-api", "DB_CONN_LIMIT")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("trackng-api", "tracking-api"),
        ("Tracking_API", "tracking-api"),
        ("db_con_limit", "DB_CONN_LIMIT"),
        ("frontend", None),
        ("", None),
    ],
)
def test_the_likest_name(name: str, meant: str | None) -> None:
    assert nearest(name, KNOWN) == meant
    assert question(name, KNOWN) == (f" Did you mean {meant}?" if meant else "")
    assert aside(name, KNOWN) == (f"; did you mean {meant}?" if meant else "")


def test_any_name_is_like_enough_where_one_has_to_be_named() -> None:
    assert nearest("frontend", ["xyz"], alike=0) == "xyz"
    assert nearest("frontend", [], alike=0) is None
