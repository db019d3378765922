"""Looks at a service through describe calls, and at why its tasks stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .aws import Aws, RequestError
from .revisions import family
from .task_definition import describe, images_of, placeholders
from .verify import Deployment, Look, Missing, Requested, Service, Unanswered

STOPPED_SHOWN = 3
LINES_SHOWN = 10
_STOPPED_KEPT = 100  # ListTasks answers at most 100 a page; ECS keeps stopped tasks for about an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedTask:
    """A task that stopped: why, and the last lines each of its containers logged."""

    task: str
    revision: str
    reason: str
    containers: tuple[str, ...]
    """A sentence a container: exit code and reason."""
    lines: tuple[str, ...]


class Observer:
    """Looks at one service; revisions never change, so each is read once."""

    def __init__(self, aws: Aws, *, cluster: str, service: str) -> None:
        self._aws = aws
        self._cluster = cluster
        self._service = service
        self._definitions: dict[str, dict[str, Any]] = {}

    def look(self) -> Look:
        """What DescribeServices shows now; AWS's refusals are looks too."""
        where = f"There is no service {self._service} in the cluster {self._cluster}"
        try:
            answer = self._aws.call("ecs", "describe_services", cluster=self._cluster, services=[self._service])
            if not answer["services"]:
                reason = next((str(item.get("reason", "")) for item in answer.get("failures", [])), "")
                return Missing(reason=f"{where}{f' ({reason})' if reason else ''}.")
            [service] = answer["services"]
            if service["status"] == "INACTIVE":
                return Missing(reason=f"{where}: it was deleted.")
            deployments = tuple(self._deployment(item) for item in service["deployments"])
            return Service(status=service["status"], deployments=deployments)
        except RequestError as error:
            if error.code == "ClusterNotFoundException":
                return Missing(reason=f"There is no cluster {self._cluster}.")
            return Unanswered(reason=str(error), transient=error.transient)

    def newest_requested(self) -> Requested:
        """The newest revision of the family that the service runs: everything that registers one asks for it.

        Raises RequestError.
        """
        answer = self._aws.call("ecs", "describe_services", cluster=self._cluster, services=[self._service])
        if not answer["services"]:
            return Requested(images={})  # the first look says what is missing
        newest = describe(self._aws, family(answer["services"][0]["taskDefinition"]))
        return Requested(images=images_of(newest), revision=newest["taskDefinitionArn"])

    def stopped_tasks(self, revision: str | None) -> tuple[StoppedTask, ...]:
        """The tasks of the service that stopped last, of one revision where it is known. Raises RequestError."""
        arns = self._aws.call(
            "ecs",
            "list_tasks",
            cluster=self._cluster,
            serviceName=self._service,
            desiredStatus="STOPPED",
            maxResults=_STOPPED_KEPT,
        )["taskArns"]
        if not arns:
            return ()
        tasks = self._aws.call("ecs", "describe_tasks", cluster=self._cluster, tasks=arns)["tasks"]
        tasks = [task for task in tasks if revision is None or task["taskDefinitionArn"] == revision]
        tasks.sort(key=lambda task: str(task.get("stoppedAt", "")), reverse=True)
        return tuple(self._stopped(task) for task in tasks[:STOPPED_SHOWN])

    def _deployment(self, item: dict[str, Any]) -> Deployment:
        definition = self._definition(item["taskDefinition"])
        return Deployment(
            id=item["id"],
            revision=item["taskDefinition"],
            images=images_of(definition),
            primary=item["status"] == "PRIMARY",
            rollout=item.get("rolloutState", ""),
            reason=item.get("rolloutStateReason", ""),
            desired=item.get("desiredCount", 0),
            running=item.get("runningCount", 0),
            pending=item.get("pendingCount", 0),
            failed=item.get("failedTasks", 0),
            placeholder=placeholders(definition),
        )

    def _definition(self, revision: str) -> dict[str, Any]:
        if revision not in self._definitions:
            self._definitions[revision] = describe(self._aws, revision)
        return self._definitions[revision]

    def _stopped(self, task: dict[str, Any]) -> StoppedTask:
        containers: list[str] = []
        lines: list[str] = []
        task_id = task["taskArn"].rsplit("/", 1)[-1]
        ended = [item for item in task.get("containers", []) if item.get("exitCode") != 0 or item.get("reason")]
        for container in ended:
            code = container.get("exitCode")
            said = [*([f"exit code {code}"] if code is not None else []), *filter(None, [container.get("reason")])]
            containers.append(f"{container['name']}: {', '.join(said) or 'did not start'}")
        names = {item["name"] for item in ended}
        for container in self._definition(task["taskDefinitionArn"])["containerDefinitions"]:
            if container["name"] in names:
                lines += self._last_lines(container, task_id)
        return StoppedTask(
            task=task_id,
            revision=task["taskDefinitionArn"],
            reason=task.get("stoppedReason", "") or "no reason given",
            containers=tuple(containers),
            lines=tuple(lines),
        )

    def _last_lines(self, container: dict[str, Any], task_id: str) -> list[str]:
        """What a container logged last, where it logs to CloudWatch."""
        name, log = container["name"], container.get("logConfiguration", {})
        options = log.get("options", {})
        if log.get("logDriver") != "awslogs" or "awslogs-stream-prefix" not in options:
            return []
        group, stream = options["awslogs-group"], f"{options['awslogs-stream-prefix']}/{name}/{task_id}"
        where = {"logGroupName": group, "logStreamName": stream}
        try:
            answer = self._aws.call("logs", "get_log_events", **where, limit=LINES_SHOWN, startFromHead=False)
        except RequestError as error:
            if error.code == "ResourceNotFoundException":
                return [f"{name} logged nothing ({group}, {stream})"]
            return [f"the log of {name} cannot be read: {error}"]
        return [f"{name} | {event['message'].rstrip()}" for event in answer["events"]]
