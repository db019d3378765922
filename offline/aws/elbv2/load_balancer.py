"""Elastic Load Balancing v2: load balancers and target groups."""

from __future__ import annotations

from typing import Any

from offline.aws.account import Aws
from offline.aws.ec2.vpc import only
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.shapes import changed, members, present, tag_changes, tag_list

_LB_ATTRIBUTES = {
    "clientKeepAlive": "client_keep_alive.seconds",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dnsRecordClientRoutingPolicy": "dns_record.client_routing_policy",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "enableTlsVersionAndCipherSuiteHeaders": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "enableZonalShift": "zonal_shift.config.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}
_LOGS = {"accessLogs": "access_logs.s3", "connectionLogs": "connection_logs.s3"}
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
_HEALTH_CHECK = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "matcher": "Matcher",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}
_TG_REPLACING = frozenset({"name", "port", "protocol", "protocolVersion", "targetType", "vpcId", "ipAddressType"})


def text(value: Any) -> str:
    """An attribute's value as the API takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def attribute_list(values: dict[str, Any]) -> list[dict[str, str]]:
    """Attributes in the API's shape."""
    return [{"Key": key, "Value": text(value)} for key, value in sorted(values.items())]


def retag(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    """Bring the tags of a load balancer, target group, listener or rule to those in `inputs`."""
    put, removed = tag_changes(old.inputs.get("tags"), inputs.get("tags"))
    if removed:
        aws.call("elbv2", "remove_tags", ResourceArns=[old.id], TagKeys=removed)
    if put:
        aws.call("elbv2", "add_tags", ResourceArns=[old.id], Tags=tag_list(put))


def _suffix(arn: str, kind: str) -> str:
    return arn.split(f":{kind}", 1)[1]


def _lb_attributes(inputs: dict[str, Any]) -> dict[str, Any]:
    values = {key: inputs[name] for name, key in _LB_ATTRIBUTES.items() if name in inputs}
    for name, prefix in _LOGS.items():
        if name in inputs:
            known = {part: f"{prefix}.{part}" for part in ("bucket", "enabled", "prefix")}
            logs = members(f"aws:lb/loadBalancer:LoadBalancer {name}", inputs[name], known)
            values |= {f"{prefix}.enabled": False, **logs}
    return values


def _set_lb_attributes(aws: Aws, arn: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = _lb_attributes(old), _lb_attributes(new)
    fresh = {key: value for key, value in after.items() if before.get(key) != value}
    # Logs that are no longer declared are switched off; other attributes keep their last value, as with the provider.
    fresh |= {key: False for key in before.keys() - after.keys() if key.endswith("s3.enabled")}
    if fresh:
        aws.call("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=arn, Attributes=attribute_list(fresh))


def _create_lb(aws: Aws, inputs: dict[str, Any]) -> Applied:
    answer = aws.call(
        "elbv2",
        "create_load_balancer",
        **present(
            Name=inputs["name"],
            Type=inputs.get("loadBalancerType", "application"),
            Scheme="internal" if inputs.get("internal") else "internet-facing",
            IpAddressType=inputs.get("ipAddressType"),
            Subnets=inputs.get("subnets"),
            SecurityGroups=inputs.get("securityGroups"),
            Tags=tag_list(inputs.get("tags")) or None,
        ),
    )
    balancer = only(answer["LoadBalancers"])
    _set_lb_attributes(aws, balancer["LoadBalancerArn"], {}, inputs)
    return _lb(balancer, inputs)


def _lb(balancer: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    arn = balancer["LoadBalancerArn"]
    return Applied(
        id=arn,
        outputs={
            "clientKeepAlive": 3600,
            "desyncMitigationMode": "defensive",
            "dropInvalidHeaderFields": False,
            "enableDeletionProtection": False,
            "enableHttp2": True,
            "idleTimeout": 60,
            "internal": False,
            "loadBalancerType": "application",
            "subnets": [zone["SubnetId"] for zone in balancer.get("AvailabilityZones", [])],
            "securityGroups": balancer.get("SecurityGroups", []),
            **inputs,
            "arn": arn,
            "arnSuffix": _suffix(arn, "loadbalancer/"),
            "dnsName": balancer["DNSName"],
            "ipAddressType": balancer.get("IpAddressType", "ipv4"),
            "vpcId": balancer["VpcId"],
            "zoneId": balancer["CanonicalHostedZoneId"],
        },
    )


def _update_lb(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    if changed(old.inputs, inputs, "securityGroups"):
        groups = inputs.get("securityGroups", [])
        aws.call("elbv2", "set_security_groups", LoadBalancerArn=old.id, SecurityGroups=groups)
    if changed(old.inputs, inputs, "subnets"):
        aws.call("elbv2", "set_subnets", LoadBalancerArn=old.id, Subnets=inputs.get("subnets", []))
    if changed(old.inputs, inputs, "ipAddressType"):
        kind = inputs.get("ipAddressType", "ipv4")
        aws.call("elbv2", "set_ip_address_type", LoadBalancerArn=old.id, IpAddressType=kind)
    _set_lb_attributes(aws, old.id, old.inputs, inputs)
    retag(aws, old, inputs)
    found = aws.call("elbv2", "describe_load_balancers", LoadBalancerArns=[old.id])
    return _lb(only(found["LoadBalancers"]), inputs)


def _delete_lb(aws: Aws, old: Recorded) -> None:
    aws.call("elbv2", "delete_load_balancer", LoadBalancerArn=old.id)


def _health_check(inputs: dict[str, Any]) -> dict[str, Any]:
    check = members("aws:lb/targetGroup:TargetGroup healthCheck", inputs.get("healthCheck", {}), _HEALTH_CHECK)
    if "Matcher" in check:
        kind = "GrpcCode" if inputs.get("protocolVersion") == "GRPC" else "HttpCode"
        check["Matcher"] = {kind: str(check["Matcher"])}
    if "HealthCheckPort" in check:
        check["HealthCheckPort"] = str(check["HealthCheckPort"])
    return check


def _tg_attributes(inputs: dict[str, Any]) -> dict[str, Any]:
    values = {key: inputs[name] for name, key in _TG_ATTRIBUTES.items() if name in inputs}
    sticky = inputs.get("stickiness")
    if sticky:
        kind = sticky.get("type", "lb_cookie")
        names = {"type": "stickiness.type", "enabled": "stickiness.enabled"}
        names["cookieDuration"] = f"stickiness.{kind}.duration_seconds"
        names["cookieName"] = "stickiness.app_cookie.cookie_name"
        values |= {"stickiness.enabled": True, **members("aws:lb/targetGroup:TargetGroup stickiness", sticky, names)}
    return values


def _set_tg_attributes(aws: Aws, arn: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = _tg_attributes(old), _tg_attributes(new)
    fresh = {key: value for key, value in after.items() if before.get(key) != value}
    if "stickiness.enabled" in before and "stickiness.enabled" not in after:
        fresh["stickiness.enabled"] = False
    if fresh:
        aws.call("elbv2", "modify_target_group_attributes", TargetGroupArn=arn, Attributes=attribute_list(fresh))


def _create_tg(aws: Aws, inputs: dict[str, Any]) -> Applied:
    answer = aws.call(
        "elbv2",
        "create_target_group",
        **present(
            Name=inputs["name"],
            Protocol=inputs.get("protocol"),
            ProtocolVersion=inputs.get("protocolVersion"),
            Port=inputs.get("port"),
            VpcId=inputs.get("vpcId"),
            TargetType=inputs.get("targetType"),
            IpAddressType=inputs.get("ipAddressType"),
            Tags=tag_list(inputs.get("tags")) or None,
            **_health_check(inputs),
        ),
    )
    group = only(answer["TargetGroups"])
    _set_tg_attributes(aws, group["TargetGroupArn"], {}, inputs)
    return _tg(group, inputs)


def _tg(group: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    arn = group["TargetGroupArn"]
    return Applied(
        id=arn,
        outputs={
            "deregistrationDelay": 300,
            "loadBalancingAlgorithmType": "round_robin",
            "slowStart": 0,
            "targetType": "instance",
            **inputs,
            "arn": arn,
            "arnSuffix": "targetgroup" + _suffix(arn, "targetgroup"),
            "loadBalancerArns": group.get("LoadBalancerArns", []),
        },
    )


def _update_tg(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    check = _health_check(inputs)
    if check != _health_check(old.inputs) and check:
        aws.call("elbv2", "modify_target_group", TargetGroupArn=old.id, **check)
    _set_tg_attributes(aws, old.id, old.inputs, inputs)
    retag(aws, old, inputs)
    found = aws.call("elbv2", "describe_target_groups", TargetGroupArns=[old.id])
    return _tg(only(found["TargetGroups"]), inputs)


def _delete_tg(aws: Aws, old: Recorded) -> None:
    aws.call("elbv2", "delete_target_group", TargetGroupArn=old.id)


HANDLERS = (
    Handler(
        type_token="aws:lb/loadBalancer:LoadBalancer",
        inputs=frozenset(
            {"name", "loadBalancerType", "internal", "ipAddressType", "subnets", "securityGroups", "tags"}
            | {*_LB_ATTRIBUTES, *_LOGS}
        ),
        create=_create_lb,
        update=_update_lb,
        delete=_delete_lb,
        replace_on=frozenset({"name", "loadBalancerType", "internal"}),
        name_property="name",
    ),
    Handler(
        type_token="aws:lb/targetGroup:TargetGroup",
        inputs=_TG_REPLACING | {"healthCheck", "stickiness", "tags", *_TG_ATTRIBUTES},
        create=_create_tg,
        update=_update_tg,
        delete=_delete_tg,
        replace_on=_TG_REPLACING,
        name_property="name",
    ),
)
