"""The policy `dashboard-shows`: a dashboard is one that CloudWatch takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.reading import fields_of, items_of, read_json, required
from policies.rules.rule import Problem, Stack, policy

_KINDS = frozenset({"metric", "text", "log", "alarm", "explorer", "trace", "custom"})


@policy(
    what="A dashboard is a document with widgets of kinds that CloudWatch has.",
    why="CloudWatch refuses another one, or shows nothing in the night when it is looked at.",
    severity="low",
    how_to_fix="Write dashboardBody by json.dumps of an object with a list of widgets.",
    url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html",
    types=(tokens.DASHBOARD,),
)
def dashboard_shows(_: Stack, dashboard: Resource) -> Iterator[Problem]:
    document = required(read_json(dashboard, "dashboardBody"))
    body = fields_of(document)
    listed = body.get("widgets")
    widgets = items_of(listed)
    if not widgets:
        yield Problem("dashboardBody has no widgets", "a list of them")
    for position, item in enumerate(widgets):
        widget = fields_of(item)
        if widget.get("type") not in _KINDS:
            yield Problem(f"widgets[{position}] is of no kind of CloudWatch's", "metric, text, log or alarm")
        elif not isinstance(widget.get("properties"), Mapping):
            yield Problem(f"widgets[{position}] has no properties", "what it shows")
