"""The dashboard of a stage: requests and errors, services, database connections and batch jobs on one page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .alarms import connection_alarm_thresholds
from .canonical import canonical_json
from .names import dead_letter_queue_name, failed_run_rule_name

GRID_WIDTH: Final = 24
ROW_HEIGHT: Final = 6
PERIOD_S: Final = 60

_RED: Final = "#d62728"
_ORANGE: Final = "#ff7f0e"
_GREY: Final = "#7f7f7f"
_FULL_DIMENSION: Final = re.compile(r"app/[^/]+/[^/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Graph:
    """One graph of a row; a metric is a list in the form of the dashboard body."""

    title: str
    metrics: Sequence[Sequence[object]]
    statistic: str
    annotations: Sequence[Mapping[str, object]] = ()
    maximum: int | None = None


def dashboard_body(
    *,
    stage: str,
    region: str,
    load_balancer_dimension: str | None,
    cluster: str,
    services: Sequence[str],
    jobs: Sequence[str],
    database: str | None,
    max_connections: int | None,
) -> str:
    """Canonical JSON for `dashboardBody`; `services`, `jobs` and `database` are names in AWS, like `dev-datalab-api`.

    `load_balancer_dimension` is the metrics' own `app/NAME/ID` or only the name: the id is unknown until the load
    balancer exists, and one unknown would make the whole body unknown at preview, so with a name the graphs search for
    it. None leaves the load balancer out, as no services, jobs or database leave out theirs.
    Source: CloudWatch API Reference, "Dashboard Body Structure and Syntax"; CloudWatch User Guide, "CloudWatch search
    expression syntax" (an unquoted value matches a part of the dimension, split at what is no letter or digit). Raises
    ValueError when `max_connections` is below 1.
    """
    rows: list[list[_Graph]] = []
    if load_balancer_dimension is not None:
        rows.append(_load_balancer_row(load_balancer_dimension))
    if services:
        rows.append(_service_row(cluster, services))
    if database is not None:
        rows.append(_database_row(database, max_connections))
    if jobs:
        rows.append(_job_row(stage))
    widgets: list[dict[str, object]] = [
        {
            "type": "text",
            "x": 0,
            "y": 0,
            "width": GRID_WIDTH,
            "height": 1,
            "properties": {"markdown": f"# {stage}: {len(services)} services, {len(jobs)} batch jobs on {cluster}"},
        }
    ]
    for number, row in enumerate(rows):
        width = GRID_WIDTH // len(row)
        for column, graph in enumerate(row):
            widgets.append(
                {
                    "type": "metric",
                    "x": column * width,
                    "y": 1 + number * ROW_HEIGHT,
                    "width": width,
                    "height": ROW_HEIGHT,
                    "properties": _properties(graph, region),
                }
            )
    return canonical_json({"widgets": widgets})


def _properties(graph: _Graph, region: str) -> dict[str, object]:
    axis = {"min": 0, **({} if graph.maximum is None else {"max": graph.maximum})}
    properties: dict[str, object] = {
        "title": graph.title,
        "region": region,
        "view": "timeSeries",
        "stacked": False,
        "stat": graph.statistic,
        "period": PERIOD_S,
        "metrics": graph.metrics,
        "yAxis": {"left": axis},
    }
    if graph.annotations:
        properties["annotations"] = {"horizontal": list(graph.annotations)}
    return properties


def _load_balancer_row(dimension: str) -> list[_Graph]:
    return [
        _Graph(title="Requests", metrics=[_of_load_balancer(dimension, "RequestCount", "Requests")], statistic="Sum"),
        _Graph(
            title="Answers with 5xx",
            metrics=[
                _of_load_balancer(dimension, "HTTPCode_ELB_5XX_Count", "by the load balancer", _RED),
                _of_load_balancer(dimension, "HTTPCode_Target_5XX_Count", "by services", _ORANGE),
            ],
            statistic="Sum",
        ),
    ]


def _of_load_balancer(dimension: str, metric: str, label: str, color: str | None = None) -> list[object]:
    options: dict[str, object] = {"label": label} if color is None else {"label": label, "color": color}
    if _FULL_DIMENSION.fullmatch(dimension):
        return ["AWS/ApplicationELB", metric, "LoadBalancer", dimension, options]
    tokens = [token for token in re.split(r"[^A-Za-z0-9]+", dimension) if token]
    terms = " ".join(f"LoadBalancer={token}" for token in tokens)
    search = f"SEARCH('{{AWS/ApplicationELB,LoadBalancer}} MetricName=\"{metric}\" {terms}', 'Sum', {PERIOD_S})"
    return [{"expression": search, **options}]


def _service_row(cluster: str, services: Sequence[str]) -> list[_Graph]:
    names = sorted(services)

    def metric(namespace: str, name: str, service: str, label: str) -> list[object]:
        return [namespace, name, "ClusterName", cluster, "ServiceName", service, {"label": label}]

    return [
        _Graph(
            title=f"{title} (% of what the tasks reserve)",
            metrics=[metric("AWS/ECS", name, service, service) for service in names],
            statistic="Average",
            maximum=100,
        )
        for title, name in (("CPU", "CPUUtilization"), ("Memory", "MemoryUtilization"))
    ] + [
        _Graph(
            title="Tasks: running and desired",
            metrics=[
                metric("ECS/ContainerInsights", f"{state}TaskCount", service, f"{service} {state.lower()}")
                for service in names
                for state in ("Running", "Desired")
            ],
            statistic="Average",
        )
    ]


def _database_row(database: str, max_connections: int | None) -> list[_Graph]:
    def metric(name: str, label: str) -> list[object]:
        return ["AWS/RDS", name, "DBInstanceIdentifier", database, {"label": label}]

    return [
        _Graph(
            title="Database connections",
            metrics=[metric("DatabaseConnections", database)],
            statistic="Maximum",
            annotations=[] if max_connections is None else _connection_lines(max_connections),
        ),
        _Graph(
            title="Database CPU (%)", metrics=[metric("CPUUtilization", database)], statistic="Average", maximum=100
        ),
        _Graph(title="Database free memory (bytes)", metrics=[metric("FreeableMemory", database)], statistic="Minimum"),
    ]


def _connection_lines(max_connections: int) -> list[Mapping[str, object]]:
    warning, critical = connection_alarm_thresholds(max_connections)
    return [
        {"label": f"max_connections {max_connections}", "value": max_connections, "color": _RED},
        {"label": f"90 %: {critical}", "value": critical, "color": _ORANGE},
        {"label": f"70 %: {warning}", "value": warning, "color": _GREY},
    ]


def _job_row(stage: str) -> list[_Graph]:
    return [
        _Graph(
            title="Batch runs that failed",
            metrics=[
                ["AWS/Events", "TriggeredRules", "RuleName", failed_run_rule_name(stage), {"label": "failed runs"}]
            ],
            statistic="Sum",
        ),
        _Graph(
            title="Batch runs that could not be started (dead letters)",
            metrics=[
                [
                    "AWS/SQS",
                    "ApproximateNumberOfMessagesVisible",
                    "QueueName",
                    dead_letter_queue_name(stage),
                    {"label": "dead letters"},
                ]
            ],
            statistic="Maximum",
        ),
    ]
