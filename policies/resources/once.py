"""Makes of a function of a graph, or of a parsed document, one that is computed once for each: what policies look up by the dozen."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from typing import Concatenate, ParamSpec, TypeVar

from policies.resources.graph import Graph
from policies.resources.outcomes import Undecided, decided, settled

T = TypeVar("T")
P = ParamSpec("P")
_MOST = 4096
"""How many documents are kept: more than a stack of a thousand services has containers."""


def per_graph(derive: Callable[Concatenate[Graph, P], T]) -> Callable[Concatenate[Graph, P], T]:
    """The same function, which keeps its answers; what it could not decide is raised each time. Further arguments: hashable."""

    @functools.wraps(derive)
    def kept(graph: Graph, *args: P.args, **kwargs: P.kwargs) -> T:
        key: Hashable = (derive, args, *sorted(kwargs.items()))
        if key not in graph.known:
            graph.known[key] = decided(lambda: derive(graph, *args, **kwargs))
        found: T | Undecided = graph.known[key]
        return settled(found)

    return kept


def per_document(derive: Callable[[Mapping[str, object]], T]) -> Callable[[Mapping[str, object]], T]:
    """The same function of a part of a parsed document, which nobody changes, so that it is known by its identity."""
    known: dict[int, tuple[Mapping[str, object], T]] = {}

    @functools.wraps(derive)
    def kept(document: Mapping[str, object]) -> T:
        found = known.get(id(document))
        if found is None or found[0] is not document:
            if len(known) == _MOST:
                known.clear()
            found = known[id(document)] = (document, derive(document))
        return found[1]

    return kept
