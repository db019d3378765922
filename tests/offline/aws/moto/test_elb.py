"""What moto lacks in Elastic Load Balancing and is completed by."""

from typing import Any

from offline.aws.handler import AwsError
from tests.refusals import refusal


def test_a_protected_load_balancer_is_not_deleted(cloud: Any, subnet_ids: list[str]) -> None:
    kind = "aws:lb/loadBalancer:LoadBalancer"
    balancer = cloud.make(kind, "alb", name="alb", subnets=subnet_ids, enableDeletionProtection=True).id
    assert refusal(lambda: cloud.delete(kind, "alb"), AwsError) == (
        'Deleting aws:lb/loadBalancer:LoadBalancer "alb": AWS refused elbv2:delete_load_balancer with '
        f"OperationNotPermitted: Load balancer '{balancer}' cannot be deleted because deletion protection is enabled."
    )
