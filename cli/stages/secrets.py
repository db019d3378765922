"""`./run secrets`: which secrets of a stage are stored and which are missing, never a value; and how one is stored."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cli.command import DONE, FAILED
from cli.report.table import screen_width
from cli.stages.known import require_known
from cli.stages.place import Place, changing
from components.calc.tasks.placeholder import image_parameter
from delivery.aws import Aws, RequestError
from delivery.parameters import stored
from offline.engine.errors import UsageError
from offline.stage import OFFLINE_VALUE
from settings.merged import Settings
from settings.nearest import question
from settings.workloads import Job

MAX_BYTES: Final = 4096
"""A standard parameter of SSM holds 4 KiB (AWS Systems Manager User Guide, parameter tiers)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One SecureString that tasks get. path: its name in SSM; readers: the workloads whose tasks read it."""

    path: str
    readers: tuple[str, ...]
    images: tuple[str, ...]
    """The services whose images the readers run."""

    @property
    def variable(self) -> str:
        """The variable that it fills."""
        return self.path.rpartition("/")[2]

    @property
    def owner(self) -> str:
        """The workload whose name is in the path."""
        return self.path.split("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is known of one secret. metadata: what SSM says without the value; None where nothing is stored."""

    secret: Secret
    metadata: Mapping[str, Any] | None
    needed: bool
    """Whether an image that reads it is deployed: a placeholder needs none."""

    @property
    def good(self) -> bool:
        """Whether it is stored, and encrypted."""
        return self.metadata is not None and self.metadata["Type"] == "SecureString"

    @property
    def sentence(self) -> str:
        """What is shown, behind its path."""
        if self.metadata is None:
            when = "" if self.needed else f", needed with the first image of {', '.join(self.secret.images)}"
            return f"MISSING{when}"
        if not self.good:
            return f"WRONG: a {self.metadata['Type']}, which is stored in plain text; delete it and store it again"
        changed = self.metadata["LastModifiedDate"]
        return f"stored {changed:%Y-%m-%d %H:%M}" if isinstance(changed, datetime) else f"stored {changed}"


def secrets(
    place: Place,
    *,
    only: str | None = None,
    check: bool = False,
    put: str | None = None,
    write: Callable[[str], None] = print,
    ask: Callable[[str], str] | None = None,
) -> int:
    """List the stage's secrets, or store one; exit code 0 all are stored, 1 one is missing or no SecureString.

    check: only what is missing, and a failure only for what a deployed image needs. put: the variable or path to store.
    """
    settings = place.settings()
    if put is not None:
        found = secrets_of(settings, only)
        return _put(place, _named(found, put, place.stage), write, ask or _ask)
    with place.aws() as aws:
        states = states_of(aws, settings, only)
    write(place.header("secrets"))
    shown = [state for state in states if not (check and state.good)]
    width = max((len(state.secret.path) for state in shown), default=0)
    rows = [(state.secret.path, f"{state.sentence}; read by {', '.join(state.secret.readers)}") for state in shown]
    beside = max((width + len(text) + 2 for _, text in rows), default=0) <= screen_width()
    for path, text in rows:
        write(f"{path:<{width}}  {text}" if beside else f"{path}\n    {text}")
    write(_summary(states, place))
    return FAILED if any(not state.good and (state.needed or not check) for state in states) else DONE


def states_of(aws: Aws, settings: Settings, only: str | None = None) -> list[State]:
    """What is known of every secret of the stage, or of one workload, by path. Raises UsageError and RequestError."""
    found = secrets_of(settings, only)
    images = {service.name: image_parameter(settings.name, service.aws_name) for service in settings.services}
    known = stored(aws, [*(secret.path for secret in found), *sorted(images.values())])
    return [
        State(
            secret=secret,
            metadata=known.get(secret.path),
            needed=any(images[name] in known for name in secret.images),
        )
        for secret in found
    ]


def secrets_of(settings: Settings, only: str | None = None) -> list[Secret]:
    """The secrets of every workload, or of one, by path. Raises UsageError for a workload that there is not."""
    workloads = {workload.name: workload for workload in (*settings.services, *settings.jobs)}
    if only is not None:
        require_known(only, workloads, "service or job")
    readers: dict[str, dict[str, str]] = {}
    for name, workload in sorted(workloads.items()):
        for path in workload.secret_parameters(settings.name).values():
            readers.setdefault(path, {})[name] = workload.image if isinstance(workload, Job) else name
    return [
        Secret(path=path, readers=tuple(names), images=tuple(sorted(set(names.values()))))
        for path, names in sorted(readers.items())
        if only is None or only in names
    ]


def lacking(aws: Aws, settings: Settings, only: str | None) -> Iterator[str]:
    """Which secrets are missing, before a task that needs them is started; no part of the verdict."""
    try:
        states = states_of(aws, settings, only)
    except RequestError as error:
        yield f"secrets: not known: {error}"
        return
    for state in states:
        if not state.good:
            yield f"secret {state.secret.path}: {state.sentence}"


def _summary(states: Sequence[State], place: Place) -> str:
    good = sum(state.good for state in states)
    said = f"{good} of {len(states)} secrets are stored"
    first = next((state.secret for state in states if not state.good), None)
    if first is None:
        return said
    target = "" if place.target == "offline" else f" --target {place.target}"
    return (
        f"{said}; tasks without theirs do not start. "
        f"Store one: ./run secrets {first.owner} -s {place.stage}{target} --put {first.variable}"
    )


def _named(found: Sequence[Secret], name: str, stage: str) -> Secret:
    """The one secret of that variable's name, or of that path."""
    matching = [secret for secret in found if name in (secret.variable, secret.path)]
    if not matching:
        names = ", ".join(sorted({secret.variable for secret in found})) or "none"
        raise UsageError(
            f"No workload lists {name} under secrets, so no task would read it; there are: {names}. List it in "
            f"Pulumi.yaml first.{question(name, {secret.variable for secret in found})}"
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
        known = stored(aws, [secret.path]).get(secret.path)
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
