"""The budgets in the pack's report: before, after and on the way, as gate.json's schema has them, with what JavaScript needs of them."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from gate.document import DatabaseBudget as Described
from policies.budget.demand import JobTasks, OneOffTasks, ServiceTasks, Strategy, Workload
from policies.budget.supply import Supply
from policies.budget.verdict import Budget
from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget
from policies.facts.finding import Finding
from policies.serving.budget_report import documents, write_report

DB = "urn:pulumi:dev::shop::aws:rds/instance:Instance::db"
SUPPLY = Supply(
    max_connections=60,
    estimated=False,
    source="literal",
    engine="mysql",
    engine_version="8.4",
    instance_class="db.t4g.micro",
)
DOCUMENT = TypeAdapter(tuple[Described, ...])


def service(name: str, limit: int, tasks: int = 2, **more: Any) -> Workload:
    return Workload(name=name, limit=limit, tasks=ServiceTasks(desired=tasks, **more))


def entry(*workloads: Workload, supply: Supply = SUPPLY, urns: tuple[str, ...] = (), urn: str = DB) -> DatabaseBudget:
    budget = Budget(database="db", workloads=workloads, supply=supply, reserve=5)
    return DatabaseBudget(
        database="db", urn=urn, budget=budget, urns=urns or tuple(f"urn:{item.name}" for item in workloads)
    )


def report(*after: Any, before: tuple[Any, ...] = (), way: dict[str, Budget] | None = None) -> tuple[Described, ...]:
    return DOCUMENT.validate_python(
        documents(after, before, way or {}, lambda entry: (f"way out of {entry.database}",))
    )


def test_before_after_and_on_the_way() -> None:
    then, now = entry(service("api", 5)), entry(service("api", 10), service("batch", 1))
    way = Budget(database="db", workloads=(service("api", 20), service("new", 1)), supply=SUPPLY, reserve=5)
    [found] = report(now, before=(then,), way={DB: way})
    assert found.before is not None
    assert found.after is not None
    assert found.rollout is not None
    assert (found.database, found.urn, found.verdict, found.ways_out) == ("db", DB, "broken", ("way out of db",))
    assert [(budget.used, budget.headroom) for budget in (found.before, found.after, found.rollout)] == [
        (25, 35), (49, 11), (89, -29),
    ]  # fmt: skip
    assert [item.urn for item in found.after.workloads] == ["urn:api", "urn:batch"]
    assert [item.urn for item in found.rollout.workloads] == ["urn:api", ""]
    assert (found.after.max_connections, found.after.reserve, found.after.source) == (60, 5, "literal")


@pytest.mark.parametrize(("limit", "verdict"), [(13, "fits"), (14, "broken")])
def test_the_verdict_is_that_of_the_state_after(limit: int, verdict: str) -> None:
    assert report(entry(service("api", limit)))[0].verdict == verdict


def test_two_workloads_of_one_name_keep_what_runs_them() -> None:
    twice = entry(service("api", 1), service("api", 2), urns=("urn:one", "urn:two"))
    [found] = report(twice, before=(twice,))
    for budget in (found.before, found.after):
        assert budget is not None
        assert [(item.limit, item.urn) for item in budget.workloads] == [(1, "urn:one"), (2, "urn:two")]


def test_a_database_that_comes_goes_or_cannot_be_read() -> None:
    open_ = UndecidedBudget(database="other", urn="urn:other", findings=(Finding("urn:other", "unknown at preview"),))
    found = report(entry(service("api", 1), urn="urn:new"), open_, before=(entry(service("api", 1), urn="urn:old"),))
    assert [(item.urn, item.verdict, item.before is None, item.after is None) for item in found] == [
        ("urn:new", "fits", True, False),
        ("urn:other", "undecided", True, True),
        ("urn:old", "fits", False, True),
    ]
    assert (found[1].findings, found[1].ways_out, found[1].classes) == (("unknown at preview",), (), ())


def test_a_literal_is_the_same_on_every_class_and_an_estimate_is_not() -> None:
    [literal] = report(entry(service("api", 1)))
    assert {item.max_connections for item in literal.classes} == {60}
    estimate = replace(SUPPLY, max_connections=85, estimated=True, source="default")
    [found] = report(entry(service("api", 1), supply=estimate))
    sizes = [item.max_connections for item in found.classes]
    assert len(set(sizes)) == len(sizes) > 3
    assert sizes == sorted(sizes)
    [none] = report(entry(service("api", 1), supply=Supply(max_connections=60, estimated=False, source="declared")))
    assert none.classes == ()


HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("workload", "kind", "tasks", "alive", "percent"),
    [
        (service("a", 1, tasks=3), "service", 3, 6, 200),
        (service("a", 1, tasks=3, maximum_percent=250), "service", 3, 7, 250),
        (service("a", 1, tasks=3, maximum_percent=150), "service", 3, 6, 200),
        (service("a", 1, tasks=3, strategy=Strategy.BLUE_GREEN, maximum_percent=300), "service", 3, 6, 200),
        (service("a", 1, tasks=3, overlapping_deployments=True), "service", 3, 9, 300),
        (service("a", 1, tasks=0), "service", 0, 0, 200),
        (
            Workload(name="j", limit=1, tasks=JobTasks(task_count=2, longest_run=2 * HOURS, period=HOURS)),
            "job",
            2,
            6,
            300,
        ),
        (Workload(name="o", limit=1, tasks=OneOffTasks(count=0)), "one-off", 0, 0, 100),
    ],
)
def test_what_share_of_the_tasks_is_alive(workload: Workload, kind: str, tasks: int, alive: int, percent: int) -> None:
    [found] = report(entry(workload))
    assert found.after is not None
    [item] = found.after.workloads
    assert (item.kind, item.tasks, item.tasks_alive, item.alive_percent) == (kind, tasks, alive, percent)
    assert (item.demand, item.steady) == (workload.demand, workload.per_task * tasks)


@given(
    st.integers(0, 50), st.integers(0, 50), st.integers(100, 400), st.sampled_from(Strategy), st.booleans(),
    st.integers(1, 9), st.integers(1, 3), st.integers(0, 3),
)  # fmt: skip
def test_the_share_gives_the_demand_of_any_other_number_of_tasks(
    tasks: int, other: int, most: int, strategy: Strategy, overlap: bool, limit: int, processes: int, outside: int
) -> None:
    """gate.html's formula: floor(tasks x percent / 100) tasks, each with the same connections."""

    def workload(count: int) -> Workload:
        own = ServiceTasks(desired=count, maximum_percent=most, strategy=strategy, overlapping_deployments=overlap)
        return Workload(name="a", limit=limit, processes=processes, outside_pool=outside, tasks=own)

    [found] = report(entry(workload(tasks)))
    assert found.after is not None
    [item] = found.after.workloads
    per_task = item.limit * item.processes * item.pools + item.outside_pool
    assert per_task * (other * item.alive_percent // 100) == workload(other).demand


def test_a_file_is_written_and_one_that_cannot_be_changes_nothing(tmp_path: Path) -> None:
    now = (entry(service("api", 1)),)
    write_report(tmp_path / "file", now, (), {}, lambda entry: ())
    assert DOCUMENT.validate_json((tmp_path / "file").read_bytes()) == DOCUMENT.validate_python(
        documents(now, (), {}, lambda entry: ())
    )
    assert json.loads((tmp_path / "file").read_text())[0]["urn"] == DB
    write_report(tmp_path / "no" / "such" / "folder", now, (), {}, lambda entry: ())
