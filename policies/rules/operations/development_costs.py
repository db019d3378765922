"""Policies about what a development stage need not pay for. They are silent in every other stage, whatever level they are given."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.ecs.definitions import is_for_windows
from policies.resources.graph import Resource
from policies.resources.reading import optional, read_text, required
from policies.resources.references import belonging, task_definitions
from policies.resources.requested import asked_flag, asked_integer
from policies.resources.tokens import (
    DB_CLUSTER_INSTANCE,
    DB_INSTANCE,
    LOG_GROUP,
    NAT_GATEWAY,
    SERVICE,
    SUBNET,
    TASK_DEFINITION,
    VPC,
)
from policies.rules.ecs.capacity import on_fargate, strategy
from policies.rules.policy import DEV_ADVISORY, setting
from policies.rules.rule import Problem, Stack, about, only_in, policy

_STAGES = setting("stages", ("dev",), "Names of the stacks that are development stages.")


@only_in(_STAGES.name)
@policy(
    what="A development stage keeps its logs for a month at most.",
    why="Stored logs cost by the month, and nobody reads old ones of a development stage.",
    severity="low",
    how_to_fix="Set retentionInDays to 30 or less.",
    url="https://aws.amazon.com/cloudwatch/pricing/",
    levels=DEV_ADVISORY,
    settings=(setting("maximumDays", 30, "Days that logs are kept at most."), _STAGES),
    types=(LOG_GROUP,),
)
def dev_logs_short(stack: Stack, group: Resource) -> Iterator[Problem]:
    most = stack.number("maximumDays")
    days = optional(asked_integer(group, "retentionInDays"), 0)
    if days > most:
        yield Problem(f"retentionInDays is {days}", f"at most {most}")


@only_in(_STAGES.name)
@policy(
    what="A development database is a small one that bursts.",
    why="It idles most of the day, and an instance class is paid by the hour.",
    severity="low",
    how_to_fix="Take a db.t4g class, up to medium.",
    url="https://aws.amazon.com/rds/instance-types/",
    levels=DEV_ADVISORY,
    settings=(_STAGES,),
    types=(DB_INSTANCE, DB_CLUSTER_INSTANCE),
)
def dev_database_small(_: Stack, database: Resource) -> Iterator[Problem]:
    klass = required(read_text(database, "instanceClass"))
    parts = klass.split(".")
    if klass != "db.serverless" and not (
        parts[1:2] and parts[1].startswith("t") and parts[-1] in ("micro", "small", "medium")
    ):
        # Aurora has neither micro nor small (Amazon Aurora User Guide, DB instance class types).
        small = (
            "db.t4g.medium, or db.serverless"
            if database.type == DB_CLUSTER_INSTANCE
            else "db.t4g.micro, small or medium"
        )
        yield Problem(f"instanceClass is {klass[:40]}", small)


@only_in(_STAGES.name)
@policy(
    what="A development database has no standby in another zone.",
    why="A standby doubles the price of the instance, and a development stage can wait for a restart.",
    severity="low",
    how_to_fix="Set multiAz to false.",
    url="https://aws.amazon.com/rds/mysql/pricing/",
    levels=DEV_ADVISORY,
    settings=(_STAGES,),
    types=(DB_INSTANCE,),
)
def dev_no_multi_az(_: Stack, database: Resource) -> Iterator[Problem]:
    if optional(asked_flag(database, "multiAz"), False):
        yield Problem("multiAz is true", "false")


@only_in(_STAGES.name)
@policy(
    what="A development stage pays for one NAT gateway.",
    why="Each costs by the hour, used or not.",
    severity="low",
    how_to_fix="Route all private subnets to one NAT gateway.",
    url="https://aws.amazon.com/vpc/pricing/",
    levels=DEV_ADVISORY,
    settings=(_STAGES,),
    types=(VPC,),
    also=(NAT_GATEWAY, SUBNET),
)
def dev_one_nat(stack: Stack, vpc: Resource) -> Iterator[Problem]:
    graph = stack.graph
    gateways = [
        gateway
        for subnet in belonging(graph, vpc, SUBNET, "vpcId")
        for gateway in belonging(graph, subnet, NAT_GATEWAY, "subnetId")
    ]
    if len(gateways) > 1:
        yield Problem(f"it has {len(gateways)} NAT gateways", "1")


@only_in(_STAGES.name)
@policy(
    what="A development stage runs its services on Spot, too.",
    why="Spot costs up to 70 percent less, and an interrupted task of a development stage hurts nobody.",
    severity="low",
    how_to_fix="Add FARGATE_SPOT with a weight above 0 to capacityProviderStrategies.",
    url="https://aws.amazon.com/fargate/pricing/",
    levels=DEV_ADVISORY,
    settings=(_STAGES,),
    types=(SERVICE,),
    also=(TASK_DEFINITION,),
)
def dev_spot(stack: Stack, service: Resource) -> Iterator[Problem]:
    for definition in task_definitions(stack.graph, service, "taskDefinition"):
        with about(definition):
            if is_for_windows(definition):
                return  # Fargate Spot has no Windows
    if on_fargate(service) and not any(one.provider == "FARGATE_SPOT" and one.share > 0 for one in strategy(service)):
        yield Problem("it runs without FARGATE_SPOT", "FARGATE_SPOT with a weight")
