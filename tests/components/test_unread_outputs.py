"""What is kept of a resource's outputs, and what happens to a component that reads another."""

import re
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest

from components.unread_outputs import READ, keep_read_outputs
from offline.engine.outcome import Outcome

Preview = Callable[..., Outcome]


class Foreign(pulumi.ComponentResource):
    """A component of another program."""

    def __init__(self, name: str) -> None:
        super().__init__("other:program:Component", name)
        self.group = aws.cloudwatch.LogGroup(name, name=name, opts=pulumi.ResourceOptions(parent=self))


class Own(Foreign):
    """As one of this project's."""

    __module__ = "components.stage.own"


def with_transformation(use: Callable[[], None]) -> Callable[[], None]:
    def program() -> None:
        pulumi.runtime.register_stack_transformation(keep_read_outputs)
        use()

    return program


def test_a_component_keeps_what_was_given_and_what_is_read(preview: Preview) -> None:
    def use() -> None:
        group = Own("own").group
        assert all(isinstance(output, pulumi.Output) for output in (group.id, group.name, group.arn))
        with pytest.raises(RuntimeError, match=r"^`\.apply` of an output that is not kept: name its property in READ"):
            group.kms_key_id.apply(str)

    assert preview("dev", program=with_transformation(use)).errors == ()


def test_it_asks_for_the_same_resource(preview: Preview) -> None:
    def use() -> None:
        Own("kept")
        Foreign("plain")

    kept, plain = (
        record.inputs | {"name": ""}
        for record in preview("dev", program=with_transformation(use)).resources
        if record.type == "aws:cloudwatch/logGroup:LogGroup"
    )
    assert kept == plain


def test_what_is_not_kept_goes_into_no_request(preview: Preview) -> None:
    def use() -> None:
        group = Own("own").group
        aws.ssm.Parameter("key", type="String", value=group.kms_key_id)

    outcome = preview("dev", program=with_transformation(use))
    assert outcome.result == "failed"
    assert "key" not in {record.name for record in outcome.resources}
    assert "unexpected input of type OutputNotKept" in "".join(outcome.errors)


def test_other_resources_of_a_program_keep_everything(preview: Preview) -> None:
    def use() -> None:
        group = Foreign("foreign").group
        assert isinstance(group.kms_key_id, pulumi.Output)
        assert isinstance(aws.cloudwatch.LogGroup("alone").kms_key_id, pulumi.Output)

    assert preview("dev", program=with_transformation(use)).errors == ()


def test_components_read_what_is_kept() -> None:
    components = Path(__file__).resolve().parents[2] / "components"
    source = "\n".join(path.read_text() for path in components.rglob("*.py") if path.name != "unread_outputs.py")
    assert {name for name in READ if re.search(rf"\.{name}\b", source)} == READ
