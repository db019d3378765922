"""How a service keeps its tasks, and how it replaces them while it deploys, with ECS's own values where it says nothing."""

from __future__ import annotations

from policies.resources.graph import Resource
from policies.resources.outcomes import Reading
from policies.resources.reading import optional
from policies.resources.requested import asked_integer, asked_text

_REPLICA = "REPLICA"
_PERCENTS, _OF_A_DAEMON = (100, 200), (0, 100)
"""Of the tasks that are wanted, the least and the most that run while a service deploys (ECS API Reference, DeploymentConfiguration).

ECS refuses more than 100 of a daemon, whose new task takes the place of the old one (hashicorp/terraform-provider-aws, pull 4825).
"""


def scheduling(service: Resource) -> str:
    """REPLICA, DAEMON, or a word that ECS does not know."""
    return optional(asked_text(service, "schedulingStrategy"), _REPLICA)


def is_daemon(service: Resource) -> bool:
    """Whether it runs a task on every instance: it has no count, no circuit breaker, and stops a task before it starts another."""
    return scheduling(service) != _REPLICA


def desired_count(service: Resource) -> Reading[int]:
    """The tasks that it runs; absent where the program leaves it to a scaling target, or to whoever scales it by hand."""
    return asked_integer(service, "desiredCount")


def controller(service: Resource) -> str:
    """Who replaces the tasks: ECS, CODE_DEPLOY, EXTERNAL, or a word that ECS does not know."""
    return optional(asked_text(service, "deploymentController", "type"), "ECS")


def strategy(service: Resource) -> str:
    """How ECS replaces them: ROLLING, BLUE_GREEN, LINEAR, CANARY, or a word that it does not know."""
    return optional(asked_text(service, "deploymentConfiguration", "strategy"), "ROLLING")


def least_percent(service: Resource) -> int:
    """deploymentMinimumHealthyPercent: what keeps running while it deploys."""
    own = asked_integer(service, "deploymentMinimumHealthyPercent")
    return optional(own, (_OF_A_DAEMON if is_daemon(service) else _PERCENTS)[0])


def most_percent(service: Resource) -> int:
    """deploymentMaximumPercent: what may run at once while it deploys."""
    own = asked_integer(service, "deploymentMaximumPercent")
    return optional(own, (_OF_A_DAEMON if is_daemon(service) else _PERCENTS)[1])
