"""What the pack is told of the platform before a run."""

import json

from offline.engine import deployment
from offline.engine.judging.export import exported
from offline.engine.record import ResourceRecord
from offline.properties import secret

PACK = """
import json, os
path = os.environ["CONNECTION_BUDGET_BASELINE"]
found = [r["urn"].rpartition("::")[2] for r in json.load(open(path))["deployment"]["resources"]] if path else None

def stack(args, report):
    report(json.dumps(found))

PolicyPack("house", [StackValidationPolicy("tells", "D.", stack, EnforcementLevel.ADVISORY)])
"""


def test_records_are_written_as_an_export_with_secrets_blinded():
    record = ResourceRecord(
        serial=1,
        urn="urn:pulumi:dev::shop::a:b/c:D::queue",
        type="a:b/c:D",
        custom=True,
        id="q-1",
        inputs={"name": "queue", "password": secret("s3cret")},
        outputs={"arn": "arn:q"},
        property_dependencies={"name": ("urn:x",)},
    )
    with exported([record]) as path:
        assert path.is_absolute()
        text = path.read_text()
        assert "s3cret" not in text
        [resource] = json.loads(text)["deployment"]["resources"]
    assert not path.exists()
    assert (resource["urn"], resource["id"], resource["delete"]) == (record.urn, "q-1", False)
    assert (resource["inputs"]["name"], resource["outputs"]) == ("queue", {"arn": "arn:q"})
    assert resource["propertyDependencies"] == {"name": ["urn:x"]}


def test_nothing_recorded_is_no_export():
    with exported([]) as path:
        assert path is None


def test_the_pack_is_told_what_ran_before_and_nothing_of_the_shell(bench, monkeypatch):
    monkeypatch.setenv("CONNECTION_BUDGET_BASELINE", "/somewhere/else.json")
    bench.program('aws.sqs.Queue("queue", name="queue")').pack(PACK)
    [first] = bench.run("up").violations
    [second] = bench.run("preview").violations
    assert first["message"] == "D.\nnull\n"
    assert json.loads(second["message"].removeprefix("D.\n")) == ["shop-dev", "default_7_51_1", "queue"]


def test_a_skipped_preview_lets_the_update_begin(bench):
    policies = """
    def stack(args, report):
        report("never")

    PolicyPack("house", [StackValidationPolicy("never", "D.", stack, EnforcementLevel.MANDATORY)])
    """
    bench.program('aws.sqs.Queue("queue", name="queue")').pack(policies)
    assert (bench.run("up").result, bench.cloud.log) == ("failed", [])
    outcome = deployment.run(
        kind="up",
        stage="dev",
        project_dir=bench.directory,
        state_dir=bench.state_dir,
        pack_dir=bench.pack_dir,
        on_event=lambda event: None,
        provider=bench.cloud,
        skip_preview=True,
    )
    assert (outcome.result, bench.cloud.log) == ("failed", ["create queue"])
