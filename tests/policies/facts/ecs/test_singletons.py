"""What tells of a service of which one task may run: its tag, the scheduler that it starts, the way it deploys."""

import json
from typing import Any

import pytest

from policies.facts.ecs.singletons import scheduler_in, singleton_of
from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.outcomes import NotDecidedError


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["celery", "-A", "shop", "beat"], "celery beat"),
        (["/venv/bin/celery", "-A", "shop", "worker", "-B"], "celery -B"),
        (["python", "-m", "celery", "-A", "shop", "worker", "--beat", "-l", "info"], "celery --beat"),
        (["bundle", "exec", "clockwork", "config/clock.rb"], "clockwork"),
        (["exec", "supercronic", "/etc/crontab"], "supercronic"),
        (["php", "artisan", "schedule:work"], "artisan schedule:work"),
        (["php", "bin/console", "messenger:consume", "scheduler_default"], "console scheduler_default"),
        (["periodiq", "app"], "periodiq"),
        (["huey_consumer.py", "app.huey"], "huey_consumer.py"),
        (["dagster-daemon", "run"], "dagster-daemon run"),
        (["celery", "-A", "beat", "worker", "-Q", "beat"], ""),
        (["celery", "-A", "shop", "beat", "-S", "redbeat.RedBeatScheduler"], ""),
        (["huey_consumer.py", "app.huey", "-n"], ""),
        (["node", "dist/cron"], ""),
        (["php", "bin/console", "messenger:consume", "async"], ""),
        (["bundle", "exec", "sidekiq"], ""),
    ],
)
def test_a_scheduler_is_known_by_its_command(command: list[str], told: str) -> None:
    assert scheduler_in(command) == told


def beat(stack: Any, command: list[str], **service: Any) -> Any:
    urn = stack.service("beat", limit=None, **service)
    definition = stack.urn(tokens.TASK_DEFINITION, "beat")
    (container,) = json.loads(stack.resources[definition].props["containerDefinitions"])
    stack.change(definition, containerDefinitions=json.dumps([{**container, "command": command}]))
    return urn


def singleton(stack: Any, urn: str) -> Any:
    graph = stack.graph()
    return singleton_of(Facts(graph), graph.get(urn))


def test_a_scheduler_in_a_shell_is_evidence(stack: Any) -> None:
    found = singleton(stack, beat(stack, ["sh", "-c", "migrate && exec celery -A shop beat"], desired=2))
    assert (found.declared, found.judged_as_one) == (None, True)
    assert found.evidence == ('container "app" starts "celery beat"',)


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ({"percent": 100}, True),
        ({"percent": 100, "maximum": 1}, True),
        ({"percent": 100, "maximum": 2}, False),
        ({"percent": 100, "scheduled": 2}, False),
        ({"percent": 100, "desired": 2}, False),
        ({"percent": 199}, False),
        ({}, False),
    ],
)
def test_one_task_and_none_beside_it_is_evidence(stack: Any, service: dict[str, Any], told: bool) -> None:
    found = singleton(stack, stack.service("web", limit=None, **service))
    assert found.evidence == (("it runs one task, and none beside it while it deploys",) if told else ())
    assert found.judged_as_one is told


@pytest.mark.parametrize("on", [tokens.SERVICE, tokens.TASK_DEFINITION])
@pytest.mark.parametrize("value", ["true", "false"])
def test_the_tag_of_the_service_or_its_definition_decides(stack: Any, on: str, value: str) -> None:
    urn = beat(stack, ["celery", "beat"])
    stack.change(stack.urn(on, "beat"), tags={"budget:singleton": value})
    found = singleton(stack, urn)
    assert (found.declared, found.judged_as_one) == (value == "true", value == "true")


@pytest.mark.parametrize(
    ("service", "definition", "reason"),
    [
        ("yes", None, 'is "yes", "true" or "false" is required'),
        ("true", "false", "says true and false, of the service and of its task definition"),
        (None, 1, "is a number, a string is required"),
    ],
)
def test_a_tag_that_says_nothing_clear_is_undecided(stack: Any, service: Any, definition: Any, reason: str) -> None:
    urn = beat(stack, [])
    stack.change(urn, tags={"budget:singleton": service})
    stack.change(stack.urn(tokens.TASK_DEFINITION, "beat"), tags={"budget:singleton": definition})
    with pytest.raises(NotDecidedError) as caught:
        singleton(stack, urn)
    assert caught.value.undecided.reason == reason


def test_an_unknown_tag_is_undecided(stack: Any, unknown: str) -> None:
    urn = stack.service("web", limit=None)
    stack.change(urn, tags={"budget:singleton": unknown})
    with pytest.raises(NotDecidedError):
        singleton(stack, urn)
