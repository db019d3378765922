"""`./run rehearse`: a delivery of one service, stage by stage, on this machine."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli.command import DONE, FAILED
from cli.ended import ended
from cli.report.screens import header
from cli.stages.known import require_known
from cli.stages.place import settings_of
from components.calc.names import resource_name
from delivery.image_definitions import ImageDefinitionsError
from delivery.revisions import short
from offline.engine.errors import UsageError
from offline.records import EngineName
from offline.rehearse.errors import RehearsalError
from offline.rehearse.rehearsal import Delivered, Request, rehearse


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearse:
    """What to rehearse, as asked for on the command line."""

    stage: str
    service: str
    source: Path
    env_file: Path | None
    project_dir: Path
    state_dir: Path
    keep: bool = False
    engine: EngineName | None = None


def _say(line: str) -> None:
    print(line, flush=True)


def run_rehearsal(asked: Rehearse, *, write: Callable[[str], None] = _say) -> int:
    """Rehearse; exit code 0 delivered and verified, 1 not, 2 wrong settings or usage."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = ended(lambda: _rehearsed(asked, write), failures=(RehearsalError, ImageDefinitionsError))
    finally:
        signal.signal(signal.SIGTERM, before)
    if code == FAILED:
        print("rehearsal failed", file=sys.stderr)
    return code


def _rehearsed(asked: Rehearse, write: Callable[[str], None]) -> int:
    started = time.monotonic()
    request = _request(asked)
    write(header("rehearsal", f"{asked.stage}, service {asked.service}"))
    delivered = rehearse(request, report=write)
    _report(delivered, asked, time.monotonic() - started, write)
    return DONE


def _report(delivered: Delivered, asked: Rehearse, seconds: float, write: Callable[[str], None]) -> None:
    for container, image in sorted(delivered.images.items()):
        write(f"{container} = {image}")
    if asked.keep:
        write(f"kept: {delivered.folder}")
    write(
        f"rehearsal succeeded: {asked.service} runs {short(delivered.revision)}; {seconds:.1f} s "
        "(offline AWS, nothing deployed)"
    )


def _request(asked: Rehearse) -> Request:
    """The request with everything checked that can be wrong on the command line. Raises UsageError."""
    settings = settings_of(asked.project_dir, asked.stage)
    known = {service.name: service.aws_name for service in settings.services}
    require_known(asked.service, known, "service")
    if not asked.source.is_dir():
        raise UsageError(f"--source {asked.source} is not a folder: give the application's repository.")
    if asked.env_file is not None and not asked.env_file.is_file():
        raise UsageError(f"--env-file {asked.env_file} is not a file: give the env file that the build is to find.")
    return Request(
        stage=asked.stage,
        name=resource_name(asked.stage, known[asked.service]),
        source=asked.source.resolve(),
        env_file=asked.env_file and asked.env_file.resolve(),
        project_dir=asked.project_dir,
        state_dir=asked.state_dir,
        keep=asked.keep,
        engine=asked.engine,
    )


def _interrupt(_number: int, _frame: object) -> None:
    """SIGTERM ends a rehearsal as Ctrl-C does: what it started is stopped on the way out."""
    raise KeyboardInterrupt
