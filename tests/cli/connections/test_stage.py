"""What a preview tells of the real stages."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.connections.stage import Stage, fewest_tasks, preview_stage, timeouts_of, variables
from offline.engine.errors import UsageError
from policies.budget.demand import kind_of, most_tasks
from policies.resources.tokens import SCALING_TARGET, TASK_DEFINITION


@pytest.mark.parametrize(
    ("name", "used", "most", "demands"),
    [
        (
            "dev",
            53,
            60,
            {
                "dev-datalab-api": 10,
                "dev-legacy-api": 10,
                "dev-tracking-api": 20,
                "dev-category-batch": 4,
                "dev-ranking-batch": 4,
            },
        ),
        (
            "prd",
            1172,
            2540,
            {
                "prd-datalab-api": 384,
                "prd-legacy-api": 256,
                "prd-tracking-api": 384,
                "prd-category-batch": 64,
                "prd-ranking-batch": 64,
            },
        ),
    ],
)
def test_the_real_stages(
    name: str, used: int, most: int, demands: dict[str, int], stage: Callable[[str], Stage]
) -> None:
    [entry] = stage(name).budgets
    assert stage(name).region == "ap-northeast-2"
    assert (entry.database, entry.budget.used, entry.budget.supply.max_connections) == (f"{name}-db", used, most)
    assert {workload.name: workload.demand for workload in entry.budget.workloads} == demands


def test_tasks_of_services_and_jobs(stage: Callable[[str], Stage]) -> None:
    [entry] = stage("prd").budgets
    found = {
        workload.name: (kind_of(workload), fewest_tasks(stage("prd").facts, urn, workload), most_tasks(workload))
        for workload, urn in zip(entry.budget.workloads, entry.urns, strict=True)
    }
    assert found == {
        "prd-datalab-api": ("service", 2, 6),
        "prd-legacy-api": ("service", 2, 4),
        "prd-tracking-api": ("service", 2, 6),
        "prd-category-batch": ("job", 1, 1),
        "prd-ranking-batch": ("job", 1, 1),
    }


@pytest.mark.parametrize(("minimum", "fewest"), [(3, 3), (9, 6), ("04da6b54-80e4-46f7-96ec-b56ff0331ba9", 2)])
def test_the_fewest_tasks_are_the_scaling_minimum(
    minimum: object, fewest: int, altered: Callable[..., Stage], stage: Callable[[str], Stage]
) -> None:
    """Never more than the maximum; the desired count where the minimum is unknown."""
    changed = altered("prd", SCALING_TARGET, "tracking-api", minCapacity=minimum)
    [entry] = stage("prd").budgets
    [(workload, urn)] = [
        pair for pair in zip(entry.budget.workloads, entry.urns, strict=True) if pair[0].name == "prd-tracking-api"
    ]
    assert fewest_tasks(changed.facts, urn, workload) == fewest


def test_variables_come_from_the_containers_that_use_the_database(stage: Callable[[str], Stage]) -> None:
    [entry] = stage("dev").budgets
    users = [variables(stage("dev").facts, urn, "DB_USER") for urn in entry.urns]
    assert users == [
        {name} for name in ("datalab_api", "legacy_api", "tracking_api", "category_batch", "ranking_batch")
    ]
    assert variables(stage("dev").facts, "urn:nothing", "DB_USER") == frozenset()


def test_timeouts_that_agree(stage: Callable[[str], Stage]) -> None:
    found = timeouts_of(stage("dev").facts)
    assert found.summary == "dev-db: wait_timeout 60 s, interactive_timeout 60 s; pools let go after at most 30 s"
    assert found.findings == ()


def test_timeouts_that_do_not_agree(altered: Callable[..., Stage], stage: Callable[[str], Stage]) -> None:
    [definition] = [found for found in stage("dev").graph.of_type(TASK_DEFINITION) if found.name == "tracking-api"]
    containers = str(definition.props["containerDefinitions"]).replace('"30000"', '"60000"')
    [finding] = timeouts_of(
        altered("dev", TASK_DEFINITION, "tracking-api", containerDefinitions=containers).facts
    ).findings
    assert finding.startswith('dev-tracking-api: container "tracking-api": DB_POOL_IDLE_MS is 60000 ms')


def test_an_unknown_stage_is_a_usage_error(tmp_path: Path, project_root: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no stage 'stg'.*Stages that exist: dev, prd"):
        preview_stage(stage="stg", project_dir=project_root, state_dir=tmp_path)
