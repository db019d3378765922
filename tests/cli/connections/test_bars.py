"""Bars in exact characters, and the rounding that loses nothing."""

from hypothesis import given
from hypothesis import strategies as st

from cli.connections.bars import Bars, cells
from policies.budget.demand import DeclaredClients, OneOffTasks, Workload
from policies.budget.verdict import Budget
from tests.cli.connections.numbers import JOB, budget, service


def _lines(budget: Budget, *, plain: bool = True) -> list[str]:
    return [line.plain for line in Bars(budget, width=50, plain=plain).lines()]


def test_a_budget_that_fits() -> None:
    assert _lines(budget(service(limit=10, tasks=2), JOB)) == [
        "  api    ###################           40   66.7 %",
        "  batch  ==                             4    6.7 %",
        "  all    ###################==++.....  49   81.7 %",
        "         # service 40   = job 4   + reserve 5   . headroom 11",
    ]


def test_what_is_too_much_stands_beyond_max_connections() -> None:
    assert _lines(budget(service(limit=20, tasks=2), JOB)) == [
        "  api    ###################!!!!!!     80  133.3 %",
        "  batch  =                              4    6.7 %",
        "  all    ###################!!!!!!!!!  89  148.3 %",
        "         # service 80   = job 4   + reserve 5   ! too many 29",
    ]


def test_a_terminal_gets_blocks() -> None:
    assert _lines(budget(service(limit=10, tasks=2), JOB), plain=False)[2:] == [
        "  all    ███████████████████▓▓░░·····  49   81.7 %",
        "         █ service 40   ▓ job 4   ░ reserve 5",
        "         · headroom 11",
    ]


def test_colours_tell_the_kinds_apart() -> None:
    console = Workload(name="console", limit=4, tasks=OneOffTasks(count=1))
    total = Bars(budget(service(limit=20, tasks=2), console), width=50, plain=True).total("all")
    assert [str(span.style) for span in total.spans] == ["cyan", "bold red", "bold red", "bold red"]


def test_without_workloads_and_on_a_narrow_screen() -> None:
    lines = [line.plain for line in Bars(budget(), width=1, plain=True).lines()]
    assert lines == ["  all  +.........   5    8.3 %", "       + reserve 5   . headroom 55"]


@given(
    amounts=st.lists(st.integers(min_value=0, max_value=500), max_size=8),
    room=st.integers(min_value=10, max_value=80),
    more=st.integers(min_value=0, max_value=500),
)
def test_cells_never_exceed_the_room_and_fill_it_when_all_is_used(amounts: list[int], room: int, more: int) -> None:
    scale = max(sum(amounts) + more, 1)
    shares = cells(amounts, scale, room)
    assert len(shares) == len(amounts)
    assert all(share >= 0 for share in shares)
    assert sum(shares) <= room
    if more == 0 and sum(amounts):
        assert sum(shares) == room
    if len([amount for amount in amounts if amount]) * 2 <= room and more >= sum(amounts):
        assert all(share > 0 for amount, share in zip(amounts, shares, strict=True) if amount)


def test_clients_that_are_no_tasks_have_a_bar() -> None:
    functions = Workload(name="functions", limit=20, tasks=DeclaredClients())
    assert _lines(budget(functions)) == [
        "  functions  %%%%%%%%                  20   33.3 %",
        "  all        %%%%%%%%++..............  25   41.7 %",
        "             % other 20   + reserve 5   . headroom 35",
    ]
