"""The dashboard: its graphs, their metrics, and a grid in which nothing overlaps."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.calc.dashboard import dashboard_body

ARGUMENTS: dict[str, Any] = {
    "stage": "dev",
    "region": "ap-northeast-2",
    "load_balancer_dimension": "app/dev-alb/50dc6c495c0c9188",
    "cluster": "dev-item",
    "services": ["dev-gateway", "dev-datalab-api"],
    "jobs": ["dev-ranking-batch", "dev-category-batch"],
    "database": "dev-db",
    "max_connections": 60,
}


def widgets(**changes: Any) -> list[dict[str, Any]]:
    return list(json.loads(dashboard_body(**(ARGUMENTS | changes)))["widgets"])


def graphs(**changes: Any) -> dict[str, dict[str, Any]]:
    return {w["properties"]["title"]: w["properties"] for w in widgets(**changes) if w["type"] == "metric"}


def test_titles_in_order() -> None:
    assert list(graphs()) == [
        "Requests",
        "Answers with 5xx",
        "CPU (% of what the tasks reserve)",
        "Memory (% of what the tasks reserve)",
        "Tasks: running and desired",
        "Database connections",
        "Database CPU (%)",
        "Database free memory (bytes)",
        "Batch runs that failed",
        "Batch runs that could not be started (dead letters)",
    ]
    assert widgets()[0]["properties"] == {"markdown": "# dev: 2 services, 2 batch jobs on dev-item"}


def test_a_known_load_balancer_is_named() -> None:
    assert graphs()["Answers with 5xx"]["metrics"] == [
        [
            "AWS/ApplicationELB",
            "HTTPCode_ELB_5XX_Count",
            "LoadBalancer",
            "app/dev-alb/50dc6c495c0c9188",
            {"label": "by the load balancer", "color": "#d62728"},
        ],
        [
            "AWS/ApplicationELB",
            "HTTPCode_Target_5XX_Count",
            "LoadBalancer",
            "app/dev-alb/50dc6c495c0c9188",
            {"label": "by services", "color": "#ff7f0e"},
        ],
    ]


@pytest.mark.parametrize(
    ("dimension", "terms"),
    [("dev-alb", "LoadBalancer=dev LoadBalancer=alb"), ("app/alb", "LoadBalancer=app LoadBalancer=alb")],
)
def test_a_load_balancer_known_by_name_is_searched_for(dimension: str, terms: str) -> None:
    search = f"SEARCH('{{AWS/ApplicationELB,LoadBalancer}} MetricName=\"RequestCount\" {terms}', 'Sum', 60)"
    assert graphs(load_balancer_dimension=dimension)["Requests"]["metrics"] == [
        [{"expression": search, "label": "Requests"}]
    ]


def test_every_service_has_its_lines() -> None:
    def lines(title: str) -> list[tuple[str, str, str, str]]:
        return [(line[0], line[1], line[5], line[6]["label"]) for line in graphs()[title]["metrics"]]

    assert lines("CPU (% of what the tasks reserve)") == [
        ("AWS/ECS", "CPUUtilization", "dev-datalab-api", "dev-datalab-api"),
        ("AWS/ECS", "CPUUtilization", "dev-gateway", "dev-gateway"),
    ]
    assert lines("Memory (% of what the tasks reserve)")[0][:2] == ("AWS/ECS", "MemoryUtilization")
    assert lines("Tasks: running and desired") == [
        ("ECS/ContainerInsights", "RunningTaskCount", "dev-datalab-api", "dev-datalab-api running"),
        ("ECS/ContainerInsights", "DesiredTaskCount", "dev-datalab-api", "dev-datalab-api desired"),
        ("ECS/ContainerInsights", "RunningTaskCount", "dev-gateway", "dev-gateway running"),
        ("ECS/ContainerInsights", "DesiredTaskCount", "dev-gateway", "dev-gateway desired"),
    ]


def test_connections_stand_against_their_limit() -> None:
    graph = graphs()["Database connections"]
    assert graph["metrics"] == [
        ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", "dev-db", {"label": "dev-db"}]
    ]
    assert graph["stat"] == "Maximum"
    assert graph["annotations"]["horizontal"] == [
        {"label": "max_connections 60", "value": 60, "color": "#d62728"},
        {"label": "90 %: 54", "value": 54, "color": "#ff7f0e"},
        {"label": "70 %: 42", "value": 42, "color": "#7f7f7f"},
    ]


def test_an_unknown_limit_draws_no_line() -> None:
    assert "annotations" not in graphs(max_connections=None)["Database connections"]


def test_failed_runs_and_dead_letters() -> None:
    found = graphs()
    assert found["Batch runs that failed"]["metrics"] == [
        ["AWS/Events", "TriggeredRules", "RuleName", "dev-failed-batch-run", {"label": "failed runs"}]
    ]
    assert [line[3] for line in found["Batch runs that could not be started (dead letters)"]["metrics"]] == [
        "dev-dead-letters"
    ]


def test_what_a_stage_lacks_is_left_out() -> None:
    assert graphs(load_balancer_dimension=None, services=[], jobs=[], database=None, max_connections=None) == {}


@given(st.permutations(ARGUMENTS["services"]), st.permutations(ARGUMENTS["jobs"]))
def test_the_order_of_services_and_jobs_does_not_show(services: list[str], jobs: list[str]) -> None:
    assert dashboard_body(**(ARGUMENTS | {"services": services, "jobs": jobs})) == dashboard_body(**ARGUMENTS)


@given(
    load_balancer_dimension=st.sampled_from([None, "dev-alb"]),
    services=st.sampled_from([[], ["dev-gateway"]]),
    jobs=st.sampled_from([[], ["dev-batch"]]),
    database=st.sampled_from([None, "dev-db"]),
)
def test_widgets_fill_the_grid_without_overlap(**changes: Any) -> None:
    cells: set[tuple[int, int]] = set()
    for widget in widgets(**changes):
        assert widget["x"] + widget["width"] <= 24
        covered = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & covered
        cells |= covered
    assert cells == {(x, y) for x in range(24) for y in range(max(y for _, y in cells) + 1)}


def test_shares_are_drawn_from_0_to_100_and_the_rest_from_0() -> None:
    axes = {title: graph["yAxis"]["left"] for title, graph in graphs().items()}
    assert {title for title, axis in axes.items() if axis == {"min": 0, "max": 100}} == {
        "CPU (% of what the tasks reserve)",
        "Memory (% of what the tasks reserve)",
        "Database CPU (%)",
    }
    assert all(axis["min"] == 0 for axis in axes.values())
