"""outages-told: what is away for a while is said beside what changes, once for each effect."""

import pytest

from policies.facts.change.effects import EFFECTS
from policies.resources import tokens
from policies.rules.change.outages import outages_told
from tests.policies.rules.change.plans import judged, plan, resource


@pytest.mark.parametrize("kind", sorted(EFFECTS))
def test_each_effect_is_reported_for_its_properties_together(kind: str) -> None:
    for effect in EFFECTS[kind]:
        before = resource(kind, "it", **dict.fromkeys(effect.properties, "old"), tags={"a": "1"})
        after = resource(kind, "it", **dict.fromkeys(effect.properties, "new"), tags={"a": "2"})
        told = f"{', '.join(effect.properties)} changes: {effect.what}, and {effect.away}"
        assert judged(outages_told, plan([before], [after])) == [("it", told)]
        assert judged(outages_told, plan([before], [before])) == []


def test_a_smaller_class_is_reported_with_what_to_do() -> None:
    before = resource(tokens.DB_INSTANCE, "dev", instanceClass="db.t4g.micro")
    stack = plan([before], [resource(tokens.DB_INSTANCE, "dev", instanceClass="db.t4g.small")])
    [(name, found)] = judged(outages_told, stack)
    assert (name, found) == (
        "dev",
        "instanceClass changes: the instance changes its class, and the database is away for 5 to 10 minutes, with a standby (multiAz) "
        "for 1 to 2",
    )
