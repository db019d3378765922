"""Database: the stage's MySQL on RDS under a private DNS name, or an existing one with its declared limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions
from pulumi_aws import ec2, iam, rds, route53

from policies.budget.declarations import PLACES_OUTPUT, RESERVE_TAG
from settings.budget_places import BudgetPlaces
from settings.stage import Database as DatabaseSettings

from ..calc.iam.roles import monitoring_assume_role
from ..calc.names import check_name, database_zone
from ..calc.rds import check_engine_version
from ..scope import COMPONENT_PACKAGE, StageScope
from .security_groups import SecurityGroups


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseArgs:
    """The database of one stage."""

    scope: StageScope
    settings: DatabaseSettings
    vpc_id: Input[str]
    subnet_ids: Input[Sequence[str]]
    places: BudgetPlaces = field(default_factory=dict[str, list[dict[str, int | str]]])
    """Where its limit and class are written, for the connection budget's ways out."""


class Database(ComponentResource):
    """RDS instance with parameter group, the security groups of itself and of its clients, and a private DNS name."""

    host: str
    """Name that the applications connect to; chosen, so that container definitions are known at preview."""
    port: int
    schema: str
    client_security_group_id: Output[str]
    """Group that the tasks wear which declare the database: nobody else is let in."""
    ready: Sequence[Resource]
    """What must be there before a client connects: the rules of the way from its group."""
    identifier: str | None
    """RDS instance identifier; None for an existing database."""
    max_connections: int
    endpoint: Output[str]

    def __init__(self, name: str, args: DatabaseArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:Database", name, None, opts)
        self._args = args
        settings, existing = args.settings, args.settings.existing
        self.port = settings.port
        self.schema = settings.name
        self.max_connections = settings.max_connections
        if existing is not None:
            self.host, self.identifier = existing.host, None
            security_group_id: Input[str] = existing.security_group_id
            self.endpoint = Output.from_input(existing.host)
        else:
            zone_name = database_zone(args.scope.stage, args.scope.project)
            self.host, self.identifier = f"db.{zone_name}", args.scope.name("db")
            security_group_id = self._create(name, zone_name)
        self.client_security_group_id, self.ready = self._clients(security_group_id)
        self.register_outputs(
            {
                "host": self.host,
                "port": self.port,
                "existing": existing is not None,
                "engine": "mysql",
                "engineVersion": settings.engine_version,
                "instanceClass": settings.instance_class,
                "maxConnections": self.max_connections,
                "reserve": settings.reserve,
                "waitTimeoutSeconds": settings.wait_timeout_seconds,
                "securityGroupId": security_group_id,
                "identifier": self.identifier,
                **({PLACES_OUTPUT: args.places} if args.places else {}),
            }
        )

    def _clients(self, database: Input[str]) -> tuple[Output[str], Sequence[Resource]]:
        """The clients' group, and both halves of the way from it to the database's group, which has no other rule."""
        groups = SecurityGroups(parent=self, scope=self._args.scope, component="database", vpc_id=self._args.vpc_id)
        group = groups.group("database-clients", clients := "Tasks that declare the database")
        return group.id, groups.way(
            "database", group.id, database, self.port, out="The database of the stage", into=clients
        )

    def _create(self, name: str, zone_name: str) -> Output[str]:
        scope = self._args.scope
        child = ResourceOptions(parent=self)
        group = ec2.SecurityGroup(
            name,
            name=scope.name("db"),
            description="The database: lets in the group of its clients and nothing else",
            vpc_id=self._args.vpc_id,
            tags=scope.tags("database", name=scope.name("db")),
            opts=child,
        )
        subnets = rds.SubnetGroup(
            name,
            name=scope.name("db"),
            description=f"Database subnets of {scope.stage}",
            subnet_ids=self._args.subnet_ids,
            tags=scope.tags("database", name=scope.name("db")),
            opts=child,
        )
        instance = self._instance(name, group, subnets, self._parameter_group(name))
        zone = route53.Zone(
            name,
            name=zone_name,
            comment=f"Private names of {scope.stage}",
            vpcs=[route53.ZoneVpcArgs(vpc_id=self._args.vpc_id)],
            tags=scope.tags("database", name=zone_name),
            opts=child,
        )
        route53.Record(
            name, zone_id=zone.zone_id, name=self.host, type="CNAME", ttl=60, records=[instance.address], opts=child
        )
        self.endpoint = instance.endpoint
        return group.id

    def _parameter_group(self, name: str) -> rds.ParameterGroup:
        """The group's name carries its family: a new family is a new group while the old one still serves."""
        scope, settings = self._args.scope, self._args.settings
        family = f"mysql{check_engine_version(settings.engine_version, extended_support=settings.extended_support)}"
        timeout = str(settings.wait_timeout_seconds)
        values = {
            "interactive_timeout": timeout,
            # RDS writes no slow queries by default, and would write them into a table, which it does not export.
            "log_output": "FILE",
            "max_connections": str(settings.max_connections),
            "require_secure_transport": "1",
            "slow_query_log": "1",
            "wait_timeout": timeout,
        }
        return rds.ParameterGroup(
            name,
            name=check_name("db-parameter-group", scope.name(f"db-{family.replace('.', '-')}")),
            family=family,
            description=f"Connection limits and timeouts of {scope.stage}",
            parameters=[
                rds.ParameterGroupParameterArgs(name=key, value=value, apply_method="immediate")
                for key, value in sorted(values.items())
            ],
            tags=scope.tags("database", name=scope.name("db")),
            opts=ResourceOptions(parent=self),
        )

    def _instance(
        self, name: str, group: ec2.SecurityGroup, subnets: rds.SubnetGroup, parameters: rds.ParameterGroup
    ) -> rds.Instance:
        scope, settings = self._args.scope, self._args.settings
        identifier = check_name("db-identifier", scope.name("db"))
        monitoring_role = self._monitoring_role() if settings.performance_insights else None
        return rds.Instance(
            name,
            identifier=identifier,
            engine="mysql",
            engine_version=settings.engine_version,
            engine_lifecycle_support=(
                "open-source-rds-extended-support"
                if settings.extended_support
                else "open-source-rds-extended-support-disabled"
            ),
            instance_class=settings.instance_class,
            # RDS creates this schema once, and replaces the instance for another name.
            db_name=settings.first_name,
            port=settings.port,
            username="admin",
            # RDS keeps and rotates this secret; containers never use it, each workload has its own account.
            manage_master_user_password=True,
            parameter_group_name=parameters.name,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            multi_az=settings.multi_az,
            storage_type="gp3",
            allocated_storage=settings.storage_gib,
            max_allocated_storage=settings.max_storage_gib,
            storage_encrypted=True,
            backup_retention_period=settings.backup_retention_days,
            # 02:00–03:00 and Sunday 03:30–04:30 in Seoul, after the day's traffic; both windows are UTC.
            backup_window="17:00-18:00",
            maintenance_window="sat:18:30-sat:19:30",
            copy_tags_to_snapshot=True,
            deletion_protection=settings.deletion_protection,
            skip_final_snapshot=not settings.final_snapshot,
            final_snapshot_identifier=f"{identifier}-final" if settings.final_snapshot else None,
            auto_minor_version_upgrade=True,
            apply_immediately=settings.apply_immediately,
            allow_major_version_upgrade=settings.major_upgrade or None,
            enabled_cloudwatch_logs_exports=["error", "slowquery"],
            ca_cert_identifier="rds-ca-rsa2048-g1",
            performance_insights_enabled=settings.performance_insights,
            performance_insights_retention_period=7 if settings.performance_insights else None,
            monitoring_interval=60 if monitoring_role else 0,
            monitoring_role_arn=scope.location.iam_role(scope.name("db-monitoring")) if monitoring_role else None,
            tags={**scope.tags("database", name=identifier), RESERVE_TAG: str(settings.reserve)},
            opts=ResourceOptions(
                parent=self,
                protect=settings.deletion_protection,
                depends_on=[monitoring_role] if monitoring_role else None,
            ),
        )

    def _monitoring_role(self) -> iam.RolePolicyAttachment:
        scope = self._args.scope
        child = ResourceOptions(parent=self)
        role = iam.Role(
            "monitoring",
            name=scope.name("db-monitoring"),
            assume_role_policy=monitoring_assume_role(scope.location, scope.name("db")),
            tags=scope.tags("database"),
            opts=child,
        )
        return iam.RolePolicyAttachment(
            "monitoring",
            role=role.name,
            policy_arn=f"arn:{scope.location.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            opts=child,
        )
