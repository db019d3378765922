"""What a stage file sets: network, load balancer, cluster, database, logs and notifications of one stage."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from components.calc.rds import check_engine_version, check_instance_class, check_performance_insights, check_schema
from settings.base import LogRetentionDays, Misfit, SettingsModel, TagValue
from settings.problems import put, refusal
from settings.telemetry import Telemetry

MAX_CERTIFICATE_NAME = 64
"""Characters of a certificate's first name (ACM API Reference, RequestCertificate, after RFC 5280)."""
_NODE = "public.ecr.aws/docker/library/node@sha256:0a7108bf6c7bf5de370ffb1a3ed6be93d405b43ff159f681a8d18c0e2bc2e402"
_NGINX = "public.ecr.aws/docker/library/nginx@sha256:5616878291a2eed594aee8db4dade5878cf7edcb475e59193904b198d9b830de"
MAX_STORAGE_GIB = 65_536
"""Most gp3 storage of an RDS for MySQL instance (RDS User Guide, "Amazon RDS DB instance storage")."""
SubnetId = Annotated[str, Field(pattern=r"^subnet-[0-9a-f]{8,17}$")]


class Stage(SettingsModel):
    """What the stage is for."""

    environment: Literal["development", "staging", "production"] = Field(examples=["development"])
    """ENVIRONMENT of builds and containers, and the suffix of the env files."""


class ExistingNetwork(SettingsModel):
    """A VPC that this program does not manage, by its ids."""

    vpc_id: str = Field(pattern=r"^vpc-[0-9a-f]{8,17}$", examples=["vpc-0a1b2c3d4e5f60718"])
    """The VPC."""
    public_subnet_ids: tuple[SubnetId, ...] = Field(min_length=2, examples=[["subnet-0aa1b2c3", "subnet-0bb1b2c3"]])
    """Subnets of the load balancer, in at least two Availability Zones."""
    private_subnet_ids: tuple[SubnetId, ...] = Field(min_length=2, examples=[["subnet-0cc1b2c3", "subnet-0dd1b2c3"]])
    """Subnets of the tasks, with a way out to ECR and CloudWatch; the policy private-subnets knows them by its setting."""
    database_subnet_ids: tuple[SubnetId, ...] = Field(min_length=2, examples=[["subnet-0ee1b2c3", "subnet-0ff1b2c3"]])
    """Subnets of the database, in at least two Availability Zones."""

    def misfits(self) -> Iterator[Misfit]:
        """Subnets that are named twice."""
        for key, ids in (
            ("publicSubnetIds", self.public_subnet_ids),
            ("privateSubnetIds", self.private_subnet_ids),
            ("databaseSubnetIds", self.database_subnet_ids),
        ):
            if twice := sorted({subnet for subnet in ids if ids.count(subnet) > 1}):
                why = f"{key} names {', '.join(twice)} more than once: name each subnet once, and at least two"
                example = put(**{key: ["subnet-0aa1b2c3", "subnet-0bb1b2c3"]})
                yield Misfit(key=key, found=list(ids), why=why, example=example)


class Network(SettingsModel):
    """The stage's VPC: a new one by its CIDR, or an existing one by its ids."""

    example: ClassVar = {"cidr": "10.10.0.0/16"}
    cidr: str | None = Field(default=None, examples=["10.10.0.0/16"])
    """Private IPv4 range of the new VPC, /16 to /22."""
    availability_zones: int = Field(default=2, ge=2, le=3, examples=[2])
    """Availability Zones that the subnets span."""
    nat_gateways: int = Field(default=1, ge=1, le=3, examples=[1])
    """NAT gateways: 1 shared, or one per Availability Zone."""
    existing: ExistingNetwork | None = None
    """An existing VPC instead of a new one."""

    def misfits(self) -> Iterator[Misfit]:
        """A VPC that is new and not, and NAT gateways for a part of the zones."""
        if (self.cidr is None) == (self.existing is None):
            why = "give either cidr (a new VPC) or existing (ids of a VPC), not both and not neither"
            example = put(cidr="10.10.0.0/16") if self.cidr is None else "remove cidr"
            yield Misfit(key="cidr", found=self.cidr, why=why, example=example)
        if self.nat_gateways not in (1, self.availability_zones):
            why = f"1 (shared) or {self.availability_zones} (one per Availability Zone)"
            yield Misfit(key="natGateways", found=self.nat_gateways, why=why, example=put(natGateways=1))


class LoadBalancer(SettingsModel):
    """The public Application Load Balancer: HTTPS under a domain, or plain HTTP for a dev without one."""

    example: ClassVar = {"httpOnly": True}
    http_only: bool = Field(default=False, examples=[True])
    """Serve plain HTTP on port 80; for a development stage without a domain."""
    domain: str | None = Field(
        default=None,
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        max_length=253,
        examples=["api.example.com"],
    )
    """Public name; gets an alias A record and a certificate (which ACM issues for at most 64 characters)."""
    hosted_zone_id: str | None = Field(default=None, pattern=r"^Z[A-Z0-9]{5,31}$", examples=["Z0123456789ABCDEFGHIJ"])
    """Public Route 53 hosted zone of the domain."""
    certificate_arn: str | None = Field(
        default=None,
        pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9A-Za-z-]+$",
        examples=["arn:aws:acm:ap-northeast-2:123456789012:certificate/0a1b2c3d-0000-1111-2222-333344445555"],
    )
    """An existing ACM certificate instead of a new one that Route 53 validates."""
    idle_timeout_seconds: int = Field(default=60, ge=1, le=4000, examples=[60])
    """Seconds a connection may stay idle."""
    deletion_protection: bool = Field(default=False, examples=[True])
    """Refuse to delete the load balancer."""
    access_log_retention_days: int = Field(default=90, ge=1, le=3650, examples=[90])
    """Days after which access logs are removed."""

    def misfits(self) -> Iterator[Misfit]:
        """HTTPS without a name, a name without its zone, and HTTP with either."""
        named = [key for key, value in (("domain", self.domain), ("certificateArn", self.certificate_arn)) if value]
        if self.http_only:
            if named:
                why = f"true, yet {' and '.join(named)} is given: remove httpOnly to serve HTTPS, or what is for HTTPS"
                yield Misfit(key="httpOnly", found=True, why=why, example=put(httpOnly=True, **dict.fromkeys(named)))
        elif self.certificate_arn is None and self.domain is None:
            why = "HTTPS needs domain and hostedZoneId (or certificateArn); a dev without a domain sets httpOnly: true"
            yield Misfit(key="httpOnly", found=False, why=why, example=put(httpOnly=True))
        if self.domain and not self.hosted_zone_id and not self.http_only:
            why = "domain needs hostedZoneId, the Route 53 zone that gets its alias record"
            yield Misfit(key="hostedZoneId", found=None, why=why, example=put(hostedZoneId="Z0123456789ABCDEFGHIJ"))
        if self.domain and self.certificate_arn is None and len(self.domain) > MAX_CERTIFICATE_NAME:
            why = (
                f"domain {self.domain} has {len(self.domain)} characters, and ACM issues certificates for at most "
                f"{MAX_CERTIFICATE_NAME}: choose a shorter one, or give certificateArn"
            )
            yield Misfit(key="domain", found=self.domain, why=why, example=put(domain="api.example.com"))


class Cluster(SettingsModel):
    """The ECS cluster and its Service Connect namespace."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,255}$", examples=["dev-item"])
    """Cluster name."""
    namespace: str = Field(pattern=r"^[!-~]{1,1024}$", examples=["dev-itemscout-ns"])
    """Service Connect namespace; services answer at http://<service>.<namespace>:<port>."""
    existing: bool = Field(default=False, examples=[False])
    """Use a cluster and namespace of these names that exist already."""
    spot_weight: int = Field(default=0, ge=0, le=1000, examples=[4])
    """Weight of FARGATE_SPOT; tasks on it can be stopped with two minutes' notice."""
    on_demand_weight: int = Field(default=1, ge=0, le=1000, examples=[1])
    """Weight of FARGATE."""
    execute_command: bool = Field(default=False, examples=[True])
    """Allow `aws ecs execute-command` into the containers."""

    def misfits(self) -> Iterator[Misfit]:
        """No capacity at all."""
        if self.spot_weight == 0 and self.on_demand_weight == 0:
            why = "spotWeight and onDemandWeight are both 0: no task could be placed; set one above 0"
            yield Misfit(key="onDemandWeight", found=0, why=why, example=put(onDemandWeight=1))


class ExistingDatabase(SettingsModel):
    """A database that this program does not manage, declared so that its budget can still be proven."""

    host: str = Field(min_length=1, max_length=253, examples=["shared-db.example.internal"])
    """Host name that the applications connect to."""
    security_group_id: str = Field(pattern=r"^sg-[0-9a-f]{8,17}$", examples=["sg-0a1b2c3d4e5f60718"])
    """Its security group, which gets a rule for the group of its clients."""


class Database(SettingsModel):
    """The stage's MySQL on RDS and the facts its connection budget is proven with."""

    max_connections: int = Field(ge=10, le=100_000, examples=[60])
    """Literal max_connections of the parameter group (RDS for MySQL: 1 to 100,000)."""
    reserve: int = Field(ge=0, le=10_000, examples=[5])
    """Connections inside max_connections kept for administrators and RDS itself."""
    instance_class: str = Field(
        pattern=r"^db\.[a-z][0-9]+[a-z]*\.(micro|small|medium|large|[0-9]*xlarge)$", examples=["db.t4g.micro"]
    )
    """RDS instance class; m5, r5, t3 or newer. Of an existing database, too: its memory bounds maxConnections."""
    engine_version: str = Field(default="8.4", pattern=r"^[0-9]+\.[0-9]+(\.[0-9]+)?$", examples=["8.4"])
    """MySQL version: 8.4, or 8.0 and 5.7 with extendedSupport, because they left standard support."""
    extended_support: bool = Field(default=False, examples=[False])
    """Pay for RDS Extended Support to stay on a version past standard support."""
    name: str = Field(default="itemscout", pattern=r"^[a-z][a-z0-9_]{0,62}$", examples=["itemscout"])
    """Schema that the applications use; it is created with the instance."""
    formerly: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,62}$", examples=["shop"])
    """The schema that was created with the instance, where name is another by now: RDS would replace the instance for it."""
    port: int = Field(default=3306, ge=1150, le=65535, examples=[3306])
    """Port the server listens on."""
    wait_timeout_seconds: int = Field(default=60, ge=1, le=31_536_000, examples=[60])
    """wait_timeout and interactive_timeout: a sleeping session lives no longer (MySQL's default is 28,800 s)."""
    storage_gib: int = Field(default=20, ge=20, le=MAX_STORAGE_GIB, examples=[20])
    """gp3 storage at the start."""
    max_storage_gib: int | None = Field(default=None, ge=22, le=MAX_STORAGE_GIB, examples=[100])
    """Where storage autoscaling ends; absent switches it off."""
    multi_az: bool = Field(default=False, examples=[True])
    """Keep a standby in a second Availability Zone."""
    backup_retention_days: int = Field(default=1, ge=0, le=35, examples=[7])
    """Days of automated backups; 0 switches them off."""
    deletion_protection: bool = Field(default=False, examples=[True])
    """Refuse to delete the instance, in RDS and in Pulumi (protect)."""
    final_snapshot: bool = Field(default=False, examples=[True])
    """Take a snapshot before the instance is deleted."""
    performance_insights: bool = Field(default=False, examples=[True])
    """Performance Insights; micro and small t classes do not have it."""
    apply_immediately: bool = Field(default=False, examples=[True])
    """Apply changes at once instead of in the maintenance window."""
    major_upgrade: bool = Field(default=False, examples=[True])
    """Let engineVersion name another major version: only for the deployment that upgrades to it."""
    existing: ExistingDatabase | None = None
    """An existing database instead of a new one."""

    @property
    def first_name(self) -> str:
        """The schema that RDS creates with the instance."""
        return self.formerly or self.name

    def misfits(self) -> Iterator[Misfit]:
        """What RDS does not have, and numbers that do not fit into each other."""
        if self.existing is None:
            yield from self._of_rds()
        if self.reserve >= self.max_connections:
            why = f"reserve {self.reserve} leaves nothing of maxConnections {self.max_connections} to the applications"
            yield Misfit(key="reserve", found=self.reserve, why=why, example=put(reserve=self.max_connections // 10))
        if self.max_storage_gib is not None and self.max_storage_gib < self.storage_gib * 1.1:
            why = f"maxStorageGib must exceed storageGib {self.storage_gib} by at least 10 %"
            most = math.ceil(self.storage_gib * 1.1)
            example = put(maxStorageGib=most) if most <= MAX_STORAGE_GIB else "remove maxStorageGib"
            yield Misfit(key="maxStorageGib", found=self.max_storage_gib, why=why, example=example)

    def _of_rds(self) -> Iterator[Misfit]:
        if self.formerly == self.name:
            why = f"another name than {self.name}, which the database has now"
            yield Misfit(key="formerly", found=self.formerly, why=why, example="remove formerly")
        if why := refusal(lambda: check_engine_version(self.engine_version, extended_support=self.extended_support)):
            yield Misfit(key="engineVersion", found=self.engine_version, why=why, example=put(engineVersion="8.4"))
        if why := refusal(lambda: check_instance_class(self.instance_class)):
            yield Misfit(
                key="instanceClass", found=self.instance_class, why=why, example=put(instanceClass="db.t4g.medium")
            )
        if why := refusal(lambda: check_schema(self.first_name)):
            yield Misfit(key="name", found=self.name, why=why, example=put(name="itemscout"))
        if self.performance_insights and (why := refusal(lambda: check_performance_insights(self.instance_class))):
            yield Misfit(key="performanceInsights", found=True, why=why, example=put(performanceInsights=False))


class Logs(SettingsModel):
    """CloudWatch Logs of the stage."""

    retention_days: LogRetentionDays = 30
    """Days that application and flow logs are kept."""


class Notifications(SettingsModel):
    """Who gets alarms, failed jobs and failed deployments."""

    email: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", examples=["oncall@example.com"])
    """Address that is subscribed to the stage's SNS topic (AWS asks it to confirm)."""


class Platform(SettingsModel):
    """What is the same in every stage."""

    project: str = Field(
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*$",
        max_length=64,
        examples=["itemscout"],
    )
    """Value of the Project tag, and a part of the database's private DNS name: at most 63 characters between two dots."""
    owner: TagValue = Field(examples=["platform-team"])
    """Value of the Owner tag where a workload names none: letters, digits, spaces and _.:/=+-@."""
    placeholder_image: str = Field(
        pattern=r"^[^\s@]+@sha256:[0-9a-f]{64}$",
        examples=[_NODE],
    )
    """Image, by digest, that answers the health check until a workload's first deployment; must contain node."""
    telemetry: Telemetry = Telemetry()
    """The OpenTelemetry collector beside every service."""
    docs_image: str | None = Field(
        default=None,
        pattern=r"^[^\s@]+@sha256:[0-9a-f]{64}$",
        examples=[_NGINX],
    )
    """Public image of Nginx 1.19.5 or newer, by digest, that api-docs runs; required where services declare docs."""
