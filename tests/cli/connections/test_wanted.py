"""What is looked up in an account, and a database that the stack does not manage."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cli.connections.stage import Stage
from cli.connections.wanted import declared_timeouts, wanted_of
from policies.resources.graph import Graph, PlainResource
from policies.resources.tokens import DATABASE_COMPONENT, DB_INSTANCE, SCALING_TARGET, SECURITY_GROUP, TASK_DEFINITION

HOST = "db.dev.itemscout.internal"


def _unmanaged(stage: Stage) -> Stage:
    """The stage with its instance taken for an existing one."""
    kept = {resource.urn: resource for kind in _kinds(stage) for resource in stage.graph.of_type(kind)}
    [component] = stage.graph.of_type(DATABASE_COMPONENT)
    kept[component.urn] = PlainResource(
        type=DATABASE_COMPONENT,
        urn=component.urn,
        name=component.name,
        props={"existing": True, "host": HOST, "maxConnections": 60, "reserve": 5},
    )
    return replace(stage, graph=Graph(kept.values()))


def _kinds(stage: Stage) -> set[str]:
    urns = (urn for entry in stage.budgets for urn in entry.urns)
    runs = {resource.type for urn in urns if (resource := stage.graph.get(urn)) is not None}
    return runs | {DATABASE_COMPONENT, SCALING_TARGET, SECURITY_GROUP, TASK_DEFINITION}


def test_everything_that_decides_the_real_dev_stage(stage: Callable[[str], Stage]) -> None:
    wanted = wanted_of(stage("dev"))
    assert wanted.instances == {"dev-db": "dev-db"}
    assert wanted.hosts[HOST] == "dev-db"
    assert (wanted.clusters, wanted.schedule_groups) == ({"dev-item"}, {"dev-jobs"})
    assert (wanted.families, wanted.unmanaged, wanted.unread) == (frozenset(), {}, {})
    assert sorted(wanted.database_of) == [
        f"dev-{name}" for name in ("category-batch", "datalab-api", "legacy-api", "ranking-batch", "tracking-api")
    ]
    assert declared_timeouts(stage("dev")) == {"dev-db": {"wait_timeout": "60", "interactive_timeout": "60"}}


def test_a_database_that_the_stack_does_not_manage_is_taken_as_declared(
    stage: Callable[[str], Stage], console: Any
) -> None:
    declared = _unmanaged(stage("dev"))
    assert [(entry.database, entry.budget.used) for entry in declared.budgets] == [("db", 53)]
    assert declared.graph.of_type(DB_INSTANCE) == ()
    by_hand = replace(console, declared=declared)
    assert by_hand.compare().agrees
    assert by_hand.compare().unread == {
        "db": "no instance that the stack manages: max_connections is taken as declared"
    }
    revision = by_hand.revise("dev-legacy-api", DB_CONN_LIMIT="9")
    by_hand.client("ecs").update_service(cluster="dev-item", service="dev-legacy-api", taskDefinition=revision)
    assert by_hand.rows()[0] == ("dev-legacy-api", "DB_CONN_LIMIT", "5", "9", True)
