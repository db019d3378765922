"""Target groups."""

from typing import Any

import pytest

from offline.aws.handler import AwsError

TARGETS = "aws:lb/targetGroup:TargetGroup"


def _tg_attributes(cloud: Any, arn: str) -> dict[str, str]:
    answer = cloud.ask("elbv2", "describe_target_group_attributes", TargetGroupArn=arn)
    return {item["Key"]: item["Value"] for item in answer["Attributes"]}


def test_a_target_group_with_all_its_timings(cloud: Any, vpc_id: str) -> None:
    made = cloud.make(
        TARGETS,
        "api",
        name="dev-api",
        port=3000,
        protocol="HTTP",
        targetType="ip",
        vpcId=vpc_id,
        deregistrationDelay=30,
        slowStart=45,
        stickiness={"type": "lb_cookie", "cookieDuration": 600},
        healthCheck={"path": "/health", "matcher": "200-399", "interval": 15, "timeout": 5, "healthyThreshold": 2},
    )
    assert made.outputs["arnSuffix"] == made.id.split(":")[-1]
    (found,) = cloud.ask("elbv2", "describe_target_groups", TargetGroupArns=[made.id])["TargetGroups"]
    assert (found["HealthCheckPath"], found["HealthCheckIntervalSeconds"]) == ("/health", 15)
    assert (found["HealthCheckTimeoutSeconds"], found["Matcher"]) == (5, {"HttpCode": "200-399"})
    attributes = _tg_attributes(cloud, made.id)
    assert attributes["deregistration_delay.timeout_seconds"] == "30"
    assert attributes["slow_start.duration_seconds"] == "45"
    assert (attributes["stickiness.enabled"], attributes["stickiness.lb_cookie.duration_seconds"]) == ("true", "600")
    cloud.change(TARGETS, "api", healthCheck={"path": "/ready"}, deregistrationDelay=60, stickiness=None)
    (found,) = cloud.ask("elbv2", "describe_target_groups", TargetGroupArns=[made.id])["TargetGroups"]
    assert found["HealthCheckPath"] == "/ready"
    attributes = _tg_attributes(cloud, made.id)
    assert (attributes["deregistration_delay.timeout_seconds"], attributes["stickiness.enabled"]) == ("60", "false")


def test_unknown_parts_of_a_nested_property_are_refused(cloud: Any, vpc_id: str) -> None:
    with pytest.raises(
        AwsError, match=r'TargetGroup\.healthCheck: the offline AWS does not send the property "pfad"; known are '
    ):
        cloud.make(TARGETS, "api", name="a", port=1, protocol="HTTP", vpcId=vpc_id, healthCheck={"pfad": "/"})
