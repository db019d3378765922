"""names-free: what AWS has once is free before something new takes it; a resource with an alias takes nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.facts.change.uniqueness import ONCE
from policies.resources import tokens
from policies.resources.graph import UNKNOWNS, PlainResource
from policies.rules.change.names import names_free
from tests.policies.rules.change.plans import judged, plan, renamed, resource, rule_of

UNKNOWN = next(iter(UNKNOWNS))
OLD = rule_of("tracking-api")
PRIORITY = "its priority in the listener"
AT_THE_END = "which is deleted only when everything else is done"
MERGED = f"{AT_THE_END}: AWS takes both for one, and the new one goes with the old"


def alarm(name: str, called: str = "dev-api-cpu") -> PlainResource:
    return resource(tokens.ALARM, name, name=called)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param([OLD], [OLD], [], id="nothing changes"),
        pytest.param([OLD], [renamed(OLD, "rank-api")], [], id="an alias"),
        pytest.param([OLD], [], [], id="a removal"),
        pytest.param([], [OLD], [], id="a first deployment"),
        pytest.param([OLD], [OLD, rule_of("new", 200)], [], id="a priority of its own"),
        pytest.param([OLD], [rule_of("tracking-api", 200)], [], id="another priority in place"),
        pytest.param(
            [OLD],
            [rule_of("rank-api")],
            [("rank-api", f"{PRIORITY} ({{}}, 100) is that of tracking-api, {AT_THE_END}")],
            id="renamed",
        ),
        pytest.param(
            [OLD],
            [OLD, rule_of("new")],
            [("new", f"{PRIORITY} ({{}}, 100) is that of tracking-api, which keeps it")],
            id="taken by one that stays",
        ),
        pytest.param(
            [OLD, rule_of("other", 200)],
            [rule_of("tracking-api", 200), rule_of("other", 100)],
            [
                (
                    "tracking-api",
                    f"{PRIORITY} ({{}}, 200) is that of other, which gives it up in the same deployment, in no fixed order",
                ),
                (
                    "other",
                    f"{PRIORITY} ({{}}, 100) is that of tracking-api, which gives it up in the same deployment, in no fixed order",
                ),
            ],
            id="exchanged",
        ),
        pytest.param([OLD], [rule_of("new", UNKNOWN)], [], id="an unknown priority is nobody's before"),
        pytest.param(
            [alarm("old")],
            [alarm("new")],
            [("new", f"its name (dev-api-cpu) is that of old, {MERGED}")],
            id="put over the old",
        ),
        pytest.param([alarm("old")], [alarm("new", "dev-rank-cpu")], [], id="another name"),
        pytest.param(
            [resource(tokens.SERVICE, "old", name="dev-api", cluster="arn:aws:ecs:eu-west-1:123456789012:cluster/dev")],
            [resource(tokens.SERVICE, "new", name="dev-api", cluster="dev")],
            [("new", f"its name in the cluster (dev-api, dev) is that of old, {AT_THE_END}")],
            id="a cluster by ARN here and by name there",
        ),
        pytest.param(
            [resource(tokens.BUCKET, "old", bucket="files", region="eu-west-1")],
            [resource(tokens.BUCKET, "new", bucket="files", region="us-east-1")],
            [],
            id="another region",
        ),
    ],
)
def test_what_a_new_resource_takes(
    before: list[PlainResource], after: list[PlainResource], found: list[tuple[str, str]]
) -> None:
    arn = str(OLD.props["listenerArn"]).rpartition("/")[2]
    assert judged(names_free, plan(before, after)) == [(name, text.format(arn)) for name, text in found]


def test_without_a_baseline_nothing_is_said() -> None:
    assert judged(names_free, replace(plan([OLD], [rule_of("rank-api")]), plan=None)) == []


def test_what_an_engine_still_shows_and_deletes_is_not_asked_for() -> None:
    new = rule_of("rank-api")
    stack = plan([OLD], [OLD, new], registered=[new.urn])
    assert [name for name, _ in judged(names_free, stack)] == ["rank-api"]


def _instance(kind: str, name: str) -> PlainResource:
    props: dict[str, object] = {}
    for once in ONCE[kind]:
        for path in once.properties:
            head, _, rest = path.removesuffix("?").partition(".")
            key = head.removesuffix("[]")
            value: object = {rest: f"{kind} {rest}"} if rest and head.endswith("[]") else f"{kind} {key}"
            if rest and not head.endswith("[]"):
                inner, _, last = rest.partition(".")
                held = dict(props.get(key, {}))  # type: ignore[call-overload]
                value = {**held, inner.removesuffix("[]"): [{last: "x"}] if last else "x"}
            props[key] = [value] if head.endswith("[]") else value
    return resource(kind, name, **props)


@given(st.sampled_from(sorted(ONCE)))
def test_every_type_of_the_table_is_refused_without_an_alias_and_passes_with_one(kind: str) -> None:
    old, new = _instance(kind, "old"), _instance(kind, "new")
    assert {name for name, _ in judged(names_free, plan([old], [new]))} == {"new"}
    assert judged(names_free, plan([old], [renamed(old, "new")])) == []
