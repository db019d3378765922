"""What a destroy loses is read from what is recorded, whichever engine recorded it."""

import json
from pathlib import Path

import pytest

from cli.stages.losses import losses
from offline.engine.errors import StateError

LOGS = {"urn": "urn:pulumi:dev::a::aws:cloudwatch/logGroup:LogGroup::a", "type": "aws:cloudwatch/logGroup:LogGroup"}
IMAGES = {"urn": "urn:pulumi:dev::a::aws:ecr/repository:Repository::a", "type": "aws:ecr/repository:Repository"}


def checkpoint(state: Path, content: object) -> None:
    folder = state / "dev.pulumi"
    (folder / "backend/.pulumi/stacks/a").mkdir(parents=True)
    (folder / "aws.jsonl").write_text('{"journal":1}\n{}\n')
    (folder / "backend/.pulumi/stacks/a/dev.json").write_text(json.dumps(content))


def test_nothing_recorded_is_nothing_lost(tmp_path: Path) -> None:
    assert losses(tmp_path, "dev") == []


def test_each_kind_is_one_sentence_with_all_of_its_names(tmp_path: Path) -> None:
    resources = [
        {**LOGS, "custom": True, "outputs": {"name": "/dev/b"}},
        {**LOGS, "urn": LOGS["urn"] + "2", "custom": True, "outputs": {"name": "/dev/a"}},
        {**LOGS, "urn": LOGS["urn"] + "3", "custom": True, "outputs": {"name": "/dev/kept", "skipDestroy": True}},
        {**LOGS, "urn": LOGS["urn"] + "4", "custom": True, "delete": True, "outputs": {"name": "/dev/replaced"}},
        {**IMAGES, "custom": True, "outputs": {"name": "dev-a"}},
    ]
    checkpoint(tmp_path, {"checkpoint": {"latest": {"resources": resources}}})
    assert losses(tmp_path, "dev") == [
        "The repository dev-a is deleted with all of its images.",
        "The log group /dev/a is deleted with all of its logs (also: /dev/b).",
    ]


@pytest.mark.parametrize("content", [[], {"checkpoint": 1}, {"checkpoint": {"latest": {"resources": 3}}}])
def test_a_damaged_state_is_kept(tmp_path: Path, content: object) -> None:
    checkpoint(tmp_path, content)
    with pytest.raises(StateError):
        losses(tmp_path, "dev")
