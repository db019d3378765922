"""A stack of a name that the team has not given its stages, and names that contradict each other."""

import pytest

from policies.facts.facts import Facts
from policies.resources.graph import Graph
from policies.rules.operations.stage_names import stage_names
from policies.rules.rule import SettingError, Stack
from policies.rules.stages import Stages


def found(stage: str, **settings: list[str]) -> list[tuple[str, str]]:
    stack = Stack(
        facts=Facts(Graph(())),
        stage=stage,
        spec=stage_names.spec,
        settings=settings,
        stages=Stages.configured(settings),
    )
    return [(item.parts.found, item.parts.required) for item in stage_names.judge(stack) if item.parts]


@pytest.mark.parametrize("stage", ["dev", "prd", "staging", "production"])
def test_a_stage_that_has_its_name_is_not_reported(stage: str) -> None:
    assert found(stage, lenient=["staging"], strict=["production"]) == []


def test_without_names_every_stack_passes() -> None:
    assert found("main") == []


def test_a_stack_of_another_name_is_reported() -> None:
    assert found("stagign", lenient=["staging"], strict=["production"]) == [
        ('the stack is called "stagign" and is judged as strictly as prd', "one of dev, prd, production, staging")
    ]


def test_a_name_in_both_lists_is_undecided() -> None:
    with pytest.raises(SettingError) as raised:
        found("qa", lenient=["qa"], strict=["qa"])
    assert raised.value.undecided.reason == "has qa, which strict has, too"
