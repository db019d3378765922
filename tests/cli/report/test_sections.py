"""The closing report's lines."""

from collections.abc import Callable
from typing import Any

import pytest

from cli.report import sections, tree
from cli.report.screens import console
from offline.engine import events

Texts = Callable[[Any], list[str]]


def test_the_tree_stands_in_columns(run: Any, texts: Texts) -> None:
    run.stack("same")
    run.step("update", "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::main", diffs=("tags",))
    assert texts(sections.tree(tree.lines(run.model))) == [
        "    pulumi:pulumi:Stack  shop-dev",
        " ~  └─ aws:ec2:Vpc       main      update  [diff: ~tags]",
    ]


def test_changed_properties_of_updates_and_replacements(run: Any, texts: Texts) -> None:
    run.step("same", "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::main", old={"a": 1}, new={"a": 2})
    run.step("update", "urn:pulumi:dev::shop::aws:sqs/queue:Queue::q", old={"a": 1}, new={"a": 2}, diffs=("a",))
    resources = tree.scope(run.model, None)
    assert texts(sections.changed_properties(resources)) == [" ~  aws:sqs:Queue  q", "       ~ a: 1 => 2"]


def test_violations_are_grouped_by_policy_mandatory_first(run: Any, texts: Texts) -> None:
    queue = "urn:pulumi:dev::shop::a:b:C$aws:sqs/queue:Queue::q"
    run.violation("tags", "Tags are set.\nno Owner", level="advisory", urn=queue)
    run.violation("budget", "75 of 60\n\nfix it")
    run.violation("tags", "Tags are set.\nno Stage", level="advisory", urn=queue)
    run.violation("names", "no stage", level="advisory", urn=queue)
    assert texts(sections.policies(run.model)) == [
        "  [mandatory] budget  (platform)",
        "    75 of 60",
        "",
        "      fix it",
        "  [advisory] tags  (platform)",
        "    Tags are set.",
        "    aws:sqs/queue:Queue q",
        "      no Owner",
        "    aws:sqs/queue:Queue q",
        "      no Stage",
        "  [advisory] names  (platform)",
        "    aws:sqs/queue:Queue q",
        "      no stage",
    ]


def test_diagnostics_name_their_resource(run: Any, texts: Texts) -> None:
    run.emit(events.diagnostic("error", "refused", urn="urn:pulumi:dev::shop::aws:sqs/queue:Queue::q"))
    run.emit(events.diagnostic("info", "hello"))
    run.emit(events.diagnostic("warning", "old", urn="urn:pulumi:dev::shop::a:b:C$aws:sqs/queue:Queue::q::r"))
    assert texts(sections.diagnostics(run.model.diagnostics)) == [
        "  aws:sqs/queue:Queue q",
        "    error: refused",
        "    hello",
        "  aws:sqs/queue:Queue q::r",
        "    warning: old",
    ]


def test_outputs_are_sorted_and_unknown_values_are_said(texts: Texts) -> None:
    values = {"url": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "cluster": "dev-item", "services": {"a": 1}}
    assert texts(sections.outputs(values)) == [
        "  cluster  : dev-item",
        "  services:",
        "    a : 1",
        "  url      : [unknown]",
    ]


@pytest.mark.parametrize(
    ("kind", "failed", "changes", "line"),
    [
        ("preview", False, {"create": 2, "same": 1}, "preview succeeded: 2 to create, 1 unchanged"),
        ("up", False, {"update": 1, "replace": 1, "delete": 1}, "up succeeded: 1 updated, 1 replaced, 1 deleted"),
        ("up", True, {"create": 3}, "up failed in its preview, nothing was changed: 3 to create"),
        ("destroy", False, {}, "destroy succeeded: no resources"),
    ],
)
def test_the_summary_is_one_line(run: Any, kind: str, failed: bool, changes: dict[str, int], line: str) -> None:
    run.end(succeeded=not failed, preview=kind == "preview" or failed, **changes)
    assert sections.summary(run.model, kind=kind, seconds=1.23, failed=failed).plain == (
        f"{line}; 0 mandatory, 0 advisory violations; 1.2 s (offline AWS, nothing deployed)"
    )


def test_a_failed_up_that_changed_something_says_what_was_done(run: Any) -> None:
    run.step("create", "urn:pulumi:dev::shop::aws:sqs/queue:Queue::q", planning=False)
    run.end(succeeded=False, preview=False, create=1)
    assert sections.summary(run.model, kind="up", seconds=1, failed=True).plain.startswith("up failed: 1 created;")


def test_the_next_command_follows_from_the_failure(run: Any) -> None:
    def following(kind: str, *, interrupted: bool = False) -> str:
        return sections.next_command(run.model, kind=kind, target="-s dev", interrupted=interrupted).split("   ")[0]

    assert following("up") == "./run up -s dev"
    assert following("destroy") == "./run preview -s dev"
    assert following("up", interrupted=True) == "./run up -s dev"
    run.violation("budget", "too many")
    assert following("up") == "./run preview -s dev"


def test_no_color_is_plain_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    console().print("text", style="bold")
    monkeypatch.setenv("NO_COLOR", "1")
    console().print("text", style="bold")
    assert capsys.readouterr().out == "\x1b[1mtext\x1b[0m\ntext\n"


def test_of_one_service_its_own_warnings_and_outputs_and_every_mandatory_violation(run: Any, texts: Texts) -> None:
    one, other = "urn:pulumi:dev::shop::a:b:C::one", "urn:pulumi:dev::shop::a:b:C::other"
    run.violation("tags", "Tags are set.\nno Owner", level="advisory", urn=one)
    run.violation("tags", "Tags are set.\nno Owner", level="advisory", urn=other)
    run.violation("names", "no stage", urn=other)
    assert texts(sections.policies(run.model, only={one})) == [
        "  [mandatory] names  (platform)",
        "    a:b:C other",
        "      no stage",
        "  [advisory] tags  (platform)",
        "    Tags are set.",
        "    a:b:C one",
        "      no Owner",
        "  1 more advisory, not of what is shown",
    ]
    found = {"services": {"one": "http://one", "other": "http://other"}, "url": "x"}
    assert texts(sections.outputs(found, only="one")) == ["  services:", "    one : http://one"]


def test_on_a_narrow_screen_types_go_without_their_package(run: Any, texts: Texts) -> None:
    run.service()
    assert texts(sections.tree(tree.lines(run.model, only="api"), width=30)) == [" +  Service  api  create"]


def test_many_resources_of_one_cause_are_counted_unless_all_are_asked_for(run: Any, texts: Texts) -> None:
    names = [f"p{number:02}" for number in range(15)]
    run.violation("tags", f"Tags are set.\n- no Owner.\n  aws:ssm:Parameter: {', '.join(names)}\nWhy: because")
    assert f"        aws:ssm:Parameter: {', '.join(names[:12])}, and 3 more" in texts(sections.policies(run.model))
    assert f"        aws:ssm:Parameter: {', '.join(names)}" in texts(sections.policies(run.model, full=True))
