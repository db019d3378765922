"""A refresh: what somebody else changed is taken into the records, when the project asks for it."""

from typing import Any

import pytest

from offline.aws.handler import Applied, RecordedOperation
from offline.engine.errors import UsageError
from offline.engine.record import ResourceRecord
from offline.engine.recorded import refreshed
from offline.engine.state import Journal
from offline.properties import secret
from settings.files.stack_config import load

URN = "urn:pulumi:dev::shop::aws:sns/topic:Topic::orders"
PROGRAM = "aws.sns.Topic('orders', name='orders', display_name='Orders')"


class Found:
    """A provider that reads one answer."""

    def __init__(self, answer: Applied | None) -> None:
        self.answer = answer

    def read(self, *_arguments: Any) -> Applied | None:
        return self.answer


def record(**inputs: Any) -> ResourceRecord:
    outputs = {**inputs, "arn": "arn:1"}
    return ResourceRecord(
        serial=1, urn=URN, type="aws:sns/topic:Topic", custom=True, id="i", inputs=inputs, outputs=outputs
    )


def refresh(recorded: ResourceRecord, answer: Applied | None) -> ResourceRecord | None:
    provider: Any = Found(answer)
    return refreshed(recorded, provider)


def test_nothing_changed() -> None:
    recorded = record(name="orders")
    assert refresh(recorded, Applied(id="i", outputs={"name": "orders", "arn": "arn:1"})) is recorded


def test_inputs_follow_the_outputs_that_changed() -> None:
    found = refresh(
        record(name="orders", tags={"a": "1"}),
        Applied(id="j", outputs={"name": "orders", "tags": {"a": "2"}, "arn": "arn:2"}),
    )
    assert (found.id, found.inputs, found.outputs["arn"]) == ("j", {"name": "orders", "tags": {"a": "2"}}, "arn:2")


def test_an_input_that_aws_writes_differently_is_no_change() -> None:
    """Its output differed from it when it was created, and does not differ from that now."""
    recorded = record(cpu=256)
    recorded.outputs["cpu"] = "256"
    found = refresh(recorded, Applied(id="i", outputs={"cpu": "256", "arn": "arn:2"}))
    assert found.inputs == {"cpu": 256}


def test_secrets_stay_secrets() -> None:
    recorded = record(name="orders", displayName=secret("old"))
    found = refresh(recorded, Applied(id="i", outputs={"name": "orders", "displayName": "new", "arn": "arn:1"}))
    assert found.inputs["displayName"] == found.outputs["displayName"] == secret("new")


def test_what_is_gone_is_said_so() -> None:
    assert refresh(record(name="orders"), None) is None


def test_components_are_not_read() -> None:
    component = ResourceRecord(serial=1, urn=URN, type="shop:x:Y", custom=False)
    assert refresh(component, None) is component


def outsider(bench: Any, **inputs: Any) -> None:
    """Somebody changes the topic, as a pipeline would."""
    journal = Journal(bench.state_dir, "dev", mode="write")
    [topic] = [item for item in journal.live() if item.type.endswith(":Topic")]
    call: Any = {"service": "fake", "operation": "update", "params": {"name": topic.id, "inputs": inputs}}
    journal.note(RecordedOperation(seed="somebody#9", calls=[call]))
    journal.close()


@pytest.fixture
def always(bench: Any) -> Any:
    with (bench.directory / "Pulumi.yaml").open("a") as file:
        file.write("options:\n  refresh: always\n")
    return bench.program(PROGRAM)


def changes(outcome: Any) -> dict[str, int]:
    assert outcome.errors == ()
    return {op: count for op, count in outcome.changes.items() if count and op != "same"}


def test_a_foreign_change_is_seen_and_undone(always: Any) -> None:
    always.run("up")
    outsider(always, name="orders", displayName="Bestellungen")
    assert changes(always.run("preview")) == {"update": 1}
    assert changes(always.run("up")) == {"update": 1}
    assert changes(always.run("preview")) == {}


def test_a_preview_records_nothing(always: Any) -> None:
    always.run("up")
    outsider(always, name="orders", displayName="Bestellungen")
    before = (always.state_dir / "dev.jsonl").read_bytes()
    always.run("preview")
    assert (always.state_dir / "dev.jsonl").read_bytes() == before


def test_what_somebody_deleted_is_created_again(always: Any) -> None:
    always.run("up")
    journal = Journal(always.state_dir, "dev", mode="write")
    [topic] = [item for item in journal.live() if item.type.endswith(":Topic")]
    call: Any = {"service": "fake", "operation": "delete", "params": {"name": topic.id, "inputs": {}}}
    journal.note(RecordedOperation(seed="somebody#9", calls=[call]))
    journal.close()
    assert changes(always.run("up")) == {"create": 1}
    assert changes(always.run("destroy")) == {"delete": 2}


def test_without_the_option_records_count(bench: Any) -> None:
    bench.program(PROGRAM).run("up")
    outsider(bench, name="orders", displayName="Bestellungen")
    assert changes(bench.run("preview")) == {}


def test_a_provider_that_cannot_read_fails_the_run(always: Any) -> None:
    always.run("up")
    outsider(always, name="orders", displayName="Bestellungen")
    outcome = always.run("preview", fail_on="read orders-0")
    assert (outcome.result, outcome.errors) == ("failed", ("orders cannot be read: orders-0 is refused by the cloud",))


@pytest.mark.parametrize("options", ["{refresh: never}", "[]", "{refresh: always, other: 1}"])
def test_other_options_are_refused(bench: Any, options: str) -> None:
    with (bench.directory / "Pulumi.yaml").open("a") as file:
        file.write(f"options: {options}\n")
    with pytest.raises(UsageError, match=r"Pulumi.yaml: options must be `refresh: always` or be left out; found "):
        load(bench.directory, "dev")
