"""Demand: tasks alive of services, jobs and one-off tasks; connections of a workload; growth in every input."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.budget.demand import JobTasks, OneOffTasks, ServiceTasks, Strategy, Workload, duration

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("tasks", "alive"),
    [
        (ServiceTasks(desired=0), 0),
        (ServiceTasks(desired=1), 2),
        (ServiceTasks(desired=1, scaling_maximum=6), 12),
        (ServiceTasks(desired=1, scaling_maximum=6, scheduled_maximum=8), 16),
        (ServiceTasks(desired=9, scaling_maximum=6), 18),
        (ServiceTasks(desired=3, maximum_percent=100), 6),
        (ServiceTasks(desired=3, maximum_percent=233), 6),
        (ServiceTasks(desired=3, maximum_percent=234), 7),
        (ServiceTasks(desired=3, maximum_percent=400, strategy=Strategy.BLUE_GREEN), 6),
        (ServiceTasks(desired=3, maximum_percent=400, strategy=Strategy.LINEAR), 6),
        (ServiceTasks(desired=3, maximum_percent=400, strategy=Strategy.CANARY), 6),
        (ServiceTasks(desired=3, maximum_percent=400, strategy=Strategy.CODE_DEPLOY), 6),
        (ServiceTasks(desired=3, overlapping_deployments=True), 9),
        (ServiceTasks(desired=3, maximum_percent=300, overlapping_deployments=True), 12),
        (JobTasks(task_count=1, longest_run=3 * HOUR, period=24 * HOUR), 2),
        (JobTasks(task_count=10, longest_run=HOUR, period=HOUR), 20),
        (JobTasks(task_count=1, longest_run=HOUR + timedelta(microseconds=1), period=HOUR), 3),
        (JobTasks(task_count=1, longest_run=HOUR, period=HOUR, flexible_window=HOUR), 3),
        (JobTasks(task_count=1, longest_run=HOUR, period=HOUR, retry_age=24 * HOUR), 26),
        (JobTasks(task_count=2, longest_run=HOUR, period=timedelta.max), 4),
        (OneOffTasks(count=3), 3),
    ],
)
def test_tasks_alive(tasks: ServiceTasks | JobTasks | OneOffTasks, alive: int) -> None:
    assert tasks.alive == alive


@pytest.mark.parametrize(
    ("tasks", "why"),
    [
        (ServiceTasks(desired=2), "at most 2, rolling 200 %"),
        (
            ServiceTasks(desired=2, strategy=Strategy.BLUE_GREEN, overlapping_deployments=True),
            "at most 2, blue/green, overlapping",
        ),
        (JobTasks(task_count=1, longest_run=3 * HOUR, period=24 * HOUR), "1 every 24 h, runs 3 h"),
        (
            JobTasks(task_count=2, longest_run=90 * HOUR / 60, period=timedelta.max, retry_age=HOUR),
            "2 once, runs 90 min, 1 h late",
        ),
        (OneOffTasks(count=3), "started by hand, as declared"),
    ],
)
def test_the_table_says_how_tasks_alive_follow(tasks: ServiceTasks | JobTasks | OneOffTasks, why: str) -> None:
    assert tasks.why == why


def test_demand_is_pools_and_what_is_outside_times_the_tasks_alive() -> None:
    workload = Workload(
        name="api", limit=10, processes=2, pools=3, outside_pool=4, tasks=ServiceTasks(desired=1, scaling_maximum=5)
    )
    assert (workload.per_task, workload.alive, workload.demand) == (64, 10, 640)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: ServiceTasks(desired=-1),
        lambda: ServiceTasks(desired=1, scaling_maximum=-1),
        lambda: ServiceTasks(desired=1, scheduled_maximum=-1),
        lambda: ServiceTasks(desired=1, maximum_percent=-1),
        lambda: JobTasks(task_count=1, longest_run=HOUR, period=timedelta(0)),
        lambda: JobTasks(task_count=1, longest_run=-HOUR, period=HOUR),
        lambda: JobTasks(task_count=-1, longest_run=HOUR, period=HOUR),
        lambda: OneOffTasks(count=-1),
        lambda: Workload(name="api", limit=0, tasks=OneOffTasks(count=1)),
        lambda: Workload(name="api", limit=1, processes=0, tasks=OneOffTasks(count=1)),
        lambda: Workload(name="api", limit=1, outside_pool=-1, tasks=OneOffTasks(count=1)),
    ],
)
def test_numbers_without_meaning_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        wrong()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("value", "text"),
    [(3 * HOUR, "3 h"), (24 * HOUR, "24 h"), (72 * HOUR, "3 d"), (timedelta(seconds=90), "90 s"), (HOUR / 6, "10 min")],
)
def test_duration(value: timedelta, text: str) -> None:
    assert duration(value) == text


counts = st.integers(0, 200)
maybe = st.none() | counts
spans = st.timedeltas(timedelta(0), timedelta(days=2))

services = st.builds(
    ServiceTasks,
    desired=counts,
    scaling_maximum=maybe,
    scheduled_maximum=maybe,
    maximum_percent=st.integers(0, 1000),
    strategy=st.sampled_from(Strategy),
    overlapping_deployments=st.booleans(),
)
jobs = st.builds(
    JobTasks,
    task_count=st.integers(0, 10),
    longest_run=spans,
    period=st.timedeltas(timedelta(minutes=1), timedelta(days=31)),
    flexible_window=spans,
    retry_age=spans,
)


@given(
    services,
    st.integers(0, 50),
    st.sampled_from(["desired", "scaling_maximum", "scheduled_maximum", "maximum_percent"]),
)
def test_a_service_never_needs_fewer_when_an_input_grows(tasks: ServiceTasks, more: int, what: str) -> None:
    grown = replace(tasks, **{what: (getattr(tasks, what) or 0) + more})
    assert grown.alive >= tasks.alive
    assert replace(tasks, overlapping_deployments=True).alive >= tasks.alive


@given(jobs, spans, st.sampled_from(["longest_run", "flexible_window", "retry_age"]))
def test_a_job_never_needs_fewer_when_a_time_grows_or_the_period_shrinks(
    tasks: JobTasks, more: timedelta, what: str
) -> None:
    assert replace(tasks, **{what: getattr(tasks, what) + more}).alive >= tasks.alive
    assert replace(tasks, task_count=tasks.task_count + 1).alive >= tasks.alive
    assert replace(tasks, period=tasks.period / 2).alive >= tasks.alive


@given(services, st.integers(1, 50), st.sampled_from(["limit", "processes", "pools", "outside_pool"]))
def test_a_workload_never_demands_less_when_an_input_grows(tasks: ServiceTasks, more: int, what: str) -> None:
    workload = Workload(name="api", limit=5, processes=2, pools=2, outside_pool=1, tasks=tasks)
    assert replace(workload, **{what: getattr(workload, what) + more}).demand >= workload.demand
