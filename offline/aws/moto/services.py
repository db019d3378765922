"""What moto lacks or drops beside overlay.py, service by service, added when the first request to a service is made.

Each module says what is missing; its tests fail when moto learns it, and the entry can go.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

# moto's name of a service to the module whose function `extend_<service>` completes it.
_MODULES = {
    "applicationautoscaling": "scaling",
    "codebuild": "code",
    "codecommit": "code",
    "ecs": "ecs_rules",
    "rds": "rds",
    "s3": "s3",
    "scheduler": "scaling",
    "servicediscovery": "messaging",
    "sns": "messaging",
    "sqs": "messaging",
}
_extended: set[str] = set()


def extend(service: str) -> None:
    """Complete moto's classes of a service, by moto's name for it; once a process, without effect on the others."""
    if service in _MODULES and service not in _extended:
        _extended.add(service)
        module = importlib.import_module(f"offline.aws.moto.{_MODULES[service]}")
        getattr(module, f"extend_{service}")()


def add(owner: Any, *methods: Callable[..., Any]) -> None:
    """Give one of moto's classes methods under their own names, in place of those it has."""
    for method in methods:
        setattr(owner, method.__name__, method)


def after(owner: Any, method: str, then: Callable[[Any], None]) -> None:
    """Let `then(response)` follow a method of one of moto's response classes, which answers as before.

    What `then` puts on moto's own objects is in the next describe; where the answer shows the same object, in it, too.
    """
    original = getattr(owner, method)

    def wrapped(self: Any) -> Any:
        answer = original(self)
        then(self)
        return answer

    setattr(owner, method, wrapped)


def given(response: Any, *members: str) -> dict[str, Any]:
    """The members of a request that have a value."""
    values = {member: response._get_param(member) for member in members}
    return {member: value for member, value in values.items() if value is not None}
