"""Services of which one task may run: declared by a tag, or shown by what their commands start and by how they deploy.

Sources stand beside each scheduler: its manual says that every one that runs starts the periodic work again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.budget.declarations import SINGLETON_TAG
from policies.facts.ecs.autoscaling import scaling_maxima
from policies.facts.ecs.command_words import base_name, segments
from policies.facts.ecs.deployments import desired_count, is_daemon, most_percent
from policies.resources.graph import Resource
from policies.resources.outcomes import Undecided, decided
from policies.resources.reading import optional, read_text, refuse
from policies.resources.references import task_definitions

if TYPE_CHECKING:
    from policies.facts.stack import StackFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduler:
    """A program that starts periodic work, once for each of it that runs.

    names: of its executable. words: of which one has to stand in its command, none for any command; one that ends with an asterisk
    is a beginning. unless: beginnings of words that make several safe. valued: flags whose value is none of these words. first: its
    name is a common word, and means the program only where a command begins.
    """

    names: str
    source: str
    words: str = ""
    unless: str = ""
    valued: str = ""
    first: bool = False


SCHEDULERS = (
    Scheduler(names="celery celeryd", words="beat -B --beat", unless="redbeat",
              valued="-A --app -Q --queues -n --hostname -b --broker -l --loglevel -P --pool --workdir "
                     "--result-backend",
              source="docs.celeryq.dev, Periodic Tasks: one scheduler at a time, else duplicate tasks; RedBeat holds "
                     "a lock"),
    Scheduler(names="celerybeat celery-beat", source="docs.celeryq.dev, Periodic Tasks"),
    Scheduler(names="clockwork clockworkd", source="Clockwork's README: only one process, or duplicate jobs"),
    Scheduler(names="cron crond fcron supercronic go-crond yacron ofelia", first=True,
              source="their manuals: each runs every line of its table"),
    Scheduler(names="artisan", words="schedule:work schedule:run",
              source="laravel.com, Task Scheduling: on several servers a task runs on each, unless it is "
                     "onOneServer()"),
    Scheduler(names="console", words="scheduler_*",
              source="symfony.com, Scheduler: several workers of a schedule need a lock"),
    Scheduler(names="periodiq", source="Periodiq's README: exactly one scheduler"),
    Scheduler(names="huey_consumer huey_consumer.py run_huey", unless="-n --no-periodic",
              source="huey.readthedocs.io, Consuming Tasks: with several consumers all but one run with --no-periodic"),
    Scheduler(names="dagster-daemon", words="run", source="docs.dagster.io, Dagster daemon: one for each instance"),
    Scheduler(names="sentry", words="cron scheduler", source="develop.sentry.dev: `sentry run cron` is Celery's beat"),
)  # fmt: skip
"""What starts work by the clock and knows of no other that does."""
_BY_NAME: Mapping[str, tuple[Scheduler, ...]] = {
    name: tuple(scheduler for scheduler in SCHEDULERS if name in scheduler.names.split())
    for name in " ".join(scheduler.names for scheduler in SCHEDULERS).split()
}
_BEFORE = frozenset(["sh", "bash", "/bin/sh", "/bin/bash", "exec", "tini", "/sbin/tini", "dumb-init", "sudo", "nohup"])
"""What stands before a program's name and starts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Singleton:
    """What is known of a service. declared: whether one task may run, None where no tag says so; evidence: what shows one."""

    declared: bool | None
    evidence: tuple[str, ...] = ()

    @property
    def judged_as_one(self) -> bool:
        """Whether it is a singleton, or a person has to say: no rule may ask it for a second task."""
        return self.declared is True or (self.declared is None and bool(self.evidence))


def singleton_of(facts: StackFacts, service: Resource) -> Singleton:
    """What a service says. Raises NotDecidedError where its tag, or its task definition's, cannot be read."""
    definitions = task_definitions(facts.graph, service, "taskDefinition")
    # Which of several is meant is another policy's question.
    carriers = (service, *definitions) if len(definitions) == 1 else (service,)
    declared = {value for carrier in carriers if (value := _declared(carrier)) is not None}
    if len(declared) > 1:
        refuse(f'tags["{SINGLETON_TAG}"]', "says true and false, of the service and of its task definition")
    if declared:
        return Singleton(declared=declared.pop())
    started = tuple(dict.fromkeys(_started(facts, definitions))) if len(definitions) == 1 else ()
    shape = ("it runs one task, and none beside it while it deploys",) if not started and _alone(facts, service) else ()
    return Singleton(declared=None, evidence=(*started, *shape))


def _declared(carrier: Resource) -> bool | None:
    found = read_text(carrier, "tags", SINGLETON_TAG)
    if isinstance(found, Undecided) and found.where == "tags":
        return None  # no tag is known; required-tags says so
    value = optional(found, "")
    if value not in ("", "true", "false"):
        refuse(f'tags["{SINGLETON_TAG}"]', f'is "{value[:40]}", "true" or "false" is required')
    return None if value == "" else value == "true"


def _started(facts: StackFacts, definitions: Sequence[Resource]) -> Iterator[str]:
    containers = decided(lambda: facts.containers(definitions[0]))
    for container in () if isinstance(containers, Undecided) else containers:
        for words in segments((*container.entry_point, *container.command)):
            if found := scheduler_in(words):
                yield f'container "{container.name[:80]}" starts "{found}"'


def scheduler_in(words: Sequence[str]) -> str:
    """The scheduler that a command starts, in its own words; empty where it starts none of the table."""
    for place, word in enumerate(words):
        name = base_name(word)
        for scheduler in _BY_NAME.get(name, ()):
            begins = all(before in _BEFORE or before.startswith("-") for before in words[:place])
            if begins or not scheduler.first:
                return _started_by(scheduler, name, words[place + 1 :])
    return ""


def _started_by(scheduler: Scheduler, name: str, arguments: Sequence[str]) -> str:
    valued = scheduler.valued.split()
    plain = [word for before, word in zip(("", *arguments), arguments, strict=False) if before not in valued]
    if any(word.startswith(beginning) for word in arguments for beginning in scheduler.unless.split()):
        return ""
    if not scheduler.words:
        return name
    wanted = scheduler.words.split()
    found = next((word for word in plain if any(_meant(word, one) for one in wanted)), None)
    return "" if found is None else f"{name} {found[:40]}"


def _meant(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def _alone(facts: StackFacts, service: Resource) -> bool:
    """Whether it is written so that a second task never starts, as a schedule's keeper is and an ordinary service is not."""
    read = decided(
        lambda: (
            is_daemon(service),
            optional(desired_count(service), 0),
            most_percent(service),
            scaling_maxima(facts.scalers, service),
        )
    )
    if isinstance(read, Undecided):
        return False
    daemon, desired, percent, scaled = read
    return not daemon and desired == 1 and percent <= 100 and all((most or 0) <= 1 for most in scaled)
