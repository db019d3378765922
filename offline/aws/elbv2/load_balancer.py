"""Elastic Load Balancing v2: load balancers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import delete_by, member_changes, pascal, tags_upper, text
from offline.aws.shapes import changed, only
from offline.aws.tagging import Tagging

TAGGING = Tagging(service="elbv2", tag="add_tags", untag="remove_tags", resource="ResourceArns", many=True)

_TYPE = "aws:lb/loadBalancer:LoadBalancer"
_LB = pascal(
    "ipAddressType name securityGroups subnets",
    internal=("Scheme", lambda where, value: "internal" if value else "internet-facing"),
    loadBalancerType="Type",
    tags=tags_upper,
)
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
_LOGS = {
    name: pascal(bucket=f"{prefix}.bucket", enabled=f"{prefix}.enabled", prefix=f"{prefix}.prefix")
    for name, prefix in (("accessLogs", "access_logs.s3"), ("connectionLogs", "connection_logs.s3"))
}
_SWITCHED_OFF = ("access_logs.s3.enabled", "connection_logs.s3.enabled", "stickiness.enabled")
"""Attributes that end with their declaration."""


def set_attributes(
    aws: Aws, operation: str, resource: Mapping[str, str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Change the attributes that differ. Most that are no longer declared keep their last value, as with the provider."""
    if fresh := member_changes(before, after, dict.fromkeys(_SWITCHED_OFF, False)):
        listed = [{"Key": key, "Value": text(key, value)} for key, value in fresh.items()]
        aws.call("elbv2", operation, **resource, Attributes=listed)


def _lb_attributes(inputs: dict[str, Any]) -> dict[str, Any]:
    values = {key: inputs[name] for name, key in _LB_ATTRIBUTES.items() if name in inputs}
    for name, logs in _LOGS.items():
        if name in inputs:
            values |= logs(f"{_TYPE}.{name}", {"enabled": False, **inputs[name]})
    return values


def _set_lb_attributes(aws: Aws, arn: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    resource = {"LoadBalancerArn": arn}
    set_attributes(aws, "modify_load_balancer_attributes", resource, _lb_attributes(old), _lb_attributes(new))


def _create_lb(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = _LB.of(_TYPE, {"internal": False, "loadBalancerType": "application", **inputs})
    answer = aws.call("elbv2", "create_load_balancer", **request)
    balancer = only(answer["LoadBalancers"])
    _set_lb_attributes(aws, balancer["LoadBalancerArn"], {}, inputs)
    return _lb(balancer, inputs)


def _lb(balancer: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    arn = balancer["LoadBalancerArn"]
    seen = {
        "subnets": [zone["SubnetId"] for zone in balancer.get("AvailabilityZones", [])],
        "securityGroups": balancer.get("SecurityGroups", []),
    }
    computed = {
        "arnSuffix": arn.split(":loadbalancer/")[1],
        "dnsName": balancer["DNSName"],
        "ipAddressType": balancer.get("IpAddressType", "ipv4"),
        "vpcId": balancer["VpcId"],
        "zoneId": balancer["CanonicalHostedZoneId"],
    }
    return Applied(id=arn, outputs={**seen, **inputs, **computed})


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
    found = aws.call("elbv2", "describe_load_balancers", LoadBalancerArns=[old.id])
    return _lb(only(found["LoadBalancers"]), inputs)


HANDLERS = (
    Handler(
        type_token=_TYPE,
        inputs=_LB.names | {*_LB_ATTRIBUTES, *_LOGS},
        create=_create_lb,
        update=_update_lb,
        delete=delete_by("elbv2", "delete_load_balancer", "LoadBalancerArn"),
        replace_on=frozenset({"name", "loadBalancerType", "internal"}),
        name_property="name",
        defaults={
            "clientKeepAlive": 3600,
            "desyncMitigationMode": "defensive",
            "dropInvalidHeaderFields": False,
            "enableDeletionProtection": False,
            "enableHttp2": True,
            "idleTimeout": 60,
            "internal": False,
            "loadBalancerType": "application",
        },
        arn="{id}",
        retag=TAGGING.change,
    ),
)
