"""A program with many requests under way, in a process of its own: refused, interrupted or gone, nothing behind that point is done."""

import os
import signal
from typing import Any

import pytest

from offline.aws.handler import Applied

TOPICS = """
for i in range(12):
    aws.sns.Topic(f"t{i}", name=f"t{i}")
"""
BUSY = """
import asyncio, signal
async def register():
    await aws.sns.Topic("t0", name="t0").urn.future()
    for i in range(1, 4):
        aws.sns.Topic(f"t{i}", name=f"t{i}", display_name="n" * 1_000_000)
    for _ in range(100):
        await asyncio.sleep(0)
    if not pulumi.runtime.is_dry_run():
        signal.pause()
pulumi.run(register)
"""
"""At the update it has sent its requests and never reads the answers, each more than a socket holds."""


def test_they_are_done_in_the_programs_order(bench: Any) -> None:
    outcome = bench.program(TOPICS).run("up", own_process=True)
    assert (outcome.result, bench.cloud.log) == ("succeeded", [f"create t{i}" for i in range(12)])
    serials = {record.name: record.serial for record in outcome.resources if "sns/topic" in record.type}
    assert list(serials) == [f"t{i}" for i in range(12)]
    assert list(serials.values()) == sorted(serials.values())


def test_none_is_done_behind_a_refusal(bench: Any) -> None:
    outcome = bench.program(TOPICS).run("up", own_process=True, fail_on="create t3")
    assert (outcome.result, outcome.errors) == ("failed", ("CloudError: t3 is refused by the cloud",))
    assert bench.cloud.log == [f"create t{i}" for i in range(3)]
    assert bench.errors() == ["CloudError: t3 is refused by the cloud", "update failed"]


@pytest.fixture
def stopped_at_t3(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the fourth topic is made."""
    cloud_class = type(bench.cloud)
    create = cloud_class.create

    def create_and_be_stopped(self: Any, *args: Any, **keywords: Any) -> Applied:
        applied: Applied = create(self, *args, **keywords)
        if self.log[-1] == "create t3":
            os.kill(os.getpid(), signal.SIGINT)
        return applied

    monkeypatch.setattr(cloud_class, "create", create_and_be_stopped)


@pytest.mark.usefixtures("stopped_at_t3")
@pytest.mark.parametrize("program", [TOPICS, BUSY], ids=["which waits", "which takes no answers"])
def test_none_is_done_behind_an_interruption(bench: Any, program: str) -> None:
    outcome = bench.program(program).run("up", own_process=True)
    assert (outcome.result, outcome.errors) == (
        "failed",
        ("interrupted: the current operation was finished and recorded. Run the same command again.",),
    )
    assert bench.cloud.log == [f"create t{i}" for i in range(4)]


def test_a_program_that_is_gone_has_failed_and_nothing_is_deleted(bench: Any) -> None:
    assert bench.program(TOPICS).run("up").result == "succeeded"
    gone = 'aws.sns.Topic("t0", name="t0").arn.apply(lambda _: __import__("os")._exit(0))'
    outcome = bench.program(gone).run("up", own_process=True)
    assert (outcome.result, outcome.errors, bench.cloud.log) == (
        "failed",
        ("The program's process ended by itself (exit code 0) before the program was at its end.",),
        [],
    )


def test_what_it_prints_is_told_before_what_it_asks_for_afterwards(bench: Any) -> None:
    bench.program(
        """
        first = aws.sns.Topic("first", name="first")
        print("first is asked for")
        first.urn.apply(lambda _: (print("first is there"), aws.sns.Topic("second", name="second")) and None)
        """
    ).run("preview", own_process=True)
    told = [
        event["diagnosticEvent"]["message"].rstrip("\n")
        if "diagnosticEvent" in event
        else event["resourcePreEvent"]["metadata"]["urn"].rsplit("::", 1)[1]
        for event in bench.events
        if "diagnosticEvent" in event or "resourcePreEvent" in event
    ]
    assert [what for what in told if what != "shop-dev"] == ["first is asked for", "first", "first is there", "second"]
