"""Elastic Load Balancing v2: target groups."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.elbv2.load_balancer import TAGGING, set_attributes
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import delete_by, joined, pascal, tags_upper
from offline.aws.shapes import only

_TYPE = "aws:lb/targetGroup:TargetGroup"
_TG_ATTRIBUTES = {
    "connectionTermination": "deregistration_delay.connection_termination.enabled",
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "lambdaMultiValueHeadersEnabled": "lambda.multi_value_headers.enabled",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingAnomalyMitigation": "load_balancing.algorithm.anomaly_mitigation",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
    "preserveClientIp": "preserve_client_ip.enabled",
    "proxyProtocolV2": "proxy_protocol_v2.enabled",
    "slowStart": "slow_start.duration_seconds",
}
_HEALTH_CHECK = pascal(
    "matcher",
    enabled="HealthCheckEnabled",
    healthyThreshold="HealthyThresholdCount",
    interval="HealthCheckIntervalSeconds",
    path="HealthCheckPath",
    port=("HealthCheckPort", lambda where, value: str(value)),
    protocol="HealthCheckProtocol",
    timeout="HealthCheckTimeoutSeconds",
    unhealthyThreshold="UnhealthyThresholdCount",
)
_TARGET_GROUP = pascal("ipAddressType name port protocol protocolVersion targetType vpcId")
_TAGS = pascal(tags=tags_upper)


def _health_check(inputs: dict[str, Any]) -> dict[str, Any]:
    check = _HEALTH_CHECK(f"{_TYPE}.healthCheck", inputs.get("healthCheck", {}))
    if "Matcher" in check:
        kind = "GrpcCode" if inputs.get("protocolVersion") == "GRPC" else "HttpCode"
        check["Matcher"] = {kind: str(check["Matcher"])}
    return check


def _tg_attributes(inputs: dict[str, Any]) -> dict[str, Any]:
    values = {key: inputs[name] for name, key in _TG_ATTRIBUTES.items() if name in inputs}
    sticky = inputs.get("stickiness")
    if sticky:
        kind = sticky.get("type", "lb_cookie")
        shape = pascal(
            cookieDuration=f"stickiness.{kind}.duration_seconds",
            cookieName="stickiness.app_cookie.cookie_name",
            enabled="stickiness.enabled",
            type="stickiness.type",
        )
        values |= {"stickiness.enabled": True, **shape(f"{_TYPE}.stickiness", sticky)}
    return values


def _set_tg_attributes(aws: Aws, arn: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    resource = {"TargetGroupArn": arn}
    set_attributes(aws, "modify_target_group_attributes", resource, _tg_attributes(old), _tg_attributes(new))


def _create_tg(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = joined(_TARGET_GROUP, _TAGS).of(_TYPE, inputs)
    answer = aws.call("elbv2", "create_target_group", **request, **_health_check(inputs))
    group = only(answer["TargetGroups"])
    _set_tg_attributes(aws, group["TargetGroupArn"], {}, inputs)
    return _tg(group)


def _tg(group: dict[str, Any]) -> Applied:
    arn = group["TargetGroupArn"]
    computed = {"arnSuffix": arn.rsplit(":", 1)[-1], "loadBalancerArns": group.get("LoadBalancerArns", [])}
    return Applied(id=arn, outputs=computed)


def _update_tg(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    check = _health_check(inputs)
    if check != _health_check(old.inputs) and check:
        aws.call("elbv2", "modify_target_group", TargetGroupArn=old.id, **check)
    _set_tg_attributes(aws, old.id, old.inputs, inputs)
    found = aws.call("elbv2", "describe_target_groups", TargetGroupArns=[old.id])
    return _tg(only(found["TargetGroups"]))


HANDLERS = (
    Handler(
        type_token=_TYPE,
        inputs=joined(_TARGET_GROUP, _TAGS).names | {"healthCheck", "stickiness", *_TG_ATTRIBUTES},
        create=_create_tg,
        update=_update_tg,
        delete=delete_by("elbv2", "delete_target_group", "TargetGroupArn"),
        replace_on=_TARGET_GROUP.names,
        name_property="name",
        defaults={
            "deregistrationDelay": 300,
            "loadBalancingAlgorithmType": "round_robin",
            "slowStart": 0,
            "targetType": "instance",
        },
        arn="{id}",
        retag=TAGGING.change,
    ),
)
