"""What is computed once for each graph: the answer, and what could not be decided."""

import pytest

from policies.resources.graph import Graph, PlainResource
from policies.resources.once import per_graph
from policies.resources.reading import NotDecidedError, refuse


def test_an_answer_is_kept_for_its_graph_and_its_arguments() -> None:
    asked: list[tuple[int, str]] = []

    @per_graph
    def counted(graph: Graph, kind: str) -> int:
        asked.append((len(graph), kind))
        return len(graph.of_type(kind))

    empty, one = Graph(()), Graph([PlainResource(type="t", urn="u", name="n", props={})])
    assert [counted(empty, "t"), counted(one, "t"), counted(one, "t"), counted(one, "o")] == [0, 1, 1, 0]
    assert asked == [(0, "t"), (1, "t"), (1, "o")]


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
