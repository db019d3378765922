"""The policy `target-group-one-service` where an external controller deploys: what is in a target group are task sets."""

from typing import Any

import pytest

from policies.resources import tokens
from policies.rules.wiring.routing import target_group_one_service
from tests.policies.judging import judged


def task_set(stack: Any, unknown: str, name: str, service: str, group: str) -> None:
    balanced = {"targetGroupArn": unknown, "containerName": "app", "containerPort": 80}
    props = {"service": unknown, "cluster": "shop", "taskDefinition": "api", "loadBalancers": [balanced]}
    stack.add(tokens.TASK_SET, name, props, service=(service,), loadBalancers=(group,))


@pytest.mark.parametrize(
    ("services", "found"),
    [
        (
            (),
            ["dev-api: api forwards to it, and no service is in it. Required: the service's loadBalancers to name it."],
        ),
        (("api", "api"), []),
        (("api", "search"), ["dev-api: the services api, search are in it. Required: one service."]),
    ],
)
def test_the_task_sets_of_one_service_are_that_service(
    stack: Any, unknown: str, services: tuple[str, ...], found: list[str]
) -> None:
    group = stack.add(tokens.TARGET_GROUP, "api", {"name": "dev-api", "arn": unknown, "targetType": "ip"})
    forward = {"actions": [{"type": "forward", "targetGroupArn": unknown}]}
    stack.add(tokens.LISTENER_RULE, "api", forward, actions=(group,))
    other = stack.add(tokens.TARGET_GROUP, "other", {"name": "dev-other", "arn": unknown, "targetType": "ip"})
    task_set(stack, unknown, "other", stack.service("others", controller="EXTERNAL"), other)
    urns = {name: stack.service(name, controller="EXTERNAL") for name in dict.fromkeys(services)}
    for number, name in enumerate(services):
        task_set(stack, unknown, f"{name}-{number}", urns[name], group)
    of_group = [finding for finding in judged(target_group_one_service, stack.graph(), "dev") if finding.urn == group]
    said = [finding.message.partition(target_group_one_service.spec.why)[0].strip() for finding in of_group]
    assert said == found
