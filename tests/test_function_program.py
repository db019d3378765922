"""A program in the process of the tests leaves it as it was."""

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws

from offline.engine.outcome import Outcome


def test_no_task_of_an_ended_program_stays_for_the_next_to_go_through(preview: Callable[..., Outcome]) -> None:
    tasks: Any = asyncio.tasks._all_tasks  # type: ignore[attr-defined]

    def program() -> None:
        aws.sqs.Queue("queue")

    assert preview("dev", program=program).result == "succeeded"
    assert [task for task in tasks if task.done()] == []
