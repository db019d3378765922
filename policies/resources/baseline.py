"""What ran before this deployment: the resources of a state export, which Pulumi's analyzer protocol does not carry.

The engine hands a policy new values only (AnalyzeRequest and AnalyzerResource of pulumi/proto/analyzer.proto hold no old inputs).
`pulumi stack export --file F` writes the old ones, and the pack inherits the CLI's environment, so a variable names the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from policies.resources.graph import Graph, PlainResource, Resource
from policies.resources.tokens import TASK_DEFINITION

BASELINE_VARIABLE = "CONNECTION_BUDGET_BASELINE"
"""Environment variable: the absolute path of a state export made just before the deployment. Unset: nothing is known."""


class BaselineError(Exception):
    """A baseline that is named and cannot be used, as a sentence for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The platform before a deployment.

    graph: the resources with their outputs. inputs: what each was last asked for. computed: what AWS answered beside them.
    What an interrupted replacement left to be deleted is not in it.
    """

    graph: Graph
    inputs: Mapping[str, Mapping[str, object]]
    computed: Mapping[str, Mapping[str, object]]

    def requests_nothing(self, resource: Resource) -> bool:
        """Whether a registered resource asks for exactly what is there, so that no request will be made."""
        return self.inputs.get(resource.urn) == resource.props

    def with_computed(self, resource: Resource) -> PlainResource:
        """A registered resource with what AWS had computed for it, of a task definition nothing: each change is a new revision."""
        return PlainResource(
            type=resource.type,
            urn=resource.urn,
            name=resource.name,
            props={
                **({} if resource.type == TASK_DEFINITION else self.computed.get(resource.urn, {})),
                **resource.props,
            },
            property_dependencies=resource.property_dependencies,
            dependencies=resource.dependencies,
        )


def load_baseline(environment: Mapping[str, str], *, stage: str) -> Baseline | None:
    """The export that the environment names, None where it names none. Raises BaselineError for anything else."""
    name = environment.get(BASELINE_VARIABLE, "")
    if not name:
        return None
    path = Path(name)
    remedy = (
        f"Make it with `pulumi stack export -s {stage} --file FILE` just before the deployment, or unset the variable."
    )
    if not path.is_absolute():
        raise BaselineError(
            f"{BASELINE_VARIABLE} is {name}, which is no absolute path: the pack runs in its own folder."
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        records = _records(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BaselineError(
            f"{BASELINE_VARIABLE} names {path}, which cannot be read as a state export: {type(error).__name__}: {error}. {remedy}"
        ) from error
    for record in records:
        if not str(record["urn"]).startswith(f"urn:pulumi:{stage}::"):
            raise BaselineError(
                f"{BASELINE_VARIABLE} names {path}, which holds {record['urn']}, no resource of {stage}. {remedy}"
            )
    return baseline_of(records)


def baseline_of(records: Iterable[Mapping[str, object]]) -> Baseline:
    """A baseline from plain records with the keys type, urn, inputs, outputs, property_dependencies."""
    kept = list(records)
    inputs = {str(record["urn"]): _values(record.get("inputs")) for record in kept}
    outputs = {str(record["urn"]): _values(record.get("outputs")) for record in kept}
    computed = {
        urn: {key: value for key, value in values.items() if key not in inputs[urn]} for urn, values in outputs.items()
    }
    return Baseline(graph=Graph.from_records(kept), inputs=inputs, computed=computed)


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
