"""How the health of a service's tasks is checked, by the load balancer and by ECS alike."""

from __future__ import annotations

from typing import Final

HEALTH_INTERVAL_SECONDS: Final = 15
HEALTH_TIMEOUT_SECONDS: Final = 5
HEALTHY_CHECKS: Final = 2
UNHEALTHY_CHECKS: Final = 3
