"""The lifecycle policy expires untagged images and no other."""

import json

import pytest

from components.calc.delivery.ecr import lifecycle_policy


def test_one_day_is_the_shortest() -> None:
    assert json.loads(lifecycle_policy(1))["rules"][0]["selection"]["countNumber"] == 1


def test_only_untagged_images_expire() -> None:
    assert json.loads(lifecycle_policy(14)) == {
        "rules": [
            {
                "rulePriority": 1,
                "description": "Expire untagged images after 14 days",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": 14,
                },
                "action": {"type": "expire"},
            }
        ]
    }


@pytest.mark.parametrize("days", [0, -1])
def test_less_than_a_day(days: int) -> None:
    with pytest.raises(ValueError) as caught:
        lifecycle_policy(days)
    assert str(caught.value) == f"Untagged images cannot expire after {days} days: set 1 day or more, for example 14."
