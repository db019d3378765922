"""What is stored in SSM: the parameters of a task's secrets, asked for by name and never read, and the one of an image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .aws import Aws, RequestError
from .task_definition import secrets_of

_NAMES_A_REQUEST = 50
"""The most values of a filter (AWS Systems Manager API Reference, ParameterStringFilter)."""
_ARN = re.compile(r"arn:[^:]+:(?P<service>[^:]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.*)")


def parameters_of(definition: Mapping[str, Any]) -> list[str]:
    """The names of the SSM parameters that a revision's tasks need, those of its first image included.

    What is of another region or account, or in Secrets Manager, is left out: its name cannot be looked up here.
    """
    home = _ARN.match(definition["taskDefinitionArn"])
    references = {entry["valueFrom"] for item in definition["containerDefinitions"] for entry in secrets_of(item)}
    found: set[str] = set()
    for reference in references:
        arn = _ARN.match(reference)
        if arn is None:
            found.add(reference)
        elif (
            arn["service"] == "ssm"
            and home is not None
            and arn.group("region", "account") == home.group("region", "account")
        ):
            path = arn["rest"].removeprefix("parameter")
            found.add(path if path.count("/") > 1 else path.removeprefix("/"))
    return sorted(found)


def missing(aws: Aws, definitions: Iterable[Mapping[str, Any]]) -> list[str]:
    """The parameters that these revisions need and that are not stored. Raises RequestError."""
    names = sorted({name for definition in definitions for name in parameters_of(definition)})
    found = stored(aws, names)
    return [name for name in names if name not in found]


def stored(aws: Aws, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What is known about each parameter that exists: DescribeParameters answers without values. Raises RequestError."""
    return {
        str(metadata["Name"]): metadata
        for start in range(0, len(names), _NAMES_A_REQUEST)
        for metadata in _described(aws, names[start : start + _NAMES_A_REQUEST])
    }


def _described(aws: Aws, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    more: dict[str, str] = {}
    while True:
        answer = aws.call(
            "ssm",
            "describe_parameters",
            ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": list(names)}],
            MaxResults=_NAMES_A_REQUEST,
            **more,
        )
        yield from answer["Parameters"]
        if not (token := answer.get("NextToken")):
            return
        more = {"NextToken": str(token)}


def value_of(aws: Aws, name: str) -> str | None:
    """The value of a parameter that holds no secret; None where there is none. Raises RequestError."""
    try:
        value: str = aws.call("ssm", "get_parameter", Name=name)["Parameter"]["Value"]
    except RequestError as error:
        if error.code == "ParameterNotFound":
            return None
        raise
    return value
