"""Listener paths: matching is decided exactly, and rules that never get a request are found."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.calc.web.paths import check_path, covers, find_conflicts

PATTERNS = st.text("ab*?", max_size=5).map(lambda rest: f"/{rest}")
PATHS = st.text("abc", max_size=7).map(lambda rest: f"/{rest}")


def matches(pattern: str, path: str) -> bool:
    """A second way to decide it: the pattern as a regular expression."""
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), path))


@given(PATTERNS, PATTERNS, PATHS)
def test_no_path_contradicts_covers(general: str, special: str, path: str) -> None:
    if covers(general, special):
        assert matches(general, path) or not matches(special, path)


@given(PATTERNS)
def test_a_pattern_covers_itself_and_all_are_covered_by_the_widest(pattern: str) -> None:
    assert covers(pattern, pattern)
    assert covers("/*", pattern)


@pytest.mark.parametrize(
    ("general", "special", "expected"),
    [
        ("/datalab*", "/datalab", True),
        ("/datalab*", "/datalab/v1", True),
        ("/datalab*", "/datalab-v2*", True),
        ("/datalab/*", "/datalab", False),
        ("/datalab", "/datalab*", False),
        ("/a?c", "/abc", True),
        ("/abc", "/a?c", False),
        ("/*a*", "/b*ab", True),
        ("/a*b*", "/ab", True),
        ("/?*", "/*?", True),
        ("/*?", "/?*", True),
        ("/?*", "/*", False),
        ("/Datalab*", "/datalab", False),
        ("/*/docs", "/a/b/docs", True),
    ],
)
def test_covers(general: str, special: str, expected: bool) -> None:
    assert covers(general, special) is expected


def test_long_patterns_with_many_wildcards_end() -> None:
    assert covers("/" + "*a" * 30 + "*", "/" + "*a" * 31 + "*")
    assert not covers("/" + "*a" * 31 + "*", "/" + "*a" * 30 + "*")


THE_PLATFORM = [
    ("gateway", "/*", 50000),
    ("datalab-api", "/datalab*", 100),
    ("tracking-api", "/tracking*", 110),
    ("legacy-api", "/legacy*", 120),
]


def test_the_platform_has_no_conflict() -> None:
    assert find_conflicts(THE_PLATFORM) == []


@pytest.mark.parametrize(
    ("rules", "sentences"),
    [
        (
            [("gateway", "/*", 1), ("datalab-api", "/datalab*", 100)],
            [
                "The path '/datalab*' of datalab-api (priority 100) never gets a request: '/*' of gateway (priority "
                "1) comes first and matches all of its paths; swap the two priorities."
            ],
        ),
        (
            [("b", "/b*", 100), ("a", "/a*", 100)],
            [
                "The services a and b both have listener rule priority 100, and a listener takes each once: give one "
                "of them another number."
            ],
        ),
        (
            [("b", "/a*", 2), ("a", "/a*", 1)],
            [
                "The services a and b are both on the path '/a*', so b would never get a request: give one of them "
                "another path."
            ],
        ),
        (
            [("a", "/a*", 0), ("b", "/b*", 50001)],
            [
                "The service a has listener rule priority 0, and AWS takes 1 to 50000: choose one in that range that "
                "no other service has.",
                "The service b has listener rule priority 50001, and AWS takes 1 to 50000: choose one in that range "
                "that no other service has.",
            ],
        ),
        (
            [("a", "datalab", 1)],
            [
                "The service a cannot be routed. The path pattern 'datalab' is not one a listener rule takes: it "
                "begins with '/' and holds letters, digits, _-.$/~\"'@:+& and the wildcards * and ?; write it like "
                "'/datalab*'."
            ],
        ),
    ],
)
def test_conflicts(rules: list[tuple[str, str, int]], sentences: list[str]) -> None:
    assert find_conflicts(rules) == sentences
    assert find_conflicts(list(reversed(rules))) == sentences


def test_the_specific_path_first_is_how_rules_are_meant() -> None:
    assert find_conflicts([("a", "/a*", 2), ("b", "/ab", 1)]) == []


def test_shared_paths_are_no_conflict() -> None:
    rules = [("docs", "/*/docs", 10), ("datalab-api", "/datalab/*", 20)]
    assert find_conflicts(rules) == []


@pytest.mark.parametrize("path", ["/", "/*", "/a/b-c_d.e$f~\"'@:+&?*", "/" + "a" * 127])
def test_patterns_a_rule_takes(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize("path", ["", "*", "datalab", "/a b", "/데이터", "/a%20b", "/a\n"])
def test_patterns_a_rule_refuses(path: str) -> None:
    with pytest.raises(ValueError, match="is not one a listener rule takes"):
        check_path(path)


def test_a_pattern_that_is_too_long() -> None:
    with pytest.raises(ValueError) as caught:
        check_path("/" + "a" * 130)
    assert str(caught.value).endswith("has 131 characters, and a listener rule takes at most 128: shorten it by 3.")
