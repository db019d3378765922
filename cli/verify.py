"""`./run verify`: does every service run the revision that was asked for last? Offline, or in an account."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cli.render import header
from delivery.aws import Account, Aws, RequestError
from delivery.image_definitions import ImageDefinitionsError, parse_image_definitions
from delivery.observe import Observer
from delivery.verify import Requested
from delivery.watch import LIMIT_S, Clock, watch
from offline.engine.config import StackConfig, load
from offline.engine.errors import EngineError, UsageError
from offline.stage import offline_stage

DONE, FAILED, USAGE = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """What to verify, as asked for on the command line."""

    stage: str
    project_dir: Path
    state_dir: Path
    only: str | None = None
    target: Literal["offline", "aws"] = "offline"
    image_definitions: Path | None = None
    """The images asked for; without them it is the newest revision of each service."""
    timeout_minutes: float = LIMIT_S / 60


def verify(
    request: Verify,
    *,
    tell: Callable[[str], None] = print,
    account: Callable[[StackConfig], Aws] | None = None,
    clock: Clock | None = None,
) -> int:
    """Verify one service, or all; exit code 0 all run what was asked for, 1 one does not, 2 wrong usage."""
    try:
        config = load(request.project_dir, request.stage)
        cluster, services = _services(config, request.project_dir, request.only)
        images = _images(request)
        with _aws(request, config, account or _account) as aws:
            tell(_header(request))
            # Offline nothing changes by itself: what is not there at the first look never will be.
            limit = 0.0 if request.target == "offline" else request.timeout_minutes * 60
            failed = [
                name
                for name in services
                if not _verified(aws, cluster, name, images, limit=limit, tell=tell, clock=clock)
            ]
    except (UsageError, ImageDefinitionsError) as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    except (EngineError, RequestError) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except Exception as error:
        from settings import SettingsError

        if not isinstance(error, SettingsError):
            raise
        print(error, file=sys.stderr)
        return USAGE
    good = len(services) - len(failed)
    tell(f"verify {'failed' if failed else 'succeeded'}: {good} of {len(services)} services run what was asked for")
    return FAILED if failed else DONE


def _verified(
    aws: Aws,
    cluster: str,
    service: str,
    images: dict[str, str] | None,
    *,
    limit: float,
    tell: Callable[[str], None],
    clock: Clock | None,
) -> bool:
    observer = Observer(aws, cluster=cluster, service=service)
    requested = Requested(images=images) if images is not None else observer.newest_requested()
    report = watch(
        observer, requested, service=service, tell=lambda line: tell(f"  {line}"), limit_s=limit, clock=clock
    )
    mark = "ok" if report.verdict.verified else "FAILED"
    for number, line in enumerate(report.lines()):
        tell(line if number else f"{mark:<6} {line}")
    return report.verdict.verified


def _services(config: StackConfig, project_dir: Path, only: str | None) -> tuple[str, list[str]]:
    """The cluster's name and those of its services. Raises UsageError for a service that the catalogue lacks."""
    import settings
    from components.calc.names import resource_name

    read = settings.read(
        config.values,
        project=config.project,
        stage=config.stage,
        project_dir=project_dir,
        secret_keys=config.secret_keys,
    )
    known = sorted(service.name for service in read.services)
    if only is not None and only not in known:
        raise UsageError(f"There is no service {only!r} in Pulumi.yaml; there are: {', '.join(known)}.")
    return read.cluster.name, [resource_name(config.stage, name) for name in ([only] if only else known)]


def _images(request: Verify) -> dict[str, str] | None:
    if request.image_definitions is None:
        return None
    if request.only is None:
        raise UsageError("--image-definitions is for one service: name it, like ./run verify datalab-api.")
    try:
        return parse_image_definitions(request.image_definitions.read_bytes())
    except OSError as error:
        raise UsageError(f"{request.image_definitions}: {error.strerror}") from error


def _aws(request: Verify, config: StackConfig, account: Callable[[StackConfig], Aws]) -> AbstractContextManager[Aws]:
    if request.target == "aws":
        return contextlib.nullcontext(account(config))
    return offline_stage(project_dir=request.project_dir, state_dir=request.state_dir, stage=request.stage)


def _account(config: StackConfig) -> Aws:
    return Account(region=config.values["aws:region"], profile=config.values.get("aws:profile"))


def _header(request: Verify) -> str:
    if request.target == "aws":
        return f"AWS: verify stage {request.stage}"
    return header("verify", request.stage)
