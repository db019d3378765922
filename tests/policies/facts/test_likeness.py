"""The likest of many names: as difflib alone would find it."""

import difflib

from hypothesis import given
from hypothesis import strategies as st

from policies.facts.likeness import likest, nearest

words = st.text(alphabet="ab-c", max_size=8)


@given(words, st.sets(words, min_size=1, max_size=8))
def test_the_nearest_is_difflibs_own(text: str, names: set[str]) -> None:
    assert [nearest(text, names)] == difflib.get_close_matches(text, names, n=1, cutoff=0)


def test_equally_like_names_are_all_found() -> None:
    assert set(likest("api", {"apx", "apy", "xyz"})) == {"apx", "apy"}
