"""CloudWatch dashboards."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Handler
from offline.aws.mapping import delete_by, put_again
from policies.resources.json_text import read_json

_DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"


def _put_dashboard(aws: Aws, inputs: dict[str, Any]) -> Applied:
    name, body = inputs["dashboardName"], inputs["dashboardBody"]
    try:
        read_json(body)
    except ValueError as error:
        raise AwsInputError([f"{_DASHBOARD}: dashboardBody is not JSON: {error}"]) from None
    aws.call("cloudwatch", "put_dashboard", DashboardName=name, DashboardBody=body)
    # Dashboards are global: their ARN has no region.
    dashboard_arn = f"arn:{aws.partition}:cloudwatch::{aws.account_id}:dashboard/{name}"
    return Applied(id=name, outputs={"dashboardArn": dashboard_arn})


HANDLERS = (
    Handler(
        type_token=_DASHBOARD,
        inputs=frozenset({"dashboardName", "dashboardBody"}),
        required=frozenset({"dashboardBody"}),
        create=_put_dashboard,
        update=put_again(_put_dashboard),
        delete=delete_by("cloudwatch", "delete_dashboards", "DashboardNames", many=True),
        replace_on=frozenset({"dashboardName"}),
        name_property="dashboardName",
    ),
)
