"""`./run buildspec`: the buildspec of a service's image, byte for byte what its CodeBuild project gets."""

from __future__ import annotations

import sys
from pathlib import Path

from components.buildspecs import image_build
from offline.engine.config import load
from offline.engine.errors import UsageError
from settings import SettingsError, read

DONE, USAGE = 0, 2


def buildspec(project_dir: Path, stage: str, service: str) -> int:
    """Print the YAML; exit code 2 with the reason for wrong settings or a service that is not built in this stage."""
    try:
        sys.stdout.write(_text(project_dir, stage, service))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return USAGE
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    return DONE


def _text(project_dir: Path, stage: str, name: str) -> str:
    config = load(project_dir, stage)
    settings = read(
        config.values,
        project=config.project,
        stage=stage,
        project_dir=project_dir,
        secret_keys=config.secret_keys,
    )
    services = {service.name: service for service in settings.services}
    if name not in services:
        raise UsageError(f"There is no service {name!r} in Pulumi.yaml; there are: {', '.join(sorted(services))}.")
    origin = settings.pipeline.promote_from
    if services[name].promote and origin is not None:
        raise UsageError(
            f"{name} is not built in {stage}: its pipeline deploys the image that {origin} verified (promote: true). "
            f"The build is: ./run buildspec {name} -s {origin}"
        )
    return image_build(services[name])
