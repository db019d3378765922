"""`./run verify`: does every service run the revision that was asked for last? Offline, or in an account."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cli.command import DONE, FAILED
from cli.stages.known import require_known
from cli.stages.place import Place
from cli.stages.secrets import lacking
from components.calc.names import resource_name
from delivery.aws import Aws
from delivery.image_definitions import ImageDefinitionsError, read_image_definitions
from delivery.observe import Observer
from delivery.verify import Requested, Verdict
from delivery.watch import LIMIT_S, Clock, watch
from offline.engine.errors import UsageError
from settings.files.stack_config import load
from settings.merged import Settings


def verify(
    place: Place,
    *,
    only: str | None = None,
    image_definitions: Path | None = None,
    timeout_minutes: float = LIMIT_S / 60,
    note: bool = False,
    write: Callable[[str], None] = print,
    clock: Clock | None = None,
) -> int:
    """Verify one service, or all; exit code 0 all run what was asked for, 1 one does not. Raises UsageError.

    image_definitions: the images asked for; without them it is the newest revision of each service. note: whether the merge
    request of the job's commit gets the outcome.
    """
    settings = place.settings()
    services = _services(settings, only)
    images = None if image_definitions is None else _images(image_definitions, only)
    with place.aws() as aws:
        write(f"AWS: verify stage {place.stage}" if place.target == "aws" else place.header("verify"))
        # Offline nothing changes by itself: what is not there at the first look never will be.
        limit = 0.0 if place.target == "offline" else timeout_minutes * 60
        verdicts = [_verdict(aws, settings, name, images, limit=limit, write=write, clock=clock) for name in services]
        for line in lacking(aws, settings, only):
            write(line)
    failed = [verdict for verdict in verdicts if not verdict.verified]
    said = f"{len(services) - len(failed)} of {len(services)} services run what was asked for"
    write(f"verify {'failed' if failed else 'succeeded'}: {said}")
    if note:
        from gate.hosts.deployed import report  # GitLab's client, which a look at the services does not need

        back = any(verdict.kind == "rolled-back" for verdict in failed)
        outcome = "rolled-back" if back else "failed" if failed else "deployed"
        why = " ".join((said + ".", *(verdict.sentence for verdict in failed)))
        write(f"note: {report(load(place.project_dir, place.stage).project, place.stage, outcome, why, os.environ)}")
    return FAILED if failed else DONE


def _verdict(
    aws: Aws,
    settings: Settings,
    service: str,
    images: dict[str, str] | None,
    *,
    limit: float,
    write: Callable[[str], None],
    clock: Clock | None,
) -> Verdict:
    observer = Observer(aws, cluster=settings.cluster.name, service=service)
    requested = Requested(images=images) if images is not None else observer.newest_requested()
    requested = replace(requested, placeholder_image=settings.platform.placeholder_image)
    seen = watch(
        observer, requested, service=service, report=lambda line: write(f"  {line}"), limit_s=limit, clock=clock
    )
    mark = "ok" if seen.verdict.verified else "FAILED"
    for number, line in enumerate(seen.lines()):
        write(line if number else f"{mark:<6} {line}")
    return seen.verdict


def _services(settings: Settings, only: str | None) -> list[str]:
    """The services, by name. Raises UsageError for one that the catalogue lacks."""
    known = {service.name: service.aws_name for service in settings.services}
    asked = [known[name] for name in sorted(known)] if only is None else [require_known(only, known, "service")]
    return [resource_name(settings.name, name) for name in asked]


def _images(path: Path, only: str | None) -> dict[str, str]:
    if only is None:
        raise UsageError("--image-definitions is for one service: name it, like ./run verify datalab-api.")
    try:
        return read_image_definitions(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except ImageDefinitionsError as error:
        raise UsageError(str(error)) from error
