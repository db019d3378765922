"""Answers the commands of the AWS CLI that buildspecs give: ECR from the registry, S3 from the offline AWS."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from delivery.aws import RequestError
from offline.rehearse.artifacts import get_object
from offline.rehearse.errors import RehearsalError
from offline.rehearse.registry import Registry
from offline.stage import OfflineStage

REFUSED, USAGE = 254, 252
"""The AWS CLI's exit statuses for a request that AWS refused, and for words it does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command prints, and its exit status."""

    output: str = ""
    error: str = ""
    exit_status: int = 0


class _Refused(Exception):
    """Words that cannot be read."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Refused(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="aws", allow_abbrev=False, add_help=False)
    services = parser.add_subparsers(dest="service", required=True)
    ecr = services.add_parser("ecr", allow_abbrev=False, add_help=False)
    operations = ecr.add_subparsers(dest="operation", required=True)
    login = operations.add_parser("get-login-password", allow_abbrev=False, add_help=False)
    get = operations.add_parser("batch-get-image", allow_abbrev=False, add_help=False)
    for command in (login, get):
        command.add_argument("--region")
    get.add_argument("--repository-name", required=True)
    get.add_argument("--image-ids", required=True, nargs="+")
    get.add_argument("--query")
    get.add_argument("--output", choices=("text", "json"), default="json")
    s3 = services.add_parser("s3", allow_abbrev=False, add_help=False)
    copy = s3.add_subparsers(dest="operation", required=True).add_parser("cp", allow_abbrev=False, add_help=False)
    copy.add_argument("--only-show-errors", action="store_true")
    copy.add_argument("source")
    copy.add_argument("target")
    return parser


def answer(arguments: Sequence[str], *, folder: Path, stage: OfflineStage, registry: Registry) -> Answer:
    """What the AWS CLI would say. Paths are read from `folder`; a command it does not know here ends with 252."""
    try:
        words = _parser().parse_args(arguments)
        match (words.service, words.operation):
            case ("ecr", "get-login-password"):
                return Answer(output=f"{registry.password}\n")
            case ("ecr", _):
                return _batch_get_image(words, stage, registry)
            case _:
                return _copy(words, folder, stage)
    except _Refused as problem:
        return Answer(error=f"aws: not rehearsed: {' '.join(arguments)}: {problem}\n", exit_status=USAGE)
    except (RequestError, RehearsalError) as problem:
        return Answer(error=f"aws: {problem}\n", exit_status=REFUSED)


def _batch_get_image(words: argparse.Namespace, stage: OfflineStage, registry: Registry) -> Answer:
    """Images by tag or digest; those that the registry lacks are failures in the answer, as ECR gives them."""
    stage.call("ecr", "describe_repositories", repositoryNames=[words.repository_name])
    images: list[dict[str, Any]] = []
    failures: list[dict[str, Any]] = []
    for text in words.image_ids:
        kind, _, reference = text.partition("=")
        if kind not in ("imageTag", "imageDigest") or not reference:
            raise _Refused(f"--image-ids takes imageTag=… or imageDigest=…, not {text!r}")
        digest = registry.digest(words.repository_name, reference)
        if digest is None:
            failures.append({"imageId": {kind: reference}, "failureCode": "ImageNotFound"})
        else:
            images.append(
                {"repositoryName": words.repository_name, "imageId": {kind: reference, "imageDigest": digest}}
            )
    return Answer(output=_printed({"images": images, "failures": failures}, words))


def _printed(document: Any, words: argparse.Namespace) -> str:
    import json

    import jmespath

    found = jmespath.search(words.query, document) if words.query else document
    if words.output == "json":
        return f"{json.dumps(found, indent=4)}\n"
    values = found if isinstance(found, list) else [found]
    if any(isinstance(value, (list, dict)) for value in values):
        raise _Refused("--output text is rehearsed for plain values; narrow --query")
    line = "\t".join("None" if value is None else str(value) for value in values)
    return f"{line}\n" if line else ""


def _copy(words: argparse.Namespace, folder: Path, stage: OfflineStage) -> Answer:
    bucket, _, key = words.source.removeprefix("s3://").partition("/")
    if not words.source.startswith("s3://") or words.target.startswith("s3://") or not key:
        raise _Refused("s3 cp is rehearsed from s3://bucket/key to a file")
    content = get_object(stage, bucket=bucket, key=key)
    target = folder / words.target
    target = target / key.rsplit("/", 1)[-1] if words.target.endswith("/") or target.is_dir() else target
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return Answer(output="" if words.only_show_errors else f"download: {words.source} to {words.target}\n")
