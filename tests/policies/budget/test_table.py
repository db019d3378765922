"""The table and its headline, as people read them."""

from hypothesis import given
from hypothesis import strategies as st

from policies.budget.demand import OneOffTasks, ServiceTasks, Workload
from policies.budget.supply import Supply
from policies.budget.table import budget_table, headline
from policies.budget.verdict import Budget

SUPPLY = Supply(max_connections=60, estimated=False, source="literal in g")


def test_connections_outside_the_pool_have_a_column_where_there_are_any() -> None:
    api = Workload(name="api", limit=5, processes=2, outside_pool=1, tasks=ServiceTasks(desired=1))
    migrate = Workload(name="migrate", limit=1, tasks=OneOffTasks(count=1))
    found = Budget(database="db", workloads=(api, migrate), supply=SUPPLY, reserve=2)
    assert headline(found) == "db: 25 of 60 connections, 35 to spare"
    assert budget_table(found).splitlines() == [
        "workload         limit  pools  outside  tasks  demand  tasks alive at once",
        "-" * 74,
        "api                  5    x 2      + 1    x 2      22",
        "    at most 1, rolling 200 %",
        "migrate              1    x 1      + 0    x 1       1",
        "    started by hand, as declared",
        "-" * 74,
        "demand                                             23",
        "    all workloads at once",
        "reserve                                             2",
        "    administrators and RDS",
        "max_connections                                    60  literal in g",
        "headroom                                           35  left over",
    ]


@given(
    names=st.lists(
        st.from_regex(r"[a-z]{1,12}(-[a-z]{1,12}){0,3}", fullmatch=True), min_size=1, max_size=4, unique=True
    ),
    outside=st.booleans(),
    source=st.sampled_from(
        ("literal in g", f"literal in {'a-' * 30}z", "of the class's memory, by the formula of MySQL 8.4")
    ),
)
def test_no_table_is_wider_than_a_terminal_below_its_message(names: list[str], outside: bool, source: str) -> None:
    """74 columns, unless one word is wider; every name, number and note is there."""
    workloads = tuple(
        Workload(name=name, limit=5, outside_pool=int(outside), tasks=OneOffTasks(count=1)) for name in names
    )
    supply = Supply(max_connections=60, estimated=False, source=source)
    text = budget_table(Budget(database="db", workloads=workloads, supply=supply, reserve=2))
    assert max(map(len, text.splitlines())) <= max(
        74, *(len(word) + 4 for word in text.split() if not word.startswith("--"))
    )
    assert [word for word in (*names, *source.split()) if word not in text.split()] == []


def test_a_database_without_clients_still_has_a_table() -> None:
    found = Budget(database="db", workloads=(), supply=SUPPLY, reserve=61)
    assert headline(found) == "db: 61 of 60 connections, 1 too many"
    assert budget_table(found).splitlines()[-1].split() == ["headroom", "-1", "too", "few"]
