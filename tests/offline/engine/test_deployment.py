"""A program against the engine: what is seen at a preview, and what an update creates, changes, replaces and deletes."""

import pytest

from offline.engine.errors import StateError, UsageError
from offline.engine.state import Journal
from offline.properties import UNKNOWN

TOPIC_AND_QUEUE = """
topic = aws.sns.Topic("topic", name="topic")
queue = aws.sqs.Queue("queue", name="queue", policy=topic.arn.apply(lambda arn: print("APPLIED") or arn))
pulumi.export("arn", topic.arn)
"""


def test_preview_knows_inputs_and_no_output(bench):
    outcome = bench.program(TOPIC_AND_QUEUE).run("preview")
    assert outcome.result == "succeeded"
    assert outcome.changes == {"create": 3, "update": 0, "replace": 0, "delete": 0, "same": 0}
    topic = bench.new("topic")
    assert topic["id"] == ""
    assert topic["inputs"] == {"name": "topic"}
    assert (topic["outputs"]["name"], topic["outputs"]["arn"], topic["outputs"]["owner"]) == ("topic", UNKNOWN, UNKNOWN)
    assert "displayName" not in topic["outputs"]
    assert bench.new("queue")["inputs"]["policy"] == UNKNOWN
    assert outcome.outputs == {"arn": "[unknown]"}
    assert bench.of_kind("diagnosticEvent") == []
    assert bench.cloud.log == []
    assert not bench.state_dir.exists()


def test_up_creates_once_and_finds_it_again(bench):
    first = bench.program(TOPIC_AND_QUEUE).run("up")
    assert bench.cloud.log == ["create topic", "create queue"]
    assert [item["message"] for item in bench.of_kind("diagnosticEvent")] == ["APPLIED\n"]
    assert first.outputs == {"arn": "arn:topic-0"}
    again = bench.run("up")
    assert again.changes == {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": 3}
    assert bench.cloud.log == []
    assert [record.id for record in again.resources] == [record.id for record in first.resources]
    assert bench.new("queue")["outputs"]["url"] == "url:queue-0"


def test_up_shows_one_tree(bench):
    bench.program(TOPIC_AND_QUEUE).run("up")
    assert not [event for event in bench.of_kind("resourcePreEvent") if event.get("planning")]
    assert [event["isPreview"] for event in bench.of_kind("summaryEvent")] == [False]
    assert [event["sequence"] for event in bench.events] == list(range(len(bench.events)))
    assert "cancelEvent" in bench.events[-1]


def test_update_in_place_keeps_known_outputs_at_preview(bench):
    bench.program('aws.sns.Topic("topic", name="topic", tags={"a": "1"}, display_name="old")').run("up")
    bench.program('aws.sns.Topic("topic", name="topic", tags={"a": "2", "b": "3"})')
    preview = bench.run("preview")
    step = bench.of_kind("resourcePreEvent")[-1]["metadata"]
    assert (step["op"], step["diffs"]) == ("update", ["displayName", "tags"])
    assert step["detailedDiff"] == {
        "displayName": {"diffKind": "delete", "inputDiff": True},
        "tags.a": {"diffKind": "update", "inputDiff": True},
        "tags.b": {"diffKind": "add", "inputDiff": True},
    }
    outputs = bench.new("topic")["outputs"]
    assert (outputs["arn"], outputs["tags"], outputs["tagsAll"]) == ("arn:topic-0", {"a": "2", "b": "3"}, UNKNOWN)
    assert "displayName" not in outputs
    assert preview.changes["update"] == 1
    up = bench.run("up")
    assert bench.cloud.log == ["update topic-0"]
    assert up.changes["update"] == 1
    assert bench.new("topic")["id"] == "topic-0"


def test_replacement_creates_then_updates_dependents_then_deletes(bench):
    bench.program(TOPIC_AND_QUEUE).run("up")
    bench.program(TOPIC_AND_QUEUE.replace('name="topic"', 'name="topic2"'))
    bench.run("preview")
    expected = ["create-replacement topic", "replace topic", "update queue", "delete-replaced topic"]
    assert [step for step in bench.steps() if not step.startswith("same")] == expected
    assert bench.new("queue")["inputs"]["policy"] == UNKNOWN
    outcome = bench.run("up")
    assert [step for step in bench.steps() if not step.startswith("same")] == expected
    assert bench.cloud.log == ["create topic2", "update queue-0", "delete topic-0"]
    assert outcome.changes == {"create": 0, "update": 1, "replace": 1, "delete": 0, "same": 1}
    replaced = next(
        item["metadata"] for item in bench.of_kind("resourcePreEvent") if item["metadata"]["op"] == "replace"
    )
    assert replaced["keys"] == ["name"]
    assert replaced["detailedDiff"] == {"name": {"diffKind": "update-replace", "inputDiff": True}}
    assert bench.run("up").changes["same"] == 3


@pytest.mark.parametrize(("option", "cloud"), [("delete_before_replace=True", {}), ("", {"delete_first": True})])
def test_delete_before_replace_takes_dependents_that_are_replaced_along(bench, option, cloud):
    text = """
    topic = aws.sns.Topic("topic", name="{name}", opts=Opts({option}))
    queue = aws.sqs.Queue("queue", name="queue", kms_master_key_id=topic.arn)
    other = aws.sqs.Queue("other", name="other", policy=topic.arn)
    """
    bench.program(text.format(name="one", option=option)).run("up", **cloud)
    bench.program(text.format(name="two", option=option)).run("up", **cloud)
    assert bench.cloud.log == ["delete queue-0", "delete one-0", "create two", "create queue", "update other-0"]
    assert bench.run("up", **cloud).changes["same"] == 4


def test_resources_no_longer_registered_go_dependents_first(bench):
    bench.program(
        """
        topic = aws.sns.Topic("topic", name="topic")
        middle = aws.sns.Topic("middle", name="middle", kms_master_key_id=topic.arn)
        late = aws.sqs.Queue("late", name="late")
        top = aws.sqs.Queue("top", name="top", opts=Opts(depends_on=[middle]))
        """
    ).run("up")
    outcome = bench.program('aws.sqs.Queue("late", name="late")').run("up")
    assert bench.cloud.log == ["delete top-0", "delete middle-0", "delete topic-0"]
    assert outcome.changes == {"create": 0, "update": 0, "replace": 0, "delete": 3, "same": 2}


def test_an_update_that_adds_a_dependency_is_followed_by_deletions(bench):
    bench.program('aws.sqs.Queue("queue", name="queue")').run("up")
    bench.program(TOPIC_AND_QUEUE).run("up")
    bench.run("destroy")
    assert bench.cloud.log == ["delete queue-0", "delete topic-0"]


def test_destroy_deletes_everything_without_the_program(bench):
    bench.program(TOPIC_AND_QUEUE).run("up")
    (bench.directory / "__main__.py").write_text("raise SystemExit(1)")
    outcome = bench.run("destroy")
    assert outcome.result == "succeeded"
    assert bench.cloud.log == ["delete queue-0", "delete topic-0"]
    assert bench.cloud.resources == {}
    assert outcome.changes["delete"] == 3
    assert bench.run("destroy").changes["delete"] == 0


def test_protected_resources_are_not_deleted(bench):
    bench.program(
        'aws.sns.Topic("topic", name="topic", opts=Opts(protect=True))\naws.sqs.Queue("queue", name="q")'
    ).run("up")
    expected = (
        "This run would delete what is protected: topic (aws:sns/topic:Topic). Nothing of it is deleted. If you mean it, "
        "take `protect` off in the program, run up, and then try again."
    )
    assert bench.run("destroy").errors == (expected,)
    assert bench.cloud.log == []
    assert bench.program("").run("up").errors == (expected,)
    assert bench.cloud.log == []


def test_a_protected_resource_is_not_replaced(bench):
    text = 'aws.sns.Topic("topic", name="{}", opts=Opts(protect={}))'
    bench.program(text.format("one", True)).run("up")
    refused = bench.program(text.format("two", True)).run("up")
    assert refused.result == "failed"
    assert refused.errors[0].startswith("Replacing topic (name changed) would delete what is protected: topic")
    assert bench.cloud.log == []
    assert bench.program(text.format("one", False)).run("up").changes["same"] == 2
    assert bench.program(text.format("two", False)).run("up").changes["replace"] == 1


@pytest.mark.parametrize("option", ["", ", delete_before_replace=True"])
def test_protect_can_be_taken_off_in_the_run_that_replaces(bench, option):
    bench.program('aws.sns.Topic("topic", name="one", opts=Opts(protect=True))').run("up")
    bench.program(f'aws.sns.Topic("topic", name="two", opts=Opts(protect=False{option}))')
    assert bench.run("preview").errors == ()
    outcome = bench.run("up")
    assert (outcome.errors, outcome.changes["replace"]) == ((), 1)
    assert [inputs["name"] for inputs in bench.cloud.resources.values()] == ["two"]
    assert bench.run("destroy").result == "succeeded"


def test_what_was_replaced_and_not_deleted_yet_is_deleted_whatever_protected_it(bench):
    bench.program('aws.sns.Topic("topic", name="one", opts=Opts(protect=True))').run("up")
    bench.program('aws.sns.Topic("topic", name="two")').run("up", fail_on="delete one-0")
    assert sorted(bench.cloud.resources) == ["one-0", "two-1"]
    assert bench.run("up").errors == ()
    assert bench.cloud.log == ["delete one-0"]


@pytest.mark.parametrize("failure", ["1 / 0", 'pulumi.log.error("no")', 'aws.sns.Topic("b", display_name="refused")'])
def test_a_failed_run_keeps_the_recorded_outputs_of_the_stack(bench, failure):
    text = 'topic = aws.sns.Topic("topic", name="{0}")\npulumi.export("name", "{0}")\n'
    bench.program(text.format("one")).run("up")
    assert bench.program(text.format("two") + failure).run("up").result == "failed"
    bench.program(text.format("three")).run("preview")
    stack = next(event["metadata"] for event in bench.of_kind("resourcePreEvent"))
    assert stack["old"]["outputs"] == {"name": "one"}
    bench.run("up")
    assert bench.run("preview").outputs == {"name": "three"}


def test_ignore_changes(bench):
    text = 'aws.sns.Topic("topic", name="topic", tags={{"a": "{}", "b": "{}"}}, opts=Opts({}))'
    bench.program(text.format(1, 1, "")).run("up")
    bench.program(text.format(2, 2, 'ignore_changes=["tags.a"]')).run("preview")
    assert bench.new("topic")["inputs"]["tags"] == {"a": "1", "b": "2"}


def test_a_failed_operation_stops_the_run_and_is_tried_again(bench):
    outcome = bench.program(TOPIC_AND_QUEUE).run("up", fail_on="create queue")
    assert outcome.result == "failed"
    assert outcome.errors == ("CloudError: queue is refused by the cloud",)
    assert bench.errors() == ["CloudError: queue is refused by the cloud", "update failed"]
    assert bench.of_kind("resOpFailedEvent")[0]["metadata"]["urn"].endswith("::queue")
    assert bench.run("up").changes == {"create": 1, "update": 0, "replace": 0, "delete": 0, "same": 2}
    assert bench.cloud.log == ["create queue"]


def test_nothing_is_deleted_after_a_failed_program(bench):
    bench.program(TOPIC_AND_QUEUE).run("up")
    outcome = bench.program("raise RuntimeError('broken')").run("up")
    assert outcome.errors == (
        "The program failed with RuntimeError: broken\n  __main__.py:4 in <module>: raise RuntimeError('broken')",
    )
    assert bench.cloud.log == []
    assert len(bench.cloud.resources) == 2


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("raise ValueError('min 3 is above max 2')", "min 3 is above max 2 (__main__.py:4)"),
        ("import sys; sys.exit(3)", "The program ended itself by sys.exit(3)."),
        ("pulumi.log.error('wrong')", "wrong"),
        ('aws.sns.Topic("t", display_name="refused")', 'the property "displayName" must not be "refused"'),
    ],
)
def test_mistakes_of_a_program_are_reported_without_a_traceback(bench, program, message):
    outcome = bench.program(program).run("preview")
    assert outcome.result == "failed"
    assert outcome.errors == (message,)
    assert bench.errors() == [message, "preview failed"]


def test_an_output_the_cloud_does_not_supply_is_an_error_not_none(bench):
    program = 'topic = aws.sns.Topic("topic", name="topic")\naws.sqs.Queue("q", policy=topic.signature_version)'
    text = program.replace("signature_version", "fifo_throughput_scope")
    assert bench.program(text).run("up").errors == (
        "aws:sqs/queue:Queue 'q': policy got a value that the offline AWS does not supply (from topic). "
        "Use another output, or teach its handler to supply this one.",
    )
    bench.program('pulumi.export("scope", aws.sns.Topic("topic", name="topic").fifo_throughput_scope)')
    assert bench.run("up").errors == (
        "The output scope of 'shop-dev' is a value that the offline AWS does not supply. "
        "Use another output, or teach the handler of the resource it comes from to supply it.",
    )


def test_what_the_program_prints_becomes_events(bench, capsys):
    bench.program("print('one\\ntwo')\nimport sys\nsys.stdout.write('three')")
    outcome = bench.run("preview", own_process=True, listener=lambda event: print("event", event["sequence"]))
    assert outcome.result == "succeeded"
    assert [item["message"] for item in bench.of_kind("diagnosticEvent")] == ["one\n", "two\n", "three\n"]
    assert capsys.readouterr().out == "".join(f"event {number}\n" for number in range(len(bench.events)))


def test_missing_program_and_missing_region(bench):
    assert bench.run("preview", own_process=True).errors == (
        f"There is no program: {bench.directory / '__main__.py'} does not exist.",
    )
    (bench.directory / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    with pytest.raises(UsageError, match="aws:region is not set"):
        bench.run("preview")


def test_one_run_at_a_time(bench):
    bench.program(TOPIC_AND_QUEUE).run("up")
    journal = Journal(bench.state_dir, "dev", mode="write")
    with pytest.raises(StateError, match="Another run works on stage 'dev'"):
        bench.run("up")
    with pytest.raises(StateError, match="Another run works on stage 'dev'"):
        bench.run("preview")
    journal.close()
    assert bench.run("preview").result == "succeeded"


def test_a_program_may_be_a_function(bench):
    def program() -> None:
        import pulumi

        pulumi.export("tier", pulumi.Config("shop").require("tier"))

    assert bench.run("preview", program=program, overrides={"shop:tier": "gold"}).outputs == {"tier": "gold"}
