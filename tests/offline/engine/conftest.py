"""Builders for the engine's tests: a project in a temporary folder, an in-memory cloud, and one call that runs both."""

import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import pytest

from gate.events import Event
from offline.aws.diff import Diff, diff
from offline.aws.handler import Applied, AwsCall, RecordedOperation
from offline.aws.planned import planned_create, planned_update
from offline.aws.provider import AwsProvider
from offline.engine.deployment import run
from offline.engine.outcome import Outcome
from tests.function_program import FunctionProgram, MainProgram

TYPES = frozenset({"aws:sns/topic:Topic", "aws:sqs/queue:Queue", "aws:ecs/cluster:Cluster"})
COMPUTED = {
    "aws:sns/topic:Topic": ("arn", "owner"),
    "aws:sqs/queue:Queue": ("arn", "url"),
    "aws:ecs/cluster:Cluster": ("arn",),
}


class CloudError(Exception):
    """What the cloud refuses."""


@dataclass
class FakeCloud:
    """An account whose ids are drawn from the operation's seed; names are unique per type, as in AWS."""

    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    fail_on: str = ""
    delete_first: bool = False
    last: list[AwsCall] = field(default_factory=list)

    def supports(self, type_token: str) -> bool:
        return type_token in TYPES

    def check_config(self, settings: Mapping[str, Any]) -> list[str]:
        return AwsProvider(region="ap-northeast-2").check_config(settings)

    def check(self, type_token: str, urn: str, inputs: dict[str, Any], old_inputs: Any = None) -> dict[str, Any]:
        if inputs.get("displayName") == "refused":
            raise CloudError('the property "displayName" must not be "refused"')
        return {"name": f"{urn.split('::')[-1]}-auto", **inputs}

    def diff(self, type_token: str, old_inputs: dict[str, Any], inputs: dict[str, Any]) -> Diff:
        keys = frozenset({"name", "kmsMasterKeyId"})
        return diff(old_inputs, inputs, replace_keys=keys, delete_before_replace=self.delete_first)

    def plan_create(self, type_token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return planned_create(type_token, inputs, {"region": "ap-northeast-2"})

    def plan_update(self, type_token: str, old_inputs: Any, old_outputs: Any, inputs: Any) -> dict[str, Any]:
        return planned_update(type_token, old_inputs, old_outputs, inputs)

    def create(self, type_token: str, urn: str, inputs: dict[str, Any], *, seed: str) -> Applied:
        name = inputs["name"]
        self._call("create", name, inputs, seed)
        if any(found["name"] == name for found in self.resources.values()):
            raise CloudError(f"{name} already exists")
        id_ = f"{name}-{seed.rsplit('#', 1)[1]}"
        self.resources[id_] = inputs
        computed = {key: f"{key}:{id_}" for key in COMPUTED[type_token]}
        return Applied(id=id_, outputs={**inputs, **computed})

    def update(
        self,
        type_token: str,
        urn: str,
        id: str,
        old_inputs: Any,
        old_outputs: Any,
        inputs: dict[str, Any],
        *,
        seed: str,
    ) -> Applied:
        self._call("update", id, inputs, seed)
        self.resources[id] = inputs
        kept = {key: value for key, value in old_outputs.items() if key not in old_inputs}
        return Applied(id=id, outputs={**kept, **inputs})

    def delete(self, type_token: str, urn: str, id: str, inputs: Any, outputs: Any, *, seed: str) -> None:
        self._call("delete", id, inputs, seed)
        del self.resources[id]

    def read(self, type_token: str, urn: str, id: str, inputs: Any, outputs: Any) -> Applied | None:
        self._call("read", id, inputs, "")
        if id not in self.resources:
            return None
        return Applied(id=id, outputs={**outputs, **self.resources[id]})

    def invoke(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        self.log.append(f"invoke {token}")
        return {"accountId": "123456789012", "arn": "arn:aws:iam::123456789012:root", "id": "x", "userId": "u"}

    def calls_of_last_operation(self) -> list[AwsCall]:
        return self.last

    def replay(self, operations: Iterable[RecordedOperation]) -> None:
        for operation in operations:
            for call in operation.calls:
                name, inputs = call["params"]["name"], call["params"]["inputs"]
                if call["operation"] == "create":
                    self.resources[f"{name}-{operation.seed.rsplit('#', 1)[1]}"] = inputs
                elif call["operation"] == "update":
                    self.resources[name] = inputs
                else:
                    del self.resources[name]

    def _call(self, operation: str, name: str, inputs: dict[str, Any], seed: str) -> None:
        if self.fail_on == f"{operation} {name}":
            raise CloudError(f"{name} is refused by the cloud")
        self.log.append(f"{operation} {name}")
        self.last = [{"service": "fake", "operation": operation, "params": {"name": name, "inputs": inputs}}]


@dataclass
class Workbench:
    """A project, its state, and the cloud behind it; every run starts with an empty cloud, as every process does."""

    directory: Path
    events: list[Event] = field(default_factory=list)
    cloud: FakeCloud = field(default_factory=FakeCloud)
    pack_dir: Path | None = None

    @property
    def state_dir(self) -> Path:
        return self.directory / ".state"

    def program(self, text: str) -> Self:
        """Write `__main__.py`."""
        head = "import pulumi\nimport pulumi_aws as aws\nfrom pulumi import ResourceOptions as Opts\n"
        (self.directory / "__main__.py").write_text(head + textwrap.dedent(text))
        return self

    def pack(self, policies: str) -> Self:
        """Write a policy pack of the functions and list of policies given."""
        self.pack_dir = self.directory / "policies"
        self.pack_dir.mkdir(exist_ok=True)
        (self.pack_dir / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.3\n")
        (self.pack_dir / "__main__.py").write_text("from pulumi_policy import *\n" + textwrap.dedent(policies))
        return self

    def run(
        self,
        kind: Literal["preview", "up", "destroy"],
        *,
        program: Callable[[], None] | None = None,
        own_process: bool = False,
        overrides: Mapping[str, Any] | None = None,
        listener: Callable[[Event], object] | None = None,
        pack_config: Path | None = None,
        **cloud: Any,
    ) -> Outcome:
        """Run one operation; its events and its cloud are kept for questions.

        own_process: the program runs as a user's does, which takes a second to start.
        """
        here = FunctionProgram(program) if program else MainProgram(self.directory)
        self.events = []
        self.cloud = FakeCloud(**cloud)

        def keep(event: Event) -> None:
            self.events.append(event)
            if listener is not None:
                listener(event)

        return run(
            kind=kind,
            stage="dev",
            project_dir=self.directory,
            state_dir=self.state_dir,
            pack_dir=self.pack_dir,
            on_event=keep,
            provider=self.cloud,
            program=None if own_process else here,
            config_overrides=overrides,
            pack_config=pack_config,
        )

    def of_kind(self, kind: str) -> list[Event]:
        """The payloads of all events of a kind."""
        return [event[kind] for event in self.events if kind in event]

    def steps(self) -> list[str]:
        """What the events say was done, in order: "create topic", …"""
        found = [event["metadata"] for event in self.of_kind("resourcePreEvent")]
        return [f"{step['op']} {step['urn'].rsplit('::', 1)[1]}" for step in found]

    def new(self, name: str) -> Event:
        """The last known new state of a resource, by logical name."""
        found = [event["metadata"] for event in self.of_kind("resOutputsEvent")]
        return [step["new"] for step in found if step["urn"].endswith(f"::{name}")][-1]

    def errors(self) -> list[str]:
        """The error diagnostics."""
        return [item["message"].rstrip("\n") for item in self.of_kind("diagnosticEvent") if item["severity"] == "error"]


@pytest.fixture
def bench(tmp_path: Path) -> Self:
    """A project named shop with the stage dev in ap-northeast-2."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig:\n  aws:region: ap-northeast-2\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    return Workbench(tmp_path)
