"""Service: one container service behind the load balancer and in Service Connect, with its repository and scaling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_aws import ecr, ecs, lb

from policies.budget.declarations import OVERLAP_TAG, SINGLETON_TAG
from settings.workloads import Service as ServiceSettings

from ..calc.delivery.buildspec import CACHE_TAG
from ..calc.delivery.ecr import lifecycle_policy
from ..calc.names import check_name
from ..calc.tasks.health import http_check
from ..calc.tasks.placeholder import placeholder_command
from ..calc.tasks.timeouts import timeout_problems
from ..scope import COMPONENT_PACKAGE
from ..stage.database import Database
from .autoscaling import is_scaled, scale
from .ecs_service import EcsServiceArgs, run_as_service
from .placement import Placement
from .routing import route
from .workload import ContainerArgs, WorkloadBuilder, WorkloadParts, budget_output, image_of

UNTAGGED_IMAGE_DAYS = 14
KEEP_ALIVE_MARGIN_S = 5
"""The side that hangs up first loses the request under way, so the load balancer must be first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceArgs:
    """One service of the stage and what it attaches to."""

    place: Placement
    settings: ServiceSettings
    database: Database | None
    calls: Mapping[str, Service] = field(default_factory=dict[str, "Service"])
    """The services that its environment names, which must be there before its tasks start."""

    def __post_init__(self) -> None:
        tasks, priority = self.settings.tasks, self.settings.priority
        if tasks.min > tasks.max:
            raise ValueError(
                f"{self.settings.name} has tasks.min {tasks.min} above tasks.max {tasks.max}: "
                "autoscaling needs min at most max."
            )
        if self.settings.singleton and tasks.max > 1:
            raise ValueError(
                f"{self.settings.name} is a singleton with tasks.max {tasks.max}: a second task of a singleton may never start."
            )
        if self.settings.path is not None and not (priority is not None and 1 <= priority <= 50_000):
            raise ValueError(
                f"{self.settings.name} has listener rule priority {priority}: "
                "AWS takes 1 to 50,000, and every rule of a listener needs its own."
            )
        problems = timeout_problems(
            stop_timeout_s=self.settings.stop_timeout_seconds,
            deregistration_delay_s=self.settings.deregistration_delay_seconds,
            health_grace_s=self.settings.health_grace_seconds,
            longest_request_s=self.settings.request_timeout_seconds,
            spot=self.place.capacity.spot_weight > 0,
        )
        if problems:
            raise ValueError(" ".join(problems))


class Service(ComponentResource):
    """ECR repository, task definition, ECS service, listener rule and autoscaling of one service."""

    name: str
    """Name of the ECS service and of its task definition family."""
    repository_url: str
    task_definition_arn: Output[str]
    target_group_arn_suffix: Output[str] | None
    address: str
    """Where other tasks of the namespace reach it."""
    settings_name: str
    """Its name in the settings, which AWS may have under a former one."""
    former_names: Sequence[str]

    def __init__(self, name: str, args: ServiceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:Service", name, None, opts)
        self._args = args
        scope, settings = args.place.scope, args.settings
        self.name = check_name("ecs-service", scope.name(settings.aws_name))
        self.repository_url = scope.location.ecr_repository_url(self.name)
        self.address = f"http://{settings.name}.{args.place.cluster.namespace}:{settings.port}"
        self.settings_name, self.former_names = settings.name, settings.former_names
        self._tags = scope.tags(settings.name, owner=settings.owner)
        self._repository()
        parts = self._workload()
        routing = None
        if settings.path is not None:
            routing = route(self, args.place, settings, service_name=self.name, tags=self._tags)
        self.target_group_arn_suffix = routing[0].arn_suffix if routing else None
        service = self._service(parts, routing)
        if is_scaled(settings):
            scale(
                self,
                service,
                settings=settings,
                cluster=args.place.cluster.name,
                name=self.name,
                request_label=(
                    Output.concat(args.place.load_balancer.arn_suffix, "/", routing[0].arn_suffix) if routing else None
                ),
                tags=self._tags,
            )
        self.task_definition_arn = parts.task_definition.arn
        self.register_outputs(
            {
                "name": self.name,
                "repositoryUrl": self.repository_url,
                "taskDefinitionArn": self.task_definition_arn,
                "address": self.address,
                **budget_output(settings),
            }
        )

    def _child(self) -> ResourceOptions:
        return ResourceOptions(parent=self)

    @property
    def _port_name(self) -> str:
        return f"server-{self._args.settings.port}-tcp"

    def _repository(self) -> None:
        settings = self._args.settings
        repository = ecr.Repository(
            settings.name,
            name=check_name("ecr-repository", self.name),
            # What was tested is what runs. The build's cache tag moves, and no task names it.
            image_tag_mutability="IMMUTABLE_WITH_EXCLUSION",
            image_tag_mutability_exclusion_filters=[
                ecr.RepositoryImageTagMutabilityExclusionFilterArgs(filter=CACHE_TAG, filter_type="WILDCARD")
            ],
            image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
            tags=self._tags,
            opts=self._child(),
        )
        ecr.LifecyclePolicy(
            settings.name, repository=repository.name, policy=lifecycle_policy(UNTAGGED_IMAGE_DAYS), opts=self._child()
        )

    def _workload(self) -> WorkloadParts:
        args, settings = self._args, self._args.settings
        image, placeholder = image_of(args.place.scope, settings.aws_name)
        builder = WorkloadBuilder(
            self,
            args.place.scope,
            settings,
            args.place.cluster,
            args.database,
            exec_enabled=args.place.capacity.execute_command,
            service_connect=True,
            telemetry=settings.telemetry,
        )
        overlap = {OVERLAP_TAG: "true"} if settings.database and settings.overlapping_deployments else {}
        singleton = {SINGLETON_TAG: "true"} if settings.singleton else {}
        return builder.build(
            container=ContainerArgs(
                image=image,
                command=placeholder_command(settings.port) if placeholder else settings.command,
                first_command=settings.command if placeholder else None,
                port=settings.port,
                port_name=self._port_name,
                environment=self._keep_alive(),
                health_check=http_check(settings.port, settings.health_path, settings.health_grace_seconds),
            ),
            repository=self.name,
            extra_tags={**overlap, **singleton},
        )

    def _keep_alive(self) -> dict[str, str]:
        """How long a Node server is to keep idle connections: longer than the load balancer, or requests are lost."""
        if self._args.settings.path is None:
            return {}
        return {
            "KEEP_ALIVE_TIMEOUT_MS": str((self._args.place.load_balancer.idle_timeout_s + KEEP_ALIVE_MARGIN_S) * 1000)
        }

    def _service(self, parts: WorkloadParts, routing: tuple[lb.TargetGroup, lb.ListenerRule] | None) -> ecs.Service:
        args = self._args
        return run_as_service(
            self,
            EcsServiceArgs(
                place=args.place,
                settings=args.settings,
                name=self.name,
                exec_enabled=args.place.capacity.execute_command,
                parts=parts,
                routing=routing,
                tags=self._tags,
                port_name=self._port_name,
                autoscaled=is_scaled(args.settings),
                depends_on=list(args.calls.values()),
                calls={name: service.address for name, service in sorted(args.calls.items())},
            ),
        )
