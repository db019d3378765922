"""Whole words in texts: the same as one large pattern finds, the longest first."""

import re

from hypothesis import given
from hypothesis import strategies as st

from policies.facts.whole_words import WholeWords

texts = st.text(alphabet="ab1-./ é", max_size=12)


@given(st.sets(texts.filter(bool), max_size=6), texts)
def test_a_text_holds_what_one_large_pattern_finds(words: set[str], text: str) -> None:
    either = "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    pattern = re.compile(rf"(?<![a-z0-9])(?:{either})(?![a-z0-9])")
    assert WholeWords(words).within(text) == (frozenset(pattern.findall(text)) if words else frozenset())


def test_the_longest_word_at_a_place_counts() -> None:
    words = WholeWords({"shop", "shop-api", "api", "", "rank"})
    assert words.within("/dev/shop-api-x/rank/shop-apis") == {"shop-api", "rank", "shop"}
