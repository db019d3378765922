"""The budget while a deployment changes the platform: the larger of before and after, at every step and for the stack."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.baseline import Baseline, baseline_of
from policies.serving.rollout_budget import Changes
from tests.policies import budget_records

Edit = Callable[[Any], object]


def renamed(shop: Any, old: str, new: str) -> None:
    """Every resource of a service under another logical name, with the alias that the engine found it by."""
    urns = {urn: f"{urn.rpartition('::')[0]}::{new}" for urn in shop.resources if urn.rpartition("::")[2] == old}
    for urn, resource in list(shop.resources.items()):
        dependencies = {
            key: tuple(urns.get(other, other) for other in others)
            for key, others in resource.property_dependencies.items()
        }
        now = replace(resource, property_dependencies=dependencies)
        if urn in urns:
            del shop.resources[urn]
            now = replace(now, urn=urns[urn], name=new, aliases=(urn,))
        shop.resources[now.urn] = now


def service(name: str, limit: str, maximum: int = 1) -> Edit:
    return lambda stack: stack.service(name, limit=limit, maximum=maximum, environment={"DB_HOST": "db.internal"})


def supply(value: str) -> Edit:
    return lambda stack: stack.change(
        stack.urn(tokens.PARAMETER_GROUP, "dev-db"), parameters=[{"name": "max_connections", "value": value}]
    )


def before(shop: Any) -> Baseline:
    return baseline_of(
        {
            "urn": resource.urn,
            "type": resource.type,
            "inputs": resource.props,
            "outputs": resource.props,
            "property_dependencies": resource.property_dependencies,
        }
        for resource in shop.resources.values()
    )


def of_stack(shop: Any, *edits: Edit) -> list[str]:
    changes = Changes(before(shop))
    for edit in edits:
        edit(shop)
    return [finding.message for finding in changes.judge_stack(Facts(shop.graph()))]


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param((), id="nothing changes"),
        pytest.param((service("dev-tracking-api", "5"),), id="a pool shrinks"),
        pytest.param((service("dev-tracking-api", "13"),), id="a pool grows up to the limit"),
        pytest.param((supply("53"),), id="supply falls to what is used"),
        pytest.param((service("dev-tracking-api", "20"), supply("80")), id="supply and a pool grow"),
        pytest.param(
            (service("dev-tracking-api", "20"),), id="what does not fit at its end is said by the budget itself"
        ),
        pytest.param(
            (lambda shop: shop.resources.pop(shop.urn(tokens.SERVICE, "dev-legacy-api")),), id="a service goes"
        ),
    ],
)
def test_ways_that_fit(shop: Any, edits: tuple[Edit, ...]) -> None:
    assert of_stack(shop, *edits) == []


@pytest.mark.parametrize(
    ("edits", "headline"),
    [
        ((service("dev-tracking-api", "5"), supply("50")), "dev-db: 53 of 50 connections, 3 too many"),
        (
            (service("dev-tracking-api", "5"), service("dev-legacy-api", "10")),
            "dev-db: 63 of 60 connections, 3 too many",
        ),
        # As many connections after as before, but the new pools may come before the tasks have gone.
        ((service("dev-tracking-api", "5", maximum=2),), "dev-db: 73 of 60 connections, 13 too many"),
        (
            (
                lambda shop: shop.resources.pop(shop.urn(tokens.SERVICE, "dev-legacy-api")),
                service("dev-search-api", "5"),
            ),
            "dev-db: 63 of 60 connections, 3 too many",
        ),
    ],
)
def test_ways_that_do_not_fit(shop: Any, edits: tuple[Edit, ...], headline: str) -> None:
    [message] = of_stack(shop, *edits)
    assert message.startswith(f"{headline}, while the deployment runs.\n\nworkload ")


def test_the_message_names_who_moves_and_the_two_deployments(shop: Any) -> None:
    [message] = of_stack(shop, service("dev-tracking-api", "5"), service("dev-legacy-api", "10"))
    assert message.splitlines()[-2:] == [
        "  - first lower what shrinks (dev-tracking-api) and raise max_connections, where it rises;",
        "  - when its roll-outs have ended, raise what grows (dev-legacy-api) and lower max_connections, where it falls.",
    ]


def test_a_broken_platform_may_be_mended_but_not_made_worse(shop: Any) -> None:
    service("dev-tracking-api", "20")(shop)
    assert of_stack(shop, service("dev-tracking-api", "10")) == []
    service("dev-tracking-api", "20")(shop)
    [message] = of_stack(shop, service("dev-tracking-api", "4"), supply("50"))
    assert message.startswith("dev-db: 73 of 50 connections, 23 too many")


def test_a_database_that_could_not_be_judged_may_become_judgeable(shop: Any) -> None:
    service("dev-tracking-api", "20")(shop)
    urn = shop.urn(tokens.DB_INSTANCE, "dev-db")
    shop.change(urn, tags=None)
    changes = Changes(before(shop))
    shop.change(urn, tags={"budget:reserve": "5"})
    assert changes.judge(shop.resources[urn]) == ()


def test_a_registration_is_judged_beside_what_still_runs_and_counts_only_when_it_passes(shop: Any) -> None:
    changes = Changes(before(shop))
    group = shop.urn(tokens.PARAMETER_GROUP, "dev-db")
    supply("52")(shop)
    [finding] = changes.judge(shop.resources[group])
    assert finding.urn == group
    assert finding.message.startswith(
        "dev-db cannot be changed together with the rest.\ndev-db: 53 of 52 connections, 1 too many"
    )
    supply("53")(shop)
    assert changes.judge(shop.resources[group]) == ()
    service("dev-tracking-api", "11")(shop)
    [finding] = changes.judge(shop.resources[shop.urn(tokens.TASK_DEFINITION, "dev-tracking-api")])
    assert "dev-db: 55 of 53 connections, 2 too many" in finding.message


def test_what_is_not_changed_and_what_no_budget_reads_pass(shop: Any) -> None:
    service("dev-tracking-api", "20")(shop)
    changes = Changes(before(shop))
    assert all(changes.judge(resource) == () for resource in shop.resources.values())
    shop.add("aws:s3/bucket:Bucket", "files", {"bucket": "files"})
    assert changes.judge(shop.resources[shop.urn("aws:s3/bucket:Bucket", "files")]) == ()


def test_a_renamed_service_is_itself_and_counts_once(shop: Any) -> None:
    service("dev-tracking-api", "13")(shop)
    changes = Changes(before(shop))
    renamed(shop, "dev-tracking-api", "dev-rank-api")
    assert [finding.message for finding in changes.judge_stack(Facts(shop.graph()))] == []
    database = shop.urn(tokens.DB_INSTANCE, "dev-db")
    budget = changes.on_the_way(Facts(shop.graph()))[database]
    assert [workload.name for workload in budget.workloads].count("dev-tracking-api") == 1
    assert all(changes.judge(resource) == () for resource in shop.resources.values())


def test_a_renamed_service_that_grows_counts_with_the_larger_of_its_pools(shop: Any) -> None:
    changes = Changes(before(shop))
    service("dev-tracking-api", "12")(shop)
    supply("57")(shop)
    renamed(shop, "dev-tracking-api", "dev-rank-api")
    assert [finding.message for finding in changes.judge_stack(Facts(shop.graph()))] == []
    supply("56")(shop)
    told = [changes.judge(resource) for resource in shop.resources.values()]
    assert [finding.message.splitlines()[1] for findings in told for finding in findings] == [
        "dev-db: 57 of 56 connections, 1 too many, while the deployment runs."
    ]


def test_a_renamed_service_is_not_told_to_shrink_or_grow(shop: Any) -> None:
    def renamed(stack: Any) -> None:
        stack.resources.pop(stack.urn(tokens.SERVICE, "dev-tracking-api"))
        service("dev-rank-api", "10")(stack)

    (message,) = of_stack(shop, renamed)
    assert message.splitlines()[0] == "dev-db: 73 of 60 connections, 13 too many, while the deployment runs."
    assert message.splitlines()[-2:] == [
        "  - first remove what goes (dev-tracking-api) and raise max_connections, where it rises;",
        "  - when its roll-outs have ended, add what is new (dev-rank-api: one that is only renamed runs beside itself "
        "until then, unless `formerly` or an alias says so) and lower max_connections, where it falls.",
    ]


def test_ways_out_leave_the_room_of_what_goes_only_when_the_deployment_has_ended(shop: Any) -> None:
    """Without dev-legacy-api 60 connections have room for 18 of dev-tracking-api; until its tasks are gone, for 13 only."""
    changes = Changes(before(shop))
    for kind in (tokens.SERVICE, tokens.TASK_DEFINITION):
        shop.resources.pop(shop.urn(kind, "dev-legacy-api"))
    service("dev-tracking-api", "30")(shop)
    (found,) = budget_records.evaluation_of("dev", changes).findings(Facts(shop.graph()), "connection-budget")
    assert found.parts is not None
    assert found.parts.ways == (
        "dev-db: max_connections 93 in dev-db-parameters (now 60)",
        'dev-tracking-api: DB_CONN_LIMIT of container "app" at most 13 (now 30)',
        "dev-db: db.t4g.small (now db.t4g.micro) with max_connections 93 in dev-db-parameters (now 60)",
    )
