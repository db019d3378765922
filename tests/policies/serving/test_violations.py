"""One cause, one message: what an engine is sent of many findings, and that the gate reads its parts back."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.violation_text import Cause, NamedResource, read_violation
from policies.facts.finding import Finding, Parts
from policies.rules.policy import EVERYWHERE, Level, PolicySpec, Severity
from policies.serving.violations import Judged, Violation, named, violations

QUEUE, TASK = "urn:pulumi:dev::shop::aws:sqs/queue:Queue::", "urn:pulumi:dev::shop::a:b:C$aws:ecs/task:Task::"
CAUSE = f"undecided at preview: containerDefinitions of {TASK}web"
SHOWN = "undecided at preview: containerDefinitions of aws:ecs:Task web"


def spec(name: str, severity: Severity = "low") -> PolicySpec:
    return PolicySpec(
        name=name, what="What holds.", why="Why it matters.", severity=severity, how_to_fix="Do this.", url="u", levels=EVERYWHERE
    )  # fmt: skip


def judged(name: str, *findings: Finding, level: Level = Level.ADVISORY, severity: Severity = "low") -> Judged:
    return Judged(spec=spec(name, severity), level=level, findings=findings)


def parts(urn: str, found: str, required: str = "yes", *, inside: str = "", fix: str = "") -> Finding:
    return Finding(urn, "unused", parts=Parts(found=found, required=required, inside=inside, fix=fix))


def unread(name: str) -> Finding:
    return Finding(f"{TASK}{name}", f"{name}: {CAUSE}. Why it matters. Do this.", cause=CAUSE)


def sent(*found: Judged) -> list[tuple[str, str, str]]:
    return [(item.spec.name, item.urn, item.message) for item in violations(found)]


def test_resources_with_one_cause_are_listed_under_it_and_why_and_fix_stand_once() -> None:
    found = judged(
        "tags",
        parts(f"{QUEUE}b", "no tags"),
        parts(f"{QUEUE}a", "no tags"),
        parts(f"{TASK}web", "no tags", inside='container "x"'),
        parts(f"{QUEUE}c", "tag Owner is \n empty"),
    )
    assert sent(found) == [
        (
            "tags",
            "",
            "- no tags. Required: yes.\n"
            '  aws:ecs:Task: web (container "x")\n'
            "  aws:sqs:Queue: a, b\n"
            "- tag Owner is empty. Required: yes.\n"
            "  aws:sqs:Queue: c\n"
            "Why: Why it matters.\n"
            "Fix: Do this.",
        )
    ]


def test_one_resource_is_named_to_the_engine_and_a_cause_with_a_fix_of_its_own_shows_no_other() -> None:
    message = "- slow. Required: yes.\n  Fix: Set 3.\n  aws:sqs:Queue: a\nWhy: Why it matters."
    assert sent(judged("timeout", parts(f"{QUEUE}a", "slow", fix="Set 3."))) == [("timeout", f"{QUEUE}a", message)]


def test_text_without_parts_is_sent_as_it_is_for_each_finding() -> None:
    findings = Finding(f"{QUEUE}a", "75 of 60\n\n  table"), Finding("", "the stack")
    assert sent(judged("budget", *findings)) == [("budget", f"{QUEUE}a", "75 of 60\n\n  table"), ("budget", "", "the stack")]  # fmt: skip


def test_one_unknown_is_one_violation_of_the_strictest_policy_and_names_the_others() -> None:
    [found] = violations(
        [
            judged("a-advisory", unread("web"), severity="critical"),
            judged("b-low", unread("web"), level=Level.MANDATORY),
            judged("c-high", unread("web"), level=Level.MANDATORY, severity="high"),
            judged("d-high", unread("web"), level=Level.MANDATORY, severity="high"),
        ]
    )
    assert found == Violation(
        spec=spec("c-high", "high"),
        level=Level.MANDATORY,
        urn=f"{TASK}web",
        message=f"- web: {SHOWN}.\n  aws:ecs:Task: web\nWhy: A policy that cannot read what it judges has not passed.\n"
        "Undecided with it: a-advisory, b-low, d-high",
        joined=("a-advisory", "b-low", "d-high"),
    )


def test_what_else_a_joined_policy_finds_is_sent_under_its_own_name() -> None:
    found = sent(
        judged("a", unread("web"), level=Level.MANDATORY), judged("b", unread("web"), parts(f"{QUEUE}q", "wrong"))
    )
    assert [(policy, urn) for policy, urn, _ in found] == [("a", f"{TASK}web"), ("b", f"{QUEUE}q")]


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp")), min_size=1)
HALVES = (
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1)
    .map(lambda text: " ".join(text.replace("Required:", "").split()).rstrip(". "))
    .filter(lambda text: not re.search(r":\S*/\S*:", text))  # a type's token is shown in its short form
)


@given(st.lists(st.tuples(NAMES, HALVES.filter(bool), HALVES), min_size=1, max_size=4))
def test_the_gate_reads_every_part_back_whatever_the_program_wrote(rows: list[tuple[str, str, str]]) -> None:
    [violation] = violations([judged("p", *(parts(QUEUE + name, found, required) for name, found, required in rows))])
    read = read_violation(f"What holds.\n{violation.message}")
    assert read is not None
    assert (read.what, read.why, read.fix, read.joined) == ("What holds.", "Why it matters.", "Do this.", ())
    expected: dict[tuple[str, str], set[str]] = {}
    for name, found, required in rows:
        expected.setdefault((found, required), set()).add(name)
    assert {
        (cause.found, cause.required): {resource.name for resource in cause.resources} for cause in read.causes
    } == expected


def test_the_gate_reads_parts_of_containers_and_joined_policies() -> None:
    [first, second] = violations(
        [
            judged("a", unread("web"), level=Level.MANDATORY),
            judged("b", unread("web"), parts(f"{TASK}x y", "wrong", inside='container "(c)"', fix="Set 3.")),
        ]
    )
    joined = read_violation(f"What.\n{first.message}")
    assert joined is not None
    assert joined.joined == ("b",)
    assert joined.causes[0].resources == (NamedResource(type="aws:ecs:Task", name="web"),)
    own = read_violation(f"What.\n{second.message}")
    assert own is not None
    where = NamedResource(type="aws:ecs:Task", name="x y", inside='container "[c]"')
    assert own.causes == (Cause(found="wrong", required="yes", fix="Set 3.", resources=(where,)),)
    assert dataclasses.replace(own, causes=()).fix == ""


def test_the_gate_reads_a_table_and_single_changes_back() -> None:
    told = Parts(
        found="db: 75 of 60 connections, 15 too many",
        required="at most 60",
        table=("workload  limit", "---------------", "api          15"),
        fix="Each of these alone is enough:",
        ways=('api: DB_CONN_LIMIT of container "app" at most 12 (now 15)', "db: max_connections 75 in db (now 60)"),
    )
    [violation] = violations([judged("a", Finding(f"{TASK}db", "prose", parts=told))])
    read = read_violation(f"What.\n{violation.message}")
    assert read is not None
    [cause] = read.causes
    assert (cause.found, cause.required, cause.fix) == (told.found, told.required, told.fix)
    assert (cause.table, cause.ways) == (told.table, told.ways)
    assert [resource.name for resource in cause.resources] == ["db"]


def test_what_one_policy_cannot_read_is_one_violation_of_several_causes() -> None:
    web, job = (Finding.unread(f"{TASK}{name}", name, f"undecided: command of {name}") for name in ("web", "job"))
    [violation] = violations([judged("a", web, job)])
    read = read_violation(f"What.\n{violation.message}")
    assert read is not None
    assert [[resource.name for resource in cause.resources] for cause in read.causes] == [["web"], ["job"]]
    assert violation.urn == ""


def unread_of(name: str, repository: str) -> Finding:
    cause = (
        f"undecided at preview: containerDefinitions of {TASK}{name}, made from what aws:ecr/repository:Repository {repository}, "
        "aws:rds/cluster:Cluster db and 2 more give only once they exist: pass on what is known (so)"
    )
    return Finding(f"{TASK}{name}", f"{name}: {cause}. Nothing is counted. Why it matters. Do this.", cause=cause)


def test_causes_that_differ_by_names_only_are_one_from_the_third_on() -> None:
    [(_, _, two)] = sent(judged("budget", *(unread_of(name, name) for name in ("a", "b"))))
    assert [line for line in two.splitlines() if line.startswith("- ")] == [
        f"- {name}: undecided at preview: containerDefinitions of aws:ecs:Task {name}, made from what aws:ecr:Repository {name}, "
        "aws:rds:Cluster db and 2 more give only once they exist: pass on what is known (so). Nothing is counted."
        for name in "ab"
    ]
    [(_, urn, three)] = sent(judged("budget", *(unread_of(name, name) for name in ("a", "b", "c")), unread("web")))
    assert urn == ""
    assert three.splitlines()[:4] == [
        "- undecided at preview: containerDefinitions of aws:ecs:Task, made from what aws:ecr:Repository, aws:rds:Cluster and 2 more give "
        "only once they exist: pass on what is known (so). Nothing is counted.",
        "  aws:ecs:Task: a, b, c",
        f"- web: {SHOWN}.",
        "  aws:ecs:Task: web",
    ]


def test_questions_about_three_resources_are_one() -> None:
    causes = {name: f'undecided: tags["x"] of {TASK}{name} is absent: ECS ends no task' for name in ("a", "b", "c")}
    found = (
        Finding(f"{QUEUE}{name}", f"{name}: {cause}. Why it matters. Do this.", cause=cause)
        for name, cause in causes.items()
    )
    [(_, _, message)] = sent(judged("budget", *found))
    assert message.splitlines()[:2] == [
        '- undecided: tags["x"] of aws:ecs:Task is absent: ECS ends no task.',
        "  aws:sqs:Queue: a, b, c",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"tags of {TASK}web, made from", "tags of aws:ecs:Task web, made from"),
        (f"engine of {QUEUE}a.b:c.", "engine of aws:sqs:Queue a.b:c."),
        (f"several ({TASK}a, {TASK}b), so", "several (aws:ecs:Task a, aws:ecs:Task b), so"),
        ("of urn:pulumi:prd::shop::shop:platform:Database::db is", "of shop:platform:Database db is"),
        ("of urn:pulumi:prd::shop::pulumi:pulumi:Stack::shop-prd", "of pulumi:pulumi:Stack shop-prd"),
        ("what aws:rds/cluster:Cluster db gives", "what aws:rds:Cluster db gives"),
        ("arn:aws:ecs:x:1:task-definition/a:3 and ecs:service:DesiredCount", None),
        ("arn:aws:logs:x:1:log-group:/aws/rds:log-stream:a", None),
    ],
)
def test_resources_are_named_by_type_and_name(text: str, shown: str | None) -> None:
    assert named(text) == (text if shown is None else shown)
