"""Security groups of a stage and their rules over TCP: each way stands on both of its sides, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pulumi import Input, Resource, ResourceOptions
from pulumi_aws import ec2, vpc

from ..scope import StageScope

_WORLD: Final = "0.0.0.0/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroups:
    """The groups of one component and their rules."""

    parent: Resource
    scope: StageScope
    component: str
    """As the tags name it."""
    vpc_id: Input[str]

    def group(self, name: str, description: str) -> ec2.SecurityGroup:
        """A group that lets nothing in and nothing out."""
        return ec2.SecurityGroup(
            name,
            name=self.scope.name(name),
            description=description,
            vpc_id=self.vpc_id,
            tags=self.scope.tags(self.component, name=self.scope.name(name)),
            opts=self._child,
        )

    def from_world(self, name: str, group: Input[str], port: int, description: str) -> Resource:
        """Requests from everywhere, over IPv4."""
        return self._rule(vpc.SecurityGroupIngressRule, name, group, port, description, cidr_ipv4=_WORLD)

    def to_world(self, name: str, group: Input[str], port: int, description: str) -> Resource:
        """Requests to everywhere, over IPv4."""
        return self._rule(vpc.SecurityGroupEgressRule, name, group, port, description, cidr_ipv4=_WORLD)

    def way(
        self, name: str, source: Input[str], target: Input[str], port: int, *, out: str, into: str
    ) -> tuple[Resource, Resource]:
        """From the members of one group to those of another: its half at the source, described by `out`, and that at the target."""
        return (
            self._rule(vpc.SecurityGroupEgressRule, name, source, port, out, referenced_security_group_id=target),
            self._rule(vpc.SecurityGroupIngressRule, name, target, port, into, referenced_security_group_id=source),
        )

    def _rule(
        self,
        kind: type[vpc.SecurityGroupIngressRule | vpc.SecurityGroupEgressRule],
        name: str,
        group: Input[str],
        port: int,
        description: str,
        *,
        cidr_ipv4: Input[str] | None = None,
        referenced_security_group_id: Input[str] | None = None,
    ) -> Resource:
        return kind(
            name,
            security_group_id=group,
            cidr_ipv4=cidr_ipv4,
            referenced_security_group_id=referenced_security_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=description,
            tags=self.scope.tags(self.component),
            opts=self._child,
        )

    @property
    def _child(self) -> ResourceOptions:
        return ResourceOptions(parent=self.parent)
