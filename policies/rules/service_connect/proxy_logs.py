"""The policy `service-connect-logged`: what Service Connect's proxy says of requests that it could not deliver is kept."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.ecs.service_connect import CONFIGURATION
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent
from policies.resources.reading import optional, read, read_text
from policies.resources.requested import asked_flag
from policies.resources.tokens import SERVICE
from policies.rules.policy import PRD_ADVISORY
from policies.rules.rule import Problem, Stack, policy

_KEPT = ("awsfirelens", "awslogs", "splunk")


@policy(
    what="Service Connect's proxy logs to where logs are kept.",
    why="Why a request between two services failed stands in the log of the proxy alone.",
    severity="low",
    how_to_fix="Set serviceConnectConfiguration.logConfiguration to awslogs with a log group of the stack.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html",
    levels=PRD_ADVISORY,
    types=(SERVICE,),
)
def service_connect_logged(_: Stack, service: Resource) -> Iterator[Problem]:
    if isinstance(read(service, CONFIGURATION), Absent) or not optional(
        asked_flag(service, CONFIGURATION, "enabled"), True
    ):
        return
    where = f"{CONFIGURATION}.logConfiguration"
    if isinstance(read(service, CONFIGURATION, "logConfiguration"), Absent):
        yield Problem(f"{where} is not set", "awslogs, with a log group of the stack")
        return
    driver = optional(read_text(service, CONFIGURATION, "logConfiguration", "logDriver"), "")
    if driver not in _KEPT:
        yield Problem(f"{where}.logDriver is {driver[:30] or 'not set'}, whose logs nobody keeps", " or ".join(_KEPT))
