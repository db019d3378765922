"""`./run job`: the run-task call that a job's schedule makes, printed as a command, or made once by hand."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from cli.command import DONE
from cli.connections.account_shape import lowered
from cli.stages.known import require_known
from cli.stages.place import Place, changing
from components.calc.names import resource_name
from delivery.aws import Aws, RequestError
from offline.engine.errors import EngineError
from policies.budget.demand import JobTasks
from policies.budget.schedule import parse_schedule
from policies.resources.json_text import read_json
from settings.files.stack_config import load
from settings.workloads import Job

SCHEDULE_GROUP: Final = "jobs"
STARTED_BY: Final = "run-job"
_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")


def job(place: Place, name: str, *, execute: bool = False, write: Callable[[str], None] = print) -> int:
    """Print the call, or make it. Raises UsageError for an unknown job, EngineError where the budget has no room."""
    declared = require_known(name, {each.name: each for each in place.settings().jobs}, "job")
    config = load(place.project_dir, place.stage)
    with place.aws("write" if execute else "read") as aws:
        request = _request(aws, place.stage, declared)
        write(place.header(f"job {declared.name}"))
        write(command(request, region=config.values["aws:region"], profile=config.values.get("aws:profile")))
        if not execute:
            return DONE
        _check_room(aws, request, declared)
        with changing(aws, f"job {declared.name}"):
            started = _started(aws.call("ecs", "run_task", **request))
            if place.target == "offline":
                # Nothing runs here: a task left running would count against the next one, and none would ever end.
                for arn in started:
                    aws.call("ecs", "stop_task", cluster=request["cluster"], task=arn, reason="offline")
    for arn in started:
        write(f"started {arn}")
    if place.target == "offline":
        write("the offline AWS took the request; nothing runs on this machine, so the task is stopped")
    return DONE


def command(request: Mapping[str, Any], *, region: str, profile: str | None) -> str:
    """The request as a command of the AWS CLI, to be pasted into a shell."""
    words = ["aws", "ecs", "run-task"]
    for name, value in request.items():
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        words += [f"--{_WORD.sub('-', name).lower()}", text]
    words += ["--region", region, *(["--profile", profile] if profile is not None else [])]
    return shlex.join(words)


def _request(aws: Aws, stage: str, declared: Job) -> dict[str, Any]:
    """What the schedule sends to RunTask: its target has cluster, revision, subnets and security groups."""
    name, group = resource_name(stage, declared.aws_name), resource_name(stage, SCHEDULE_GROUP)
    try:
        target = aws.call("scheduler", "get_schedule", Name=name, GroupName=group)["Target"]
    except RequestError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise EngineError(f"There is no schedule {name} in group {group}: bring stage {stage} up first.") from error
    task: Mapping[str, Any] = target["EcsParameters"]
    network = lowered(
        task["NetworkConfiguration"]["awsvpcConfiguration"], "Subnets", "SecurityGroups", "AssignPublicIp"
    )
    request: dict[str, Any] = {
        "cluster": str(target["Arn"]).rpartition("/")[2],
        # Without a revision it is the newest, as for the schedule.
        "taskDefinition": str(task["TaskDefinitionArn"]).rpartition("/")[2],
        "count": int(task.get("TaskCount", 1)),
        **lowered(task, "LaunchType", "CapacityProviderStrategy", "PlatformVersion", "PropagateTags"),
        "startedBy": STARTED_BY,
        "networkConfiguration": {"awsvpcConfiguration": network},
        "overrides": read_json(target["Input"]) if target.get("Input") else None,
        "tags": [dict(tag) for tag in task.get("Tags", [])] or None,
    }
    return {key: value for key, value in request.items() if value}


def _check_room(aws: Aws, request: Mapping[str, Any], declared: Job) -> None:
    """A run by hand takes connections like a scheduled one: only as many at once as the budget counts."""
    if declared.longest_run_minutes is None:
        return
    bound = JobTasks(
        task_count=declared.task_count,
        longest_run=timedelta(minutes=declared.longest_run_minutes),
        period=parse_schedule(declared.schedule).shortest_period(),
    ).alive
    family = str(request["taskDefinition"])
    running = len(
        aws.call("ecs", "list_tasks", cluster=request["cluster"], family=family, desiredStatus="RUNNING")["taskArns"]
    )
    if running + int(request["count"]) > bound:
        raise EngineError(
            f"{declared.name} has {running} tasks running, and the connection budget counts with at most {bound}: "
            f"{request['count']} more could leave the services without connections. Wait until one has ended."
        )


def _started(answer: Mapping[str, Any]) -> list[str]:
    failures = [f"{item.get('reason', '?')} ({item.get('arn', 'no resource')})" for item in answer.get("failures", ())]
    if failures:
        raise EngineError(f"ECS started nothing, or not all: {'; '.join(failures)}.")
    return [str(task["taskArn"]) for task in answer["tasks"]]
