"""Who calls whom, and the order that follows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.calc.tasks.calls import calls_of, start_order

PORTS = {"api": 3000, "gateway": 3000, "search": 3100}


def calls(**environment: str) -> tuple[str, ...]:
    found = calls_of({"gateway": environment, "api": {}}, namespace="dev-ns", ports=PORTS)
    assert found["api"] == ()
    return found["gateway"]


@pytest.mark.parametrize(
    ("value", "called"),
    [
        ("http://api.dev-ns:3000", ("api",)),
        ("http://user:pass@API.dev-ns:3000/v1", ("api",)),
        ("proxy_pass http://search.dev-ns:3100; proxy_pass http://api.dev-ns:3000;", ("api", "search")),
        ("http://api.dev-ns:3001", ()),
        ("http://api.prd-ns:3000", ()),
        ("http://gateway.dev-ns:3000", ()),
        ("https://api.example.com", ()),
        ("", ()),
    ],
)
def test_an_address_that_is_served_is_a_call(value: str, called: tuple[str, ...]) -> None:
    assert calls(API_URL=value) == called


def test_each_service_comes_after_those_it_calls() -> None:
    wanted = {"gateway": ["api", "legacy"], "api": ["legacy"], "legacy": [], "z": [], "a": ["unknown"]}
    assert start_order(wanted) == ("a", "legacy", "z", "api", "gateway")


@pytest.mark.parametrize(
    ("wanted", "circle"),
    [
        ({"a": ["b"], "b": ["a"]}, "a -> b -> a"),
        ({"a": ["b"], "b": ["c"], "c": ["d"], "d": ["b"], "e": []}, "b -> c -> d -> b"),
    ],
)
def test_a_circle_is_refused_by_name(wanted: dict[str, list[str]], circle: str) -> None:
    with pytest.raises(ValueError) as refused:
        start_order(wanted)
    assert str(refused.value) == (
        f"The services {circle} call each other in a circle: whichever starts first never learns of the other, because Service "
        "Connect tells a task its names only when it starts. Let one of them call through the load balancer's public name."
    )


@given(st.dictionaries(st.integers(0, 9), st.frozensets(st.integers(0, 9)), max_size=10))
def test_every_order_is_right_or_refused(edges: dict[int, frozenset[int]]) -> None:
    """Without circles, because calls go to smaller numbers only, there is always an order."""
    wanted = {str(client): [str(server) for server in servers if server < client] for client, servers in edges.items()}
    order = start_order(wanted)
    assert sorted(order) == sorted(wanted)
    assert all(
        order.index(server) < order.index(client)
        for client, servers in wanted.items()
        for server in servers
        if server in wanted
    )
