"""Containers that reach their database by a pooler in their own task alone, such as PgBouncer: its connections count, not theirs.

Containers of a task share localhost under the network modes awsvpc and host (Amazon ECS Developer Guide, Task networking).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from policies.facts.ecs.containers import Container
from policies.facts.ecs.stated.database_variables import database_words, is_database_url, place_of
from policies.resources.graph import Resource
from policies.resources.reading import read_text, text_or

_POOLER = re.compile(r"(?i)pg_?bouncer|bouncer|pgcat|odyssey|pg_?pool|supavisor|proxysql|maxscale")
_HERE = re.compile(
    r"(?i)(?:[a-z0-9+:.-]*//)?(?:[^@/\s]*@)?(?:tcp\()?(?:127\.[0-9]+\.[0-9]+\.[0-9]+|localhost|\[?::1\]?)(?::[0-9]{1,5})?\)?"
    r"(?:[/?](?!.*\bhost(?:addr)?=).*)?"
)
"""An address of the task's own, by itself or in a URL or a data source name of Go."""


def by_sidecar(definition: Resource, containers: Sequence[Container], hosts: Collection[str]) -> frozenset[str]:
    """The names of the containers that open connections to a pooler beside them alone. hosts: of the databases, in lower case."""
    if text_or(read_text(definition, "networkMode"), "") not in ("awsvpc", "host"):
        return frozenset()
    here = [container for container in containers if _may_stay_here(container) and _stays_here(container)]
    if not here or not any(_is_pooler(container) for container in containers):
        return frozenset()
    return frozenset(each.name for each in here if not _is_pooler(each) and not _given(each, hosts))


def _may_stay_here(container: Container) -> bool:
    """Whether any value may be an address of the task's own: few tasks have one, and all are asked."""
    return any(
        value and ("127." in value or "::1" in value or "localhost" in value.lower())
        for value in container.environment.values()
    )


def _is_pooler(container: Container) -> bool:
    """Whether a container pools connections to a database elsewhere."""
    named = " ".join(
        (container.image, container.name, *container.environment, *container.entry_point, *container.command)
    )
    return _POOLER.search(named) is not None and container.uses_database and not _stays_here(container)


def _given(container: Container, hosts: Collection[str]) -> bool:
    """Whether any variable or word of a command holds a database's host."""
    texts = (*container.environment.values(), *container.entry_point, *container.command)
    return any(host in (text or "").lower() for text in texts for host in hosts)


def _stays_here(container: Container) -> bool:
    """Whether all that shows a database in a container is known, and leads to its own task."""
    places = list(_places(container))
    return (
        bool(places)
        and not container.environment_files
        and not database_words((*container.entry_point, *container.command))
        and not any(place_of(name) is not None for name in container.secrets)
        and all(value is not None and _HERE.fullmatch(value.strip()) for value in places)
    )


def _places(container: Container) -> Iterator[str | None]:
    """What a container is given as the place of a database; None where it is not known."""
    for name, value in container.environment.items():
        if place_of(name) is not None or is_database_url(value or ""):
            yield value
