"""The lifecycle policy of image repositories, which never expires an image that can be running."""

from __future__ import annotations

from ..canonical import canonical_json


def lifecycle_policy(untagged_days: int) -> str:
    """Canonical JSON that expires untagged images `untagged_days` after their push (1 or more; ValueError otherwise).

    Tags are immutable, so the image of a task definition keeps its tag as long as it exists: only layers that no
    deployment ever named expire. A rule by count or age over tagged images would one day expire the running one.
    """
    if untagged_days < 1:
        raise ValueError(
            f"Untagged images cannot expire after {untagged_days} days: set 1 day or more, for example 14."
        )
    rule = {
        "rulePriority": 1,
        "description": f"Expire untagged images after {untagged_days} days",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": untagged_days,
        },
        "action": {"type": "expire"},
    }
    return canonical_json({"rules": [rule]})
