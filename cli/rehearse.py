"""`./run rehearse`: a delivery of one service, stage by stage, on this machine."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli.render import header
from delivery.aws import RequestError
from delivery.image_definitions import ImageDefinitionsError
from delivery.revisions import short
from offline.engine.config import load
from offline.engine.errors import EngineError, UsageError
from offline.rehearse.errors import RehearsalError
from offline.rehearse.rehearsal import Delivered, Request, rehearse

DONE, FAILED, USAGE = 0, 1, 2


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


def _say(line: str) -> None:
    print(line, flush=True)


def run_rehearsal(asked: Rehearse, *, tell: Callable[[str], None] = _say) -> int:
    """Rehearse; exit code 0 delivered and verified, 1 not, 2 wrong settings or usage."""
    started = time.monotonic()
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        request = _request(asked)
        tell(header("rehearsal", f"{asked.stage}, service {asked.service}"))
        delivered = rehearse(request, tell=tell)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    except (EngineError, RehearsalError, RequestError, ImageDefinitionsError) as error:
        print(f"error: {error}", file=sys.stderr)
        print("rehearsal failed", file=sys.stderr)
        return FAILED
    except Exception as error:
        from settings import SettingsError

        if not isinstance(error, SettingsError):
            raise
        print(error, file=sys.stderr)
        return USAGE
    finally:
        signal.signal(signal.SIGTERM, before)
    _report(delivered, asked, time.monotonic() - started, tell)
    return DONE


def _report(delivered: Delivered, asked: Rehearse, seconds: float, tell: Callable[[str], None]) -> None:
    for container, image in sorted(delivered.images.items()):
        tell(f"{container} = {image}")
    if asked.keep:
        tell(f"kept: {delivered.folder}")
    tell(
        f"rehearsal succeeded: {asked.service} runs {short(delivered.revision)}; {seconds:.1f} s "
        "(offline AWS, nothing deployed)"
    )


def _request(asked: Rehearse) -> Request:
    """The request with everything checked that can be wrong on the command line. Raises UsageError."""
    import settings
    from components.calc.names import resource_name

    config = load(asked.project_dir, asked.stage)
    read = settings.read(
        config.values,
        project=config.project,
        stage=config.stage,
        project_dir=asked.project_dir,
        secret_keys=config.secret_keys,
    )
    known = sorted(service.name for service in read.services)
    if asked.service not in known:
        raise UsageError(f"There is no service {asked.service!r} in Pulumi.yaml; there are: {', '.join(known)}.")
    if not asked.source.is_dir():
        raise UsageError(f"--source {asked.source} is no folder: give the application's repository.")
    if asked.env_file is not None and not asked.env_file.is_file():
        raise UsageError(f"--env-file {asked.env_file} is no file: give the env file that the build is to find.")
    return Request(
        stage=asked.stage,
        name=resource_name(asked.stage, asked.service),
        source=asked.source.resolve(),
        env_file=asked.env_file and asked.env_file.resolve(),
        project_dir=asked.project_dir,
        state_dir=asked.state_dir,
        keep=asked.keep,
    )


def _interrupt(_number: int, _frame: object) -> None:
    """SIGTERM ends a rehearsal as Ctrl-C does: what it started is stopped on the way out."""
    raise KeyboardInterrupt
