"""gate.json: what is written is what was read, what does not belong there is refused, and the schema is the published one."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from gate.document import Document, worst


def test_the_example_is_written_as_it_is_read_and_fits_the_published_schema(
    example: Document, project_root: Path
) -> None:
    text = example.model_dump_json()
    assert Document.model_validate_json(text) == example
    schema = json.loads((project_root / "schema/gate.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))


def test_the_numbers_of_the_example_follow_from_each_other(example: Document) -> None:
    budgets = [
        budget
        for stage in example.stages
        for entry in stage.budgets
        for budget in (entry.before, entry.after, entry.rollout)
        if budget is not None
    ]
    for budget in budgets:
        for workload in budget.workloads:
            per_task = workload.limit * workload.processes * workload.pools + workload.outside_pool
            assert workload.tasks_alive == workload.tasks * workload.alive_percent // 100
            assert (workload.demand, workload.steady) == (per_task * workload.tasks_alive, per_task * workload.tasks)
        assert budget.demand == sum(workload.demand for workload in budget.workloads)
        assert budget.max_connections - budget.headroom == budget.used == budget.demand + budget.reserve
    assert example.verdict == worst(tuple(stage.verdict for stage in example.stages))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"format": 2}, ("format",)),
        ({"stages": []}, ("stages",)),
        ({"verdict": "green"}, ("verdict",)),
        ({"more": 1}, ("more",)),
    ],
)
def test_another_format_is_refused(example: Document, change: dict[str, Any], where: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        Document.model_validate({**example.model_dump(), **change})
    assert [error["loc"] for error in refused.value.errors()] == [where]


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [(("ok", "ok"), "ok"), (("ok", "refused"), "refused"), (("refused", "failed", "ok"), "failed"), ((), "failed")],
)
def test_the_worst_verdict_is_that_of_the_whole(verdicts: Any, whole: str) -> None:
    assert worst(verdicts) == whole
