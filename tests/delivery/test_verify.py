"""The verdict, over scripted sequences of what DescribeServices answers; revision 1 is the old one, 2 was asked for."""

from collections.abc import Callable
from typing import Any

import pytest

from delivery.aws import RequestError
from delivery.observe import Observer
from delivery.verify import Requested
from delivery.watch import Report, watch

OLD = "dev-datalab-api:1"


@pytest.fixture
def verdict(script: Any) -> Callable[..., Report]:
    def run(*looks: Any, minutes: float = 20, requested: Requested | None = None) -> Report:
        script.looks = looks
        return watch(
            Observer(script, cluster="dev-item", service="dev-datalab-api"),
            requested or Requested(images={"datalab-api": script.image("b")}),
            service="dev-datalab-api",
            report=script.told.append,
            limit_s=minutes * 60,
            clock=script.clock,
        )

    return run


def test_the_right_revision_after_a_rollout(script: Any, verdict: Any) -> None:
    report = verdict(
        [script.deployment(2, runningCount=0, pendingCount=1), script.deployment(1, "ACTIVE", "COMPLETED")],
        [script.deployment(2, runningCount=1), script.deployment(1, "ACTIVE", "COMPLETED", runningCount=1)],
        [script.deployment(2, rollout="COMPLETED"), script.deployment(1, "ACTIVE", "COMPLETED", runningCount=1)],
        [script.deployment(2, rollout="COMPLETED")],
    )
    assert (report.verdict.kind, report.lines()) == (
        "verified",
        ["dev-datalab-api runs dev-datalab-api:2: 2 of 2 tasks."],
    )
    assert script.told == [
        "dev-datalab-api:2: 0 of 2 tasks run, 1 start, 2 of the revision before still run",
        "dev-datalab-api:2: 1 of 2 tasks run, 1 of the revision before still run",
        "dev-datalab-api:2: 2 of 2 tasks run, 1 of the revision before still run",
    ]
    assert script.slept == [10, 10, 10]


def test_completed_counts_only_while_all_tasks_run(script: Any, verdict: Any) -> None:
    report = verdict(
        [script.deployment(2, rollout="COMPLETED", runningCount=1)], [script.deployment(2, rollout="COMPLETED")]
    )
    assert (report.verdict.kind, len(script.slept)) == ("verified", 1)


def test_a_rollback_that_happens_while_it_waits(script: Any, verdict: Any) -> None:
    script.stopped = [
        _stopped(script, "t1", 2, "2026-11-22T10:00:00", code=1),
        _stopped(script, "t2", 1, "2026-11-22T10:05:00", reason="Scaling activity initiated by deployment", code=0),
    ]
    script.logs = {"datalab-api/datalab-api/t1": ["starting", "Error: connect ECONNREFUSED 10.10.3.4:3306\n"]}
    report = verdict(
        [script.deployment(2, runningCount=0, failedTasks=3), script.deployment(1, "ACTIVE", "COMPLETED")],
        [
            script.deployment(1),
            script.deployment(2, "ACTIVE", "FAILED", runningCount=0, rolloutStateReason="tasks failed to start."),
        ],
    )
    assert report.verdict.kind == "rolled-back"
    assert report.lines() == [
        f"dev-datalab-api: dev-datalab-api:2 was rolled back; {OLD} ({script.image('a')}) runs instead. "
        "ECS: tasks failed to start.",
        "  task t1 of dev-datalab-api:2 stopped: Essential container in task exited",
        "    datalab-api: exit code 1",
        "      datalab-api | starting",
        "      datalab-api | Error: connect ECONNREFUSED 10.10.3.4:3306",
    ]


def test_a_rollback_that_was_over_before_it_looked(script: Any, verdict: Any) -> None:
    """The deploy action reported a success, and nothing of the deployment is left to see."""
    report = verdict([script.deployment(1, rollout="COMPLETED")])
    assert report.verdict.kind == "not-running"
    assert report.lines() == [
        f"dev-datalab-api runs {OLD} ({script.image('a')}), not datalab-api={script.image('b')}. "
        "The deployment was rolled back, or never began.",
        "  No stopped task is left to ask (ECS keeps them for about an hour).",
    ]
    assert sum(script.slept) == 60


def test_a_deployment_that_appears_late_is_waited_for(script: Any, verdict: Any) -> None:
    before = [script.deployment(1, rollout="COMPLETED")]
    report = verdict(before, before, [script.deployment(2, rollout="COMPLETED")])
    assert report.verdict.kind == "verified"


def test_the_primary_may_change_as_long_as_it_runs_the_same_image(script: Any, verdict: Any) -> None:
    """`up` registered revision 3 with another limit and the same image while the deployment ran."""
    script.definitions = {"3": {"image": script.image("b")}}
    report = verdict(
        [script.deployment(2, runningCount=1), script.deployment(1, "ACTIVE", "COMPLETED", runningCount=1)],
        [script.deployment(3, runningCount=0), script.deployment(2, "ACTIVE", runningCount=1)],
        [script.deployment(3, rollout="COMPLETED")],
    )
    assert report.lines() == ["dev-datalab-api runs dev-datalab-api:3: 2 of 2 tasks."]


def test_a_newer_revision_with_another_image_supersedes_it(script: Any, verdict: Any) -> None:
    report = verdict(
        [script.deployment(2, runningCount=1)],
        [script.deployment(3, runningCount=0), script.deployment(2, "ACTIVE", runningCount=1)],
    )
    assert report.verdict.kind == "superseded"
    assert report.verdict.sentence == (
        f"dev-datalab-api: dev-datalab-api:2 was replaced by dev-datalab-api:3 ({script.image('c')}) before it had proven "
        "itself. Let one deployment end before the next begins: `up` must not run while the pipeline deploys."
    )


def test_a_deployment_that_never_becomes_stable(script: Any, verdict: Any) -> None:
    script.stopped = [_stopped(script, f"t{number}", 2, f"2026-11-22T10:0{number}:00", code=137) for number in range(5)]
    missing = RequestError("no such stream", code="ResourceNotFoundException")
    script.logs = {f"datalab-api/datalab-api/t{number}": missing for number in range(5)}
    report = verdict([script.deployment(2, runningCount=1, failedTasks=7)], minutes=2)
    assert report.verdict.kind == "stalled"
    assert report.lines()[0] == (
        "dev-datalab-api: dev-datalab-api:2 is not stable after 2 minutes: dev-datalab-api:2: 1 of 2 tasks run, 7 failed."
    )
    assert [line for line in report.lines() if line.startswith("  task")] == [
        f"  task t{number} of dev-datalab-api:2 stopped: Essential container in task exited" for number in (4, 3, 2)
    ]
    assert report.lines()[2:4] == [
        "    datalab-api: exit code 137",
        "      datalab-api logged nothing (/dev/datalab-api, datalab-api/datalab-api/t4)",
    ]
    assert sum(script.slept) == 120
    assert script.told == ["dev-datalab-api:2: 1 of 2 tasks run, 7 failed"]


def test_a_deployment_that_ecs_gave_up_without_a_rollback(script: Any, verdict: Any) -> None:
    report = verdict([script.deployment(2, rollout="FAILED", rolloutStateReason="tasks failed to start.")])
    assert (report.verdict.kind, report.verdict.sentence) == (
        "failed",
        "dev-datalab-api: ECS gave dev-datalab-api:2 up: tasks failed to start.",
    )


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"services": [], "failures": [{"reason": "MISSING"}]},
            "There is no service dev-datalab-api in the cluster dev-item (MISSING).",
        ),
        (
            {"services": [{"status": "INACTIVE", "deployments": []}]},
            "There is no service dev-datalab-api in the cluster dev-item: it was deleted.",
        ),
        (
            {"services": [{"status": "DRAINING", "deployments": []}]},
            "The service dev-datalab-api is DRAINING: it is being deleted.",
        ),
        (RequestError("AWS refused it.", code="ClusterNotFoundException"), "There is no cluster dev-item."),
    ],
)
def test_a_service_that_is_missing(script: Any, verdict: Any, answer: Any, sentence: str) -> None:
    report = verdict(answer)
    assert (report.verdict.kind, report.lines(), script.slept) == ("missing", [sentence], [])


def test_a_service_without_tasks_proves_nothing(script: Any, verdict: Any) -> None:
    report = verdict([script.deployment(2, rollout="COMPLETED", desiredCount=0, runningCount=0)])
    assert report.verdict.kind == "idle"
    assert report.lines() == [
        "dev-datalab-api is set to dev-datalab-api:2, but its desired count is 0: no task has shown that the image starts. "
        "Raise the count (tasks.min) and verify again."
    ]


def test_a_service_without_deployments_is_waited_for(script: Any, verdict: Any) -> None:
    report = verdict({"services": [{"status": "ACTIVE", "deployments": []}]}, minutes=1)
    assert (report.verdict.kind, report.verdict.sentence) == (
        "stalled",
        "dev-datalab-api has no deployment after 1 minutes.",
    )
    assert script.told == ["no deployment has begun"]


def test_looks_that_fail_for_a_while(script: Any, verdict: Any) -> None:
    throttled = RequestError("AWS refused ecs:describe_services with ThrottlingException.", transient=True)
    report = verdict(throttled, throttled, [script.deployment(2, rollout="COMPLETED")])
    assert report.verdict.kind == "verified"
    assert script.told[0] == "no answer from AWS (1 of 5): AWS refused ecs:describe_services with ThrottlingException."


def test_looks_that_keep_failing(script: Any, verdict: Any) -> None:
    throttled = RequestError("AWS refused ecs:describe_services with ThrottlingException.", transient=True)
    report = verdict(throttled)
    assert (report.verdict.kind, len(script.slept)) == ("unanswered", 5)
    assert report.lines() == [
        "dev-datalab-api could not be looked at: AWS refused ecs:describe_services with ThrottlingException."
    ]


def test_an_answer_ends_a_row_of_failures(script: Any, verdict: Any) -> None:
    throttled = RequestError("throttled", transient=True)
    busy = [script.deployment(2, runningCount=1)]
    report = verdict(*[throttled] * 4, busy, *[throttled] * 4, [script.deployment(2, rollout="COMPLETED")])
    assert report.verdict.kind == "verified"


def test_a_look_that_is_not_allowed_ends_at_once(script: Any, verdict: Any) -> None:
    report = verdict(RequestError("AWS refused ecs:describe_services with AccessDeniedException: no."))
    assert (report.verdict.kind, script.slept) == ("unanswered", [])


def test_an_image_under_the_placeholders_command_is_no_success(script: Any, verdict: Any) -> None:
    script.definitions = {"2": {"dockerLabels": {"placeholder-for": "[]"}}}
    report = verdict([script.deployment(2, rollout="COMPLETED")])
    assert report.verdict.kind == "placeholder"
    assert report.lines() == [
        "dev-datalab-api runs dev-datalab-api:2 with the placeholder's command, so the image has not shown that it starts: "
        "`python3 -m delivery hand-over` must come before the service's first deployment."
    ]


def test_the_very_revision_can_be_asked_for(script: Any, verdict: Any) -> None:
    """Revision 3 has the same image: enough for the pipeline, not for somebody who asks for revision 2."""
    script.definitions = {"3": {"image": script.image("b")}}
    asked = Requested(images={"datalab-api": script.image("b")}, revision=script.revision(2))
    report = verdict([script.deployment(3, rollout="COMPLETED")], requested=asked, minutes=0)
    assert (report.verdict.kind, report.verdict.sentence) == (
        "not-running",
        f"dev-datalab-api runs dev-datalab-api:3 ({script.image('b')}), not dev-datalab-api:2. "
        "The deployment was rolled back, or never began.",
    )


def test_the_newest_revision_of_the_family_is_what_was_asked_for_last(script: Any) -> None:
    script.looks = [[script.deployment(1, rollout="COMPLETED")]]
    requested = Observer(script, cluster="dev-item", service="dev-datalab-api").newest_requested()
    assert requested == Requested(images={"datalab-api": script.image("b")}, revision=script.revision(2))


def test_reasons_that_cannot_be_read_are_said_so(script: Any, verdict: Any) -> None:
    class Blind(type(script)):  # type: ignore[misc]
        def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
            if operation == "list_tasks":
                raise RequestError("AWS refused ecs:list_tasks with AccessDeniedException: no.")
            return super().call(service, operation, **params)

    blind = Blind(looks=[[script.deployment(2, rollout="FAILED")]])
    report = watch(
        Observer(blind, cluster="dev-item", service="dev-datalab-api"),
        Requested(images={"datalab-api": script.image("b")}),
        service="dev-datalab-api",
        report=blind.told.append,
        clock=blind.clock,
    )
    assert report.lines() == [
        "dev-datalab-api: ECS gave dev-datalab-api:2 up: no reason given",
        "  The stopped tasks could not be read: AWS refused ecs:list_tasks with AccessDeniedException: no.",
    ]


def test_each_revision_is_read_once(script: Any, verdict: Any) -> None:
    busy = [script.deployment(2, runningCount=1), script.deployment(1, "ACTIVE")]
    verdict(*[busy] * 8, [script.deployment(2, rollout="COMPLETED")])
    assert script.asked.count("describe_task_definition") == 2


def _stopped(
    script: Any, task: str, number: int, at: str, *, code: int, reason: str = "Essential container in task exited"
) -> dict[str, Any]:
    return {
        "taskArn": f"arn:aws:ecs:ap-northeast-2:123456789012:task/dev-item/{task}",
        "taskDefinitionArn": script.revision(number),
        "stoppedAt": at,
        "stoppedReason": reason,
        "containers": [{"name": "datalab-api", "exitCode": code}],
    }
