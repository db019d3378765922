"""How the health of a service's tasks is checked, by the load balancer and by ECS alike."""

from __future__ import annotations

from shlex import quote
from typing import Final

from .container_spec import HealthCheck

HEALTH_INTERVAL_SECONDS: Final = 15
HEALTH_TIMEOUT_SECONDS: Final = 5
HEALTHY_CHECKS: Final = 2
UNHEALTHY_CHECKS: Final = 3


def http_check(port: int, path: str, grace_s: int) -> HealthCheck:
    """The container agent's check: wget, which the small images have, asks the container itself.

    `grace_s` is the service's grace period; ECS takes at most 300 s as a container's start period.
    """
    return HealthCheck(
        command=("CMD-SHELL", f"wget -q -T 4 -O /dev/null {quote(f'http://127.0.0.1:{port}{path}')} || exit 1"),
        interval=HEALTH_INTERVAL_SECONDS,
        timeout=HEALTH_TIMEOUT_SECONDS,
        retries=UNHEALTHY_CHECKS,
        start_period=min(grace_s, 300),
    )
