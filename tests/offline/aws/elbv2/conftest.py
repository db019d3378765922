"""A load balancer for tests of it and of its listeners."""

from typing import Any

import pytest


@pytest.fixture
def group_id(cloud: Any, vpc_id: str) -> str:
    """A security group in `cloud`."""
    return cloud.make("aws:ec2/securityGroup:SecurityGroup", "alb", name="alb", vpcId=vpc_id).id


@pytest.fixture
def balancer(cloud: Any, subnet_ids: list[str], group_id: str) -> Any:
    """A load balancer in `cloud`."""
    return cloud.make(
        "aws:lb/loadBalancer:LoadBalancer",
        "alb",
        name="dev-alb",
        subnets=subnet_ids,
        securityGroups=[group_id],
        idleTimeout=65,
        dropInvalidHeaderFields=True,
        accessLogs={"bucket": "dev-logs", "prefix": "dev", "enabled": True},
        tags={"Stage": "dev"},
    )
