"""An `up` whose preview finds nothing to do is over with it; whatever differs, or could, is run and recorded as before."""

import json
from typing import Any

import pytest

from offline.aws.handler import RecordedOperation
from offline.engine.record import ResourceRecord
from offline.engine.state import Journal, Plan

RUNS = 'open("runs", "a").write("run ")\n'
BEFORE = (
    RUNS
    + """
class Pair(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Pair", name)
        self.queue = aws.sqs.Queue("queue", name="queue", opts=Opts(parent=self))
        self.register_outputs({"url": self.queue.url})

topic = aws.sns.Topic("topic", name="topic")
pair = Pair("pair")
pulumi.export("arn", topic.arn)
"""
)
NOTE = "Nothing to do: the preview found all as it is recorded, so no update was run.\n"

EDITS = {
    "an input": ('name="topic")', 'name="topic", display_name="t")'),
    "a new resource": ("pair = ", 'aws.ecs.Cluster("cluster", name="c")\npair = '),
    "a resource less": ('pair = Pair("pair")\n', ""),
    "a replacement": ('name="topic")', 'name="other")'),
    "an option": ('name="topic")', 'name="topic", opts=Opts(protect=True))'),
    "a dependency": ('pair = Pair("pair")', 'pair = Pair("pair")\naws.sqs.Queue("late", opts=Opts(depends_on=topic))'),
    "a renamed resource": (
        '"topic", name="topic")',
        '"events", name="topic", opts=Opts(aliases=[pulumi.Alias("topic")]))',
    ),
    "a secret output": ('name="topic")', 'name="topic", opts=Opts(additional_secret_outputs=["arn"]))'),
    "an export": ('"arn", topic.arn', '"arns", [topic.arn]'),
    "an export that is not supplied": ("topic.arn)", "topic.beginning_archive_time)"),
    "a component's output": ('"url"', '"address"'),
}


def runs(bench: Any) -> int:
    """How often the program has run since it was asked last."""
    path = bench.directory / "runs"
    found = path.read_text().split()
    path.unlink()
    return len(found)


def recorded(bench: Any) -> list[ResourceRecord]:
    journal = Journal(bench.state_dir, "dev", mode="read")
    journal.close()
    return journal.live()


def operation(kind: str, name: str, inputs: dict[str, Any]) -> RecordedOperation:
    """What somebody else asked of the cloud."""
    call: Any = {"service": "fake", "operation": kind, "params": {"name": name, "inputs": inputs}}
    return RecordedOperation(seed="hand#0", calls=[call])


def test_the_program_runs_once_and_the_update_says_so(bench):
    bench.program(BEFORE).run("up")
    first = recorded(bench), bench.new("topic")
    assert runs(bench) == 2
    outcome = bench.run("up")
    assert runs(bench) == 1
    assert (outcome.result, outcome.changes["same"], sum(outcome.changes.values())) == ("succeeded", 4, 4)
    assert outcome.outputs == {"arn": "arn:topic-0"}
    assert (recorded(bench), bench.new("topic")) == first
    assert bench.cloud.log == []
    assert [item["message"] for item in bench.of_kind("diagnosticEvent")] == [NOTE]
    assert [item["isPreview"] for item in bench.of_kind("summaryEvent")] == [False]
    assert "planning" not in json.dumps(bench.events)
    assert [event["sequence"] for event in bench.events] == list(range(len(bench.events)))


def test_the_pack_has_judged_what_stays(bench):
    bench.pack(
        """
        def check(args, report):
            report("noted")

        PolicyPack("pack", policies=[
            StackValidationPolicy("seen", "Seen.", check, EnforcementLevel.ADVISORY),
        ])
        """
    )
    bench.program(BEFORE).run("up")
    runs(bench)
    assert bench.run("up").result == "succeeded"
    assert runs(bench) == 1
    assert [item["policyName"] for item in bench.of_kind("policyEvent")] == ["seen"]


@pytest.mark.parametrize("edit", EDITS)
def test_whatever_differs_is_run(bench, edit):
    bench.program(BEFORE).run("up")
    before = recorded(bench)
    runs(bench)
    program = BEFORE.replace(*EDITS[edit])
    assert program != BEFORE
    failed = bench.program(program).run("up").result == "failed"
    assert runs(bench) == 2
    assert NOTE not in [item["message"] for item in bench.of_kind("diagnosticEvent")]
    assert failed == (edit == "an export that is not supplied")
    assert (recorded(bench) == before) is failed
    if not failed:
        bench.run("up")  # the alias is recorded until then
        runs(bench)
        bench.run("up")
        assert runs(bench) == 1


@pytest.mark.parametrize(
    "asking",
    [
        "dry = pulumi.runtime.is_dry_run()",
        "from pulumi.runtime.settings import SETTINGS\ndry = bool(SETTINGS.dry_run)",
        'import json\ndry = topic.name.apply(lambda name: json.dumps(pulumi.runtime.is_dry_run()))\npulumi.export("up", 1)',
    ],
)
def test_a_program_that_asks_whether_it_is_previewed_is_run_again(bench, asking):
    bench.program(BEFORE + asking).run("up")
    runs(bench)
    assert bench.run("up").result == "succeeded"
    assert runs(bench) == 2


def test_what_only_an_update_asks_for_is_made(bench):
    more = 'if not pulumi.runtime.is_dry_run():\n    aws.sqs.Queue("late", name="late")\n'
    bench.program(BEFORE).run("up")
    assert bench.program(BEFORE + more).run("up").changes["create"] == 1
    assert "create late" in bench.cloud.log


def test_a_change_in_aws_is_recorded(bench):
    path = bench.directory / "Pulumi.yaml"
    path.write_text(f"{path.read_text()}options:\n  refresh: always\n")
    bench.program(BEFORE).run("up")
    runs(bench)
    bench.run("up")
    assert runs(bench) == 1
    journal = Journal(bench.state_dir, "dev", mode="write")
    journal.note(operation("update", "topic-0", {"name": "topic", "displayName": "by hand"}))
    journal.close()
    assert bench.run("up").changes["same"] == 4
    assert runs(bench) == 2
    [topic] = [record for record in recorded(bench) if record.type.endswith(":Topic")]
    assert topic.outputs["displayName"] == "by hand"


def test_a_program_that_is_a_function_runs_once_too(bench):
    count: list[int] = []

    def program() -> None:
        count.append(1)

    for expected in (2, 3):
        assert bench.run("up", program=program).result == "succeeded"
        assert len(count) == expected


def test_a_plan_records_nothing_and_knows_what_it_would(tmp_path):
    journal = Journal(tmp_path, "dev", mode="write")
    record = ResourceRecord(serial=1, urn="u", type="t", custom=True)
    for change in (lambda plan: plan.put(record), lambda plan: plan.drop(1)):
        plan = Plan(journal)
        assert plan.empty
        change(plan)
        assert not plan.empty
    journal.close()
    assert (journal.live(), list(tmp_path.glob("*.jsonl"))) == ([], [])
