"""Elastic Load Balancing beside moto: it deletes what is protected, and takes a second one of a name or port."""

from __future__ import annotations

from typing import Any

from offline.aws.moto.patching import add


def extend() -> None:
    """Complete moto's ELB version 2, whose requests come by the routes of version 1."""
    from moto.elbv2.exceptions import DuplicateListenerError, DuplicateLoadBalancerName, ELBClientError
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

    create, listen = ELBv2Backend.create_load_balancer, ELBv2Backend.create_listener

    def create_load_balancer(self: Any, name: str, *arguments: Any, **more: Any) -> Any:
        if any(balancer.name == name for balancer in self.load_balancers.values()):
            raise DuplicateLoadBalancerName
        return create(self, name, *arguments, **more)

    def create_listener(
        self: Any, load_balancer_arn: str, protocol: str, port: str, *arguments: Any, **more: Any
    ) -> Any:
        balancer = self.load_balancers.get(load_balancer_arn)
        if balancer is not None and any(str(each.port) == str(port) for each in balancer.listeners.values()):
            raise DuplicateListenerError
        return listen(self, load_balancer_arn, protocol, port, *arguments, **more)

    add(ELBv2Backend, delete_load_balancer, create_load_balancer, create_listener)
