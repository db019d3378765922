"""What moto lacks in Elastic Load Balancing and is completed by."""

from __future__ import annotations

from typing import Any

import pytest

from offline.aws.handler import AwsError


def test_a_protected_load_balancer_is_not_deleted(cloud: Any, subnet_ids: list[str]) -> None:
    kind = "aws:lb/loadBalancer:LoadBalancer"
    balancer = cloud.make(kind, "alb", name="alb", subnets=subnet_ids, enableDeletionProtection=True).id
    with pytest.raises(AwsError) as caught:
        cloud.delete(kind, "alb")
    assert str(caught.value) == (
        'Deleting aws:lb/loadBalancer:LoadBalancer "alb": AWS refused elbv2:delete_load_balancer with '
        f"OperationNotPermitted: Load balancer '{balancer}' cannot be deleted because deletion protection is enabled."
    )
