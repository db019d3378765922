"""SSM parameter: plain text, list or SecureString."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import arn, delete_by, differs, joined, pascal, tags_upper
from offline.aws.tagging import Tagging

_PARAMETER = "aws:ssm/parameter:Parameter"
_TAGGING = Tagging(
    service="ssm",
    tag="add_tags_to_resource",
    untag="remove_tags_from_resource",
    resource="ResourceId",
    by="id",
    fixed={"ResourceType": "Parameter"},
)
_VALUES = ("value", "insecureValue", "valueWo")
_SENT = pascal("name type description keyId tier dataType allowedPattern")
_CREATED = pascal(tags=tags_upper)
# `overwrite` lets the first request take over a parameter that exists; `valueWoVersion` says when to send it again.
_BEHAVIOUR = pascal("overwrite valueWoVersion")


def _request(inputs: dict[str, Any]) -> dict[str, Any]:
    given = [name for name in _VALUES if name in inputs]
    if len(given) != 1:
        raise AwsInputError([f"{_PARAMETER}: exactly one of {', '.join(_VALUES)} is needed; found {given or 'none'}."])
    return {**_SENT.of(_PARAMETER, inputs), "Value": inputs[given[0]]}


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    overwrite = bool(inputs.get("overwrite"))
    # AWS takes no tags together with an overwrite.
    tags = {} if overwrite else _CREATED.of(_PARAMETER, inputs)
    answer = aws.call("ssm", "put_parameter", **_request(inputs), **tags, Overwrite=overwrite)
    if overwrite:
        _TAGGING.change(aws, Recorded(id=inputs["name"], inputs={}, outputs={}), inputs)
    return _applied(aws, inputs, answer["Version"])


def _applied(aws: Aws, inputs: dict[str, Any], version: int) -> Applied:
    name: str = inputs["name"]
    parameter_arn = arn(aws, "ssm", f"parameter/{name.removeprefix('/')}")
    computed = {"arn": parameter_arn, "version": version, "hasValueWo": "valueWo" in inputs}
    return Applied(id=name, outputs=computed)


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    version = old.outputs["version"]
    if differs(old, inputs, _SENT) or any(old.inputs.get(n) != inputs.get(n) for n in (*_VALUES, "valueWoVersion")):
        version = aws.call("ssm", "put_parameter", **_request(inputs), Overwrite=True)["Version"]
    return _applied(aws, inputs, version)


HANDLERS = (
    Handler(
        type_token=_PARAMETER,
        inputs=joined(_SENT, _CREATED, _BEHAVIOUR).names | frozenset(_VALUES),
        required=frozenset({"type"}),
        create=_create,
        update=_update,
        delete=delete_by("ssm", "delete_parameter", "Name"),
        replace_on=frozenset({"name"}),
        name_property="name",
        defaults={"dataType": "text", "tier": "Standard"},
        retag=_TAGGING.change,
    ),
)
