"""Every way out that a message offers is true: applied alone to the files it names, nothing is refused any more."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import assume, given

from policies.facts.facts import Facts
from policies.resources.graph import Graph
from policies.rules.budget.connection_budget import connection_budget
from policies.rules.budget.ways_out import ways_by_arithmetic, ways_out
from tests.policies import budget_records, written_platforms

BUDGET = connection_budget.spec.name


def offered(
    stage: str,
    graph: Graph,
    configured: Mapping[str, Mapping[str, object]] | None = None,
    before: Graph | None = None,
    active: frozenset[str] | None = None,
) -> tuple[str, ...]:
    """The ways out of the only database's budget."""
    facts = Facts(graph)
    evaluation = budget_records.evaluation_of(stage)
    evaluation.configured.update(configured or {})
    evaluation.active = active
    stack = evaluation.stack(facts, BUDGET)
    return ways_out(replace(stack, before=None if before is None else Facts(before)), budget_records.budget_in(facts))


@given(written_platforms.plans)
def test_each_way_applied_alone_to_the_settings_makes_the_budget_fit(plan: dict[str, Any]) -> None:
    stage, files = plan["stage"], written_platforms.files_of(plan)
    facts = Facts(Graph(budget_records.records_of(written_platforms.settings_in(files, stage))))
    evaluation, entry = budget_records.evaluation_of(stage), budget_records.budget_in(facts)
    assume(not entry.budget.fits)
    before = budget_records.reports(evaluation, facts, trial=True)
    for way in ways_out(evaluation.stack(facts, BUDGET), entry):
        for change in written_platforms.changes_in(way):
            if change.line is not None:
                line = files[change.file].splitlines()[change.line - 1]
                assert any(key in line for key in change.key.split(".")), (way, line)
        settings = written_platforms.settings_in(written_platforms.applied(files, way), stage)
        changed = Facts(Graph(budget_records.records_of(settings)))
        assert budget_records.budget_in(changed).budget.fits, way
        after = budget_records.reports(evaluation, changed)
        assert not after - before, way
        assert not [name for name, _ in after if name == BUDGET], way


def test_on_other_peoples_programs_a_way_names_the_variable_and_its_container(stack: Any) -> None:
    group = stack.group("api")
    stack.opens(stack.urn("aws:ec2/securityGroup:SecurityGroup", "db"), group)
    stack.database("db")
    stack.service("api", limit="30", maximum=2)
    assert offered("dev", stack.graph()) == (
        'api: DB_CONN_LIMIT of container "app" at most 13 (now 30)',
        "db: max_connections 125 in db-parameters (now 60)",
        "db: db.t4g.small (now db.t4g.micro) with max_connections 125 in db-parameters (now 60)",
    )


def test_a_default_that_several_take_is_changed_in_its_place(stack: Any) -> None:
    stack.database("db")
    shared = {
        "shared DB_CONN_LIMIT": [{"least": 1, "change": "Pulumi.dev.yaml:31 serviceDefaults.dbConnLimit: {value}"}]
    }
    for name in ("api", "worker"):
        stack.service(name, limit="30", maximum=1)
        stack.add("acme:index:Service", name, {"name": name, "budgetPlaces": shared})
    assert (
        "api and worker: DB_CONN_LIMIT at most 13 (now 30), each: Pulumi.dev.yaml:31 serviceDefaults.dbConnLimit: 13"
    ) in offered("dev", stack.graph())


def test_what_another_policy_refuses_is_no_way_out(stack: Any) -> None:
    """In prd a service runs two tasks at least, and the class carries what max-connections-fits-class is configured to take."""
    stack.database("db")
    stack.service("api", limit="30", maximum=2)
    strict = {"max-connections-fits-class": {"timesDefault": 1}}
    assert [way.partition(" (now")[0] for way in offered("prd", stack.graph(), strict)] == [
        'api: DB_CONN_LIMIT of container "app" at most 13',
        "db: db.t4g.small",
    ]


def test_a_policy_that_is_switched_off_refuses_no_way_out(stack: Any) -> None:
    """In prd a service runs two tasks at least, unless the configuration asks for none."""
    stack.database("db")
    stack.service("api", limit="20", desired=2)
    fewer = "api: at most 1 task by desiredCount (now 2)"
    assert fewer not in offered("prd", stack.graph())
    assert fewer in offered("prd", stack.graph(), active=frozenset({BUDGET}))


def test_the_tasks_of_a_job_and_declared_processes_are_ways_out(stack: Any) -> None:
    stack.database("db")
    stack.service("api", limit="2", tags={"budget:processes": "8"})
    stack.job("night", limit="5", count=6, minutes="60")
    stack.definition("migrate", limit="3", tags={"budget:one-off-tasks": "4"})
    ways = offered("dev", stack.graph())
    assert 'api: processes (the tag "budget:processes" and what starts them) at most 1 (now 8)' not in ways
    assert "night: at most 1 task by taskCount (now 6)" in ways
    stack.job("night", limit="5", count=1, minutes="60")
    stack.definition("migrate", limit="3", tags={"budget:one-off-tasks": "12"})
    ways = offered("dev", stack.graph())
    assert 'api: processes (the tag "budget:processes" and what starts them) at most 2 (now 8)' in ways
    assert "migrate: at most 4 tasks by budget:one-off-tasks (now 12)" in ways


def test_a_deployment_is_told_to_change_what_it_changes(stack: Any) -> None:
    stack.database("db", max_connections="90")
    stack.service("api", limit="10", maximum=2)
    stack.service("worker", limit="10", maximum=2)
    before = stack.graph()
    stack.service("api", limit="20", maximum=2)
    assert [way for way in offered("dev", stack.graph(), before=before) if not way.startswith("db: ")] == [
        'api: DB_CONN_LIMIT of container "app" at most 11 (now 20)',
        "api: at most 1 task by maxCapacity (now 2)",
    ]
    assert any(way.startswith("worker: ") for way in offered("dev", stack.graph()))


def test_without_a_stack_arithmetic_alone_answers(stack: Any) -> None:
    stack.database("db")
    stack.service("api", limit="30", maximum=2)
    assert ways_by_arithmetic(stack.budget().budget) == (
        "api: DB_CONN_LIMIT at most 13 (now 30)",
        "db: max_connections 125 on db.t4g.micro (now 60)",
        "db: max_connections 125 on db.t4g.small (now 60)",
    )
