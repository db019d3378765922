"""Elastic Load Balancing v2: listeners and their rules."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.elbv2.load_balancer import TAGGING
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.shapes import changed, members, only, pascal, present
from offline.aws.tagging import tag_list

_ACTION = {
    "type": "Type",
    "order": "Order",
    "targetGroupArn": "TargetGroupArn",
    "forward": "ForwardConfig",
    "redirect": "RedirectConfig",
    "fixedResponse": "FixedResponseConfig",
    "authenticateCognito": "AuthenticateCognitoConfig",
    "authenticateOidc": "AuthenticateOidcConfig",
}
_CONDITIONS = {
    "hostHeader": ("host-header", "HostHeaderConfig"),
    "httpHeader": ("http-header", "HttpHeaderConfig"),
    "httpRequestMethod": ("http-request-method", "HttpRequestMethodConfig"),
    "pathPattern": ("path-pattern", "PathPatternConfig"),
    "sourceIp": ("source-ip", "SourceIpConfig"),
}


def _action(action: dict[str, Any]) -> dict[str, Any]:
    made = members("A listener action", action, _ACTION)
    if "ForwardConfig" in made:
        known = {"targetGroups": "TargetGroups", "stickiness": "TargetGroupStickinessConfig"}
        forward = members("A forward action", made["ForwardConfig"], known)
        forward["TargetGroups"] = [
            members("A forward action's target group", group, {"arn": "TargetGroupArn", "weight": "Weight"})
            for group in forward["TargetGroups"]
        ]
        if "TargetGroupStickinessConfig" in forward:
            known = {"duration": "DurationSeconds", "enabled": "Enabled"}
            sticky = members("A forward action's stickiness", forward["TargetGroupStickinessConfig"], known)
            forward["TargetGroupStickinessConfig"] = {"Enabled": False, **sticky}
        made["ForwardConfig"] = forward
    for config in ("RedirectConfig", "FixedResponseConfig", "AuthenticateCognitoConfig", "AuthenticateOidcConfig"):
        if config in made:
            made[config] = pascal(made[config])
    return made


def _condition(condition: dict[str, Any]) -> dict[str, Any]:
    if len(condition) != 1:
        raise AwsInputError([f"A listener rule's condition has one kind of match; found {sorted(condition)}."])
    ((kind, value),) = condition.items()
    if kind == "queryStrings":
        return {"Field": "query-string", "QueryStringConfig": {"Values": pascal(value)}}
    if kind not in _CONDITIONS:
        raise AwsInputError([f"A listener rule's condition {kind} is not known; known: {sorted(_CONDITIONS)}."])
    field, config = _CONDITIONS[kind]
    return {"Field": field, config: pascal(value)}


def _listener_params(inputs: dict[str, Any]) -> dict[str, Any]:
    certificate = inputs.get("certificateArn")
    alpn = inputs.get("alpnPolicy")
    return present(
        Port=inputs.get("port"),
        Protocol=inputs.get("protocol"),
        SslPolicy=inputs.get("sslPolicy"),
        Certificates=[{"CertificateArn": certificate}] if certificate else None,
        AlpnPolicy=[alpn] if alpn else None,
        DefaultActions=[_action(action) for action in inputs["defaultActions"]],
    )


def _create_listener(aws: Aws, inputs: dict[str, Any]) -> Applied:
    answer = aws.call(
        "elbv2",
        "create_listener",
        **present(
            LoadBalancerArn=inputs["loadBalancerArn"],
            Tags=tag_list(inputs.get("tags")) or None,
            **_listener_params(inputs),
        ),
    )
    return _listener(only(answer["Listeners"]), inputs)


def _listener(listener: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    arn = listener["ListenerArn"]
    computed = present(sslPolicy=listener.get("SslPolicy"), protocol=listener.get("Protocol"))
    return Applied(id=arn, outputs={**computed, **inputs, "arn": arn})


def _update_listener(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    listener = {"ListenerArn": old.id, "SslPolicy": old.outputs.get("sslPolicy")}
    if changed(old.inputs, inputs, "port", "protocol", "sslPolicy", "certificateArn", "alpnPolicy", "defaultActions"):
        answer = aws.call("elbv2", "modify_listener", ListenerArn=old.id, **_listener_params(inputs))
        listener = only(answer["Listeners"])
    TAGGING.change(aws, [old.id], old, inputs)
    return _listener(listener, inputs)


def _delete_listener(aws: Aws, old: Recorded) -> None:
    aws.call("elbv2", "delete_listener", ListenerArn=old.id)


def _create_rule(aws: Aws, inputs: dict[str, Any]) -> Applied:
    listener = inputs["listenerArn"]
    priority = inputs.get("priority")
    if priority is None:
        # The provider takes the first number behind the rules that exist.
        rules = aws.call("elbv2", "describe_rules", ListenerArn=listener)["Rules"]
        priority = 1 + max((int(rule["Priority"]) for rule in rules if rule["Priority"] != "default"), default=0)
    answer = aws.call(
        "elbv2",
        "create_rule",
        **present(
            ListenerArn=listener,
            Priority=priority,
            Conditions=[_condition(condition) for condition in inputs["conditions"]],
            Actions=[_action(action) for action in inputs["actions"]],
            Tags=tag_list(inputs.get("tags")) or None,
        ),
    )
    arn = only(answer["Rules"])["RuleArn"]
    return Applied(id=arn, outputs={**inputs, "priority": priority, "arn": arn})


def _update_rule(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    priority = inputs.get("priority", old.outputs["priority"])
    if priority != old.outputs["priority"]:
        moved = [{"RuleArn": old.id, "Priority": priority}]
        aws.call("elbv2", "set_rule_priorities", RulePriorities=moved)
    if changed(old.inputs, inputs, "conditions", "actions"):
        aws.call(
            "elbv2",
            "modify_rule",
            RuleArn=old.id,
            Conditions=[_condition(condition) for condition in inputs["conditions"]],
            Actions=[_action(action) for action in inputs["actions"]],
        )
    TAGGING.change(aws, [old.id], old, inputs)
    return Applied(id=old.id, outputs={**inputs, "priority": priority, "arn": old.id})


def _delete_rule(aws: Aws, old: Recorded) -> None:
    aws.call("elbv2", "delete_rule", RuleArn=old.id)


HANDLERS = (
    Handler(
        type_token="aws:lb/listener:Listener",
        inputs=frozenset(
            {"loadBalancerArn", "port", "protocol", "sslPolicy", "certificateArn", "alpnPolicy", "defaultActions"}
            | {"tags"}
        ),
        required=frozenset({"loadBalancerArn", "defaultActions"}),
        create=_create_listener,
        update=_update_listener,
        delete=_delete_listener,
        replace_on=frozenset({"loadBalancerArn"}),
    ),
    Handler(
        type_token="aws:lb/listenerRule:ListenerRule",
        inputs=frozenset({"listenerArn", "priority", "conditions", "actions", "tags"}),
        required=frozenset({"listenerArn", "conditions", "actions"}),
        create=_create_rule,
        update=_update_rule,
        delete=_delete_rule,
        replace_on=frozenset({"listenerArn"}),
    ),
)
