"""The ways out of a broken budget: each fits, and one more does not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.budget.classes import family_of
from policies.budget.demand import DeclaredClients, JobTasks, OneOffTasks, ServiceTasks, Strategy, Workload
from policies.budget.solve import (
    Kind,
    Together,
    Way,
    larger_class,
    largest_limit,
    largest_tasks,
    largest_together,
    late_jobs,
    ways_out,
    with_tasks,
)
from policies.budget.supply import Supply, class_default
from policies.budget.verdict import Budget

HOUR = timedelta(hours=1)


def supply(connections: int, *, on: str = "db.t4g.micro", engine: str = "mysql") -> Supply:
    return Supply(
        max_connections=connections,
        estimated=False,
        source="literal in g",
        engine=engine,
        engine_version="8.4",
        instance_class=on,
    )


def api(name: str = "api", *, limit: int = 10, tasks: int = 2) -> Workload:
    return Workload(name=name, limit=limit, tasks=ServiceTasks(desired=tasks))


def budget(*workloads: Workload, connections: int = 60, reserve: int = 5, on: str = "db.t4g.micro") -> Budget:
    return Budget(database="db", workloads=workloads, supply=supply(connections, on=on), reserve=reserve)


def test_demand_and_reserve_up_to_max_connections_fit() -> None:
    assert (budget(api(), connections=45).fits, budget(api(), connections=45).headroom) == (True, 0)
    assert (budget(api(), connections=44).fits, budget(api(), connections=44).headroom) == (False, -1)


def test_a_negative_reserve_is_refused() -> None:
    with pytest.raises(ValueError, match="db: the reserve must not be negative, found -1"):
        budget(reserve=-1)


@pytest.mark.parametrize(
    ("workload", "limit"),
    [
        (api(), 13),
        (Workload(name="api", limit=10, processes=3, tasks=ServiceTasks(desired=2)), 4),
        (Workload(name="api", limit=10, outside_pool=3, tasks=ServiceTasks(desired=2)), 10),
        (api(tasks=28), None),
        (api(limit=7, tasks=0), 7),
    ],
)
def test_largest_limit(workload: Workload, limit: int | None) -> None:
    assert largest_limit(budget(workload), workload) == limit


@pytest.mark.parametrize(
    ("workload", "tasks"),
    [
        (api(tasks=9), 2),
        (api(limit=30), None),
        (
            Workload(
                name="api", limit=5, tasks=ServiceTasks(desired=1, scaling_maximum=9, overlapping_deployments=True)
            ),
            3,
        ),
        (Workload(name="job", limit=20, tasks=OneOffTasks(count=9)), 2),
        (Workload(name="job", limit=5, tasks=JobTasks(task_count=9, longest_run=HOUR, period=HOUR)), 5),
        (Workload(name="job", limit=30, tasks=JobTasks(task_count=9, longest_run=HOUR, period=HOUR)), None),
        (Workload(name="others", limit=90, tasks=DeclaredClients()), None),
    ],
)
def test_largest_tasks(workload: Workload, tasks: int | None) -> None:
    assert largest_tasks(budget(workload), workload) == tasks


def test_what_is_declared_as_a_whole_has_no_number_of_tasks() -> None:
    with pytest.raises(ValueError, match="others is no task of ECS and has no number of tasks"):
        with_tasks(Workload(name="others", limit=1, tasks=DeclaredClients()), 2)


def test_fewer_processes_are_a_way_out_whoever_states_them() -> None:
    for by in ("", "-w 8"):
        workload = Workload(name="api", limit=5, processes=8, processes_by=by, tasks=ServiceTasks(desired=1))
        [way] = [way for way in ways_out(budget(workload)) if way.kind is Kind.PROCESSES]
        assert (way.value, way.now) == (5, 8)


def test_larger_class() -> None:
    assert larger_class(budget(api(limit=32))) == ("db.t4g.small", 133)
    assert larger_class(budget(api(limit=33))) == ("db.t4g.medium", 137)
    assert larger_class(budget(api(limit=5000))) is None
    assert larger_class(budget(api(), on="db.serverless")) is None
    assert larger_class(budget(api(limit=20), on="db.m5.large")) is None, "the present class carries it"


def test_a_class_whose_default_is_enough_needs_no_literal() -> None:
    broken = budget(api(limit=32))
    by_default = replace(broken, supply=replace(broken.supply, estimated=True))
    assert larger_class(by_default) == ("db.t4g.small", 0)


def shown(ways: tuple[Way, ...]) -> list[tuple[str, int, int, str]]:
    return [(way.kind, way.value, way.now, way.instance_class) for way in ways]


def test_tracking_api_in_prd_at_limit_200_or_60_tasks() -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)

    def prd(limit: int, tasks: int) -> Budget:
        others = (api("datalab-api", limit=32, tasks=6), api("legacy-api", limit=32, tasks=4))
        jobs = (
            Workload(name="ranking", limit=32, tasks=JobTasks(task_count=1, longest_run=3 * hour, period=day)),
            Workload(name="category", limit=32, tasks=JobTasks(task_count=1, longest_run=hour / 3 * 2, period=hour)),
        )
        workloads = (api("tracking-api", limit=limit, tasks=tasks), *others, *jobs)
        return budget(*workloads, connections=2540, reserve=20, on="db.r5.xlarge")

    assert (prd(32, 6).used, prd(32, 6).headroom) == (1172, 1368)
    assert ways_out(prd(32, 6)) == ()
    assert shown(ways_out(prd(200, 6))) == [
        ("max_connections", 3188, 2540, ""),
        ("limit", 146, 200, ""),
        ("tasks", 4, 6, ""),
        ("class", 3188, 2540, "db.r5.2xlarge"),
    ]
    assert shown(ways_out(prd(32, 60))) == [
        ("tasks", 27, 60, ""),
        ("limit", 14, 32, ""),
        ("max_connections", 4628, 2540, ""),
        ("class", 4628, 2540, "db.r5.2xlarge"),
    ]


def test_one_connection_more_on_the_class_that_stands_there_is_the_smallest_change() -> None:
    one_too_many = budget(api(limit=14), connections=60, reserve=5)
    assert shown(ways_out(one_too_many))[0] == ("max_connections", 61, 60, "")


def test_more_than_the_class_carries_is_no_way_out() -> None:
    """Twice the default for the whole memory, 85, is the most (max-connections-fits-class)."""
    assert ("max_connections", 169, 60, "") in shown(ways_out(budget(api(limit=41))))
    assert not [way for way in ways_out(budget(api(limit=42))) if way.kind is Kind.MAX_CONNECTIONS]


@pytest.mark.parametrize(("limit", "offered"), [(24_990, [("max_connections", 99_965, 60, "")]), (25_000, [])])
def test_more_than_the_engine_takes_is_no_way_out(limit: int, offered: list[tuple[str, int, int, str]]) -> None:
    """MySQL takes 100,000 at most, whatever the class carries."""
    found = shown(ways_out(budget(api(limit=limit), on="db.r5.24xlarge")))
    assert [way for way in found if way[0] in ("max_connections", "class")] == offered


def test_where_no_single_change_is_enough_there_is_no_way() -> None:
    assert ways_out(budget(api("a", limit=5000), api("b", limit=5000))) == ()


services = st.builds(
    Workload,
    name=st.just("api"),
    limit=st.integers(1, 60),
    processes=st.integers(1, 3),
    pools=st.integers(1, 2),
    outside_pool=st.integers(0, 4),
    tasks=st.builds(
        ServiceTasks,
        desired=st.integers(0, 20),
        maximum_percent=st.integers(100, 400),
        strategy=st.sampled_from(Strategy),
        overlapping_deployments=st.booleans(),
    ),
)


@given(st.lists(services, min_size=1, max_size=4), st.integers(1, 3000), st.integers(0, 50))
def test_an_answer_fits_and_one_more_does_not(workloads: list[Workload], connections: int, reserve: int) -> None:
    found = budget(*workloads, connections=connections, reserve=reserve)
    first, rest = workloads[0], tuple(workloads[1:])

    def fits(workload: Workload) -> bool:
        return replace(found, workloads=(workload, *rest)).fits

    limit = largest_limit(found, first)
    if first.alive:
        assert limit is None or fits(replace(first, limit=limit))
        assert not fits(replace(first, limit=(limit or 0) + 1))
    tasks = largest_tasks(found, first)
    assert tasks is None or fits(with_tasks(first, tasks))
    assert not fits(with_tasks(first, (tasks or 0) + 1))


@given(st.lists(services, min_size=1, max_size=4), st.sampled_from(["db.t3.micro", "db.m5.large", "db.r5.xlarge"]))
def test_the_class_fits_and_the_next_smaller_does_not(workloads: list[Workload], on: str) -> None:
    found = budget(*workloads, on=on)
    answer = larger_class(found)
    if answer is None:
        return
    family = family_of(on)
    place = family.index(answer[0])
    covers, smaller = (class_default(found.supply, name) for name in (family[place], family[place - 1]))
    assert covers is not None
    assert smaller is not None
    assert smaller < found.used <= covers
    assert answer[1] == found.used


def test_workloads_that_one_place_sets_are_changed_together() -> None:
    broken = budget(api("a", limit=20), api("b", limit=20, tasks=1), api("c", limit=1), connections=60)
    assert shown(ways_out(broken, [Together(Kind.LIMIT, (0, 1)), Together(Kind.TASKS, (0, 1))]))[-2:] == [
        ("limit", 8, 20, ""),
        ("class", 129, 60, "db.t4g.small"),
    ]
    (together,) = [way for way in ways_out(broken, [Together(Kind.LIMIT, (0, 1))]) if len(way.workloads) > 1]
    assert (together.workloads, together.value) == ((0, 1), 8)


@given(st.lists(services, min_size=2, max_size=4), st.integers(1, 3000), st.sampled_from([Kind.LIMIT, Kind.TASKS]))
def test_the_largest_value_for_several_fits_and_one_more_does_not(
    workloads: list[Workload], connections: int, kind: Kind
) -> None:
    found = budget(*workloads, connections=connections)
    together = Together(kind, (0, 1))

    def fits(value: int) -> bool:
        put = (lambda old: replace(old, limit=value)) if kind is Kind.LIMIT else (lambda old: with_tasks(old, value))
        return replace(found, workloads=(*(put(each) for each in workloads[:2]), *workloads[2:])).fits

    value = largest_together(found, together)
    if kind is Kind.TASKS or workloads[0].alive or workloads[1].alive:
        assert value is None or fits(value)
        assert not fits((value or 0) + 1)


def test_late_starts_are_a_way_out_where_the_budget_fits_without_them() -> None:
    def job(name: str, age: timedelta) -> Workload:
        hour = timedelta(hours=1)
        return Workload(name=name, limit=5, tasks=JobTasks(task_count=1, longest_run=hour, period=hour, retry_age=age))

    day = timedelta(days=1)
    jobs = (job("hourly", day), job("sync", day), job("prompt", timedelta(0)))
    assert late_jobs(budget(*jobs, connections=35)) == (0, 1)
    assert ("no retries", 0, 1, "") in shown(ways_out(budget(*jobs, connections=35)))
    assert late_jobs(budget(*jobs, connections=34)) == ()
