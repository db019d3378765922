"""What services and batch jobs have in common: log group, two roles, security groups and task definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import Input, Resource, ResourceOptions
from pulumi_aws import cloudwatch, ecs

from policies.budget.declarations import PLACES_OUTPUT
from settings.budget_places import workload_places
from settings.workloads import Workload

from ..calc.iam.roles import execution_policy, task_policy
from ..calc.logs import check_retention
from ..calc.names import check_name
from ..calc.reserved import check_workload_name
from ..calc.tasks.containers import ContainerSpec, HealthCheck, container_definitions
from ..calc.tasks.fargate import check_task_size
from ..calc.tasks.otel import application_variables, check_application_port
from ..calc.tasks.task_room import application_room
from ..scope import StageScope
from ..stage.cluster import Cluster
from ..stage.database import Database
from .database_access import budget_tags, database_environment
from .task_roles import register_roles
from .telemetry import COLLECTOR_NAME, collector_container, telemetry_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadParts:
    """The resources that make a task of a workload runnable."""

    task_definition: ecs.TaskDefinition
    security_groups: Sequence[Input[str]]
    """The groups that its tasks wear, by what they do: every task's, and the database's clients'."""
    log_group: str
    ready: Sequence[Resource]
    """What must exist before a task starts: roles with their policies, the log group, the cluster and the network rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerArgs:
    """The application container of a workload."""

    image: str
    """Image URI by digest."""
    entry_point: Sequence[str] = ()
    command: Sequence[str] = ()
    first_command: Sequence[str] | None = None
    """For the placeholder: the command that the workload runs with its first image."""
    port: int | None = None
    port_name: str | None = None
    health_check: HealthCheck | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the platform gives the application; the workload's own environment wins over it."""


class WorkloadBuilder:
    """Registers the parts of one workload as children of its component."""

    def __init__(
        self,
        parent: Resource,
        scope: StageScope,
        workload: Workload,
        cluster: Cluster,
        database: Database | None,
        *,
        exec_enabled: bool,
        service_connect: bool = False,
        telemetry: bool = False,
        task_role: bool = True,
    ) -> None:
        """`service_connect` and `telemetry` say which containers stand beside the application's.

        Without `task_role` the application has no credentials of AWS: neither exec nor telemetry works then.
        """
        check_workload_name(workload.name)
        check_task_size(workload.cpu, workload.memory)
        check_retention(scope.log_retention_days)
        if workload.database and database is None:
            raise ValueError(
                f"{workload.name} declares database: true, and no database was given: pass the stage's Database component."
            )
        self._parent = parent
        self._scope = scope
        self._workload = workload
        self._cluster = cluster
        self._database = database if workload.database else None
        self._exec_enabled = exec_enabled
        self._collector = scope.collector if telemetry else None
        self._room = application_room(
            workload.cpu, workload.memory, service_connect=service_connect, collector=self._collector
        )
        self._reserves = service_connect or self._collector is not None
        self.family = check_name("task-family", scope.name(workload.aws_name))
        self.log_group = check_name("log-group", f"/{scope.stage}/{workload.aws_name}")
        kinds = ("execution", "task") if task_role else ("execution",)
        self._roles = {kind: check_name("iam-role", f"{self.family}-{kind}") for kind in kinds}
        self._tags = scope.tags(workload.name, owner=workload.owner)

    @property
    def role_names(self) -> tuple[str, ...]:
        """Execution role, and the task's where it has one, in this order."""
        return tuple(self._roles.values())

    def build(
        self,
        *,
        container: ContainerArgs,
        repository: str | None,
        extra_tags: Mapping[str, str] | None = None,
    ) -> WorkloadParts:
        """Register everything; `repository` is the ECR repository the execution role may pull from, None for a public image."""
        if self._collector is not None and container.port is not None:
            check_application_port(container.port)
        log_group = cloudwatch.LogGroup(
            self._workload.name,
            name=self.log_group,
            retention_in_days=self._scope.log_retention_days,
            tags=self._tags,
            opts=self._child(),
        )
        policies = register_roles(
            self._parent,
            self._workload.name,
            self._scope.location,
            roles=self._roles,
            documents={
                "execution": execution_policy(
                    self._scope.location,
                    repository_name=repository,
                    log_group=self.log_group,
                    secret_paths=list(self._workload.secret_parameters(self._scope.stage).values()),
                ),
                "task": task_policy(
                    self._scope.location,
                    log_group=self.log_group,
                    exec_enabled=self._exec_enabled,
                    telemetry=self._collector is not None,
                ),
            },
            tags=self._tags,
        )
        ready: list[Resource] = [log_group, *policies]
        task_definition = self._task_definition(
            container, {**self._tags, **budget_tags(self._workload), **(extra_tags or {})}, ready
        )
        return WorkloadParts(
            task_definition=task_definition,
            security_groups=self._security_groups(),
            log_group=self.log_group,
            ready=[*ready, *self._cluster.ready, *(self._database.ready if self._database is not None else ())],
        )

    def _child(self, depends_on: Sequence[Resource] | None = None) -> ResourceOptions:
        return ResourceOptions(parent=self._parent, depends_on=depends_on)

    def _security_groups(self) -> list[Input[str]]:
        database = [] if self._database is None else [self._database.client_security_group_id]
        return [self._cluster.task_security_group_id, *database]

    def _task_definition(
        self, container: ContainerArgs, tags: Mapping[str, str], ready: Sequence[Resource]
    ) -> ecs.TaskDefinition:
        scope, workload = self._scope, self._workload
        telemetry = telemetry_of(scope, workload.name, self.log_group)
        collector = None if self._collector is None else collector_container(self._collector, telemetry)
        environment = {
            "ENVIRONMENT": scope.environment,
            "SERVICE": workload.name,
            "STAGE": scope.stage,
            **({"PORT": str(container.port)} if container.port is not None else {}),
            **(database_environment(self._database, workload) if self._database is not None else {}),
            **(application_variables(telemetry) if collector is not None else {}),
            **container.environment,
            **workload.environment,
        }
        parameters = workload.secret_parameters(scope.stage)
        secrets = {name: scope.location.ssm_parameter(path) for name, path in parameters.items()}
        spec = ContainerSpec(
            name=workload.aws_name,
            image=container.image,
            port=container.port,
            port_name=container.port_name,
            app_protocol="http" if container.port is not None else None,
            environment=environment,
            secrets=secrets,
            entry_point=tuple(container.entry_point),
            command=tuple(container.command),
            health_check=container.health_check,
            user=workload.user,
            # The agent of ECS Exec writes to the container (Amazon ECS Developer Guide, ECS Exec considerations).
            read_only_root=workload.read_only_root and not self._exec_enabled,
            log_group=self.log_group,
            log_region=scope.location.region,
            stop_timeout=workload.stop_timeout_seconds,
            cpu=self._room.cpu if self._reserves else 0,
            memory_reservation=self._room.memory if self._reserves else None,
            starts_after=() if collector is None else (COLLECTOR_NAME,),
            first_command=None if container.first_command is None else tuple(container.first_command),
        )
        roles = {kind: scope.location.iam_role(name) for kind, name in self._roles.items()}
        return ecs.TaskDefinition(
            workload.name,
            family=self.family,
            container_definitions=container_definitions([spec] if collector is None else [spec, collector]),
            cpu=str(workload.cpu),
            memory=str(workload.memory),
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            runtime_platform=ecs.TaskDefinitionRuntimePlatformArgs(
                operating_system_family="LINUX", cpu_architecture=workload.architecture
            ),
            execution_role_arn=roles["execution"],
            task_role_arn=roles.get("task"),
            # Rollbacks, schedules and the pipeline need the revisions that ran before.
            skip_destroy=True,
            track_latest=True,
            tags=dict(tags),
            opts=self._child(ready),
        )


def budget_output(workload: Workload) -> dict[str, object]:
    """What the component of a workload registers, so that the connection budget's ways out name the files."""
    places = workload_places(workload)
    return {PLACES_OUTPUT: places} if places else {}


def image_of(scope: StageScope, service: str) -> tuple[str, bool]:
    """The image a service's workloads run, and whether it is the placeholder of a service never deployed."""
    deployed = scope.images.get(service)
    return (deployed, False) if deployed else (scope.placeholder_image, True)
