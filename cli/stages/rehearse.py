"""`./run rehearse`: a delivery of one service, stage by stage, on this machine."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from cli.command import DONE, FAILED
from cli.ended import interrupted_by_sigterm
from cli.report.screens import header
from cli.stages.known import require_known
from cli.stages.place import Place
from components.calc.names import resource_name
from delivery.aws import RequestError
from delivery.image_definitions import ImageDefinitionsError
from delivery.revisions import short
from offline.engine.errors import EngineError, UsageError
from offline.records import EngineName
from offline.rehearse.errors import RehearsalError
from offline.rehearse.rehearsal import Request, rehearse


def run_rehearsal(
    place: Place, service: str, *, source: Path, env_file: Path | None, keep: bool, engine: EngineName | None
) -> int:
    """Rehearse; exit code 0 delivered and verified, 1 not. Raises UsageError for what is wrong on the command line."""
    started = time.monotonic()
    aws_name = require_known(service, {each.name: each.aws_name for each in place.settings().services}, "service")
    if not source.is_dir():
        raise UsageError(f"--source {source} is not a folder: give the application's repository.")
    if env_file is not None and not env_file.is_file():
        raise UsageError(f"--env-file {env_file} is not a file: give the env file that the build is to find.")
    request = Request(
        stage=place.stage,
        name=resource_name(place.stage, aws_name),
        source=source.resolve(),
        env_file=env_file and env_file.resolve(),
        project_dir=place.project_dir,
        state_dir=place.state_dir,
        keep=keep,
        engine=engine,
    )
    _say(header("rehearsal", f"{place.stage}, service {service}"))
    try:
        with interrupted_by_sigterm():
            delivered = rehearse(request, report=_say)
    except (EngineError, RequestError, RehearsalError, ImageDefinitionsError) as error:
        print(f"error: {error}\nrehearsal failed", file=sys.stderr)
        return FAILED
    for container, image in sorted(delivered.images.items()):
        _say(f"{container} = {image}")
    if keep:
        _say(f"kept: {delivered.folder}")
    _say(
        f"rehearsal succeeded: {service} runs {short(delivered.revision)}; {time.monotonic() - started:.1f} s "
        "(offline AWS, nothing deployed)"
    )
    return DONE


def _say(line: str) -> None:
    print(line, flush=True)
