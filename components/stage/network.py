"""Network: the stage's VPC over two or three Availability Zones, or an existing VPC by its ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws import GetAvailabilityZonesFilterArgs, cloudwatch, ec2, get_availability_zones

from settings.stage import Network as NetworkSettings

from ..calc.iam.roles import flow_logs_assume_role, flow_logs_policy
from ..calc.subnets import plan_subnets
from ..roles import role_with_policy
from ..scope import COMPONENT_PACKAGE, StageScope


def zone_names() -> Sequence[str]:
    """The region's Availability Zones, without Local and Wavelength Zones that the account opted into.

    Those have no NAT gateways, load balancers or databases. Source: EC2 API Reference, DescribeAvailabilityZones.
    """
    regular = GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])
    return get_availability_zones(state="available", filters=[regular]).names


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkArgs:
    """Where the stage's subnets lie."""

    scope: StageScope
    settings: NetworkSettings
    """CIDR, Availability Zones and NAT gateways, or the ids of an existing VPC."""
    zone_names: Sequence[str]
    """Availability Zones of the region; as many as the settings ask for are used, in this order."""

    def __post_init__(self) -> None:
        wanted = self.settings.availability_zones
        if self.settings.existing is None and len(self.zone_names) < wanted:
            raise ValueError(
                f"The network needs {wanted} Availability Zones, and {self.scope.location.region} offers "
                f"{len(self.zone_names)} ({', '.join(self.zone_names)}): lower network.availabilityZones."
            )


class Network(ComponentResource):
    """VPC, subnets, routes and flow logs of one stage."""

    vpc_id: Output[str]
    public_subnet_ids: Output[Sequence[str]]
    private_subnet_ids: Output[Sequence[str]]
    database_subnet_ids: Output[Sequence[str]]
    identity: str
    """What distinguishes this VPC from the next one and is known at preview: its CIDR, or the id of an existing VPC."""

    def __init__(self, name: str, args: NetworkArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:Network", name, None, opts)
        self._scope = args.scope
        existing = args.settings.existing
        if existing is not None:
            self.identity = existing.vpc_id
            self._expose(
                existing.vpc_id, existing.public_subnet_ids, existing.private_subnet_ids, existing.database_subnet_ids
            )
        else:
            self._create(name, args)
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "publicSubnetIds": self.public_subnet_ids,
                "privateSubnetIds": self.private_subnet_ids,
                "databaseSubnetIds": self.database_subnet_ids,
            }
        )

    def _expose(
        self,
        vpc_id: Input[str],
        public: Sequence[Input[str]],
        private: Sequence[Input[str]],
        database: Sequence[Input[str]],
    ) -> None:
        self.vpc_id = Output.from_input(vpc_id)
        self.public_subnet_ids = Output.all(*public)
        self.private_subnet_ids = Output.all(*private)
        self.database_subnet_ids = Output.all(*database)

    def _create(self, name: str, args: NetworkArgs) -> None:
        scope, settings = args.scope, args.settings
        cidr = settings.cidr or ""
        self.identity = cidr
        child = ResourceOptions(parent=self)
        vpc = ec2.Vpc(
            name,
            cidr_block=cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=scope.tags("network", name=scope.name("vpc")),
            opts=child,
        )
        # The group every VPC is born with allows its members everything; without rules nothing can lean on it.
        ec2.DefaultSecurityGroup(
            name,
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            tags=scope.tags("network", name=scope.name("default-closed")),
            opts=child,
        )
        zones = list(args.zone_names[: settings.availability_zones])
        plan = plan_subnets(cidr, len(zones))
        public = self._subnets("public", vpc, zones, plan.public)
        private = self._subnets("private", vpc, zones, plan.private)
        database = self._subnets("database", vpc, zones, plan.database)
        gateway = ec2.InternetGateway(
            name, vpc_id=vpc.id, tags=scope.tags("network", name=scope.name("igw")), opts=child
        )
        self._route_table("public", vpc, public, ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", gateway_id=gateway.id))
        tables = self._private_routes(vpc, zones, public, private, settings.nat_gateways, gateway)
        # The database's subnets stay with the VPC's main route table, which leads nowhere but to the VPC itself.
        # Image layers come from S3: the gateway endpoint is free and keeps them off the NAT gateway's bill.
        ec2.VpcEndpoint(
            "s3",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{scope.location.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            tags=scope.tags("network", name=scope.name("s3")),
            opts=child,
        )
        self._flow_logs(vpc)
        self._expose(vpc.id, [s.id for s in public], [s.id for s in private], [s.id for s in database])

    def _subnets(self, tier: str, vpc: ec2.Vpc, zones: Sequence[str], blocks: Sequence[str]) -> list[ec2.Subnet]:
        return [
            ec2.Subnet(
                f"{tier}-{zone[-1]}",
                vpc_id=vpc.id,
                cidr_block=block,
                availability_zone=zone,
                map_public_ip_on_launch=False,
                tags=self._scope.tags("network", name=self._scope.name(f"{tier}-{zone[-1]}")),
                opts=ResourceOptions(parent=self),
            )
            for zone, block in zip(zones, blocks, strict=True)
        ]

    def _route_table(
        self, label: str, vpc: ec2.Vpc, subnets: Sequence[ec2.Subnet], route: ec2.RouteTableRouteArgs
    ) -> ec2.RouteTable:
        """A table with its one route: one that somebody adds by hand is taken away by the next `up`."""
        table = ec2.RouteTable(
            label,
            vpc_id=vpc.id,
            routes=[route],
            tags=self._scope.tags("network", name=self._scope.name(label)),
            opts=ResourceOptions(parent=self),
        )
        for index, subnet in enumerate(subnets):
            ec2.RouteTableAssociation(
                f"{label}-{index}", route_table_id=table.id, subnet_id=subnet.id, opts=ResourceOptions(parent=self)
            )
        return table

    def _private_routes(
        self,
        vpc: ec2.Vpc,
        zones: Sequence[str],
        public: Sequence[ec2.Subnet],
        private: Sequence[ec2.Subnet],
        nat_gateways: int,
        gateway: ec2.InternetGateway,
    ) -> list[ec2.RouteTable]:
        """One route table a NAT gateway: a zone of its own survives the others, a shared one is cheaper."""
        tables: list[ec2.RouteTable] = []
        for index in range(nat_gateways):
            letter = zones[index][-1]
            address = ec2.Eip(
                f"nat-{letter}",
                domain="vpc",
                tags=self._scope.tags("network", name=self._scope.name(f"nat-{letter}")),
                opts=ResourceOptions(parent=self, depends_on=[gateway]),
            )
            nat = ec2.NatGateway(
                f"nat-{letter}",
                allocation_id=address.id,
                subnet_id=public[index].id,
                tags=self._scope.tags("network", name=self._scope.name(f"nat-{letter}")),
                opts=ResourceOptions(parent=self, depends_on=[gateway]),
            )
            served = private if nat_gateways == 1 else [private[index]]
            route = ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", nat_gateway_id=nat.id)
            tables.append(self._route_table(f"private-{letter}", vpc, served, route))
        return tables

    def _flow_logs(self, vpc: ec2.Vpc) -> None:
        scope = self._scope
        child = ResourceOptions(parent=self)
        group_name = f"/{scope.stage}/vpc-flow-logs"
        role_name = scope.name("vpc-flow-logs")
        group = cloudwatch.LogGroup(
            "flow-logs",
            name=group_name,
            retention_in_days=scope.log_retention_days,
            tags=scope.tags("network"),
            opts=child,
        )
        policy = role_with_policy(
            self,
            "flow-logs",
            name=role_name,
            trust=flow_logs_assume_role(scope.location),
            kind="write-flow-logs",
            document=flow_logs_policy(scope.location, group_name),
            tags=scope.tags("network"),
        )
        ec2.FlowLog(
            "flow-logs",
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=scope.location.log_group(group_name),
            iam_role_arn=scope.location.iam_role(role_name),
            max_aggregation_interval=600,
            tags=scope.tags("network", name=scope.name("flow-logs")),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[group, policy]),
        )
