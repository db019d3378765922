"""The order of deletions, for any graph of dependencies."""

from hypothesis import given
from hypothesis import strategies as st

from offline.engine.deletions import deletion_order
from offline.engine.record import ResourceRecord


def urn(number: int) -> str:
    return f"urn:pulumi:dev::shop::aws:sns/topic:Topic::{number}"


@st.composite
def graphs(draw):
    """Records whose dependencies form any graph without cycles, with serials in any order."""
    size = draw(st.integers(min_value=0, max_value=12))
    serials = draw(st.permutations(range(1, size + 1)))
    return [
        ResourceRecord(
            serial=serials[number],
            urn=urn(number),
            type="aws:sns/topic:Topic",
            custom=True,
            parent=urn(number - 1) if number and draw(st.booleans()) else "",
            dependencies=tuple(urn(other) for other in draw(st.sets(st.integers(0, number - 1)))) if number else (),
        )
        for number in range(size)
    ]


@given(graphs())
def test_dependents_go_first_and_each_goes_once(records):
    order = deletion_order(records)
    assert sorted(record.serial for record in order) == sorted(record.serial for record in records)
    position = {record.urn: index for index, record in enumerate(order)}
    for record in records:
        assert all(position[record.urn] < position[other] for other in record.depends_on)
