"""Application Auto Scaling beside moto: tags, which it lacks, and policies that keep their ARN."""

from __future__ import annotations

import json
from typing import Any

from offline.aws.moto.patching import add, after, kept

_TAGS = "tags_of_targets"


def extend() -> None:
    """Tags of scalable targets, which moto lacks; a changed policy keeps its ARN and loses its old alarms."""
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

    def tags_of(response: Any) -> dict[str, dict[str, str]]:
        return kept(response.applicationautoscaling_backend, _TAGS)

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
        before = next((item for item in old.values() if item not in self.policies.values()), None)
        if before is not None:
            before.delete_alarms(self.account_id, self.region_name)
            policy.policy_arn = before.policy_arn
        return policy

    after(ApplicationAutoScalingResponse, "register_scalable_target", registered)
    add(ApplicationAutoscalingBackend, put_scaling_policy)
    add(ApplicationAutoScalingResponse, tag_resource, untag_resource, list_tags_for_resource)
