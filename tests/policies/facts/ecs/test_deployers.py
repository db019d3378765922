"""A pipeline in parallel mode, or a second one for the same service, lets a deployment start beside another: three have tasks."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources import tokens
from tests.policies.conftest import UNKNOWN


def pipeline(stack: Any, name: str, mode: str | None, service: str | None = "dev-legacy-api", **more: Any) -> None:
    configuration = {"ServiceName": service, "ClusterName": "shop", **more}
    kept = {key: value for key, value in configuration.items() if value is not None}
    deploy = {"category": "Deploy", "provider": "ECS", "configuration": kept}
    stages = [{"name": "source", "actions": [{"category": "Source"}]}, {"name": "deploy", "actions": [deploy]}]
    props = {"name": name, "executionMode": mode, "stages": stages}
    made_from = {"executionMode": (stack.group("mode"),)} if mode == UNKNOWN else {}
    stack.add(tokens.PIPELINE, name, {key: value for key, value in props.items() if value is not None}, **made_from)


def alive(stack: Any) -> dict[str, tuple[int, str]]:
    (entry,) = Facts(stack.graph()).budgets
    return {
        workload.name: (workload.alive, workload.tasks.why)
        for workload in entry.budget.workloads  # type: ignore[union-attr]
        if workload.name in ("dev-legacy-api", "dev-tracking-api")
    }


BEFORE = {"dev-legacy-api": (2, "at most 1, rolling 200 %"), "dev-tracking-api": (2, "at most 1, rolling 200 %")}


def test_a_mode_that_is_not_known_leaves_the_service_undecided(shop: Any) -> None:
    pipeline(shop, "legacy", UNKNOWN)
    (message,) = shop.messages()
    assert message.startswith(
        f"dev-legacy-api: undecided at preview: executionMode of {shop.urn(tokens.PIPELINE, 'legacy')}, made from"
    )


def test_runs_side_by_side_have_three_deployments_tasks(shop: Any) -> None:
    pipeline(shop, "legacy", "PARALLEL")
    why = "at most 1, rolling 200 %, overlapping by pipeline legacy in parallel"
    assert alive(shop) == {**BEFORE, "dev-legacy-api": (3, why)}


@pytest.mark.parametrize("mode", ["QUEUED", "SUPERSEDED", None])
def test_one_run_at_a_time_has_two(shop: Any, mode: str | None) -> None:
    pipeline(shop, "legacy", mode)
    assert alive(shop) == BEFORE


def test_two_pipelines_for_one_service_run_side_by_side(shop: Any) -> None:
    for name in ("legacy", "again"):
        pipeline(shop, name, "QUEUED")
    why = "at most 1, rolling 200 %, overlapping by pipelines again and legacy"
    assert alive(shop) == {**BEFORE, "dev-legacy-api": (3, why)}


@pytest.mark.parametrize("more", [{"service": "other"}, {"ClusterName": "elsewhere"}, {"service": None}])
def test_another_service_or_cluster_is_not_meant(shop: Any, more: dict[str, Any]) -> None:
    pipeline(shop, "legacy", "PARALLEL", **more)
    assert alive(shop) == BEFORE


@pytest.mark.parametrize(
    ("stages", "found"),
    [
        (UNKNOWN, "stages of "),
        ([], "stages of "),
        ([{"name": "deploy", "actions": UNKNOWN}], "stages[0].actions of "),
        ([{"name": "deploy", "actions": [UNKNOWN]}], "stages[0].actions[0] of "),
        (
            [{"actions": [{"category": "deploy", "configuration": {"ServiceName": "dev-legacy-api"}}]}],
            "stages[0].actions[0].category of ",
        ),
    ],
)
def test_stages_that_cannot_be_read_leave_the_service_undecided_that_they_are_made_from(
    shop: Any, stages: Any, found: str
) -> None:
    made_from = (shop.urn(tokens.SERVICE, "dev-legacy-api"),)
    shop.add(tokens.PIPELINE, "legacy", {"name": "legacy", "stages": stages}, stages=made_from)
    (message,) = shop.messages()
    assert message.startswith("dev-legacy-api: undecided")
    assert found in message
