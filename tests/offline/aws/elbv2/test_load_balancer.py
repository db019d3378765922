"""Load balancers, target groups, listeners and rules."""

from __future__ import annotations

from typing import Any

import pytest

from offline.aws.handler import AwsError

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
NOT_FOUND = {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}


@pytest.fixture
def group_id(cloud: Any, vpc_id: str) -> str:
    return cloud.make("aws:ec2/securityGroup:SecurityGroup", "alb", name="alb", vpcId=vpc_id).id


@pytest.fixture
def balancer(cloud: Any, subnet_ids: list[str], group_id: str) -> Any:
    return cloud.make(
        BALANCER,
        "alb",
        name="dev-alb",
        subnets=subnet_ids,
        securityGroups=[group_id],
        idleTimeout=65,
        dropInvalidHeaderFields=True,
        accessLogs={"bucket": "dev-logs", "prefix": "dev", "enabled": True},
        tags={"Stage": "dev"},
    )


@pytest.fixture
def target_arn(cloud: Any, vpc_id: str) -> str:
    return cloud.make(TARGETS, "api", name="dev-api", port=3000, protocol="HTTP", targetType="ip", vpcId=vpc_id).id


@pytest.fixture
def listener_arn(cloud: Any, balancer: Any) -> str:
    return cloud.make(
        LISTENER, "http", loadBalancerArn=balancer.id, port=80, protocol="HTTP", defaultActions=[NOT_FOUND]
    ).id


def _lb_attributes(cloud: Any, arn: str) -> dict[str, str]:
    answer = cloud.ask("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=arn)
    return {item["Key"]: item["Value"] for item in answer["Attributes"]}


def _tg_attributes(cloud: Any, arn: str) -> dict[str, str]:
    answer = cloud.ask("elbv2", "describe_target_group_attributes", TargetGroupArn=arn)
    return {item["Key"]: item["Value"] for item in answer["Attributes"]}


def test_a_load_balancer_and_its_outputs(cloud: Any, balancer: Any, vpc_id: str) -> None:
    outputs = balancer.outputs
    assert outputs["arn"] == balancer.id
    assert balancer.id.endswith(f":loadbalancer/{outputs['arnSuffix']}")
    assert outputs["arnSuffix"].startswith("app/dev-alb/")
    assert outputs["dnsName"] == "dev-alb-1.ap-northeast-2.elb.amazonaws.com"
    assert (outputs["vpcId"], outputs["internal"]) == (vpc_id, False)
    assert outputs["zoneId"]
    attributes = _lb_attributes(cloud, balancer.id)
    assert attributes["idle_timeout.timeout_seconds"] == "65"
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert [attributes[f"access_logs.s3.{part}"] for part in ("enabled", "bucket", "prefix")] == [
        "true",
        "dev-logs",
        "dev",
    ]


def test_a_load_balancer_changes_in_place(cloud: Any, balancer: Any, vpc_id: str, group_id: str) -> None:
    other = cloud.make("aws:ec2/securityGroup:SecurityGroup", "other", name="other", vpcId=vpc_id).id
    cloud.change(
        BALANCER, "alb", securityGroups=[group_id, other], idleTimeout=120, accessLogs=None, tags={"Stage": "prd"}
    )
    assert cloud.operations_of_last() == ["set_security_groups", "modify_load_balancer_attributes", "add_tags"]
    (found,) = cloud.ask("elbv2", "describe_load_balancers", LoadBalancerArns=[balancer.id])["LoadBalancers"]
    assert set(found["SecurityGroups"]) == {group_id, other}
    attributes = _lb_attributes(cloud, balancer.id)
    assert (attributes["idle_timeout.timeout_seconds"], attributes["access_logs.s3.enabled"]) == ("120", "false")


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
    with pytest.raises(AwsError, match="TargetGroup healthCheck: the offline AWS does not know pfad; known: "):
        cloud.make(TARGETS, "api", name="a", port=1, protocol="HTTP", vpcId=vpc_id, healthCheck={"pfad": "/"})


def test_a_listener_changes_its_action_and_forwards(cloud: Any, listener_arn: str, target_arn: str) -> None:
    forward = {
        "type": "forward",
        "forward": {
            "targetGroups": [{"arn": target_arn, "weight": 1}],
            "stickiness": {"duration": 60, "enabled": True},
        },
    }
    cloud.change(LISTENER, "http", defaultActions=[forward])
    (found,) = cloud.ask("elbv2", "describe_listeners", ListenerArns=[listener_arn])["Listeners"]
    (action,) = found["DefaultActions"]
    assert action["ForwardConfig"] == {
        "TargetGroups": [{"TargetGroupArn": target_arn, "Weight": 1}],
        "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60},
    }


def test_a_redirect(cloud: Any, balancer: Any) -> None:
    redirect = {"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"}}
    made = cloud.make(
        LISTENER, "http", loadBalancerArn=balancer.id, port=80, protocol="HTTP", defaultActions=[redirect]
    )
    (found,) = cloud.ask("elbv2", "describe_listeners", ListenerArns=[made.id])["Listeners"]
    assert found["DefaultActions"][0]["RedirectConfig"]["StatusCode"] == "HTTP_301"


def test_rules_have_unique_priorities_and_can_move(cloud: Any, listener_arn: str, target_arn: str) -> None:
    forward = [{"type": "forward", "targetGroupArn": target_arn}]
    paths = [{"pathPattern": {"values": ["/datalab", "/datalab/*"]}}]
    rule = cloud.make(RULE, "api", listenerArn=listener_arn, priority=100, conditions=paths, actions=forward)
    with pytest.raises(AwsError, match="AWS refused elbv2:create_rule with PriorityInUse"):
        cloud.make(RULE, "twice", listenerArn=listener_arn, priority=100, conditions=paths, actions=forward)
    behind = cloud.make(
        RULE, "next", listenerArn=listener_arn, conditions=[{"hostHeader": {"values": ["a.io"]}}], actions=forward
    )
    assert behind.outputs["priority"] == 101
    cloud.change(RULE, "api", priority=50, conditions=[{"pathPattern": {"values": ["/d"]}}])
    (found,) = cloud.ask("elbv2", "describe_rules", RuleArns=[rule.id])["Rules"]
    assert found["Priority"] == "50"
    assert found["Conditions"][0]["PathPatternConfig"]["Values"] == ["/d"]


def test_a_condition_has_one_known_kind(cloud: Any, listener_arn: str) -> None:
    with pytest.raises(AwsError, match=r"condition has one kind of match; found \['hostHeader', 'pathPattern'\]"):
        cloud.make(
            RULE,
            "two",
            listenerArn=listener_arn,
            conditions=[{"pathPattern": {"values": ["/"]}, "hostHeader": {"values": ["a"]}}],
            actions=[NOT_FOUND],
        )
    with pytest.raises(AwsError, match="condition moon is not known"):
        cloud.make(RULE, "moon", listenerArn=listener_arn, conditions=[{"moon": {}}], actions=[NOT_FOUND])
