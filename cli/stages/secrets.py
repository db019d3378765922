"""`./run secrets`: which secrets of a stage are stored and which are missing, never a value; and how one is stored."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cli.command import DONE, FAILED
from cli.stages.known import require_known
from cli.stages.place import Place, changing
from delivery.aws import Aws
from offline.engine.errors import UsageError
from settings.merged import Settings

MAX_BYTES: Final = 4096
"""A standard parameter of SSM holds 4 KiB (AWS Systems Manager User Guide, parameter tiers)."""
OFFLINE_VALUE: Final = "(offline: the value is not kept)"
"""What the offline AWS gets: its record is a plain file, and nothing reads the value there."""
_NAMES_A_REQUEST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One SecureString that tasks get: path: its name in SSM; readers: the workloads whose tasks read it."""

    path: str
    readers: tuple[str, ...]

    @property
    def variable(self) -> str:
        """The variable that it fills."""
        return self.path.rpartition("/")[2]

    @property
    def owner(self) -> str:
        """The workload whose name is in the path."""
        return self.path.split("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """`./run secrets [SERVICE] [--put NAME]` as asked for."""

    place: Place
    only: str | None = None
    put: str | None = None


def secrets(asked: Secrets, *, write: Callable[[str], None] = print, ask: Callable[[str], str] | None = None) -> int:
    """List the stage's secrets, or store one; exit code 0 all are stored, 1 one is missing or no SecureString."""
    found = secrets_of(asked.place.settings(), asked.only)
    if asked.put is not None:
        return _put(asked.place, _named(found, asked.put, asked.place.stage), write, ask or _ask)
    with asked.place.aws() as aws:
        stored = _stored(aws, [secret.path for secret in found])
    write(asked.place.header("secrets"))
    width = max((len(secret.path) for secret in found), default=0)
    good = 0
    for secret in found:
        metadata = stored.get(secret.path)
        good += metadata is not None and metadata["Type"] == "SecureString"
        write(f"{secret.path:<{width}}  {_state(metadata)}; read by {', '.join(secret.readers)}")
    write(_summary(found, good, stored, asked.place.stage))
    return DONE if good == len(found) else FAILED


def secrets_of(settings: Settings, only: str | None = None) -> list[Secret]:
    """The secrets of every workload, or of one, by path. Raises UsageError for a workload that there is not."""
    workloads = {workload.name: workload for workload in (*settings.services, *settings.jobs)}
    if only is not None:
        require_known(only, workloads, "service or job")
    readers: dict[str, list[str]] = {}
    for name, workload in sorted(workloads.items()):
        for path in workload.secret_parameters(settings.name).values():
            readers.setdefault(path, []).append(name)
    return [
        Secret(path=path, readers=tuple(names))
        for path, names in sorted(readers.items())
        if only is None or only in names
    ]


def _stored(aws: Aws, paths: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What is known about each parameter that exists: DescribeParameters answers without values."""
    return {
        str(metadata["Name"]): metadata
        for start in range(0, len(paths), _NAMES_A_REQUEST)
        for metadata in _described(aws, paths[start : start + _NAMES_A_REQUEST])
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


def _state(metadata: dict[str, Any] | None) -> str:
    if metadata is None:
        return "MISSING"
    if metadata["Type"] != "SecureString":
        return f"WRONG: a {metadata['Type']}, which is stored in plain text; delete it and store it again"
    changed = metadata["LastModifiedDate"]
    return f"stored {changed:%Y-%m-%d %H:%M}" if isinstance(changed, datetime) else f"stored {changed}"


def _summary(found: Sequence[Secret], good: int, stored: dict[str, Any], stage: str) -> str:
    if good == len(found):
        return f"{good} of {len(found)} secrets are stored"
    first = next(secret for secret in found if stored.get(secret.path, {}).get("Type") != "SecureString")
    return (
        f"{good} of {len(found)} secrets are stored; tasks without theirs do not start. "
        f"Store one: ./run secrets {first.owner} -s {stage} --put {first.variable}"
    )


def _named(found: Sequence[Secret], name: str, stage: str) -> Secret:
    """The one secret of that variable's name, or of that path."""
    matching = [secret for secret in found if name in (secret.variable, secret.path)]
    if not matching:
        names = ", ".join(sorted({secret.variable for secret in found})) or "none"
        raise UsageError(
            f"No workload lists {name} under secrets, so no task would read it; there are: {names}. List it in "
            "Pulumi.yaml first."
        )
    if len(matching) > 1:
        owners = ", ".join(secret.owner for secret in matching)
        raise UsageError(
            f"{name} is a secret of {owners}: name one, like ./run secrets {matching[0].owner} -s {stage} --put {name}."
        )
    return matching[0]


def _put(place: Place, secret: Secret, write: Callable[[str], None], ask: Callable[[str], str]) -> int:
    value = _checked(ask(f"Value of {secret.path} (not shown): "))
    with place.aws("write") as aws:
        known = _stored(aws, [secret.path]).get(secret.path)
        if known is not None and known["Type"] != "SecureString":
            raise UsageError(
                f"{secret.path} exists as a {known['Type']}, and SSM changes no type: delete it first, and take its "
                "value for known: aws ssm delete-parameter --name " + secret.path
            )
        with changing(aws, f"secrets {secret.path}"):
            aws.call(
                "ssm",
                "put_parameter",
                Name=secret.path,
                Type="SecureString",
                Value=OFFLINE_VALUE if place.target == "offline" else value,
                Overwrite=known is not None,
                Description=f"{secret.variable} of {secret.owner}",
            )
    write(place.header("secrets"))
    kept = "; its value is not kept offline" if place.target == "offline" else ""
    readers = ", ".join(secret.readers)
    write(f"{secret.path} is {'changed' if known else 'stored'}{kept}. Tasks read it when they start: {readers}")
    return DONE


def _checked(value: str) -> str:
    if not value:
        raise UsageError("The value is empty, and SSM stores none that is: give it at the prompt or on standard input.")
    size = len(value.encode())
    if size > MAX_BYTES:
        raise UsageError(f"The value has {size:,} bytes, and a standard parameter of SSM holds {MAX_BYTES:,}.")
    return value


def _ask(prompt: str) -> str:
    """From a prompt that shows nothing, or from standard input without its last line break."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")
