"""What resources are named for: the workloads and databases of the stack whose names stand, as whole words, in theirs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from policies.facts.whole_words import WholeWords
from policies.resources import tokens
from policies.resources.graph import Graph, Resource, grouped
from policies.resources.once import per_graph
from policies.resources.outcomes import Present, is_unknown
from policies.resources.reading import read_text

_NAMES = ("name", "identifier", "clusterIdentifier", "family")
_WORKLOADS = (tokens.SERVICE, tokens.TASK_DEFINITION, tokens.SCHEDULE)
_ARN_BEARERS = (
    tokens.TASK_DEFINITION, tokens.PIPELINE, tokens.BUILD_PROJECT, tokens.EVENT_TARGET, tokens.ROLE_POLICY,
    tokens.FLOW_LOG,
)  # fmt: skip
_ARN = re.compile(r"arn:(?<=\barn:)aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]*):(?:([0-9]{12}):)?")
"""Region and account of an ARN. It begins with its letters, since looking for a word's beginning first takes ten times as long."""
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
_DATABASES = (tokens.DB_INSTANCE, tokens.DB_CLUSTER)
_AUTOMATIC = re.compile(r"-[0-9a-f]{7}$")
"""What Pulumi puts behind a name that it makes up."""
COMMIT_TAG = r"(?:[A-Za-z0-9._]+-)*[0-9a-f]{7,40}"
"""Pattern of an image tag that names a commit, as builds tag images."""
_STAGES = frozenset(
    {"dev", "development", "stg", "staging", "qa", "uat", "prd", "prod", "production", "main", "default"}
)
"""Words that name a stage or nothing at all, whatever is called by them."""
_STAGED = re.compile(rf"^/?(?:{'|'.join(sorted(_STAGES, key=len, reverse=True))})[-/.]+")
"""A stage's word before a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Words by which a stack calls its workloads and databases. services, databases: those that each are called by."""

    words: WholeWords
    services: frozenset[str]
    databases: frozenset[str]
    other_names: Mapping[str, frozenset[str]]
    """What a workload is called otherwise: in AWS it may have the name that it had before it was renamed in the program."""
    _of: dict[str, tuple[Resource, frozenset[str]]] = field(
        default_factory=dict[str, tuple[Resource, frozenset[str]]], compare=False
    )

    def within(self, text: str) -> frozenset[str]:
        """The names that stand in a text, the longest where one holds another."""
        return self.words.within(text.lower().replace("_", "-"))

    def of(self, resource: Resource) -> frozenset[str]:
        """What a resource is named for: by its name in the program and the one in AWS, or where neither says so by its tag Service."""
        known = self._of.get(resource.urn)
        if known is None or known[0] is not resource:
            known = self._of[resource.urn] = (resource, self._named_for(resource))
        return known[1]

    def _named_for(self, resource: Resource) -> frozenset[str]:
        named = frozenset[str]().union(*(self.within(text) for text in _texts(resource)))
        tag = read_text(resource, "tags", "Service")
        return named or (self.within(tag.value) if isinstance(tag, Present) else named)

    def agree(self, one: frozenset[str], other: frozenset[str]) -> bool:
        """Whether two sets of names may mean the same: what is not named for anything may mean everything.

        A task beside a service, such as api-migrate beside api, belongs to it; of two services each is its own.
        """
        return not one or not other or any(self._same(left, right) for left in one for right in other)

    def related(self, one: frozenset[str], other: frozenset[str]) -> bool:
        """Whether one name holds the other as whole words, as api-worker holds api."""
        return any(f"-{right}-" in f"-{left}-" or f"-{left}-" in f"-{right}-" for left in one for right in other)

    def _same(self, left: str, right: str) -> bool:
        related = f"-{left}-".find(f"-{right}-") >= 0 or f"-{right}-".find(f"-{left}-") >= 0
        called = left == right or right in self.other_names.get(left, ())
        return called or (related and not {left, right} <= self.services)


@per_graph
def read_names(graph: Graph) -> Names:
    """The names of the stack's workloads and databases, without a stage's prefix; pipelines' where it has no workloads."""
    named = graph.of_type(*_WORKLOADS) or graph.of_type(tokens.PIPELINE)
    databases = {word for database in graph.of_type(*_DATABASES) for word in _words(database)} - _STAGES
    words = {word for resource in named for word in _words(resource)} - _STAGES | databases
    services = {word for service in graph.of_type(tokens.SERVICE) for word in _words(service)} - _STAGES
    return Names(
        words=WholeWords(words),
        services=frozenset(services),
        databases=frozenset(databases),
        other_names=_other_names(named),
    )


@per_graph
def named_for(graph: Graph, kind: str) -> Mapping[str, tuple[Resource, ...]]:
    """The resources of one type by the names of workloads and databases that they are named for."""
    names = read_names(graph)
    found = grouped((name, resource) for resource in graph.of_type(kind) for name in names.of(resource))
    return {name: tuple(held) for name, held in found.items()}


def _other_names(named: Iterable[Resource]) -> Mapping[str, frozenset[str]]:
    """By each name of a workload its others; a name that another workload has in the program is that one's."""
    workloads = list(named)
    own = {resource.name.lower().replace("_", "-") for resource in workloads}
    found: dict[str, frozenset[str]] = {}
    for resource in workloads:
        name = resource.name.lower().replace("_", "-")
        for word in {*_words(resource)} - own - _STAGES:
            found[name] = found.get(name, frozenset()) | {word}
            found[word] = found.get(word, frozenset()) | {name}
    return found


def read_account(graph: Graph) -> str:
    """The account that most ARNs of the stack's own references name, empty where none is known."""
    return _most({account: number for account, number in _arns(graph)[1].items() if account})


def read_region(graph: Graph) -> str:
    """The region that most ARNs of the stack's own references name, empty where none is known."""
    return _most({region: number for region, number in _arns(graph)[0].items() if _REGION.fullmatch(region)})


def _most(numbers: Mapping[str, int]) -> str:
    return max(numbers, key=lambda name: numbers[name], default="")


@per_graph
def _arns(graph: Graph) -> tuple[Counter[str], Counter[str]]:
    """How often the stack's own references name each region and account."""
    found = [
        place
        for resource in graph.of_type(*_ARN_BEARERS)
        for value in resource.props.values()
        if isinstance(value, str) and "arn:aws" in value
        for place in _ARN.findall(value)
    ]
    return Counter(region for region, _ in found), Counter(account for _, account in found)


def _words(resource: Resource) -> Iterator[str]:
    for text in _texts(resource):
        word = _STAGED.sub("", text.lower().replace("_", "-"))
        yield _AUTOMATIC.sub("", word) if text != resource.name else word


def _texts(resource: Resource) -> Iterator[str]:
    yield resource.name
    for key in _NAMES:
        value = resource.props.get(key)
        if isinstance(value, str) and value and len(value) <= 255 and not is_unknown(value):
            yield value
