"""What a run changes: by component, with the paths that differ, what forces a replacement, and what every build changes."""

from typing import Any

import pytest

from gate.changes import changes_of, operation_of
from gate.document import Component, Value
from gate.run_model import Resource
from tests.gate.inputs.sample_run import PREFIX, SERVICE, STACK, Run

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def test_what_changes_stands_by_its_component_in_the_order_of_the_run(run: Run) -> None:
    run.stack("same")
    run.service("update")
    run.child("aws:ecs/service:Service", "api", "update")
    other = run.step("create", f"{PREFIX}shop:platform:Service::batch", custom=False)
    run.child("aws:ecs/taskDefinition:TaskDefinition", "api", "replace")
    run.step("same", f"{PREFIX}aws:sns/topic:Topic::same")
    run.step("create", f"{PREFIX}pulumi:providers:aws::default")
    run.step("create", f"{PREFIX}aws:sns/topic:Topic::topic")
    found = [(change.name, change.operation, change.component.name) for change in changes_of(run.model)]
    assert found == [
        ("api", "update", "shop-dev"),
        ("batch", "create", "shop-dev"),
        ("topic", "create", "shop-dev"),
        ("api", "update", "api"),
        ("api", "replace", "api"),
    ]
    assert changes_of(run.model)[3].component == Component(urn=SERVICE, type="shop:platform:Service", name="api")
    assert changes_of(run.model)[1].urn == other


def test_a_resource_below_a_resource_belongs_to_the_component_above_both(run: Run) -> None:
    run.service("same")
    bucket = run.child("aws:s3/bucket:Bucket", "bucket", "create")
    below = f"{PREFIX}shop:platform:Service$aws:s3/bucket:Bucket$aws:s3/bucketPolicy:BucketPolicy::policy"
    run.step("create", below, parent=bucket)
    assert {change.component.urn for change in changes_of(run.model)} == {SERVICE}


@pytest.mark.parametrize("parent", ["", "urn:of-nothing", STACK])
def test_a_parent_that_was_not_told_is_a_component_all_the_same(run: Run, parent: str) -> None:
    urn = run.step("create", f"{PREFIX}aws:sns/topic:Topic::topic", parent=parent)
    [change] = changes_of(run.model)
    assert change.component.urn == (parent or urn)


def differences(
    run: Run, old: dict[str, Any], new: dict[str, Any], **more: Any
) -> dict[str, tuple[Any, Any, bool, bool]]:
    run.child("aws:ecs/service:Service", "api", more.pop("op", "update"), old=old, new=new, **more)
    [change] = changes_of(run.model)
    return {
        item.path: (
            item.before and item.before.text,
            item.after and item.after.text,
            item.forces_replacement,
            item.churn,
        )
        for item in change.differences
    }


def test_each_path_has_both_sides(run: Run) -> None:
    found = differences(run, {"a": 1, "gone": {"x": [1]}, "same": 1}, {"a": 2, "new": None, "same": 1})
    assert found == {
        "a": ("1", "2", False, False),
        "gone": ('{"x": [1]}', None, False, False),
        "new": (None, "null", False, False),
    }


@pytest.mark.parametrize("key", ["name", "name.first", "name[0]"])
def test_what_forces_the_replacement(run: Run, key: str) -> None:
    found = differences(run, {"name": "a", "b": 1}, {"name": "b", "b": 2}, op="replace", keys=(key,))
    assert {path: forced for path, (_, _, forced, _) in found.items()} == {"name": True, "b": False}


def test_what_every_build_changes(run: Run) -> None:
    containers = [f'[{{"name": "app", "image": "x@sha256:{digit}", "cpu": {digit}}}]' for digit in "12"]
    old, new = ({"containerDefinitions": text, "taskDefinition": text} for text in containers)
    found = differences(run, old, new)
    churn = {path: churn for path, (_, _, _, churn) in found.items() if path.startswith("containerDefinitions")}
    assert churn == {"containerDefinitions.app.cpu": False, "containerDefinitions.app.image": True}


def test_secrets_and_what_is_unknown_are_shown_as_such(run: Run) -> None:
    run.child("a:b:C", "c", "update", old={"a": SECRET, "b": 1}, new={"a": "x", "b": UNKNOWN})
    [change] = changes_of(run.model)
    assert [(item.before, item.after) for item in change.differences] == [
        (Value(kind="secret"), Value(kind="known", text='"x"')),
        (Value(kind="known", text="1"), Value(kind="unknown")),
    ]


@pytest.mark.parametrize("op", ["create", "delete", "import"])
def test_what_is_made_or_goes_whole_has_no_differences(run: Run, op: str) -> None:
    assert differences(run, {"a": 1}, {"a": 2}, op=op) == {}


@pytest.mark.parametrize(("op", "found"), [("create", "create"), ("discard", "update"), ("a-new-one", "update")])
def test_an_operation_that_the_document_does_not_have_is_an_update(op: str, found: str) -> None:
    assert operation_of(Resource(urn="u", type_token="t", parent="", custom=True, op=op)) == found
