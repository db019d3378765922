"""One owner each: the pipeline owns the image, the program everything else, in whatever order they work."""

from typing import Any

import pytest

APPLICATION, JOB = "dist/main.js", "dist/batch/category.js"


def test_before_the_first_deployment_the_placeholder_runs(pipeline: Any) -> None:
    seen = pipeline.seen()
    assert (seen["service"], seen["job"], seen["parameter"]) == ("placeholder", "placeholder", None)
    assert seen["job command"] == "console.log('no image has been deployed yet')"


def test_the_first_deployment_ends_the_placeholders_commands(pipeline: Any) -> None:
    pipeline.delivers("a")
    assert pipeline.seen() == {
        "service": "a",
        "job": "a",
        "parameter": "a",
        "limit": "5",
        "memory": "1024",
        "command": APPLICATION,
        "job command": JOB,
    }


def test_up_after_three_deployments_rolls_nothing_back(pipeline: Any) -> None:
    for letter in "abc":
        pipeline.delivers(letter)
    before = pipeline.active_revisions()
    outcome = pipeline.up()
    assert {op: count for op, count in outcome.changes.items() if count and op != "same"} == {}
    assert pipeline.active_revisions() == before
    assert (pipeline.seen()["service"], pipeline.seen()["job"]) == ("c", "c")


def test_preview_shows_no_change_after_a_deployment(pipeline: Any) -> None:
    pipeline.delivers("a")
    changes = pipeline.preview().changes
    assert changes == {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": changes["same"]}


@pytest.mark.parametrize("order", ["deployments first", "settings first"])
def test_deployments_and_settings_interleave(pipeline: Any, order: str) -> None:
    changes = [{"dbConnLimit": 6}, {"dbConnLimit": 6, "memory": 2048}, {"dbConnLimit": 7, "memory": 2048}]
    expected = [("6", "1024"), ("6", "2048"), ("7", "2048")]
    for letter, settings, (limit, memory) in zip("abc", changes, expected, strict=True):
        if order == "deployments first":
            pipeline.delivers(letter)
            pipeline.up(**settings)
        else:
            pipeline.up(**settings)
            pipeline.delivers(letter)
        assert pipeline.seen() == {
            "service": letter,
            "job": letter,
            "parameter": letter,
            "limit": limit,
            "memory": memory,
            "command": APPLICATION,
            "job command": JOB,
        }
    last = pipeline.preview(**changes[-1]).changes
    assert last["same"] == sum(last.values())


@pytest.mark.parametrize("settings_before", [True, False])
def test_an_image_that_was_not_verified_goes_nowhere(pipeline: Any, settings_before: bool) -> None:
    """A failed verification between deployments: neither `up` nor a job ever takes that image."""
    pipeline.delivers("a")
    if settings_before:
        pipeline.up(dbConnLimit=6)
    pipeline.deploy("b")
    pipeline.roll_back()
    assert pipeline.verify("b") == 1
    assert pipeline.printed().splitlines()[-1] == (
        "Nothing was published: the next `up` and the batch jobs keep the image that was verified before."
    )
    assert (pipeline.seen()["service"], pipeline.seen()["job"], pipeline.seen()["parameter"]) == ("a", "a", "a")
    pipeline.up(dbConnLimit=7)
    seen = pipeline.seen()
    assert (seen["service"], seen["job"], seen["limit"]) == ("a", "a", "7")
    pipeline.delivers("c")
    seen = pipeline.seen()
    assert (seen["service"], seen["job"], seen["limit"]) == ("c", "c", "7")


def test_up_takes_a_deployment_back_that_never_was_verified(pipeline: Any) -> None:
    pipeline.delivers("a")
    pipeline.deploy("b")
    assert pipeline.seen()["service"] == "b"
    pipeline.up()
    assert (pipeline.seen()["service"], pipeline.seen()["job"]) == ("a", "a")


def test_a_setting_that_was_rolled_back_with_an_image_arrives_at_the_next_up(pipeline: Any) -> None:
    """The breaker went back to a revision from before the setting, and the next deployment copied that one."""
    pipeline.delivers("a")
    pipeline.up(memory=2048)
    pipeline.roll_back()
    pipeline.delivers("b")
    assert pipeline.seen()["memory"] == "1024"
    pipeline.up(memory=2048)
    assert (pipeline.seen()["memory"], pipeline.seen()["service"]) == ("2048", "b")


def test_old_revisions_stay(pipeline: Any) -> None:
    pipeline.delivers("a")
    pipeline.up(dbConnLimit=6)
    pipeline.delivers("b")
    assert pipeline.active_revisions() == [f"dev-datalab-api:{number}" for number in range(1, 6)]


def test_the_whole_stage_can_be_destroyed_after_deployments(pipeline: Any) -> None:
    pipeline.delivers("a")
    outcome = pipeline.destroy()
    assert outcome.result == "succeeded"
    assert outcome.changes["delete"] > 60
