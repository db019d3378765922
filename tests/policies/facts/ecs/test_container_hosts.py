"""EC2 machines that ECS tasks run on: whose security groups their tasks have, and which machines are none of these."""

import base64
from typing import Any

import pytest

from policies.resources import tokens
from tests.policies.conftest import UNKNOWN, StackBuilder

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
JOINS = "#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config"
WITHOUT_LIMIT = (
    "gateway: it can reach a database, and no container declares DB_CONN_LIMIT (containers: app). Its connections cannot be counted. "
    "Set DB_CONN_LIMIT to a positive integer in the container's environment. Where it opens none, tag its task definition "
    '"budget:connections" with 0.'
)


@pytest.fixture
def shop(stack: StackBuilder) -> StackBuilder:
    """A service without variables of a database, in bridge mode, and a group that the database lets in."""
    stack.database()
    stack.group("machines")
    stack.opens(stack.urn(tokens.SECURITY_GROUP, "db"), stack.urn(tokens.SECURITY_GROUP, "machines"))
    stack.change(stack.service("gateway", limit=None), networkConfiguration=None)
    return stack


def template(stack: StackBuilder, name: str = "machines", **props: Any) -> str:
    group = stack.urn(tokens.SECURITY_GROUP, "machines")
    return stack.add(
        TEMPLATE, name, {"name": name, "vpcSecurityGroupIds": UNKNOWN, **props}, vpcSecurityGroupIds=(group,)
    )


@pytest.mark.parametrize(
    "data",
    [
        JOINS,
        base64.b64encode(JOINS.encode()).decode(),
        '[settings.ecs]\ncluster = "shop"',
        "Initialize-ECSAgent -Cluster shop",
    ],
)
def test_tasks_in_bridge_mode_have_the_groups_of_their_machines(shop: StackBuilder, data: str) -> None:
    template(shop, userData=data)
    assert shop.messages() == [WITHOUT_LIMIT]


def test_a_cluster_in_unknown_user_data_tells_a_machine_of_it(shop: StackBuilder) -> None:
    urn = template(shop, userData=UNKNOWN)
    cluster = shop.add(tokens.CLUSTER, "shop", {"name": UNKNOWN})
    old = shop.resources[urn]
    shop.add(TEMPLATE, "machines", old.props, userData=(cluster,), **old.property_dependencies)
    assert shop.messages() == [WITHOUT_LIMIT]


@pytest.mark.parametrize("prop", ["launchTemplate", "mixedInstancesPolicy"])
def test_a_capacity_providers_machines_run_tasks(shop: StackBuilder, prop: str) -> None:
    group = shop.add("aws:autoscaling/group:Group", "machines", {}, **{prop: (template(shop),)})
    shop.add("aws:ecs/capacityProvider:CapacityProvider", "machines", {}, autoScalingGroupProvider=(group,))
    assert shop.messages() == [WITHOUT_LIMIT]


def test_without_machines_in_the_stack_the_groups_are_not_known(shop: StackBuilder) -> None:
    service = shop.urn(tokens.SERVICE, "gateway")
    assert shop.messages() == [
        f"gateway: undecided: networkConfiguration of {service} is absent, so its tasks have the security groups of their EC2 "
        "machines, which are none of this stack, so whether it reaches a database is not known. Its connections cannot be counted."
    ]


def test_a_machine_that_is_no_host_is_a_client_of_its_own(shop: StackBuilder) -> None:
    shop.service("gateway", limit="1")
    shop.change(shop.urn(tokens.SERVICE, "gateway"), networkConfiguration=None)
    template(shop, userData=JOINS)
    assert (shop.messages(), shop.budget().budget.used) == ([], 7)
    template(shop, "legacy", userData="#!/bin/bash\nsystemctl start shop")
    (message,) = shop.messages()
    assert message.startswith("legacy: its connections cannot be counted: it can reach db by its security groups")
