"""BatchJob: a task definition that EventBridge Scheduler runs, with no service and no endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws import scheduler

from policies.budget.declarations import LONGEST_RUN_TAG
from policies.budget.schedule import ScheduleError, parse_schedule
from settings.rules.time_zones import check_time_zone
from settings.workloads import Job as JobSettings

from ..calc.iam.roles import scheduler_assume_role, scheduler_policy
from ..calc.names import check_name
from ..roles import role_with_policy
from ..scope import COMPONENT_PACKAGE, StageScope
from ..stage.cluster import Cluster
from ..stage.database import Database
from .stage_jobs import StageJobs
from .workload import ContainerArgs, WorkloadBuilder, WorkloadParts, budget_output, image_of

PLACEHOLDER_COMMAND = ("node", "-e", "console.log('no image has been deployed yet')")
"""What a job runs before its service's first deployment: it succeeds and does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchJobArgs:
    """One batch job of the stage."""

    scope: StageScope
    settings: JobSettings
    cluster: Cluster
    shared: StageJobs
    database: Database | None
    private_subnet_ids: Input[Sequence[str]]

    def __post_init__(self) -> None:
        try:
            parse_schedule(self.settings.schedule)
        except ScheduleError as error:
            raise ValueError(f"{self.settings.name} has schedule {self.settings.schedule!r}: {error}") from error
        try:
            check_time_zone(self.settings.timezone)
        except ValueError as error:
            raise ValueError(f"{self.settings.name} has a schedule in no time zone: {error}.") from error
        if not 1 <= self.settings.task_count <= 10:
            raise ValueError(
                f"{self.settings.name} has taskCount {self.settings.task_count}: EventBridge Scheduler starts 1 to 10 tasks."
            )


class BatchJob(ComponentResource):
    """Task definition and schedule of one batch job."""

    name: str
    """Name of the schedule and of the task definition family."""
    task_definition_arn: Output[str]
    settings_name: str
    """Its name in the settings, which AWS may have under a former one."""
    former_names: Sequence[str]

    def __init__(self, name: str, args: BatchJobArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:BatchJob", name, None, opts)
        self._args = args
        scope, settings = args.scope, args.settings
        self.name = check_name("schedule", scope.name(settings.aws_name))
        self.settings_name, self.former_names = settings.name, settings.former_names
        self._tags = scope.tags(settings.name, owner=settings.owner)
        image, placeholder = image_of(scope, settings.image_aws_name)
        builder = WorkloadBuilder(self, scope, settings, args.cluster, args.database, exec_enabled=False)
        longest = settings.longest_run_minutes
        parts = builder.build(
            container=ContainerArgs(
                image=image,
                command=PLACEHOLDER_COMMAND if placeholder else settings.command,
                first_command=settings.command if placeholder else None,
            ),
            repository=scope.name(settings.image_aws_name),
            extra_tags={LONGEST_RUN_TAG: str(longest)} if longest is not None else None,
        )
        self._schedule(parts, builder.role_names)
        self.task_definition_arn = parts.task_definition.arn
        self.register_outputs(
            {
                "name": self.name,
                "taskDefinitionArn": self.task_definition_arn,
                "deadLetterQueue": args.shared.dead_letter_queue,
                **budget_output(settings),
            }
        )

    def _schedule(self, parts: WorkloadParts, role_names: tuple[str, ...]) -> None:
        args, scope, settings = self._args, self._args.scope, self._args.settings
        location = scope.location
        role_name = check_name("iam-role", f"{self.name}-scheduler")
        policy = role_with_policy(
            self,
            f"{settings.name}-scheduler",
            name=role_name,
            trust=scheduler_assume_role(location, args.shared.group_name),
            kind="run-task",
            document=scheduler_policy(
                location,
                family=self.name,
                role_names=role_names,
                cluster=args.cluster.name,
                dead_letter_queue=args.shared.dead_letter_queue,
            ),
            tags=self._tags,
        )
        network = scheduler.ScheduleTargetEcsParametersNetworkConfigurationArgs(
            subnets=args.private_subnet_ids, security_groups=parts.security_groups, assign_public_ip=False
        )
        scheduler.Schedule(
            settings.name,
            name=self.name,
            group_name=args.shared.group,
            description=f"Runs {settings.name} at most {settings.longest_run_minutes or '?'} minutes a time",
            schedule_expression=settings.schedule,
            schedule_expression_timezone=settings.timezone,
            state="ENABLED" if settings.enabled else "DISABLED",
            # A window or retries would lengthen the time in which runs overlap, and with it the connections.
            flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=scheduler.ScheduleTargetArgs(
                arn=location.cluster(args.cluster.name),
                role_arn=location.iam_role(role_name),
                retry_policy=scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_retry_attempts=0, maximum_event_age_in_seconds=60
                ),
                dead_letter_config=scheduler.ScheduleTargetDeadLetterConfigArgs(
                    arn=location.sqs_queue(args.shared.dead_letter_queue)
                ),
                ecs_parameters=scheduler.ScheduleTargetEcsParametersArgs(
                    # The family without a revision is its newest one: a new image or limit needs no new schedule.
                    task_definition_arn=location.task_definition_family(self.name),
                    task_count=settings.task_count,
                    launch_type="FARGATE",
                    platform_version="LATEST",
                    propagate_tags="TASK_DEFINITION",
                    network_configuration=network,
                    tags=self._tags,
                ),
            ),
            opts=ResourceOptions(
                parent=self, depends_on=[parts.task_definition, policy, *args.shared.ready, *parts.ready]
            ),
        )
