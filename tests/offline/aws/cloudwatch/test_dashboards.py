"""CloudWatch dashboards."""

import json
from typing import Any

import pytest

from offline.aws.handler import AwsError, AwsInputError

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"


def test_dashboard(cloud: Any) -> None:
    text = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 1, "properties": {"markdown": "dev"}}
    body = {"widgets": [text]}
    made = cloud.make(DASHBOARD, "dev", dashboardName="dev", dashboardBody=json.dumps(body))
    assert made.id == "dev"
    assert made.outputs["dashboardArn"] == "arn:aws:cloudwatch::123456789012:dashboard/dev"
    cloud.change(DASHBOARD, "dev", dashboardBody=json.dumps({"widgets": [text, text]}))
    found = cloud.ask("cloudwatch", "get_dashboard", DashboardName="dev")
    assert len(json.loads(found["DashboardBody"])["widgets"]) == 2
    cloud.delete(DASHBOARD, "dev")
    with pytest.raises(AwsError, match="ResourceNotFound"):
        cloud.ask("cloudwatch", "get_dashboard", DashboardName="dev")


def test_a_dashboard_body_that_is_no_json(cloud: Any) -> None:
    with pytest.raises(AwsInputError, match="dashboardBody is not JSON: Expecting value: line 1 column 1"):
        cloud.make(DASHBOARD, "dev", dashboardName="dev", dashboardBody="widgets")
