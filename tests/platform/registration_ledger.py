"""What a call log of the offline AWS makes of the connections: this test's own arithmetic, without the pack's.

Every service counts with the largest DB_CONN_LIMIT and the most tasks it had since the operation began, because ECS answers
UpdateService before the roll-out has replaced a task; times two for the roll-out. A nightly job of three hours: two runs at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Ledger:
    """What runs, as the requests so far have left it."""

    revisions: dict[str, list[int]] = field(default_factory=dict)
    parameters: dict[str, int] = field(default_factory=dict)
    database: tuple[str, int] | None = None
    limits: dict[str, set[int]] = field(default_factory=dict)
    tasks: dict[str, set[int]] = field(default_factory=dict)
    jobs: dict[str, int] = field(default_factory=dict)
    now: dict[str, tuple[int, int]] = field(default_factory=dict)

    def begin(self) -> None:
        """A new operation: the roll-outs of the one before have ended."""
        self.limits = {name: {limit} for name, (limit, _) in self.now.items()}
        self.tasks = {name: {tasks} for name, (_, tasks) in self.now.items()}

    def broken(self, calls: Iterable[Any]) -> list[str]:
        """The requests that left more to be opened than the database admits."""
        found: list[str] = []
        for call in calls:
            before = (self.used, self.admitted)
            self._take(call["operation"], call["params"])
            if (self.used, self.admitted) != before and self.admitted is not None and self.used > self.admitted:
                found.append(f"{call['operation']}: {self.used} of {self.admitted}")
        return found

    @property
    def admitted(self) -> int | None:
        """max_connections less the reserve; None while there is no database."""
        return None if self.database is None else self.parameters[self.database[0]] - self.database[1]

    @property
    def used(self) -> int:
        services = sum(2 * max(self.limits[name]) * max(self.tasks[name]) for name in self.now)
        # A schedule names a family: it runs the newest revision; the one before may still be running.
        return services + sum(2 * count * max(self.revisions[family][-2:]) for family, count in self.jobs.items())

    def _take(self, operation: str, params: dict[str, Any]) -> None:
        if operation == "register_task_definition":
            [container] = params["containerDefinitions"]
            [limit] = [int(entry["value"]) for entry in container["environment"] if entry["name"] == "DB_CONN_LIMIT"]
            self.revisions.setdefault(params["family"], []).append(limit)
        elif operation in ("create_db_parameter_group", "modify_db_parameter_group"):
            for parameter in params.get("Parameters", ()):
                if parameter["ParameterName"] == "max_connections":
                    self.parameters[params["DBParameterGroupName"]] = int(parameter["ParameterValue"])
        elif operation == "create_db_instance":
            [reserve] = [int(tag["Value"]) for tag in params["Tags"] if tag["Key"] == "budget:reserve"]
            self.database = params["DBParameterGroupName"], reserve
        elif operation == "create_service":
            self._runs(params["serviceName"], limit=self._limit(params["taskDefinition"]), tasks=params["desiredCount"])
        elif operation == "update_service":
            name = params["service"].rpartition("/")[2]
            definition = params.get("taskDefinition")
            self._runs(name, limit=self._limit(definition) if definition else self.now[name][0])
        elif operation == "register_scalable_target":
            self._runs(params["ResourceId"].rpartition("/")[2], tasks=params["MaxCapacity"])
        elif operation in ("create_schedule", "update_schedule"):
            target = params["Target"]["EcsParameters"]
            self.jobs[target["TaskDefinitionArn"].rpartition("/")[2]] = target["TaskCount"]
        else:
            assert operation.startswith(HARMLESS), f"a request that the ledger does not know: {operation}"

    def _limit(self, definition: str) -> int:
        family, _, revision = definition.rpartition("/")[2].partition(":")
        return self.revisions[family][int(revision) - 1]

    def _runs(self, name: str, *, limit: int | None = None, tasks: int | None = None) -> None:
        before = self.now.get(name, (0, 0))
        self.now[name] = before[0] if limit is None else limit, before[1] if tasks is None else tasks
        self.limits.setdefault(name, set()).add(self.now[name][0])
        self.tasks.setdefault(name, set()).add(self.now[name][1])


HARMLESS = (
    "describe_",
    "list_",
    "get_",
    "create_vpc",
    "create_subnet",
    "create_cluster",
    "create_security_group",
    "authorize_security_group_ingress",
    "revoke_security_group_egress",
    "modify_vpc_attribute",
    "create_tags",
)
