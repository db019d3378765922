"""The parts of the platform's drawing: which there are, which change, and what each needs."""

from typing import Any

import pytest

from gate.document import Budget, DatabaseBudget, Node, Workload
from gate.platform import platform_of
from tests.gate.inputs.sample_run import PREFIX, SERVICE, Run

DB = f"{PREFIX}aws:rds/instance:Instance::db"


def nodes(run: Run, *budgets: DatabaseBudget) -> dict[str, Node]:
    return {node.name: node for node in platform_of(run.model, budgets)}


def part(run: Run, type_: str, logical: str, op: str = "same", **inputs: Any) -> str:
    urn = f"{PREFIX}{type_}::{logical}"
    sides = {"old": inputs} if op == "delete" else {"old": inputs, "new": inputs}
    return run.step(op, urn, **sides)


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("aws:lb/loadBalancer:LoadBalancer", "load-balancer"),
        ("aws:alb/loadBalancer:LoadBalancer", "load-balancer"),
        ("aws:ecs/service:Service", "service"),
        ("aws:scheduler/schedule:Schedule", "job"),
        ("aws:rds/instance:Instance", "database"),
        ("aws:rds/cluster:Cluster", "database"),
        ("aws:servicediscovery/httpNamespace:HttpNamespace", "mesh"),
        ("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace", "mesh"),
        ("aws:codepipeline/pipeline:Pipeline", "pipeline"),
    ],
)
def test_the_parts(run: Run, type_: str, kind: str) -> None:
    part(run, type_, "part", "create")
    part(run, "aws:sns/topic:Topic", "topic", "create")
    assert [(node.kind, node.operation) for node in platform_of(run.model, ())] == [(kind, "create")]


def test_what_each_needs(run: Run) -> None:
    mesh = part(run, "aws:servicediscovery/httpNamespace:HttpNamespace", "mesh")
    part(run, "aws:servicediscovery/httpNamespace:HttpNamespace", "old-mesh", "delete")
    api = part(
        run, "aws:ecs/service:Service", "api", name="dev-api", loadBalancers=[{}], serviceConnectConfiguration={"enabled": True}
    )  # fmt: skip
    worker = part(run, "aws:ecs/service:Service", "worker", name='wor"ker')
    part(run, "aws:lb/loadBalancer:LoadBalancer", "front")
    stages = [{"actions": [{"configuration": {"ServiceName": name}}]} for name in ("dev-api", 'wor"ker', "gone")]
    part(run, "aws:codepipeline/pipeline:Pipeline", "pipeline", stages=stages)
    part(run, "aws:codepipeline/pipeline:Pipeline", "other", stages=[{"ServiceNames": "dev-api"}])
    found = {name: node.uses for name, node in nodes(run).items()}
    assert found == {
        "mesh": (), "old-mesh": (), "api": (mesh,), "worker": (), "front": (api,), "pipeline": (api, worker), "other": (),
    }  # fmt: skip


def workload(urn: str) -> Workload:
    return Workload(
        name="api", urn=urn, kind="service", limit=1, processes=1, pools=1, outside_pool=0, tasks=1, tasks_alive=2,
        alive_percent=200, demand=2, steady=1, why="",
    )  # fmt: skip


def test_a_workload_of_a_budget_needs_its_database(run: Run) -> None:
    urn = part(run, "aws:ecs/service:Service", "api")
    budget = Budget(
        max_connections=9, estimated=False, source="", engine="", instance_class="", reserve=0, demand=2, used=2, headroom=7,
        workloads=(workload(urn),),
    )  # fmt: skip
    for side in ({"after": budget}, {"before": budget}):
        entry = DatabaseBudget(database="db", urn=DB, verdict="fits", **side)
        assert nodes(run, entry)["api"].uses == (DB,)


@pytest.mark.parametrize(("ops", "found"), [(("same",), "same"), (("same", "update"), "update"), (("read",), "same")])
def test_a_part_changes_with_what_is_its_components_alone(run: Run, ops: tuple[str, ...], found: str) -> None:
    run.service("same")
    run.child("aws:ecs/service:Service", "api", "same")
    for number, op in enumerate(ops):
        run.child("aws:ecs/taskDefinition:TaskDefinition", f"task-{number}", op)
    assert nodes(run)["api"].operation == found


def test_of_two_parts_in_one_component_neither_changes_with_it(run: Run) -> None:
    run.service("same")
    for name in ("one", "two"):
        run.child("aws:ecs/service:Service", name, "same")
    run.child("aws:sns/topic:Topic", "topic", "create")
    assert {node.operation for node in platform_of(run.model, ())} == {"same"}
    assert SERVICE not in {node.urn for node in platform_of(run.model, ())}


def test_a_platform_of_many_pipelines_is_read_once_each(run: Run) -> None:
    for number in range(300):
        part(run, "aws:ecs/service:Service", f"s{number}", name=f"dev-s{number}")
        stages = [{"actions": [{"configuration": {"ServiceName": f"dev-s{number}"}}]}]
        part(run, "aws:codepipeline/pipeline:Pipeline", f"p{number}", stages=stages)
    found = nodes(run)
    assert [found[f"p{number}"].uses for number in range(300)] == [(found[f"s{number}"].urn,) for number in range(300)]
