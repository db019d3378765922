"""What all batch jobs of a stage share: the group of their schedules, and the queue of what could not be started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import Input, Resource
from pulumi_aws import scheduler, sqs

from ..calc.iam.resource_policies import sqs_dead_letter_policy
from ..calc.names import check_name, dead_letter_queue_name
from ..scope import StageScope

FOURTEEN_DAYS_S = 1_209_600


@dataclass(frozen=True, slots=True, kw_only=True)
class StageJobs:
    """The schedules' group and their dead letters; a message says whose it is by its attribute SCHEDULE_ARN."""

    group: Input[str]
    group_name: str
    dead_letter_queue: str
    """Name of the queue that gets the runs the Scheduler could not start."""
    ready: Sequence[Resource]
    """What must exist before a schedule does."""

    @classmethod
    def register(cls, scope: StageScope) -> StageJobs:
        """Register both; the queue refuses messages without TLS."""
        tags = scope.tags("jobs")
        group_name = check_name("schedule-group", scope.name("jobs"))
        group = scheduler.ScheduleGroup("jobs", name=group_name, tags=tags)
        queue_name = dead_letter_queue_name(scope.stage)
        queue = sqs.Queue(
            "dead-letters",
            name=queue_name,
            message_retention_seconds=FOURTEEN_DAYS_S,
            sqs_managed_sse_enabled=True,
            tags=tags,
        )
        policy = sqs.QueuePolicy(
            "dead-letters", queue_url=queue.id, policy=sqs_dead_letter_policy(scope.location, queue_name)
        )
        return cls(group=group.name, group_name=group_name, dead_letter_queue=queue_name, ready=(queue, policy))
