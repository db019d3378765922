"""Cloud Map HTTP namespace: where ECS Service Connect keeps its names."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import delete_by, pascal, tags_upper
from offline.aws.tagging import Tagging

_NAMESPACE = "aws:servicediscovery/httpNamespace:HttpNamespace"
_TAGGING = Tagging(service="servicediscovery", resource="ResourceARN")
_CREATED = pascal("name description", tags=tags_upper)


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    started = aws.call("servicediscovery", "create_http_namespace", **_CREATED.of(_NAMESPACE, inputs))
    operation = aws.call("servicediscovery", "get_operation", OperationId=started["OperationId"])["Operation"]
    return Applied(id=operation["Targets"]["NAMESPACE"], outputs={"httpName": inputs["name"]})


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    if old.inputs.get("description") != inputs.get("description"):
        change = {"Description": inputs.get("description", "")}
        aws.call("servicediscovery", "update_http_namespace", Id=old.id, Namespace=change)


HANDLERS = (
    Handler(
        type_token=_NAMESPACE,
        inputs=_CREATED.names,
        create=_create,
        update=_update,
        delete=delete_by("servicediscovery", "delete_namespace", "Id"),
        replace_on=frozenset({"name"}),
        name_property="name",
        arn="servicediscovery:namespace/{id}",
        retag=_TAGGING.change,
    ),
)
