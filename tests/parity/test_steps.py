"""The steps of a list of edits and of the real stages: the same operation on every resource, and the same platform after it."""

from __future__ import annotations

import contextlib
import json

import pytest

from offline.engine.urn import name_of
from offline.pulumi.command import Cli
from offline.pulumi.interrupted import exported, settle
from offline.pulumi.workspace import Workspace
from tests.parity.compare import unlike, without_times
from tests.parity.engines import Pair, Run

pytestmark = pytest.mark.slow

Runs = dict[str, tuple[Run, Run]]
MADE = {
    "create": ["create"],
    "delete": ["delete"],
    "delete-first": ["create-replacement", "delete-replaced", "replace"],
    "ignore": ["update"],
    "kept-shop": ["same"],
    "new-name": ["same"],
    "new-shop": ["same"],
    "protect": ["same"],
    "queue": ["create-replacement", "delete-replaced", "replace"],
    "reads-first": ["update"],
    "reads-replace": ["update"],
    "reads-update": ["same"],
    "replace": ["create-replacement", "delete-replaced", "replace"],
    "same": ["same"],
    "secret": ["update"],
    "secret-output": ["same"],
    "shop": ["update"],
    "update": ["update"],
}


@pytest.mark.parametrize("run", ["created", "previewed", "edited", "again"])
def test_each_resource_has_the_same_step_on_both(edits: Runs, run: str) -> None:
    embedded, real = edits[run]
    assert (embedded.outcome.result, real.outcome.result) == ("succeeded", "succeeded")
    assert unlike(embedded.steps, real.steps) == []
    assert embedded.outcome.changes == real.outcome.changes


@pytest.mark.parametrize("run", ["previewed", "edited"])
def test_the_edits_have_the_steps_that_they_are_there_for(edits: Runs, run: str) -> None:
    steps = {name_of(urn): ops for urn, ops in edits[run][1].steps.items()}
    assert {name: ops for name, ops in steps.items() if name in MADE} == MADE


@pytest.mark.parametrize("run", ["created", "edited", "again"])
def test_ids_and_outputs_are_the_same(edits: Runs, run: str) -> None:
    embedded, real = edits[run]
    assert unlike(embedded.made, real.made) == []
    assert embedded.outcome.outputs == real.outcome.outputs


def test_nothing_is_to_do_the_second_time(edits: Runs, dev: Runs) -> None:
    for run in (*edits["again"], *dev["again"]):
        assert {tuple(op for op in ops if op != "refresh") for ops in run.steps.values()} == {("same",)}


@pytest.mark.parametrize("run", ["preview", "up", "again", "destroy"])
def test_dev_has_the_same_steps_ids_and_outputs_on_both(dev: Runs, run: str) -> None:
    embedded, real = dev[run]
    assert (embedded.outcome.result, real.outcome.result) == ("succeeded", "succeeded")
    assert embedded.outcome.changes == real.outcome.changes
    assert embedded.outcome.outputs == real.outcome.outputs
    assert unlike(without_times(embedded.made), without_times(real.made)) == []


def test_what_is_deployed_is_read_as_the_cli_exports_it(edits: Runs, small: Pair) -> None:
    assert edits["again"][1].outcome.result == "succeeded"
    with contextlib.closing(Workspace(small.real.state, "dev")) as workspace:
        cli = Cli(small.real.cli, workspace)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Cli, "ask", None)
            deployment = settle(workspace, cli)
        assert len(deployment["resources"]) > 10
        assert json.loads(cli.ask("stack", "export")) == exported(deployment)
