"""Groups, their policies and members."""

from typing import Any

from tests.offline.aws.iam.documents import policy

GROUP, MEMBERSHIP = "aws:iam/group:Group", "aws:iam/groupMembership:GroupMembership"


def _members(cloud: Any, group: str) -> list[str]:
    return [user["UserName"] for user in cloud.ask("iam", "get_group", GroupName=group)["Users"]]


def test_a_group_its_policy_and_a_new_path_and_name(cloud: Any) -> None:
    made = cloud.make(GROUP, "mirrors", name="mirrors")
    assert made.outputs["arn"] == "arn:aws:iam::123456789012:group/mirrors"
    cloud.make(
        "aws:iam/groupPolicy:GroupPolicy", "push", group="mirrors", name="push", policy=policy("codecommit:GitPush")
    )
    assert cloud.ask("iam", "list_group_policies", GroupName="mirrors")["PolicyNames"] == ["push"]
    changed = cloud.change(GROUP, "mirrors", name="machines", path="/git/")
    cloud.leave()  # the policy names the group by its first name
    assert (changed.id, changed.outputs["arn"]) == ("machines", "arn:aws:iam::123456789012:group/git/machines")
    assert changed.outputs["uniqueId"] == made.outputs["uniqueId"]


def test_members_come_and_go(cloud: Any) -> None:
    cloud.make(GROUP, "mirrors", name="mirrors")
    for name in "abc":
        cloud.make("aws:iam/user:User", name, name=name)
    cloud.make(MEMBERSHIP, "mirrors", name="mirrors", group="mirrors", users=["b", "a"])
    assert _members(cloud, "mirrors") == ["a", "b"]
    cloud.change(MEMBERSHIP, "mirrors", users=["b", "c"])
    assert cloud.operations_of_last() == ["remove_user_from_group", "add_user_to_group"]
    assert _members(cloud, "mirrors") == ["b", "c"]
    cloud.delete(MEMBERSHIP, "mirrors")
    assert _members(cloud, "mirrors") == []
    cloud.delete(GROUP, "mirrors")
    assert cloud.ask("iam", "list_groups")["Groups"] == []
