"""EventBridge Scheduler beside moto: a member it drops, a group it does not ask for, a second group of one name."""

from __future__ import annotations

from typing import Any

from offline.aws.moto.patching import add, after


def extend() -> None:
    """ActionAfterCompletion of an update, which moto drops; a schedule in a group that is not there, and a group that is, are refused."""
    from moto.core.exceptions import JsonRESTError
    from moto.scheduler.models import EventBridgeSchedulerBackend
    from moto.scheduler.responses import EventBridgeSchedulerResponse

    def updated(response: Any) -> None:
        name = response.uri.split("?")[0].split("/")[-1]
        schedule = response.scheduler_backend.get_schedule(response._get_param("GroupName"), name)
        schedule.action_after_completion = response._get_param("ActionAfterCompletion") or "NONE"

    create = EventBridgeSchedulerBackend.create_schedule

    def create_schedule(self: Any, **request: Any) -> Any:
        self.get_schedule_group(request["group_name"])
        return create(self, **request)

    create_group = EventBridgeSchedulerBackend.create_schedule_group

    def create_schedule_group(self: Any, name: str, tags: Any) -> Any:
        if name in self.schedule_groups:
            raise JsonRESTError("ConflictException", f"Schedule group {name} already exists.")
        return create_group(self, name, tags)

    after(EventBridgeSchedulerResponse, "update_schedule", updated)
    add(EventBridgeSchedulerBackend, create_schedule, create_schedule_group)
