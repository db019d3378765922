"""Which stages are judged as dev and which as prd, and at what level."""

import pytest

from policies.rules.policy import EVERYWHERE, PRD_ONLY, STRICT_IN_PRD, Level, PolicySpec
from policies.rules.stages import Stages

STAGES = Stages.configured({"lenient": ["staging", "both"], "strict": ["production", "both"]})


def spec(levels: object) -> PolicySpec:
    return PolicySpec(name="a", what="", why="", severity="low", how_to_fix="", url="", levels=levels)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stage", "like"),
    [("dev", "dev"), ("prd", "prd"), ("staging", "dev"), ("production", "prd"), ("main", "prd"), ("both", "prd")],
)
def test_like(stage: str, like: str) -> None:
    assert STAGES.like(stage) == like


@pytest.mark.parametrize("settings", [{}, {"lenient": "staging"}, {"lenient": None}, {"lenient": {"staging": 1}}])
def test_what_is_no_list_of_names_makes_nothing_lenient(settings: dict[str, object]) -> None:
    assert Stages.configured(settings).like("staging") == "prd"


@pytest.mark.parametrize(
    ("stage", "levels", "configured", "expected"),
    [
        ("staging", EVERYWHERE, Level.MANDATORY, Level.MANDATORY),
        ("staging", STRICT_IN_PRD, Level.MANDATORY, Level.ADVISORY),
        ("staging", STRICT_IN_PRD, Level.DISABLED, Level.DISABLED),
        ("staging", EVERYWHERE, Level.ADVISORY, Level.ADVISORY),
        ("staging", PRD_ONLY, Level.MANDATORY, Level.DISABLED),
        ("production", PRD_ONLY, Level.MANDATORY, Level.MANDATORY),
        ("main", STRICT_IN_PRD, Level.MANDATORY, Level.MANDATORY),
        # What is configured for the stage dev itself is meant for it.
        ("dev", STRICT_IN_PRD, Level.MANDATORY, Level.MANDATORY),
    ],
)
def test_levels(stage: str, levels: object, configured: Level, expected: Level) -> None:
    assert STAGES.level(stage, spec(levels), configured) is expected
