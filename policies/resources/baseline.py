"""What ran before this deployment: the resources of a state export, which Pulumi's analyzer protocol does not carry.

The engine hands a policy new values only (AnalyzeRequest and AnalyzerResource of pulumi/proto/analyzer.proto hold no old inputs).
`pulumi stack export --file F` writes the old ones, and the pack inherits the CLI's environment, so a variable names the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from policies.resources.answered import only_set
from policies.resources.graph import Graph, PlainResource, Resource
from policies.resources.json_text import read_json
from policies.resources.tokens import TASK_DEFINITION

BASELINE_VARIABLE = "CONNECTION_BUDGET_BASELINE"
"""Environment variable: the absolute path of a state export made just before the deployment; empty: nothing is compared. Unset: the
pack asks the CLI."""

_STAYS = ("retainOnDelete", "external")
"""Marks of a state's resources that the engine leaves alone: kept, or only read."""


class BaselineError(Exception):
    """A baseline that is named and cannot be used, as a sentence for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The platform before a deployment.

    graph: the resources with their outputs. inputs: what each was last asked for. computed: what AWS answered beside them.
    retained: the URNs of those that stay when nobody asks for them any more, or that are nothing in AWS.
    What an interrupted replacement left to be deleted is not in it.
    """

    graph: Graph
    inputs: Mapping[str, Mapping[str, object]]
    computed: Mapping[str, Mapping[str, object]]
    retained: frozenset[str] = frozenset()

    def requests_nothing(self, resource: Resource) -> bool:
        """Whether a registered resource asks for exactly what is there, so that no request will be made."""
        return self.inputs.get(resource.urn) == resource.props

    def with_computed(self, resource: Resource) -> PlainResource:
        """A registered resource with what AWS had computed for it, of a task definition nothing: each change is a new revision."""
        computed = {} if resource.type == TASK_DEFINITION else self.computed.get(resource.urn, {})
        return PlainResource.like(resource, props={**computed, **resource.props})


class FormerUrns:
    """Shows renamed resources under the URNs that the baseline has them under, so that each is compared with itself."""

    def __init__(self) -> None:
        self._before: dict[str, str] = {}
        self._now: dict[str, str] = {}

    def learn(self, resource: Resource) -> None:
        """Remember the alias by which a resource was found in the state."""
        for alias in resource.aliases:
            self._before[resource.urn], self._now[alias] = alias, resource.urn

    def now(self, urn: str) -> str:
        """The present URN of a resource of the baseline."""
        return self._now.get(urn, urn)

    def as_before(self, resource: Resource) -> Resource:
        """The resource by its former URN, and by those of what it refers to."""
        if not self._before:
            return resource
        made_from = {key: tuple(map(self._former, urns)) for key, urns in resource.property_dependencies.items()}
        dependencies = tuple(map(self._former, resource.dependencies))
        urn = self._former(resource.urn)
        return PlainResource.like(resource, urn=urn, property_dependencies=made_from, dependencies=dependencies)

    def _former(self, urn: str) -> str:
        return self._before.get(urn, urn)


def load_baseline(environment: Mapping[str, str], *, stage: str) -> Baseline | None:
    """The export that the environment names, None where it names none. Raises BaselineError for anything else."""
    name = environment.get(BASELINE_VARIABLE, "")
    if not name:
        return None
    path = Path(name)
    if not path.is_absolute():
        raise BaselineError(
            f"{BASELINE_VARIABLE} is {name}, which is no absolute path: the pack runs in its own folder."
        )
    try:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BaselineError(f"which cannot be read as a state export: {type(error).__name__}: {error}") from error
        return parse_export(content, stage=stage)
    except BaselineError as error:
        raise BaselineError(
            f"{BASELINE_VARIABLE} names {path}, {error}. Make it with `pulumi stack export -s {stage} --file FILE` just before "
            "the deployment, or unset the variable: the pack then asks the CLI itself."
        ) from error


def parse_export(content: bytes, *, stage: str) -> Baseline:
    """A state export. Raises BaselineError, whose text is the half of a sentence, for what is none of this stage."""
    try:
        records = _records(read_json(content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BaselineError(f"which cannot be read as a state export: {type(error).__name__}: {error}") from error
    for record in records:
        if not str(record["urn"]).startswith(f"urn:pulumi:{stage}::"):
            raise BaselineError(f"which holds {record['urn']}, no resource of {stage}")
    return baseline_of(records)


def baseline_of(records: Iterable[Mapping[str, object]]) -> Baseline:
    """A baseline from plain records with the keys type, urn, inputs, outputs, property_dependencies."""
    kept = [{**record, **{side: _values(record.get(side)) for side in ("inputs", "outputs")}} for record in records]
    graph = Graph.from_records(kept)
    inputs = {str(record["urn"]): only_set(_values(record["inputs"])) for record in kept}
    computed = {
        resource.urn: {key: value for key, value in resource.props.items() if key not in inputs[resource.urn]}
        for resource in graph
    }
    stay = (record for record in kept if any(record.get(mark) for mark in _STAYS) or not record.get("custom", True))
    retained = frozenset(str(record["urn"]) for record in stay)
    return Baseline(graph=graph, inputs=inputs, computed=computed, retained=retained)


def _records(content: Mapping[str, Mapping[str, list[Mapping[str, object]]]]) -> list[Mapping[str, object]]:
    """The resources of an export. A new stack has none, and then no such key."""
    return [
        {
            "urn": record["urn"],
            "type": record["type"],
            "inputs": record.get("inputs"),
            "outputs": record.get("outputs"),
            "property_dependencies": record.get("propertyDependencies"),
            "dependencies": record.get("dependencies"),
            "custom": record.get("custom", True),
            **{mark: record.get(mark) for mark in _STAYS},
        }
        for record in content["deployment"].get("resources") or ()
        if not record.get("delete")
    ]


def _values(value: object) -> dict[str, object]:
    found = _without_marks(value)
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def _without_marks(value: object) -> object:
    """Without the keys that providers keep for themselves, at any depth: the engine does not show them to policies either."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {key: _without_marks(item) for key, item in fields.items() if not key.startswith("__")}
    return [_without_marks(item) for item in cast("list[object]", value)] if isinstance(value, list) else value
