"""What the policies said: each with its verdict and level, packs, and exceptions in use."""

from typing import Any

import pytest

from gate.document import Excused, Pack
from gate.policy_results import EXCEPTIONS_SHOWN, PolicyText, exceptions_of, packs_of, resource_of, results_of
from gate.run_model import RunModel, Violation
from gate.stream import Listener
from tests.gate.inputs.sample_run import Run

TEXTS = {"p": PolicyText(what="What.", why="why", fix="fix", severity="high", level="mandatory")}


def verdicts(run: Run) -> dict[str, tuple[str, str]]:
    listener = Listener()
    for event in run.events:
        listener.take(event)
    return {item.name: (item.verdict, item.level) for item in results_of(listener.reported, TEXTS)}


def summary(run: Run, kind: str = "policyAnalyzeSummaryEvent", pack: str = "platform", **lists: list[str]) -> None:
    run.emit({kind: {"policyPackName": pack, "resourceUrn": "u", **lists}})


def test_one_failure_among_many_passes_is_a_failure(run: Run) -> None:
    for passed, failed in ((["p", "q"], []), (["q"], ["p"]), (["p", "q"], [])):
        summary(run, passed=passed, failed=failed)
    summary(run, "policyAnalyzeStackSummaryEvent", passed=["stack"])
    run.violation("p", "no")
    assert verdicts(run) == {"p": ("failed", "mandatory"), "q": ("passed", ""), "stack": ("passed", "")}


def test_undecided_once_is_undecided_and_mandatory_once_is_mandatory(run: Run) -> None:
    run.violation("p", "can't run policy 'p' during preview: x", level="advisory")
    run.violation("p", "no", level="advisory")
    run.violation("q", "no", level="advisory")
    run.violation("q", "no, really", level="mandatory")
    assert verdicts(run) == {"p": ("undecided", "advisory"), "q": ("failed", "mandatory")}


def test_two_packs_may_have_a_policy_of_one_name(run: Run) -> None:
    for pack in ("one", "two"):
        summary(run, pack=pack, passed=["p"])
    listener = Listener()
    for event in run.events:
        listener.take(event)
    found = results_of(listener.reported, TEXTS)
    assert [(item.name, item.pack, item.severity, item.description) for item in found] == [
        ("p", "one", "high", "What."),
        ("p", "two", "high", "What."),
    ]


def test_what_shows_exceptions_has_passed(run: Run) -> None:
    summary(run, failed=[EXCEPTIONS_SHOWN])
    run.violation(EXCEPTIONS_SHOWN, "the exception p for dev-db until 2027-01-01 excuses nothing.", level="advisory")
    assert verdicts(run) == {EXCEPTIONS_SHOWN: ("passed", "")}


def reported(policy: str, message: str, **more: Any) -> Violation:
    return Violation(policy=policy, pack="k", level="advisory", message=message, urn="u", **more)


@pytest.mark.parametrize(
    ("violation", "found"),
    [
        (
            reported(EXCEPTIONS_SHOWN, "the exception p for dev-db (why; who) until 2027-01-01 excuses 2 findings."),
            [Excused(policy="p", text="p for dev-db (why; who) until 2027-01-01: 2 findings", used=True)],
        ),
        (
            reported(EXCEPTIONS_SHOWN, "the exception p for dev-db until 2027-01-01 excuses nothing: remove it."),
            [Excused(policy="p", text="p for dev-db until 2027-01-01", used=False)],
        ),
        (reported(EXCEPTIONS_SHOWN, "another sentence"), []),
        (reported("p", "the exception p for x excuses y."), []),
        (
            reported("p", "no", excused=True),
            [Excused(policy="p", text="excused by the configuration of the pack", used=True)],
        ),
    ],
)  # fmt: skip
def test_the_exceptions_that_hold(violation: Violation, found: list[Excused]) -> None:
    assert list(exceptions_of([violation])) == found


def test_the_packs_by_name() -> None:
    model = RunModel()
    assert packs_of(model) == ()
    model.summary = {"PolicyPacks": {"two|/a/path": "0.2.0", "one": ""}}
    assert packs_of(model) == (Pack(name="one"), Pack(name="two", version="0.2.0"))


@pytest.mark.parametrize(
    ("urn", "type_", "name"),
    [
        ("urn:pulumi:dev::shop::a:b:C$aws:ecs/service:Service::api", "aws:ecs/service:Service", "api"),
        ("urn:pulumi:dev::shop::aws:ecs/service:Service::a::b", "aws:ecs/service:Service", "a::b"),
        ("x", "", "x"),
        ("", "", ""),
    ],
)
def test_a_resource_by_its_urn(urn: str, type_: str, name: str) -> None:
    found = resource_of(urn)
    assert (found.urn, found.type, found.name) == (urn, type_, name)
