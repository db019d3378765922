"""Application Auto Scaling and EventBridge Scheduler beside moto: tags, policies that keep their ARN, a dropped member."""

from __future__ import annotations

from typing import Any

from offline.aws.moto.services import add, after

_TAGS = "tags_of_targets"


def extend_applicationautoscaling() -> None:
    """Tags of scalable targets, which moto lacks; a changed policy keeps its ARN and loses its old alarms."""
    import json

    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

    def tags_of(response: Any) -> dict[str, dict[str, str]]:
        # In the backend's own dictionary: they go when the backend is reset.
        kept: dict[str, dict[str, str]] = response.applicationautoscaling_backend.__dict__.setdefault(_TAGS, {})
        return kept

    def registered(response: Any) -> None:
        tags = response._get_param("Tags")
        if tags:
            dimension, resource = response._get_param("ScalableDimension"), response._get_param("ResourceId")
            target = response.applicationautoscaling_backend.targets[dimension][resource]
            tags_of(response)[target.arn] = dict(tags)

    def tag_resource(self: Any) -> str:
        tags_of(self).setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
        return "{}"

    def untag_resource(self: Any) -> str:
        for key in self._get_param("TagKeys"):
            tags_of(self).get(self._get_param("ResourceARN"), {}).pop(key, None)
        return "{}"

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"Tags": tags_of(self).get(self._get_param("ResourceARN"), {})})

    put = ApplicationAutoscalingBackend.put_scaling_policy

    def put_scaling_policy(self: Any, **request: Any) -> Any:
        old: dict[str, Any] = dict(self.policies)
        policy = put(self, **request)
        before = next((kept for kept in old.values() if kept not in self.policies.values()), None)
        if before is not None:
            before.delete_alarms(self.account_id, self.region_name)
            policy.policy_arn = before.policy_arn
        return policy

    after(ApplicationAutoScalingResponse, "register_scalable_target", registered)
    add(ApplicationAutoscalingBackend, put_scaling_policy)
    add(ApplicationAutoScalingResponse, tag_resource, untag_resource, list_tags_for_resource)


def extend_scheduler() -> None:
    """ActionAfterCompletion of an update, which moto drops; a schedule in a group that does not exist is refused."""
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

    after(EventBridgeSchedulerResponse, "update_schedule", updated)
    add(EventBridgeSchedulerBackend, create_schedule)
