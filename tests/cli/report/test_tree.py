"""The tree's rows: nesting, what is listed and what is only counted."""

from typing import Any

from cli.report import tree


def rows(run: Any, **options: Any) -> list[tuple[str, str, str, str, str]]:
    lines = tree.lines(run.model, **options)
    return [(line.sign, line.label, line.name, line.status, line.info) for line in lines]


def first_deployment(run: Any) -> None:
    run.stack()
    run.service()
    run.child("aws:ecr/repository:Repository", "api")
    run.child("aws:ecs/service:Service", "api")
    run.step("create", "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::main")


def test_resources_are_nested_by_parent(run: Any) -> None:
    first_deployment(run)
    assert rows(run, full=True) == [
        ("+", "pulumi:pulumi:Stack", "shop-dev", "create", ""),
        ("+", "├─ shop:platform:Service", "api", "create", ""),
        ("+", "│  ├─ aws:ecr:Repository", "api", "create", ""),
        ("+", "│  └─ aws:ecs:Service", "api", "create", ""),
        ("+", "└─ aws:ec2:Vpc", "main", "create", ""),
    ]


def test_what_did_not_change_is_counted_at_its_component(run: Any) -> None:
    run.stack("same")
    run.service("same")
    run.child("aws:ecr/repository:Repository", "api", "same")
    run.child("aws:ecs/service:Service", "api", "update", diffs=("desiredCount",))
    assert rows(run) == [
        ("", "pulumi:pulumi:Stack", "shop-dev", "", ""),
        ("", "└─ shop:platform:Service", "api", "", "1 unchanged"),
        ("~", "   └─ aws:ecs:Service", "api", "update", "[diff: ~desiredCount]"),
    ]


def test_what_forces_a_replacement_is_marked(run: Any) -> None:
    run.service("same")
    run.child("aws:lb/targetGroup:TargetGroup", "api", "replace", diffs=("port", "tags"), keys=("port",))
    assert rows(run)[1] == ("+-", "└─ aws:lb:TargetGroup", "api", "replace", "[diff: +-port, ~tags]")


def test_a_deleted_resource_stays_below_its_parent(run: Any) -> None:
    run.service("same")
    run.child("aws:sqs/queue:Queue", "old", "delete", old={})
    assert rows(run)[1] == ("-", "└─ aws:sqs:Queue", "old", "delete", "")


def test_after_an_update_the_words_are_past(run: Any) -> None:
    run.step("create", "urn:pulumi:dev::shop::a:b:C::c", custom=False, planning=False)
    run.child("aws:sqs/queue:Queue", "done", planning=False)
    run.child("aws:sqs/queue:Queue", "begun", planning=False, done=False)
    assert [row[3] for row in rows(run)] == ["created", "created", "create not finished"]


def test_only_one_service(run: Any) -> None:
    run.stack()
    run.service()
    run.child("aws:ecs/service:Service", "api")
    run.step("create", "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::main")
    assert [row[1] for row in rows(run, only="api")] == ["shop:platform:Service", "└─ aws:ecs:Service"]
    assert [item.name for item in tree.scope(run.model, "api")] == ["api", "api"]
    assert len(tree.scope(run.model, None)) == 4


def test_what_comes_with_its_component_is_counted_there(run: Any) -> None:
    first_deployment(run)
    assert rows(run) == [
        ("+", "pulumi:pulumi:Stack", "shop-dev", "create", "1 to create"),
        ("+", "└─ shop:platform:Service", "api", "create", "2 to create"),
    ]


def test_what_changes_inside_a_component_that_stays_is_listed(run: Any) -> None:
    run.stack("same")
    run.service("same")
    run.child("aws:ecr/repository:Repository", "new")
    run.child("aws:ecs/service:Service", "api", "update", diffs=("desiredCount",))
    run.child("aws:sqs/queue:Queue", "old", "delete", old={})
    assert [row[:3] for row in rows(run)[2:]] == [
        ("+", "   ├─ aws:ecr:Repository", "new"),
        ("~", "   ├─ aws:ecs:Service", "api"),
        ("-", "   └─ aws:sqs:Queue", "old"),
    ]


def test_what_was_not_finished_is_listed_in_a_new_component_as_well(run: Any) -> None:
    run.step("create", "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", parent="", custom=False, planning=False)
    run.step("create", "urn:pulumi:dev::shop::shop:platform:Service::api", custom=False, planning=False)
    run.child("aws:sqs/queue:Queue", "done", planning=False)
    run.child("aws:sqs/queue:Queue", "begun", planning=False, done=False)
    found = [(row[2], row[3], row[4]) for row in rows(run) if row[2] in ("api", "done", "begun")]
    assert ("begun", "create not finished", "") in found
    assert ("api", "created", "1 created") in found
