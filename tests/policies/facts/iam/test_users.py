"""What users may do: their own policies and their groups', with variables filled in; and when that is not known."""

import json
from typing import Any

import pytest

from policies.facts.iam.statements import read_statements
from policies.facts.iam.users import group_rights, user_rights
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Undecided, decided
from tests.policies.mutations.changes import UNKNOWN

Record = dict[str, Any]
REST = "arn:aws:codecommit:eu-west-1:1:"


def record(kind: str, logical: str, depend: dict[str, list[str]] | None = None, **props: Any) -> Record:
    """A resource of IAM; `depend` is property to "Kind name" of what it was made from."""

    def urn(kind: str, name: str) -> str:
        return f"urn:pulumi:dev::p::aws:iam/{kind[0].lower()}{kind[1:]}:{kind}::{name}"

    made_from = {prop: [urn(*item.split()) for item in items] for prop, items in (depend or {}).items()}
    return {
        "type": f"aws:iam/{kind[0].lower()}{kind[1:]}:{kind}",
        "urn": urn(kind, logical),
        "inputs": props,
        "property_dependencies": made_from,
    }


def policy(*resources: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": "codecommit:GitPush", "Resource": list(resources), **more}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


USER = record("User", "api", name="dev-api", tags={"Service": "api", "Stage": "dev"})
GROUP = record("Group", "mirrors", name="dev-mirrors")
MEMBERS = record("GroupMembership", "mirrors", name="m", group="dev-mirrors", users=["dev-api"])


def graph_of(*records: Record) -> tuple[Graph, Resource]:
    graph = Graph.from_records(list(records))
    user = graph.get(USER["urn"])
    assert user is not None
    return graph, user


def rights(*records: Record) -> list[str] | None:
    """The resources a user may push to."""
    found = user_rights(*graph_of(*records), lambda resource, prop: tuple(read_statements(resource, prop)))
    return None if found is None else [item for statement in found for item in statement.resources]


def shared(*resources: str) -> tuple[Record, ...]:
    return USER, GROUP, MEMBERS, record("GroupPolicy", "mirrors", group="dev-mirrors", policy=policy(*resources))


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("dev-${aws:PrincipalTag/Service}", ["dev-api"]),
        ("${aws:PrincipalTag/stage}-${AWS:principaltag/service}", ["dev-api"]),
        ("${aws:username}", ["dev-api"]),
        ("${ aws:username , 'nobody' }", ["dev-api"]),
        ("${aws:userid}", ["*"]),
        ("${aws:userid, 'nobody'}-x", ["*-x"]),
        ("dev-${*}", ["dev-?"]),
        ("dev-*", ["dev-*"]),
        ("$dev-{api}", ["$dev-{api}"]),
    ],
)
def test_the_variables_of_a_groups_policy_are_the_users(named: str, meant: list[str]) -> None:
    assert rights(*shared(REST + named)) == [REST + name for name in meant]


def test_a_tag_by_the_providers_default() -> None:
    user = record("User", "api", name="dev-api", tags={}, tagsAll={"Service": "api"})
    assert rights(user, *shared(REST + "${aws:PrincipalTag/Service}")[1:]) == [REST + "api"]


def test_what_has_no_value_gives_nothing_unless_the_policy_has_a_default() -> None:
    absent = "dev-${aws:PrincipalTag/Team}"
    assert rights(*shared(REST + absent)) == []
    assert rights(*shared(REST + absent, REST + "dev-x")) == [REST + "dev-x"]
    assert rights(*shared(REST + "dev-${aws:PrincipalTag/Team, 'all'}")) == [REST + "dev-all"]


@pytest.mark.parametrize(
    ("props", "owner"),
    [({"tags": UNKNOWN}, "tags"), ({"tags": {"Service": UNKNOWN}}, "tags.Service"), ({"tagsAll": UNKNOWN}, "tagsAll")],
)
def test_a_tag_that_is_unknown_is_undecided_and_the_users(props: dict[str, Any], owner: str) -> None:
    user = record("User", "api", name="dev-api", **props)
    found = decided(lambda: rights(user, *shared(REST + "${aws:PrincipalTag/Service}")[1:]))
    assert isinstance(found, Undecided)
    assert (found.where, found.owner.name) == (owner, "api")


def test_policies_of_the_user_and_of_all_its_groups_count() -> None:
    own = record("UserPolicy", "api", user="dev-api", policy=policy(REST + "own"))
    second = record("Group", "second", name="second")
    of_second = record("GroupPolicy", "second", group="second", policy=policy(REST + "second"))
    stranger = record("GroupPolicy", "stranger", group="third", policy=policy(REST + "third"))
    joined = record("UserGroupMembership", "api", user="dev-api", groups=["second"])
    records = (*shared(REST + "first"), own, second, of_second, stranger, joined)
    assert rights(*records) == [REST + "own", REST + "first", REST + "second"]
    by_groups = group_rights(*graph_of(*records), lambda resource, prop: tuple(read_statements(resource, prop)))
    assert [statement.where for statement in by_groups] == [
        "policy.Statement[0] of mirrors",
        "policy.Statement[0] of second",
    ]


def test_members_that_are_unknown_are_read_from_what_they_were_made_from() -> None:
    members = record(
        "GroupMembership",
        "mirrors",
        {"users": ["User api"], "group": ["Group mirrors"]},
        name="m",
        group=UNKNOWN,
        users=[UNKNOWN],
    )
    assert rights(USER, GROUP, members, shared(REST + "x")[3]) == [REST + "x"]


@pytest.mark.parametrize(
    "further",
    [
        record("UserGroupMembership", "api", user="dev-api", groups=["elsewhere"]),
        record("GroupMembership", "more", name="more", group=UNKNOWN, users=["dev-api"]),
        record("GroupMembership", "more", name="more", group="dev-mirrors", users=UNKNOWN),
        record("UserPolicyAttachment", "api", user="dev-api", policyArn="arn"),
        record("GroupPolicyAttachment", "mirrors", group="dev-mirrors", policyArn="arn"),
        record("PolicyAttachment", "all", name="all", policyArn="arn", users=["dev-api"]),
        record("UserPolicyAttachmentsExclusive", "api", userName="dev-api", policyArns=["arn"]),
        record("GroupPolicyAttachmentsExclusive", "mirrors", groupName="dev-mirrors", policyArns=["arn"]),
    ],
    ids=lambda further: further["type"].rpartition(":")[2],
)
def test_what_else_may_give_rights_is_not_known(further: Record) -> None:
    assert rights(*shared(REST + "x")) == [REST + "x"]
    assert rights(*shared(REST + "x"), further) is None
