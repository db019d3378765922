"""The pack alone, on three programs in other people's styles: sensible verdicts, no failure, nothing of this project assumed."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gate.violation_text import read_violation
from policies.facts.facts import Facts
from policies.resources.graph import Graph
from policies.rules.policy import Level
from policies.serving.evaluation import Evaluation
from policies.serving.exceptions import Exceptions
from policies.serving.pack import rules_by_name
from tests.policies.foreign import aurora_on_ec2, plain, two_databases
from tests.policies.graphs import foreign_records

ROOT = Path(__file__).parents[2]
Messages = dict[str, list[tuple[str, str]]]


def reported(
    records: list[dict[str, Any]], stage: str, settings: Mapping[str, Mapping[str, object]] | None = None
) -> Messages:
    """Policy to (resource, message), by the levels of an unknown stage."""
    rules = rules_by_name()
    evaluation, facts = (
        Evaluation(stage=stage, rules=rules, exceptions=Exceptions(today=date(2026, 11, 22))),
        Facts(Graph.from_records(records)),
    )
    found: Messages = defaultdict(list)
    for name, rule in rules.items():
        if rule.spec.level(stage) is not Level.DISABLED:
            for finding in evaluation.verdict(facts, name, (settings or {}).get(name, {})):
                assert " failed: " not in finding.message
                found[name].append((finding.urn.rpartition("::")[2], finding.message))
    return found


def where(found: Messages) -> dict[str, list[str]]:
    return {policy: sorted({resource for resource, _ in entries}) for policy, entries in sorted(found.items())}


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., Messages]:
    """What the pack says of a program in a stack."""

    def judge(
        program: Callable[[], None], stage: str, settings: Mapping[str, Mapping[str, object]] | None = None
    ) -> Messages:
        project = tmp_path / stage
        project.mkdir(exist_ok=True)
        return reported(foreign_records(program, stage, project, None), stage, settings)

    return judge


SERVICE = {
    "container-check-times", "container-health-check", "container-logs", "container-read-only", "container-unprivileged", "container-user",
    "container-own-resources", "container-port-agrees", "containers-fit-task", "no-development-mode",
    "health-check-grace", "image-pinned", "stop-time-enough",
    "no-host-port", "no-plaintext-secrets", "no-remote-scripts", "no-verbose-logs",
    "port-name", "service-connect-contract", "service-port-named", "target-group-fits-tasks",
    "tls-verified",
    "address-as-named",
    "database-variables-agree",
    "outside-by-tls",
    "private-name-has-record",
    "telemetry-not-essential",
    "telemetry-protocol",
}  # fmt: skip
"""What cannot be decided of a service whose containerDefinitions are unknown at preview."""
PLAIN = {
    "connection-budget": ["data", "web"],
    **{policy: ["web"] for policy in sorted(SERVICE)},
    "container-insights": ["cluster"],
    "database-backups": ["data"],
    "database-change-window": ["data"],
    "database-deletion-protection": ["data"],
    "database-encrypted": ["data"],
    "database-extended-support-cost": ["data"],
    "database-final-snapshot": ["data"],
    "database-logs-exported": ["data"],
    "database-monitoring": ["data"],
    "database-multi-az": ["data"],
    "database-password-managed": ["data"],
    "database-storage-grows": ["data"],
    "database-tags-on-snapshots": ["data"],
    "database-tls-required": ["data"],
    "default-security-group-closed": ["vpc"],
    "egress-limited": ["web"],
    "https-only": ["web"],
    "iam-confused-deputy": ["task"],
    "iam-no-broad-managed-policies": ["task"],
    "load-balancer-deletion-protection": ["web"],
    "load-balancer-hardened": ["web"],
    "load-balancer-logs": ["web"],
    "names-carry-stage": ["web"],
    "private-subnets": ["data", "web"],
    "request-timeout-chain": ["web"],
    "required-tags": ["cluster", "data", "gateway", "net-a", "net-b", "routes", "task", "vpc", "web"],
    "security-groups-described": ["data", "web"],
    "service-after-its-rule": ["web"],
    "service-circuit-breaker": ["web"],
    "service-enough-tasks": ["web"],
    "stage-isolation": [""],
    "target-group-health-check": ["web"],
    "task-roles-apart": ["web"],
    "vpc-flow-logs": ["vpc"],
    "wait-timeout": ["data"],
}


def test_plain_resources_with_made_up_names(judged: Callable[..., Messages]) -> None:
    found = judged(plain.program, "main")
    assert where(found) == dict(sorted(PLAIN.items()))
    for policy in SERVICE - {"service-connect-contract"}:
        [(_, message)] = found[policy]
        assert "undecided at preview: containerDefinitions of urn:pulumi:main::acme::" in message
    [(_, isolation)] = found["stage-isolation"]
    assert isolation.startswith(
        'undecided: the stack\'s name "main" names no stage, so what belongs to another one is not known. Required: the '
        "team's stages in the settings lenient and strict of the policy stage-names."
    )
    assert not any("not-so-secret" in message for entries in found.values() for _, message in entries)


def test_a_program_of_others_is_judged_the_same_by_the_pack_s_own_process(tmp_path: Path) -> None:
    """The embedded engine calls a policy that cannot run by that name; here every one runs."""
    seen: list[Any] = []
    foreign_records(plain.program, "main", tmp_path, ROOT / "policies", seen.append)
    events = [item for event in seen if (item := event.get("policyEvent"))]
    assert not any("can't run policy" in event["message"] for event in events)
    texts = [text for event in events if (text := read_violation(event["message"])) is not None]
    joined = {policy for text in texts for policy in text.joined}
    assert {event["policyName"] for event in events} | joined == set(PLAIN)
    causes = [text.causes[0].found for text in texts if text.joined]
    assert len(causes) == len(set(causes))  # one cause, one message
    [tags] = [event for event in events if event["policyName"] == "required-tags"]
    parts = read_violation(tags["message"])
    assert parts is not None
    assert sorted({item.name for cause in parts.causes for item in cause.resources}) == PLAIN["required-tags"]


def test_tasks_on_ec2_with_aurora_postgresql(judged: Callable[..., Messages]) -> None:
    found = judged(aurora_on_ec2.program, "live")
    assert where(found) == {
        "database-extended-support-cost": ["payments"],
        "database-monitoring": ["payments-0", "payments-1"],
        "names-carry-stage": ["worker"],
        "private-subnets": ["payments"],
        "required-tags": ["payments", "payments-0", "payments-1", "postgres", "worker"],
        "role-has-rights": ["worker"],
        "stage-isolation": [""],
    }
    [(_, missing)] = found["role-has-rights"]
    assert 'executionRoleArn is not set, and ECS reads the secrets of container "worker".' in missing
    [(_, placed)] = found["private-subnets"]
    assert "the subnet group payments is not of this stack, so whether its subnets are private is not known." in placed


def test_what_the_messages_ask_for_settles_them(judged: Callable[..., Messages]) -> None:
    settings = {
        "stage-isolation": {"stage": "prd"},
        "required-tags": {"tags": ["team"], "stageTag": ""},
        "private-subnets": {"privateSubnets": ["payments"]},
        "names-carry-stage": {"prefix": "payments"},
    }
    assert set(judged(aurora_on_ec2.program, "live", settings)) == {
        "database-extended-support-cost",
        "database-monitoring",
        "role-has-rights",
    }


def test_two_databases_in_one_stack(judged: Callable[..., Messages]) -> None:
    found = judged(two_databases.program, "shop-dev")
    both = ["orders", "stock"]
    told_of_both = {
        "capacity-provider-in-cluster", "container-logs", "container-read-only", "container-user", "database-backups",
        "database-change-window", "database-deletion-protection", "database-extended-support-cost", "database-final-snapshot",
        "database-logs-exported", "database-monitoring", "database-multi-az", "database-storage-grows", "database-tags-on-snapshots",
        "database-tls-required", "names-carry-stage", "path-open", "private-subnets", "role-has-rights", "service-circuit-breaker",
        "service-enough-tasks",
    }  # fmt: skip
    assert where(found) == {
        **dict.fromkeys(sorted(told_of_both), both),
        "container-insights": ["shop"],
        "required-tags": ["orders", "orders-data", "orders-tasks", "shop", "stock", "stock-data", "stock-tasks"],
    }


def test_numbers_and_lists_are_settings(judged: Callable[..., Messages]) -> None:
    settings = {
        "private-subnets": {"privateSubnets": two_databases.SUBNETS},
        "service-enough-tasks": {"minimumTasks": 1.0},
        "database-backups": {"minimumDays": 0},
    }
    found = judged(two_databases.program, "shop-dev", settings)
    assert "service-enough-tasks" not in found
    assert "database-backups" not in found
    assert all("dbSubnetGroupName" in message for _, message in found["private-subnets"])


@pytest.mark.parametrize("value", ["many", 1.5, True])
def test_a_setting_of_the_wrong_type_is_reported(judged: Callable[..., Messages], value: object) -> None:
    found = judged(two_databases.program, "shop-dev", {"service-enough-tasks": {"minimumTasks": value}})
    messages = [message for _, message in found["service-enough-tasks"]]
    assert messages == [
        "undecided: setting minimumTasks of the policy service-enough-tasks is not an integer. Fix the configuration of the pack."
    ]


@pytest.mark.parametrize("stage", ["main", "dev", "production"])
def test_nothing_is_reported_of_an_empty_program(judged: Callable[..., Messages], stage: str) -> None:
    assert judged(lambda: None, stage) == {}
