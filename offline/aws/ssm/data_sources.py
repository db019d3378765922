"""Systems Manager: parameters, looked up."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.shapes import present


def _parameters_by_path(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    if aws.touched("ssm"):
        request = present(
            Path=args["path"], Recursive=args.get("recursive"), WithDecryption=args.get("withDecryption", True)
        )
        token: str | None = None
        while True:
            answer = aws.call("ssm", "get_parameters_by_path", **request, **present(NextToken=token))
            found += answer["Parameters"]
            token = answer.get("NextToken")
            if not token:
                break
    return {
        "arns": [item["ARN"] for item in found],
        "id": args["path"],
        "names": [item["Name"] for item in found],
        "path": args["path"],
        "recursive": args.get("recursive", False),
        "region": aws.region,
        "types": [item["Type"] for item in found],
        "values": [item["Value"] for item in found],
        "withDecryption": args.get("withDecryption", True),
    }


def _parameter(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    name, decrypt = args["name"], args.get("withDecryption", True)
    found = aws.call("ssm", "get_parameter", Name=name, WithDecryption=decrypt)["Parameter"]
    return {
        "arn": found["ARN"],
        "id": name,
        "insecureValue": found["Value"] if found["Type"] != "SecureString" else "",
        "name": found["Name"],
        "region": aws.region,
        "type": found["Type"],
        "value": found["Value"],
        "version": found["Version"],
        "withDecryption": decrypt,
    }


DATA_SOURCES = {
    "aws:ssm/getParametersByPath:getParametersByPath": _parameters_by_path,
    "aws:ssm/getParameter:getParameter": _parameter,
}
