"""Makes of a function of a graph one that is computed once for each graph: what policies look up for each resource by itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Concatenate, ParamSpec, TypeVar

from policies.resources.graph import Graph
from policies.resources.reading import NotDecidedError, Undecided, decided

T = TypeVar("T")
P = ParamSpec("P")


def per_graph(derive: Callable[Concatenate[Graph, P], T]) -> Callable[Concatenate[Graph, P], T]:
    """The same function, which keeps its answers; what it could not decide is raised each time. Further arguments: hashable."""

    @functools.wraps(derive)
    def kept(graph: Graph, *args: P.args, **kwargs: P.kwargs) -> T:
        key: Hashable = (derive, args)
        if key not in graph.known:
            graph.known[key] = decided(lambda: derive(graph, *args, **kwargs))
        found: T | Undecided = graph.known[key]
        if isinstance(found, Undecided):
            raise NotDecidedError(found)
        return found

    return kept
