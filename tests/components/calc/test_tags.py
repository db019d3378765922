"""Tag values that every service takes, in any script."""

import pytest

from components.calc.tags import check_tag_value


@pytest.mark.parametrize("value", ["platform-team", "플랫폼 팀", "a_b.c:d/e=f+g-h@i", "Équipe 1", "x" * 256])
def test_values_that_are_taken(value: str) -> None:
    assert check_tag_value(value) == value


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            "Team A & B <ops>",
            "The tag value 'Team A & B <ops>' has & < >, and AWS takes letters, digits, spaces and _.:/=+-@: write it like "
            "'platform-team'.",
        ),
        (
            "aws:team",
            "The tag value 'aws:team' is longer than 256 characters or begins with 'aws:', which AWS keeps for itself: write it "
            "like 'platform-team'.",
        ),
    ],
)
def test_values_that_are_refused(value: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        check_tag_value(value)
    assert str(caught.value) == sentence
