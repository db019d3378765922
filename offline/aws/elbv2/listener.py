"""Elastic Load Balancing v2: listeners and their rules."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.elbv2.load_balancer import TAGGING
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import delete_by, differs, each, joined, pascal, tags_upper
from offline.aws.shapes import only, pascal_keys, present

_LISTENER_TYPE = "aws:lb/listener:Listener"
_RULE_TYPE = "aws:lb/listenerRule:ListenerRule"


def _renamed(where: str, value: Any) -> Any:
    return pascal_keys(value)


_STICKINESS = pascal("enabled", duration="DurationSeconds")
_FORWARD = pascal(
    targetGroups=each(pascal("weight", arn="TargetGroupArn")),
    stickiness=(
        "TargetGroupStickinessConfig",
        lambda where, value: {"Enabled": False, **_STICKINESS(where, value)},
    ),
)
_ACTION = pascal(
    "order targetGroupArn type",
    authenticateCognito=("AuthenticateCognitoConfig", _renamed),
    authenticateOidc=("AuthenticateOidcConfig", _renamed),
    fixedResponse=("FixedResponseConfig", _renamed),
    forward=("ForwardConfig", _FORWARD),
    redirect=("RedirectConfig", _renamed),
)
_CONDITIONS = {
    "hostHeader": ("host-header", "HostHeaderConfig"),
    "httpHeader": ("http-header", "HttpHeaderConfig"),
    "httpRequestMethod": ("http-request-method", "HttpRequestMethodConfig"),
    "pathPattern": ("path-pattern", "PathPatternConfig"),
    "sourceIp": ("source-ip", "SourceIpConfig"),
}


def _condition(where: str, condition: dict[str, Any]) -> dict[str, Any]:
    if len(condition) != 1:
        raise AwsInputError([f"A listener rule's condition has one kind of match; found {sorted(condition)}."])
    ((kind, value),) = condition.items()
    if kind == "queryStrings":
        return {"Field": "query-string", "QueryStringConfig": {"Values": pascal_keys(value)}}
    if kind not in _CONDITIONS:
        raise AwsInputError([f"A listener rule's condition {kind} is not known; known: {sorted(_CONDITIONS)}."])
    field, config = _CONDITIONS[kind]
    return {"Field": field, config: pascal_keys(value)}


_LISTENER = pascal(
    "port protocol sslPolicy",
    alpnPolicy=lambda where, value: [value],
    certificateArn=("Certificates", lambda where, value: [{"CertificateArn": value}]),
    defaultActions=each(_ACTION),
)
_RULE = pascal(conditions=each(_condition), actions=each(_ACTION))
_TAGS = pascal(tags=tags_upper)


def _create_listener(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = joined(pascal("loadBalancerArn"), _LISTENER, _TAGS).of(_LISTENER_TYPE, inputs)
    answer = aws.call("elbv2", "create_listener", **request)
    return _listener(only(answer["Listeners"]), inputs)


def _listener(listener: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    arn = listener["ListenerArn"]
    computed = present(sslPolicy=listener.get("SslPolicy"), protocol=listener.get("Protocol"))
    return Applied(id=arn, outputs={**computed, **inputs})


def _update_listener(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    listener = {"ListenerArn": old.id, "SslPolicy": old.outputs.get("sslPolicy")}
    if differs(old, inputs, _LISTENER):
        answer = aws.call("elbv2", "modify_listener", ListenerArn=old.id, **_LISTENER.of(_LISTENER_TYPE, inputs))
        listener = only(answer["Listeners"])
    return _listener(listener, inputs)


def _create_rule(aws: Aws, inputs: dict[str, Any]) -> Applied:
    listener = inputs["listenerArn"]
    priority = inputs.get("priority")
    if priority is None:
        # The provider takes the first number behind the rules that exist.
        rules = aws.call("elbv2", "describe_rules", ListenerArn=listener)["Rules"]
        priority = 1 + max((int(rule["Priority"]) for rule in rules if rule["Priority"] != "default"), default=0)
    request = joined(_RULE, _TAGS).of(_RULE_TYPE, inputs)
    answer = aws.call("elbv2", "create_rule", ListenerArn=listener, Priority=priority, **request)
    arn = only(answer["Rules"])["RuleArn"]
    return Applied(id=arn, outputs={"priority": priority})


def _update_rule(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    priority = inputs.get("priority", old.outputs["priority"])
    if priority != old.outputs["priority"]:
        moved = [{"RuleArn": old.id, "Priority": priority}]
        aws.call("elbv2", "set_rule_priorities", RulePriorities=moved)
    if differs(old, inputs, _RULE):
        aws.call("elbv2", "modify_rule", RuleArn=old.id, **_RULE.of(_RULE_TYPE, inputs))
    return Applied(id=old.id, outputs={"priority": priority})


HANDLERS = (
    Handler(
        type_token=_LISTENER_TYPE,
        inputs=joined(_LISTENER, _TAGS).names | {"loadBalancerArn"},
        required=frozenset({"loadBalancerArn", "defaultActions"}),
        create=_create_listener,
        update=_update_listener,
        delete=delete_by("elbv2", "delete_listener", "ListenerArn"),
        replace_on=frozenset({"loadBalancerArn"}),
        arn="{id}",
        retag=TAGGING.change,
    ),
    Handler(
        type_token=_RULE_TYPE,
        inputs=joined(_RULE, _TAGS).names | {"listenerArn", "priority"},
        required=frozenset({"listenerArn", "conditions", "actions"}),
        create=_create_rule,
        update=_update_rule,
        delete=delete_by("elbv2", "delete_rule", "RuleArn"),
        replace_on=frozenset({"listenerArn"}),
        arn="{id}",
        retag=TAGGING.change,
    ),
)
