"""nothing-lost: what goes with its contents is named, unless it goes on under another name, is kept, given up or accepted."""

from dataclasses import replace

import pytest

from policies.resources import tokens
from policies.resources.graph import UNKNOWNS, PlainResource
from policies.rules.change.losses import nothing_lost
from tests.policies.rules.change.plans import judged, plan, renamed, resource

REPOSITORY = resource(tokens.REPOSITORY, "api", name="dev-api")
CACHE = resource(tokens.REPOSITORY, "api-cache", name="dev-api-cache", forceDelete=True)
LOGS = resource(tokens.LOG_GROUP, "api", name="/dev/api")
DATABASE = resource(tokens.DB_INSTANCE, "dev", identifier="dev-db", dbName="shop", instanceClass="db.t4g.micro")
REPLACED = "The database dev-db is replaced with its data; a snapshot is kept only where one is asked for"
EMPTIED = "; AWS refuses that as long as anything is in it, so it has to be emptied first"


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param([REPOSITORY, LOGS], [REPOSITORY, LOGS], [], id="nothing changes"),
        pytest.param([REPOSITORY], [renamed(REPOSITORY, "rank")], [], id="an alias"),
        pytest.param(
            [REPOSITORY, LOGS],
            [],
            [
                ("api", f"The repository dev-api is deleted with all of its images{EMPTIED}"),
                ("api", "The log group /dev/api is deleted with all of its logs"),
            ],
            id="removed",
        ),
        pytest.param(
            [LOGS],
            [resource(tokens.LOG_GROUP, "rank", name="/dev/rank")],
            [("api", "The log group /dev/api is deleted with all of its logs")],
            id="renamed without an alias",
        ),
        pytest.param(
            [LOGS],
            [renamed(LOGS, "rank", name="/dev/rank")],
            [("api", "The log group /dev/api is replaced with all of its logs, because name changes")],
            id="an alias, and another name in AWS",
        ),
        pytest.param([CACHE], [], [], id="given up by the program"),
        pytest.param([resource(tokens.ALARM, "cpu", name="cpu")], [], [], id="nothing in it"),
        pytest.param([DATABASE], [renamed(DATABASE, "dev", instanceClass="db.r6g.large")], [], id="changed in place"),
        pytest.param(
            [DATABASE],
            [resource(tokens.DB_INSTANCE, "dev", **{**DATABASE.props, "dbName": "market"})],
            [("dev", f"{REPLACED}, because dbName changes")],
            id="replaced",
        ),
        pytest.param(
            [resource(tokens.DB_INSTANCE, "dev", **DATABASE.props, kmsKeyId="arn:1")],
            [resource(tokens.DB_INSTANCE, "dev", **DATABASE.props, kmsKeyId=next(iter(UNKNOWNS)))],
            [("dev", f"{REPLACED}, because kmsKeyId changes")],
            id="a value that is not known yet is another one",
        ),
    ],
)
def test_what_is_lost(before: list[PlainResource], after: list[PlainResource], found: list[tuple[str, str]]) -> None:
    assert judged(nothing_lost, plan(before, after)) == found
    assert judged(nothing_lost, plan(before, after, accepted=True)) == []


@pytest.mark.parametrize("mark", [{"retainOnDelete": True}, {"external": True}, {"custom": False}])
def test_what_the_engine_does_not_delete_is_not_lost(mark: dict[str, object]) -> None:
    assert judged(nothing_lost, plan([LOGS], [], marks={LOGS.urn: mark})) == []


def test_what_an_engine_still_shows_and_deletes_is_lost() -> None:
    stack = plan([LOGS, REPOSITORY], [LOGS, REPOSITORY], registered=[REPOSITORY.urn])
    assert judged(nothing_lost, stack) == [("api", "The log group /dev/api is deleted with all of its logs")]


@pytest.mark.parametrize(
    ("after", "asked"),
    [
        (
            [
                resource(tokens.LOG_GROUP, "apis", name="/dev/apis"),
                resource(tokens.LOG_GROUP, "rank", name="/dev/rank"),
            ],
            "apis",
        ),
        ([renamed(resource(tokens.LOG_GROUP, "app", name="/dev/app"), "apis")], "apis"),
        ([resource(tokens.REPOSITORY, "apis", name="dev-apis")], None),
        ([], None),
    ],
)
def test_what_is_new_beside_it_may_be_the_same_renamed(after: list[PlainResource], asked: str | None) -> None:
    """With an alias that is nobody's, too: `formerly` with a misspelt name."""
    [finding] = nothing_lost.judge(replace(plan([LOGS], after), spec=nothing_lost.spec))
    hint = "" if asked is None else f" (as {asked}, if that is its name now: `formerly: api` there, or an alias)"
    assert f"Required: that it stays{hint}, or that" in finding.message


def test_what_a_component_made_goes_by_the_components_name() -> None:
    """`formerly` takes the name of a service, not the one of the credentials that were made for it."""

    def service(name: str) -> list[PlainResource]:
        kind = "shop:platform:Service"
        return [
            resource(kind, name),
            PlainResource(
                type=tokens.REPOSITORY,
                urn=f"urn:pulumi:dev::shop::{kind}${tokens.REPOSITORY}::{name}-mirror",
                name=f"{name}-mirror",
                props={"name": f"dev-{name}-mirror"},
            ),
        ]

    before = [*service("api"), *service("rank")]
    after = [*service("rank"), *service("apis"), resource(tokens.REPOSITORY, "api-mirrors", name="dev-api-mirrors")]
    stack = plan(before, after, marks={before[0].urn: {"custom": False}})
    [finding] = nothing_lost.judge(replace(stack, spec=nothing_lost.spec))
    assert "that it stays (as apis, if that is its name now: `formerly: api` there, or an alias)" in finding.message
