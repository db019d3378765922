"""The connection budget of applications in other people's words: the figures are worked out by hand beside each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from policies.facts.clients.budgets import DatabaseBudget
from policies.facts.facts import Facts
from policies.resources.graph import Graph
from tests.policies.foreign import applications
from tests.policies.graphs import foreign_records
from tests.policies.test_foreign_programs import Messages, told

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
        return figures, told(records, "dev")

    return judge


Judged = Callable[[Callable[[], None]], tuple[dict[str, tuple[int, int, list[Row]]], Messages]]


def test_pools_by_their_own_names_are_counted(judged: Judged) -> None:
    figures, said = judged(applications.pools_by_their_own_names)
    # 4 x 7 + 2 x 2 x (5 + 10 of SQLAlchemy's own) + 4 x 4 x 5 + 4 x 10 + 5
    rows = [("fastapi", 15, 2, 2), ("go", 7, 1, 4), ("prisma", 5, 4, 4), ("spring", 10, 1, 4)]
    assert figures == {"main": (213, 300, rows)}
    assert said["connection-budget"] == []


def test_rails_pools_are_as_large_as_its_threads(judged: Judged) -> None:
    figures, said = judged(applications.rails)
    assert figures == {"main": (85, 100, [("sidekiq", 10, 1, 2), ("web", 5, 3, 4)])}
    assert said["connection-budget"] == []


def test_a_scheduler_beside_a_worker_is_a_process_more(judged: Judged) -> None:
    figures, said = judged(applications.django)
    assert figures == {"main": (71, 100, [("web", 3, 3, 4), ("worker", 3, 5, 2)])}
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


def test_behind_a_proxy_its_share_counts_and_nothing_else(judged: Judged) -> None:
    figures, said = judged(applications.behind_a_proxy)
    assert figures == {"main": (165, 200, [("shop", 160, 1, 1)])}
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
