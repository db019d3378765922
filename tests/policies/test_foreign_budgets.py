"""The connection budget of applications in other people's words: the figures are worked out by hand beside each."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from policies.facts.clients.budgets import DatabaseBudget
from policies.facts.facts import Facts
from policies.resources.graph import Graph
from policies.rules.policy import Level
from policies.serving.evaluation import Evaluation
from policies.serving.exceptions import Exceptions
from policies.serving.pack import rules_by_name
from policies.serving.violations import Judged as Found
from policies.serving.violations import violations
from tests.policies.foreign import applications, habits
from tests.policies.graphs import foreign_records
from tests.policies.test_foreign_programs import Messages, reported

Row = tuple[str, int, int, int]
"""A workload: name, limit of a process, pools of a task, tasks at once."""


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[Callable[[], None]], tuple[dict[str, tuple[int, int, list[Row]]], Messages]]:
    """By database what is used, what it admits and its workloads; and what the policy says."""

    def judge(program: Callable[[], None]) -> tuple[dict[str, tuple[int, int, list[Row]]], Messages]:
        records = foreign_records(program, "dev", tmp_path, None)
        budgets = [entry for entry in Facts(Graph.from_records(records)).budgets if isinstance(entry, DatabaseBudget)]
        figures = {
            entry.database: (
                entry.budget.used,
                entry.budget.supply.max_connections,
                [(each.name, each.limit, each.pools_per_task, each.alive) for each in entry.budget.workloads],
            )
            for entry in budgets
        }
        return figures, reported(records, "dev")

    return judge


Judged = Callable[[Callable[[], None]], tuple[dict[str, tuple[int, int, list[Row]]], Messages]]


COUNTED: dict[str, tuple[Callable[[], None], tuple[int, int, list[Row]]]] = {
    # 4 x 7 + 2 x 2 x (5 + 10 of SQLAlchemy's own) + 4 x 4 x 5 + 4 x 10 + 5
    "pools by their own names": (
        applications.pools_by_their_own_names,
        (213, 300, [("fastapi", 15, 2, 2), ("go", 7, 1, 4), ("prisma", 5, 4, 4), ("spring", 10, 1, 4)]),
    ),
    "pools of Rails as large as its threads": (
        applications.rails,
        (85, 100, [("sidekiq", 10, 1, 2), ("web", 5, 3, 4)]),
    ),
    "a scheduler beside a worker": (applications.django, (71, 100, [("web", 3, 3, 4), ("worker", 3, 5, 2)])),
    "the share of a proxy alone": (applications.behind_a_proxy, (165, 200, [("shop", 160, 1, 1)])),
    # 4 tasks twice x (25 of the bouncer + 6 at the reader) + 10; what the application opens at 127.0.0.1 is the bouncer's
    "a bouncer's own maximum": (habits.bouncer_beside_the_application, (258, 300, [("ingest", 31, 1, 8)])),
}


@pytest.mark.parametrize(("program", "main"), COUNTED.values(), ids=COUNTED)
def test_what_states_its_pools_is_counted(
    judged: Judged, program: Callable[[], None], main: tuple[int, int, list[Row]]
) -> None:
    figures, said = judged(program)
    assert figures == {"main": main}
    assert said["connection-budget"] == []


def test_one_of_two_databases_is_asked_for_and_both_may_be_named(judged: Judged) -> None:
    figures, said = judged(lambda: applications.two_databases(None))
    assert figures == {}
    [(resource, message)] = said["connection-budget"]
    assert resource == "reports"
    assert message == (
        'reports: it reaches several databases (orders-db, users-db): tag its task definition "budget:database" with the one it '
        "uses, or with several separated by spaces. Its connections cannot be counted."
    )
    figures, said = judged(lambda: applications.two_databases("orders-db users-db"))
    reports = ("reports", 8, 1, 4)
    assert figures == {
        "orders-db": (69, 100, [("orders", 8, 1, 4), reports]),
        "users-db": (69, 100, [reports, ("users", 8, 1, 4)]),
    }
    assert said["connection-budget"] == []


def test_runs_of_a_rule_overlap_and_its_cluster_need_not_be_known(judged: Judged) -> None:
    figures, said = judged(applications.scheduled)
    # 2 at once, the runs of 12 minutes and one more: 2 x (3 + 1)
    used, most, [(_, *numbers)] = figures["main"]
    assert (used, most, numbers) == (29, 100, [3, 1, 8])
    assert not {"connection-budget", "event-rule-acts"} & set(said)


def test_what_states_no_size_is_undecided_and_says_what_is_asked(judged: Judged) -> None:
    figures, said = judged(applications.without_any_size)
    assert figures == {}
    found = dict(said["connection-budget"])
    assert found["spring"] == (
        'spring: container "spring" uses the database without DB_CONN_LIMIT. Its connections cannot be counted. Set DB_CONN_LIMIT to '
        "a positive integer in the container's environment. The application has to give it to its pool; the pool's size by the "
        "variable of its framework counts, too."
    )
    assert found["api"].startswith('api: undecided: tags["budget:processes"] of urn:pulumi:dev::acme::')
    assert '"-i max" shows several processes: declare how many open a pool each.' in found["api"]


def test_two_generations_run_in_full(judged: Judged) -> None:
    figures, said = judged(habits.two_generations)
    # 2 x 5 of the scaling target x 10, and 2 x 3 tasks x 3 processes x 4; the maximum percent means nothing to CodeDeploy
    assert figures == {"main": (182, 250, [("nest", 4, 3, 6), ("spring", 10, 1, 10)])}
    assert said["connection-budget"] == []
    assert [resource for resource, _ in said["service-circuit-breaker"]] == ["nest"]


def test_workers_under_a_supervisor_are_asked_for_and_nginx_is_no_client(judged: Judged) -> None:
    figures, said = judged(lambda: habits.laravel(None))
    assert figures == {}
    [(resource, message)] = said["connection-budget"]
    assert resource == "queue"
    assert "supervisord without a number of processes shows several processes" in message
    figures, said = judged(lambda: habits.laravel("6"))
    assert figures == {"main": (116, 500, [("queue", 1, 6, 4), ("scheduler", 1, 1, 2), ("web", 1, 20, 4)])}
    assert said["connection-budget"] == []


def test_what_a_state_machine_starts_is_asked_for_each_in_its_own_words(judged: Judged) -> None:
    figures, said = judged(habits.jobs_of_a_state_machine)
    assert figures == {}
    found = dict(said["connection-budget"])
    assert sorted(found) == ["dbt", "etl", "sync"]
    assert 'tags["budget:one-off-tasks"]' in found["etl"]
    assert "StateMachine::nightly starts it" in found["etl"]
    assert 'tags["budget:longest-run-minutes"]' in found["sync"]
    assert "no container declares DB_CONN_LIMIT (containers: dbt)" in found["dbt"]


def test_containers_without_a_size_are_one_cause_and_the_estimate_is_reported_with_them(tmp_path: Path) -> None:
    records = foreign_records(habits.secrets_by_their_keys, "prd", tmp_path, None)
    evaluation = Evaluation(stage="prd", rules=rules_by_name(), exceptions=Exceptions(today=date(2026, 11, 22)))
    findings = tuple(evaluation.verdict(Facts(Graph.from_records(records)), "connection-budget", {}))
    spec = evaluation.rules["connection-budget"].spec
    [violation] = violations([Found(spec=spec, level=Level.MANDATORY, findings=findings)])
    causes = [line for line in violation.message.splitlines() if line.startswith(("- ", "  aws:"))]
    assert causes == [
        "- a container uses the database without DB_CONN_LIMIT. Required: connections that can be counted.",
        '  aws:ecs:Service: beat (container "beat"), web (container "web"), worker (container "worker")',
        "- max_connections is an estimate (811, default of PostgreSQL, estimated low for db.t4g.large). Required: a literal in this "
        "stage, so that the number does not move with the class or the engine.",
        "  aws:rds:Instance: main",
    ]


def test_no_way_out_changes_what_the_program_leaves_to_others(judged: Judged) -> None:
    figures, said = judged(habits.counts_left_alone)
    assert figures == {"main": (190, 180, [("quotes", 15, 1, 8), ("ticker", 30, 1, 2)])}
    [(_, message)] = said["connection-budget"]
    ways = [line.strip().removeprefix("- ") for line in message.splitlines() if line.startswith("  - ")]
    assert [re.sub(r"main-[0-9a-f]{7}", "main-…", way) for way in ways] == [
        "main: max_connections 190 in main-… (now 180)",
        'quotes: DB_MAX_OPEN_CONNS of container "quotes" at most 13 (now 15)',
        'ticker: DB_MAX_OPEN_CONNS of container "ticker" at most 25 (now 30)',
    ]
