"""Elastic Load Balancing beside moto: it deletes a load balancer whose deletion protection is on."""

from __future__ import annotations

from typing import Any

from offline.aws.moto.patching import add


def extend() -> None:
    """Complete moto's ELB version 2, whose requests come by the routes of version 1."""
    from moto.elbv2.exceptions import ELBClientError
    from moto.elbv2.models import ELBv2Backend

    delete = ELBv2Backend.delete_load_balancer

    def delete_load_balancer(self: Any, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
            raise ELBClientError(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        delete(self, arn)

    add(ELBv2Backend, delete_load_balancer)
