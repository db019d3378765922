"""Exceptions: read strictly, applied by policy and URN, shown when used, reported when unused, violations when expired."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.rules.policy import EVERYWHERE, PolicySpec
from policies.rules.rule import Rule, Stack
from policies.serving.catalog import CATALOG
from policies.serving.evaluation import EXCEPTIONS_SHOWN, EXCEPTIONS_VALID, Evaluation
from policies.serving.exceptions import Exceptions, PolicyException, load_exceptions, parse_exceptions
from policies.serving.pack import policies_for

TODAY = date(2026, 11, 22)
KNOWN = frozenset({"no-exec", "connection-budget", "connection-budget-at-registration"})
CACHE = "urn:pulumi:dev::shop::aws:ecr/repository:Repository::*-cache"
SPEC = PolicySpec(
    name="no-exec",
    what="W.",
    why="Why.",
    severity="low",
    how_to_fix="How.",
    url="https://example.com",
    levels=EVERYWHERE,
)


def parse(text: str) -> Exceptions:
    return parse_exceptions(text, name="exceptions.yaml", known=KNOWN, today=TODAY)


def entry(**changes: Any) -> str:
    fields = {"policy": "no-exec", "resource": CACHE, "reason": "r", "owner": "o", "expires": "2026-12-01", **changes}
    return "exceptions:\n- " + "\n  ".join(
        f"{key}: {value if key == 'expires' else repr(value)}" for key, value in fields.items()
    )


def test_an_entry_is_read() -> None:
    assert parse(entry()) == Exceptions(
        today=TODAY,
        entries=(PolicyException(policy="no-exec", resource=CACHE, reason="r", owner="o", expires=date(2026, 12, 1)),),
    )


@pytest.mark.parametrize("text", ["", "exceptions:", "exceptions: []", "# nothing"])
def test_none_is_none(text: str) -> None:
    assert parse(text) == Exceptions(today=TODAY)


def test_a_file_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert load_exceptions(tmp_path / "exceptions.yaml", known=KNOWN, today=TODAY) == Exceptions(today=TODAY)


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "exceptions.yaml").write_bytes(b"\xff")
    [problem] = load_exceptions(tmp_path / "exceptions.yaml", known=KNOWN, today=TODAY).problems
    assert problem.startswith("exceptions.yaml cannot be read: ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "exceptions.yaml is not YAML: "),
        ("exceptions: 3", 'exceptions.yaml has to be a list of exceptions under the key "exceptions".'),
        ("text", 'exceptions.yaml has to be a list of exceptions under the key "exceptions".'),
        (entry(owner=" "), "exceptions.yaml, entry 1: owner is missing."),
        (entry(until="x"), "exceptions.yaml, entry 1: the field until is not known."),
        (entry(expires="soon"), "exceptions.yaml, entry 1: expires is not a date."),
        (entry(policy="*"), 'exceptions.yaml, entry 1: "*" is not a policy.'),
        (entry(policy="no-*"), 'exceptions.yaml, entry 1: "no-*" is not a policy.'),
        (entry(resource="*"), 'exceptions.yaml, entry 1: "*" is not a pattern of resources.'),
        (entry(resource="urn:pulumi:*::*::*::web"), 'exceptions.yaml, entry 1: "urn:pulumi:*::*::*::web" names no resource type.'),
        (
            entry(expires="2026-12-01 10:00:00"),
            "exceptions.yaml, entry 1: expires has a time, 2026-12-01 10:00:00. Required: a day alone, such as 2026-12-01,",
        ),
        (
            entry(policy="connection-budget", resource="urn:pulumi:prd::*::aws:rds/instance:Instance::prd"),
            'exceptions.yaml, entry 1: connection-budget has no exceptions outside dev, and the pattern is for "prd".',
        ),
        (
            entry(policy="connection-budget-at-registration", resource="urn:pulumi:*::*::aws:rds/instance:Instance::x"),
            "exceptions.yaml, entry 1: connection-budget-at-registration has no exceptions outside dev,",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported_and_excuses_nothing(text: str, problem: str) -> None:
    found = parse(text)
    assert found.entries == ()
    [message] = found.problems
    assert message.startswith(problem)


@pytest.mark.parametrize(
    ("ending", "accepted"),
    [
        ("aws:s3/bucket:Bucket::db", True),
        ("*$aws:s3/bucket:Bucket::web*", True),
        ("acme:web:Site::*-web", True),
        ("a$*::web", False),
        ("aws:s3/bucket:*::web", False),
        ("*::web", False),
        ("aws:s3/bucket:Bucket::*", False),
        ("aws:s3/bucket:Bucket::[!x]??*", False),
        ("aws:s3/bucket:Bucket::a*b", False),
        ("aws:s3/bucket:Bucket::*-*-*-*", False),
    ],
)
def test_a_resource_is_a_type_and_text_of_a_name(ending: str, accepted: bool) -> None:
    assert (parse(entry(resource=f"urn:pulumi:*::*::{ending}")).problems == ()) is accepted


def test_all_that_is_wrong_with_an_entry_is_reported_at_once() -> None:
    problems = parse("exceptions: [3]").problems
    assert [problem.split(":")[1].split(".")[0].strip() for problem in problems] == [
        "policy is missing",
        "resource is missing",
        "reason is missing",
        "owner is missing",
        "expires is not a date",
    ]


def test_the_budget_may_have_one_in_dev() -> None:
    assert (
        parse(entry(policy="connection-budget", resource="urn:pulumi:dev::*::aws:rds/instance:Instance::x")).problems
        == ()
    )


def test_the_pack_s_own_file_is_in_order() -> None:
    path = Path(__file__).parents[3] / "policies/exceptions.yaml"
    known = frozenset(spec.name for spec in CATALOG)
    found = load_exceptions(path, known=known, today=TODAY)
    assert found.problems == ()
    assert found.expired("dev") == found.expired("prd") == []
    assert found.entries == ()  # the shipped stages need none


@pytest.fixture
def evaluation(stack: Any) -> Callable[[str], Any]:
    """What each policy says where no-exec finds two repositories, with exceptions from a text."""
    cache = stack.add("aws:ecr/repository:Repository", "web-cache", {})
    web = stack.add("aws:ecr/repository:Repository", "web", {})

    def judge(_: Stack) -> list[Finding]:
        return [Finding(cache, "cache"), Finding(web, "web"), Finding("", "stack")]

    rule = Rule(spec=SPEC, judge=judge, types=frozenset())

    def ask(text: str) -> dict[str, list[str]]:
        held = Evaluation(stage="dev", rules={"no-exec": rule}, exceptions=parse(text))
        facts = Facts(stack.graph())
        names = ("no-exec", EXCEPTIONS_VALID.name, EXCEPTIONS_SHOWN.name)
        return {name: [finding.message for finding in held.verdict(facts, name, {})] for name in names}

    return ask


SHOWN = f"the exception no-exec for {CACHE} (r; o, until 2026-12-01)"


def test_a_used_one_excuses_and_is_shown(evaluation: Callable[[str], Any]) -> None:
    assert evaluation(entry()) == {
        "no-exec": ["web", "stack"],
        "exceptions-valid": [],
        "exceptions-shown": [f"{SHOWN} excuses web-cache."],
    }


def test_one_that_excuses_a_critical_policy_is_a_warning_of_its_own(stack: Any) -> None:
    cache = stack.add("aws:ecr/repository:Repository", "web-cache", {})
    rule = Rule(spec=replace(SPEC, severity="critical"), judge=lambda _: [Finding(cache, "cache")], types=frozenset())
    held = Evaluation(stage="dev", rules={"no-exec": rule}, exceptions=parse(entry()))
    facts = Facts(stack.graph())
    assert list(held.verdict(facts, "no-exec", {})) == []
    assert [finding.message for finding in held.verdict(facts, EXCEPTIONS_SHOWN.name, {})] == [
        f"CRITICAL: {SHOWN} excuses web-cache from a critical policy."
    ]


def test_a_policy_that_exits_has_failed(stack: Any) -> None:
    def judge(_: Stack) -> list[Finding]:
        sys.exit(3)

    held = Evaluation(
        stage="dev",
        rules={"no-exec": Rule(spec=SPEC, judge=judge, types=frozenset())},
        exceptions=Exceptions(today=TODAY),
    )
    [finding] = held.verdict(Facts(stack.graph()), "no-exec", {})
    assert "SystemExit" in finding.message


def test_one_for_any_project_may_be_of_use_elsewhere(evaluation: Callable[[str], Any]) -> None:
    found = evaluation(entry(resource="urn:pulumi:dev::*::aws:ecr/repository:Repository::worker"))
    assert found["exceptions-shown"] == []


@pytest.mark.parametrize(("expires", "left"), [("2027-11-23", None), ("2027-11-24", 367)])
def test_one_lasts_a_year_at_most(evaluation: Callable[[str], Any], expires: str, left: int | None) -> None:
    found = evaluation(entry(expires=expires))["exceptions-valid"]
    assert [f" holds for {left} days. Required: at most 366. " in message for message in found] == (
        [True] if left else []
    )


def test_an_unused_one_is_reported(evaluation: Callable[[str], Any]) -> None:
    found = evaluation(entry(resource="urn:pulumi:dev::shop::aws:ecr/repository:Repository::worker"))
    assert found["no-exec"] == ["cache", "web", "stack"]
    assert found["exceptions-shown"] == [
        f"{SHOWN.replace(CACHE, 'urn:pulumi:dev::shop::aws:ecr/repository:Repository::worker')} excuses nothing: remove it."
    ]


def test_one_holds_to_the_end_of_its_last_day(evaluation: Callable[[str], Any]) -> None:
    assert evaluation(entry(expires="2026-11-22"))["no-exec"] == ["web", "stack"]


def test_an_expired_one_excuses_nothing_and_is_a_violation(evaluation: Callable[[str], Any]) -> None:
    found = evaluation(entry(expires="2026-11-21"))
    assert (found["no-exec"], found["exceptions-shown"]) == (["cache", "web", "stack"], [])
    [message] = found["exceptions-valid"]
    assert message.startswith(f"the exception no-exec for {CACHE} (r; o, until 2026-11-21) has expired. ")


def test_one_of_another_stage_is_silent_here(evaluation: Callable[[str], Any]) -> None:
    for expires in ("2026-12-01", "2026-11-01"):
        found = evaluation(
            entry(resource="urn:pulumi:prd::shop::aws:ecr/repository:Repository::web-cache", expires=expires)
        )
        assert (found["exceptions-valid"], found["exceptions-shown"]) == ([], [])


def test_one_of_another_project_is_silent_here(evaluation: Callable[[str], Any]) -> None:
    found = evaluation(
        entry(resource="urn:pulumi:dev::other::aws:ecr/repository:Repository::web-cache", expires="2026-11-01")
    )
    assert (found["exceptions-valid"], found["exceptions-shown"]) == ([], [])


def test_a_malformed_file_is_a_violation(evaluation: Callable[[str], Any]) -> None:
    [message] = evaluation("exceptions: 3")["exceptions-valid"]
    assert message.startswith(
        'exceptions.yaml has to be a list of exceptions under the key "exceptions". An exception that nobody'
    )


def test_what_concerns_the_whole_stack_has_no_exception(evaluation: Callable[[str], Any]) -> None:
    assert "stack" in evaluation(entry(resource="urn:pulumi:dev::shop::aws:ecr/repository:Repository::web*"))["no-exec"]


def test_policies_about_exceptions_are_asked_last() -> None:
    names = [policy.name for policy in policies_for("dev")]
    assert names[-2:] == [EXCEPTIONS_VALID.name, EXCEPTIONS_SHOWN.name]
    assert "connection-budget" in names
