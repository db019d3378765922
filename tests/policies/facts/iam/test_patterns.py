"""Patterns of IAM: an asterisk and a question mark, and nothing else that fnmatch knows."""

import pytest

from policies.facts.iam.patterns import action_like, like


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("s3:GetObject", "s3:getobject", False),
        ("s3:GetObject", "s3:Get*", True),
        ("s3:GetObject", "s3:GetObjec?", True),
        ("s3:GetObject", "s3:GetObjec", False),
        ("role/[a]", "role/[a]", True),
        ("role/a", "role/[a]", False),
        ("role/[a]b", "role/[a]*", True),
        ("role/ab", "role/[a]*", False),
    ],
)
def test_a_pattern_covers_a_text(text: str, pattern: str, expected: bool) -> None:
    assert like(text, pattern) is expected


def test_an_action_is_read_in_small_or_capital_letters() -> None:
    assert action_like(("iam:*", "s3:Get*"), "S3:GETOBJECT")
    assert not action_like(("iam:*", "s3:Get*"), "s3:PutObject")
