"""Rules: messages with why and how, undecided with the property, failures with the policy's name and without any value."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.reading import read_text, refuse, required
from policies.rules.policy import EVERYWHERE, Description, PolicySpec, hub, setting
from policies.rules.rule import Problem, Rule, Stack, about, container_policy, label, policy

ADVISORY_ONLY: Description = {
    "name": "told",
    "what": "What.",
    "why": "Why it matters.",
    "severity": "low",
    "how_to_fix": "Do this.",
    "url": "https://example.com",
    "levels": EVERYWHERE,
    "settings": (
        setting("most", 3, "A number.", dev=9),
        setting("word", "w", "A text."),
        setting("words", ("a",), "A list."),
    ),
}
SPEC = PolicySpec(**ADVISORY_ONLY)


def messages(
    rule: Rule, graph: Graph, stage: str = "prd", settings: Mapping[str, object] | None = None
) -> list[tuple[str, str]]:
    stack = Stack(facts=Facts(graph), stage=stage, spec=SPEC, settings=settings or {})
    return [(finding.urn.rpartition("::")[2], finding.message) for finding in rule.judge(stack)]


def test_a_problem_says_which_what_required_why_and_how(stack: Any) -> None:
    stack.add("t", "r", {"name": "prd-r"})
    stack.add("other", "o", {})
    rule = policy(**ADVISORY_ONLY, types=("t",), also=("seen",))(lambda _, resource: [Problem("a is 1", "2")])
    assert messages(rule, stack.graph()) == [("r", "prd-r: a is 1. Required: 2. Why it matters. Do this.")]
    assert rule.types == {"t", "seen"}


def test_a_policy_without_a_url_leads_to_the_first_control_among_its_references() -> None:
    described: Any = {key: value for key, value in ADVISORY_ONLY.items() if key != "url"}
    rule = policy(**described, references="CKV_AWS_17 AwsSolutions-RDS2 RDS.2 EC2.3")(lambda *_: ())
    assert rule.spec.url == hub("RDS.2")
    with pytest.raises(ValueError, match="url"):
        policy(**described, references="CKV_AWS_17 AwsSolutions-RDS2")(lambda *_: ())


def test_a_rule_without_types_sees_everything(stack: Any) -> None:
    stack.add("t", "r", {})
    stack.add("other", "o", {})
    rule = policy(**ADVISORY_ONLY)(lambda _, resource: [Problem(resource.type, "x")])
    assert [name for name, _ in messages(rule, stack.graph())] == ["r", "o"]


def test_a_rule_is_asked_of_those_alone_that_it_may_say_anything_of(stack: Any) -> None:
    urns = [stack.add("t", name, {}) for name in ("r", "s")]
    stack.add("other", "o", {})
    rule = policy(**ADVISORY_ONLY, types=("t",), among=lambda _: urns[1:])(lambda _, resource: [Problem("a is 1", "2")])
    assert [name for name, _ in messages(rule, stack.graph())] == ["s"]


def test_undecided_is_a_violation_that_names_the_property(stack: Any, unknown: str) -> None:
    urn = stack.add("t", "r", {"a": unknown})

    def check(_: Stack, resource: Resource) -> Iterator[Problem]:
        yield Problem("before", "x")
        required(read_text(resource, "a"))

    assert messages(policy(**ADVISORY_ONLY, types=("t",))(check), stack.graph()) == [
        ("r", "r: before. Required: x. Why it matters. Do this."),
        ("r", f"r: undecided at preview: a of {urn}. Why it matters. Do this."),
    ]


def test_what_is_undecided_of_another_resource_names_it(stack: Any) -> None:
    stack.add("t", "r", {})
    other = stack.add("u", "o", {"a": 1})

    def check(held: Stack, resource: Resource) -> Iterator[Problem]:
        found = held.graph.get(other)
        assert found is not None
        with about(found):
            required(read_text(found, "a"))
        yield Problem("never", "x")

    [(_, message)] = messages(policy(**ADVISORY_ONLY, types=("t",))(check), stack.graph())
    assert message.startswith(f"r: undecided: a of {other} is ")
    assert message.endswith(" is a number, a string is required. Why it matters. Do this.")


def test_a_check_that_raises_fails_for_that_resource_alone_and_quotes_nothing(stack: Any) -> None:
    for name in ("bad", "good"):
        stack.add("t", name, {})

    def check(_: Stack, resource: Resource) -> Iterator[Problem]:
        if resource.name == "bad":
            raise ValueError("hunter2")
        yield Problem("found", "x")

    line = inspect.getsourcelines(check)[1] + 2
    found = messages(policy(**ADVISORY_ONLY, types=("t",))(check), stack.graph())
    assert found == [
        (
            "bad",
            f"policy told failed: ValueError at test_rule.py:{line}. Nothing is known to be wrong with the stack, but nothing "
            "was judged either: fix the policy.",
        ),
        ("good", "good: found. Required: x. Why it matters. Do this."),
    ]


def test_containers_are_judged_one_by_one_and_named(stack: Any) -> None:
    stack.add(
        tokens.TASK_DEFINITION, "web", {"family": "web", "containerDefinitions": '[{"name": "a"}, {"name": "b"}]'}
    )

    def check(_: Stack, __: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
        if container["name"] == "b":
            refuse("user", "is odd")
        yield Problem("found", "x")

    urn = stack.urn(tokens.TASK_DEFINITION, "web")
    assert messages(container_policy(**ADVISORY_ONLY)(check), stack.graph()) == [
        ("web", 'web: container "a": found. Required: x. Why it matters. Do this.'),
        ("web", f"web: undecided: containerDefinitions[1].user of {urn} is odd. Why it matters. Do this."),
    ]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ('{"name": "a"}', "containerDefinitions of {urn} is not a JSON list of containers"),
        ("[3]", "containerDefinitions[0] of {urn} is not an object"),
        (3, "containerDefinitions of {urn} is a number, a string is required"),
        (None, "containerDefinitions of {urn} is absent, a value is required"),
    ],
)
def test_containers_that_cannot_be_read_are_undecided(stack: Any, document: object, reason: str) -> None:
    urn = stack.add(tokens.TASK_DEFINITION, "web", {"containerDefinitions": document})
    rule = container_policy(**ADVISORY_ONLY)(lambda *_: [Problem("never", "x")])
    assert messages(rule, stack.graph()) == [
        ("web", f"web: undecided: {reason.format(urn=urn)}. Why it matters. Do this.")
    ]


def test_settings_have_defaults_by_stage_and_may_be_configured() -> None:
    def read(stage: str, **settings: object) -> tuple[int, str, tuple[str, ...]]:
        held = Stack(facts=Facts(Graph(())), stage=stage, spec=SPEC, settings=settings)
        return held.number("most"), held.text("word"), held.texts("words")

    assert read("dev") == (9, "w", ("a",))
    assert read("prd") == read("anything") == (3, "w", ("a",))
    assert read("dev", most=5.0, word="v", words=["b", "c"]) == (5, "v", ("b", "c"))


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"name": "n", "family": "f"}, "n"),
        ({"identifier": "i"}, "i"),
        ({"name": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "bucket": "b"}, "b"),
        ({"name": "x" * 256}, "logical"),
        ({"name": 3}, "logical"),
        ({}, "logical"),
    ],
)
def test_a_resource_is_called_by_its_name_in_aws(stack: Any, props: Mapping[str, Any], expected: str) -> None:
    urn = stack.add("t", "logical", props)
    resource = stack.graph().get(urn)
    assert resource is not None
    assert label(resource) == expected
