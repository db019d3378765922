"""Listeners and their rules."""

from typing import Any

import pytest

from offline.aws.handler import AwsError

TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
NOT_FOUND = {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}


@pytest.fixture
def target_arn(cloud: Any, vpc_id: str) -> str:
    return cloud.make(TARGETS, "api", name="dev-api", port=3000, protocol="HTTP", targetType="ip", vpcId=vpc_id).id


@pytest.fixture
def listener_arn(cloud: Any, balancer: Any) -> str:
    return cloud.make(
        LISTENER, "http", loadBalancerArn=balancer.id, port=80, protocol="HTTP", defaultActions=[NOT_FOUND]
    ).id


def test_a_listener_changes_its_action_and_forwards(cloud: Any, listener_arn: str, target_arn: str) -> None:
    forward = {
        "type": "forward",
        "forward": {
            "targetGroups": [{"arn": target_arn, "weight": 1}],
            "stickiness": {"duration": 60, "enabled": True},
        },
    }
    cloud.change(LISTENER, "http", defaultActions=[forward])
    cloud.leave()
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
