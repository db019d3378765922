"""What the provider answers for what is not set is nothing that anybody asked for: a stage that is up is as quiet as a new one."""

import functools
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.policies.mutations.changes import Record, Stage, changed, told
from tests.policies.read_back import read_back
from tests.policies.test_mutations import BAD

ROWS, SEED = 60, 20261129
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stages(platform: Callable[[str], list[Record]]) -> Callable[[str], Stage]:
    return functools.cache(lambda name: Stage(name, platform(name)))


@pytest.mark.parametrize("name", ["dev", "prd"])
def test_a_stage_that_is_up_reports_nothing(stages: Callable[[str], Stage], name: str) -> None:
    stage = stages(name)
    records = [read_back(record) for record in stage.records]
    [table] = (record for record in records if record["urn"].endswith("::public"))
    assert table["outputs"]["routes"][0]["natGatewayId"] == table["outputs"]["routes"][0]["ipv6CidrBlock"] == ""
    assert sum(record != before for record, before in zip(records, stage.records, strict=True)) > 100
    assert list(told(name, stage.graph(records))) == []


@pytest.mark.parametrize(
    "row", random.Random(SEED).sample(BAD, ROWS), ids=lambda row: f"{row['policy']}: {row['rule']}"
)
def test_a_bad_change_is_reported_as_of_a_new_stage(stages: Callable[[str], Stage], row: dict[str, Any]) -> None:
    records, tell = changed(stages, row)
    stage = stages(row.get("stage", "prd"))
    answered = [read_back(record) for record in records]
    found = {urn for _, urn, _ in told(stage.name, stage.graph(answered), {row["policy"]})}
    assert found == {urn for _, urn, _ in tell(row["policy"])}
