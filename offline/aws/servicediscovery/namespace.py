"""Cloud Map HTTP namespace: where ECS Service Connect keeps its names."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import arn, delete_by, pascal, tags_upper
from offline.aws.tagging import Tagging

_NAMESPACE = "aws:servicediscovery/httpNamespace:HttpNamespace"
_TAGGING = Tagging(service="servicediscovery", resource="ResourceARN")
_CREATED = pascal("name description", tags=tags_upper)


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    operation_id = aws.call("servicediscovery", "create_http_namespace", **_CREATED.of(_NAMESPACE, inputs))[
        "OperationId"
    ]
    operation = aws.call("servicediscovery", "get_operation", OperationId=operation_id)["Operation"]
    return _applied(aws, operation["Targets"]["NAMESPACE"], inputs)


def _applied(aws: Aws, namespace_id: str, inputs: dict[str, Any]) -> Applied:
    namespace_arn = arn(aws, "servicediscovery", f"namespace/{namespace_id}")
    return Applied(id=namespace_id, outputs={**inputs, "arn": namespace_arn, "httpName": inputs["name"]})


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    if old.inputs.get("description") != inputs.get("description"):
        change = {"Description": inputs.get("description", "")}
        aws.call("servicediscovery", "update_http_namespace", Id=old.id, Namespace=change)
    _TAGGING.change(aws, old.outputs["arn"], old, inputs)
    return _applied(aws, old.id, inputs)


HANDLERS = (
    Handler(
        type_token=_NAMESPACE,
        inputs=_CREATED.names,
        create=_create,
        update=_update,
        delete=delete_by("servicediscovery", "delete_namespace", "Id"),
        replace_on=frozenset({"name"}),
        name_property="name",
    ),
)
