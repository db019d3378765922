"""What security groups let through: by whom a rule is for, and whose it is."""

from dataclasses import replace

import pytest

from policies.facts.network.passages import Passages
from policies.facts.network.security_groups import Opening
from policies.resources.graph import PlainResource
from policies.resources.outcomes import unknown_at_preview
from policies.resources.references import References


def groups(*keys: str) -> References:
    return References(keys=frozenset(keys))


UNKNOWN = References(keys=frozenset(), undecided=unknown_at_preview("securityGroupId"))
RULE = Opening(
    resource=PlainResource(type="t", urn="urn", name="rule", props={}),
    groups=groups("db"),
    ingress=True,
    sources=groups("api"),
    cidrs=(),
    lists=groups(),
    protocol="tcp",
    ports=(3306, 3306),
    addresses=False,
)


@pytest.mark.parametrize(
    ("rule", "others", "port", "let"),
    [
        (RULE, {"api"}, 3306, True),
        (RULE, {"api"}, 3307, False),
        (RULE, {"web"}, 3306, False),
        (RULE, None, 3306, False),
        (replace(RULE, sources=groups(), cidrs=("10.0.0.0/16",)), {"web"}, 3306, True),
        (replace(RULE, sources=groups(), cidrs=("10.0.0.0/16",)), None, 3306, False),
        (replace(RULE, sources=groups(), cidrs=("0.0.0.0/0",)), None, 3306, True),
        (replace(RULE, sources=groups(), lists=groups("pl-1")), None, 3306, True),
        (replace(RULE, sources=UNKNOWN), {"web"}, 3306, True),
        (replace(RULE, undecided=unknown_at_preview("fromPort")), {"web"}, 1, True),
        (replace(RULE, ingress=False), {"api"}, 3306, False),
        (replace(RULE, groups=groups("other")), {"api"}, 3306, False),
        (replace(RULE, groups=UNKNOWN), {"api"}, 3306, True),
    ],
)
def test_rules_let_in_whom_they_are_for(rule: Opening, others: set[str] | None, port: int, let: bool) -> None:
    assert Passages([rule]).of(frozenset({"db"}), ingress=True).let(others, port) is let


def test_rules_come_in_the_order_of_the_stack() -> None:
    rules = [replace(RULE, groups=held, ports=(at, at)) for at, held in enumerate((groups("b"), UNKNOWN, groups("a")))]
    assert Passages(rules).of(frozenset({"a", "b"}), ingress=True).openings == tuple(rules)
