"""Policies fail closed: what a judge cannot decide, or trips over, is a violation at the policy's own level."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi_policy import EnforcementLevel, Policy
from pulumi_policy import policy as sdk
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import unknown_checking_proxy

from policies.facts.finding import Finding
from policies.resources.graph import Graph, Resource
from policies.resources.sdk_adapter import plain
from policies.rules.budget.connection_budget import connection_budget
from policies.rules.policy import Level, PolicySpec, setting
from policies.rules.rule import Rule, Stack
from policies.serving.evaluation import Evaluation
from policies.serving.exceptions import Exceptions
from policies.serving.registration_guard import AT_REGISTRATION
from policies.serving.sdk_policies import resource_policy, rule_policy
from policies.serving.server import one_pass_servicer, plain_struct

ADVISORY = PolicySpec(
    name="told",
    what="What must hold.",
    why="Why.",
    severity="low",
    how_to_fix="How.",
    url="https://example.com",
    levels={"prd": Level.ADVISORY},
    kind="stack",
)


StackJudge = Callable[[Graph], Iterable[Finding]]


def stack_policy(spec: PolicySpec, stage: str, judge: StackJudge) -> Policy:
    rule = Rule(spec=spec, judge=lambda stack: judge(stack.graph), types=frozenset())
    return rule_policy(
        Evaluation(stage=stage, rules={spec.name: rule}, exceptions=Exceptions(today=date(2026, 1, 1))), spec
    )


def servicer(policies: list[Policy], *, one_pass: bool) -> Any:
    base = sdk._PolicyAnalyzerServicer
    kind = one_pass_servicer(base, policies) if one_pass else base
    return kind("pack", "1.0.0", policies, EnforcementLevel.ADVISORY)


def request(*resources: tuple[str, str, Mapping[str, Any]]) -> Any:
    message = pb.AnalyzeStackRequest()
    for kind, urn, props in resources:
        resource = message.resources.add(type=kind, urn=urn, name=urn)
        json_format.ParseDict(props, resource.properties)
        resource.propertyDependencies["a"].urns.extend(["urn:1"])
    return message


def verdicts(policies: list[Policy], message: Any, *, one_pass: bool) -> list[tuple[str, str, str, int]]:
    response = servicer(policies, one_pass=one_pass).AnalyzeStack(message, None)
    return [(item.policyName, item.urn, item.message, item.enforcementLevel) for item in response.diagnostics]


both = pytest.mark.parametrize("one_pass", [True, False], ids=["one pass", "the SDK's own server"])


@both
def test_policies_share_a_graph_and_report_under_their_own_names(one_pass: bool, unknown: str) -> None:
    def judge(graph: Graph) -> Iterator[Finding]:
        for resource in graph.of_type("t"):
            assert resource.props["b"] == unknown
            yield Finding(resource.urn, f"{resource.name} {resource.props['a']} {dict(resource.property_dependencies)}")
            yield Finding(resource.urn, f"{resource.name} {resource.props['a']} {dict(resource.property_dependencies)}")
        yield Finding("", "the stack")

    policies = [stack_policy(spec, "prd", judge) for spec in (connection_budget.spec, ADVISORY)]
    message = request(("t", "urn:1", {"a": 1.0, "b": unknown}), ("other", "urn:2", {}))
    text = "urn:1 1.0 {'a': ('urn:1',)}"
    assert verdicts(policies, message, one_pass=one_pass) == [
        ("connection-budget", "urn:1", f"{connection_budget.spec.what}\n{text}", pb.MANDATORY),
        ("connection-budget", "", f"{connection_budget.spec.what}\nthe stack", pb.MANDATORY),
        ("told", "urn:1", f"What must hold.\n{text}", pb.ADVISORY),
        ("told", "", "What must hold.\nthe stack", pb.ADVISORY),
    ]


def fails(_: object) -> Iterator[Finding]:
    yield Finding("urn:1", "before")
    raise ValueError("broken")


@both
def test_a_judge_that_raises_is_a_violation_with_the_policys_name(one_pass: bool) -> None:
    policies = [stack_policy(connection_budget.spec, "prd", fails)]
    line = inspect.getsourcelines(fails)[1] + 2
    assert verdicts(policies, request(), one_pass=one_pass)[-1] == (
        "connection-budget",
        "",
        f"{connection_budget.spec.what}\npolicy connection-budget failed: ValueError at test_sdk_policies.py:{line}. Nothing is known to "
        "be wrong with the stack, but nothing was judged either: fix the policy.",
        pb.MANDATORY,
    )


@both
def test_a_level_can_be_configured(one_pass: bool) -> None:
    policies = [
        stack_policy(spec, "prd", lambda _: [Finding("", "found")]) for spec in (connection_budget.spec, ADVISORY)
    ]
    server = servicer(policies, one_pass=one_pass)
    configuration = pb.ConfigureAnalyzerRequest()
    configuration.policyConfig["connection-budget"].enforcementLevel = pb.DISABLED
    configuration.policyConfig["told"].enforcementLevel = pb.REMEDIATE
    server.Configure(configuration, None)
    found = [(item.policyName, item.enforcementLevel) for item in server.AnalyzeStack(request(), None).diagnostics]
    assert found == [("told", pb.MANDATORY)]


@both
def test_settings_come_from_the_packs_configuration(one_pass: bool) -> None:
    spec = dataclasses.replace(ADVISORY, settings=(setting("most", 3, "A number."),))

    def judge(stack: Stack) -> list[Finding]:
        return [Finding("", f"most is {stack.number('most')}")]

    rule = Rule(spec=spec, judge=judge, types=frozenset())
    policies = [
        rule_policy(Evaluation(stage="prd", rules={"told": rule}, exceptions=Exceptions(today=date(2026, 1, 1))), spec)
    ]
    server = servicer(policies, one_pass=one_pass)
    info = server.GetAnalyzerInfo(None, None).policies[0]
    schema = json_format.MessageToDict(info.configSchema)["properties"]
    assert schema == {"most": {"type": "integer", "minimum": 0.0, "description": "A number.", "default": 3.0}}
    assert server.AnalyzeStack(request(), None).diagnostics[0].message.endswith("\nmost is 3")
    configuration = pb.ConfigureAnalyzerRequest()
    configuration.policyConfig["told"].properties.update({"most": 7})
    server.Configure(configuration, None)
    assert server.AnalyzeStack(request(), None).diagnostics[0].message.endswith("\nmost is 7")
    configuration.policyConfig["told"].properties.update({"moste": 8})
    server.Configure(configuration, None)
    assert [item.message.partition("\n")[2] for item in server.AnalyzeStack(request(), None).diagnostics] == [
        '"moste" is configured, which is no setting of told; it has: most. A misspelt setting changes nothing: fix the '
        "configuration of the pack.",
        "most is 7",
    ]


@both
def test_a_resource_policy_sees_plain_inputs_and_fails_closed(one_pass: bool, unknown: str) -> None:
    seen: list[Resource] = []

    def judge(resource: Resource) -> Iterator[Finding]:
        seen.append(resource)
        if resource.name == "bad":
            raise KeyError("x")
        yield Finding("", "found")

    server = servicer([resource_policy(AT_REGISTRATION, Level.MANDATORY, judge)], one_pass=one_pass)
    for name in ("good", "bad"):
        message = pb.AnalyzeRequest(type="t", urn=f"urn:{name}", name=name)
        json_format.ParseDict({"a": [{"b": unknown}]}, message.properties)
        (found,) = server.Analyze(message, None).diagnostics
        assert (found.urn, found.enforcementLevel) == (f"urn:{name}", pb.MANDATORY)
    assert seen[0].props == {"a": [{"b": unknown}]}
    assert seen[0].property_dependencies == {}
    assert "policy connection-budget-at-registration failed: KeyError at test_sdk_policies.py:" in found.message


@both
def test_what_is_no_setting_of_a_resource_policy_is_reported_once(one_pass: bool) -> None:
    policy = resource_policy(AT_REGISTRATION, Level.MANDATORY, lambda _: ())
    server = servicer([policy], one_pass=one_pass)
    configuration = pb.ConfigureAnalyzerRequest()
    configuration.policyConfig[policy.name].properties.update({"reserve": 1})
    configuration.policyConfig[policy.name].enforcementLevel = pb.MANDATORY
    server.Configure(configuration, None)
    answers = [server.Analyze(pb.AnalyzeRequest(type="t", urn=name, name=name), None) for name in ("a", "b")]
    assert [[item.message.partition("\n")[2] for item in answer.diagnostics] for answer in answers] == [
        [
            '"reserve" is configured, which is no setting of connection-budget-at-registration; it has none. A misspelt '
            "setting changes nothing: fix the configuration of the pack."
        ],
        [],
    ]


@both
@pytest.mark.parametrize("level", [pb.MANDATORY, pb.REMEDIATE])
def test_a_policy_that_cannot_remediate_changes_nothing(one_pass: bool, level: pb.EnforcementLevel) -> None:
    policy = resource_policy(AT_REGISTRATION, Level.MANDATORY, lambda _: ())
    server = servicer([policy], one_pass=one_pass)
    configuration = pb.ConfigureAnalyzerRequest()
    configuration.policyConfig[policy.name].enforcementLevel = level
    server.Configure(configuration, None)
    answer = server.Remediate(pb.AnalyzeRequest(type="t", urn="urn:t", name="t"), None)
    assert list(answer.remediations) == []
    told = [(item.policy_name, item.reason) for item in answer.not_applicable]
    assert told == ([(policy.name, "Policy does not implement remediate")] if level == pb.REMEDIATE else [])


def test_proxies_are_unwrapped_with_unknowns_kept(unknown: str) -> None:
    values = {"a": [1.0, {"b": unknown}], "c": None, "d": True}
    assert plain(unknown_checking_proxy(deserialize_properties(values))) == values


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda items: (
        st.lists(items, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), items, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=4))
def test_a_structs_values_are_those_of_protobufs_own_conversion(values: dict[str, object]) -> None:
    struct = json_format.ParseDict(values, Struct())
    assert plain_struct(struct) == json_format.MessageToDict(struct) == values


def test_judges_are_plain_functions() -> None:
    judge: StackJudge = lambda graph: [Finding("", str(len(graph)))]  # noqa: E731
    assert verdicts([stack_policy(ADVISORY, "prd", judge)], request(("t", "urn:1", {})), one_pass=True)[0][2].endswith(
        "\n1"
    )
