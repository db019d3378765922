"""What is computed once for each graph or document: the answer, and what could not be decided."""

from collections.abc import Mapping

import pytest

from policies.resources.graph import Graph, PlainResource
from policies.resources.once import per_document, per_graph
from policies.resources.outcomes import NotDecidedError
from policies.resources.reading import refuse


def test_an_answer_is_kept_for_its_graph_and_its_arguments() -> None:
    asked: list[tuple[int, str]] = []

    @per_graph
    def counted(graph: Graph, kind: str) -> int:
        asked.append((len(graph), kind))
        return len(graph.of_type(kind))

    empty, one = Graph(()), Graph([PlainResource(type="t", urn="u", name="n", props={})])
    assert [counted(empty, "t"), counted(one, "t"), counted(one, "t"), counted(one, "o")] == [0, 1, 1, 0]
    assert [counted(one, kind="o"), counted(one, kind="t"), counted(one, kind="t")] == [0, 1, 1]
    assert asked == [(0, "t"), (1, "t"), (1, "o"), (1, "o"), (1, "t")]


def test_what_is_undecided_is_raised_each_time_and_computed_once() -> None:
    asked: list[int] = []

    @per_graph
    def refused(graph: Graph) -> int:
        asked.append(len(graph))
        refuse("name", "is unknown")

    graph = Graph(())
    for _ in range(2):
        with pytest.raises(NotDecidedError) as caught:
            refused(graph)
        assert caught.value.undecided.where == "name"
    assert asked == [0]


def test_a_document_is_known_by_its_identity() -> None:
    asked: list[object] = []

    @per_document
    def named(document: Mapping[str, object]) -> object:
        asked.append(document["name"])
        return document["name"]

    one, alike = {"name": "api"}, {"name": "api"}
    assert [named(one), named(one), named(alike)] == ["api", "api", "api"]
    assert asked == ["api", "api"]


def test_what_a_document_refuses_is_raised_each_time() -> None:
    @per_document
    def refused(document: Mapping[str, object]) -> object:
        refuse("name", "is unknown")

    for _ in range(2):
        with pytest.raises(NotDecidedError):
            refused({})
