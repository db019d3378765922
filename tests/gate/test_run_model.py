"""What a model knows of a run after its events."""

from typing import Any

import pytest

from gate.events import Event
from gate.run_model import Diagnostic
from offline.engine import events


def test_a_resource_is_known_by_its_latest_step(run: Any) -> None:
    run.stack()
    run.service()
    urn = run.child("aws:ecs/service:Service", "api", done=False)
    resource = run.model.resources[urn]
    assert (resource.name, resource.short_type, resource.op, resource.done) == (
        "api",
        "aws:ecs:Service",
        "create",
        False,
    )
    run.child("aws:ecs/service:Service", "api")
    assert run.model.resources[urn].done


def test_the_steps_of_a_replacement_are_one_row(run: Any) -> None:
    run.service("same")
    old, new = {"family": "a"}, {"family": "b"}
    kind = "aws:ecs/taskDefinition:TaskDefinition"
    urn = run.child(kind, "api", "create-replacement", old=old, new=new, diffs=("family",), keys=("family",))
    run.child(kind, "api", "replace", old=old, new=new, diffs=("family",), keys=("family",))
    run.child(kind, "api", "delete-replaced", old=old)
    resource = run.model.resources[urn]
    assert resource.op == "replace"
    assert (resource.old["inputs"], resource.new["inputs"]) == (old, {})
    assert resource.replace_keys == ("family",)


def test_providers_are_not_shown(run: Any) -> None:
    run.stack()
    run.step("create", "urn:pulumi:dev::shop::pulumi:providers:aws::default")
    assert [item.name for item in run.model.visible()] == ["shop-dev"]


def test_outputs_are_the_stacks_last(run: Any) -> None:
    run.stack()
    run.stack(outputs={"url": "http://x"})
    assert run.model.outputs == {"url": "http://x"}


def test_without_a_summary_the_rows_so_far_are_counted_and_with_it_the_engine_counts(run: Any) -> None:
    run.stack()
    assert (run.model.summary, run.model.changes()) == (None, {"create": 1})
    run.end(create=2)
    assert (run.model.summary["result"], run.model.changes()) == ("succeeded", {"create": 2})


def test_a_violation_reported_twice_counts_once_and_levels_are_apart(run: Any) -> None:
    for _ in range(2):
        run.violation("budget", "too many")
    run.violation("tags", "no owner", level="advisory")
    assert [item.policy for item in run.model.mandatory] == ["budget"]
    assert [item.policy for item in run.model.advisory] == ["tags"]


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        (events.diagnostic("warning", "old runtime"), [Diagnostic(severity="warning", message="old runtime")]),
        (events.diagnostic("debug", "registering"), []),
        (events.diagnostic("info", "working", ephemeral=True), []),
        (events.diagnostic("error", "preview failed"), []),
        (events.diagnostic("error", "\n"), []),
    ],
)
def test_diagnostics_for_people_are_kept(run: Any, event: Event, kept: list[Diagnostic]) -> None:
    run.emit(event)
    assert run.model.diagnostics == kept


def test_an_event_of_a_kind_unknown_here_is_passed_over(run: Any) -> None:
    run.emit({"progressEvent": {"type": "plugin-download"}})
    run.emit(events.cancel())
    assert run.model.resources == {}
