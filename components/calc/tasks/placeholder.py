"""What a service runs before its first image exists: a server that passes the health check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ..canonical import canonical_json

PLACEHOLDER_LABEL: Final = "placeholder-for"
"""Docker label of a container that runs the placeholder: the command it is to run with its first image, a JSON list.

CodePipeline's ECS action changes images and nothing else, so without it the placeholder's command would stay.
"""
SECRETS_LABEL: Final = "placeholder-secrets"
"""Docker label beside it: the secrets that the container is to get with its first image, a JSON object of variable to ARN.

A task does not start without its secrets, and the first `up` comes before anybody could store them.
"""


def image_parameter(stage: str, service: str) -> str:
    """The SSM parameter that names the image of a service which its pipeline verified last; there is none before the first."""
    return f"/{stage}/images/{service}"


def waiting_labels(command: Sequence[str], secrets: Mapping[str, str]) -> dict[str, str]:
    """The labels of a container that waits for its first image."""
    labels = {PLACEHOLDER_LABEL: canonical_json(list(command))}
    return labels | ({SECRETS_LABEL: canonical_json(dict(secrets))} if secrets else {})


def placeholder_command(port: int) -> list[str]:
    """The command that answers 200 to every path on `port` (1-65535; ValueError otherwise).

    The first deployment has no image to run. Without an answer on the port the deployment circuit breaker trips, and
    there is no earlier deployment to go back to. The process leaves at once on SIGTERM: as process 1 it would otherwise
    ignore it.
    """
    if not 1 <= port <= 65535:
        raise ValueError(f"The port {port} does not exist: a port is a number from 1 to 65535, for example 3000.")
    script = (
        "const answer = (request, response) => { response.writeHead(200, {'content-type': 'text/plain'}); "
        "response.end('placeholder: no image has been deployed yet\\n'); }; "
        f"require('http').createServer(answer).listen({port}, '0.0.0.0'); "
        "process.on('SIGTERM', () => process.exit(0));"
    )
    return ["node", "-e", script]
