"""`./run buildspec`: the buildspec of a service's image, byte for byte what its CodeBuild project gets."""

from __future__ import annotations

import argparse
import sys

from cli import options
from cli.command import DONE, Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", metavar="SERVICE", help="a service of the catalogue")
    options.add_stage(parser)
    options.add_project(parser)


def _run(arguments: argparse.Namespace) -> int:
    """Print the YAML. Raises UsageError for a service that is not built in this stage."""
    from cli.stages.known import require_known
    from cli.stages.place import settings_of
    from components.delivery.buildspecs import image_build
    from offline.engine.errors import UsageError

    stage, name = arguments.stage, arguments.service
    settings = settings_of(options.project_dir(arguments), stage)
    service = require_known(name, {service.name: service for service in settings.services}, "service")
    origin = settings.pipeline.promote_from
    if service.promote and origin is not None:
        raise UsageError(
            f"{name} is not built in {stage}: its pipeline deploys the image that {origin} verified (promote: true). "
            f"The build is: ./run buildspec {name} -s {origin}"
        )
    sys.stdout.write(image_build(service))
    return DONE


COMMAND = Command(
    place=50, help="print the buildspec of a service's image, as CodeBuild gets it", options=_options, run=_run
)
