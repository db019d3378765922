"""Graphs for tests: a real stage's, and the words that made-up ones draw from."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from offline.aws.planned import planned_create
from offline.engine.deployment import run
from offline.engine.outcome import Outcome
from policies.resources import tokens
from tests.function_program import FunctionProgram, unjudged

_ROOT = Path(__file__).parents[2]
KINDS = sorted(value for key, value in vars(tokens).items() if key.isupper() and isinstance(value, str))

_SOURCES = sorted((Path(tokens.__file__).parents[1]).rglob("*.py"))
PROPERTIES = sorted(
    {
        name
        for path in _SOURCES
        for name in re.findall(r'"([a-zA-Z][A-Za-z]{2,40})"', path.read_text(encoding="utf-8"))
        if name[0].islower() or name in ("Statement", "Action", "Effect", "Resource", "Principal", "Condition")
    }
)
"""Every word in quotes in the pack: property names, and some more."""


def preview_records(stage: str, state: Path, **settings: object) -> list[dict[str, Any]]:
    """The resources of a real stage as a preview shows them to policies. settings: keys of the configuration that are others."""
    return _records(unjudged("preview", _ROOT, state, stage=stage, **settings))


def foreign_records(
    program: Callable[[], None],
    stage: str,
    project: Path,
    pack: Path | None,
    on_event: Callable[[Any], None] = lambda event: None,
) -> list[dict[str, Any]]:
    """The resources of somebody else's program in an otherwise empty project; with a pack it is judged in its own process."""
    (project / "Pulumi.yaml").write_text("name: acme\nruntime: python\n", encoding="utf-8")
    (project / f"Pulumi.{stage}.yaml").write_text("config:\n  aws:region: eu-west-1\n", encoding="utf-8")
    return _records(
        run(
            kind="preview",
            stage=stage,
            project_dir=project,
            state_dir=project / "state",
            pack_dir=pack,
            on_event=on_event,
            provider=PermissiveCloud(),  # type: ignore[arg-type]  # a preview asks no more of it
            program=FunctionProgram(program),
        ),
        judged=pack is not None,
    )


class PermissiveCloud:
    """As much of AWS as a preview needs: every type, and names made up as Pulumi does."""

    def supports(self, type_token: str) -> bool:
        return True

    def check_config(self, settings: object) -> list[str]:
        return []

    def check(self, type_token: str, urn: str, inputs: dict[str, Any], old_inputs: object = None) -> dict[str, Any]:
        name = {"aws:rds/instance:Instance": "identifier", "aws:rds/cluster:Cluster": "clusterIdentifier"}.get(
            type_token
        )
        if type_token.startswith("aws:ec2/") and not type_token.endswith(":SecurityGroup"):
            return inputs
        suffix = hashlib.sha1(urn.encode()).hexdigest()[:7]
        return {name or "name": f"{urn.rpartition('::')[2]}-{suffix}", **inputs}

    def plan_create(self, type_token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return planned_create(type_token, inputs, {"region": "eu-west-1"})

    def replay(self, operations: object) -> None:
        """Nothing was ever created."""

    def invoke(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError(token)


def _records(outcome: Outcome, *, judged: bool = False) -> list[dict[str, Any]]:
    assert judged or outcome.result == "succeeded", outcome.errors
    assert outcome.errors == ()
    return [
        {
            "type": record.type,
            "urn": record.urn,
            "outputs": {**record.inputs, **record.outputs} if record.type.startswith("aws:") else record.outputs,
            "property_dependencies": {key: list(urns) for key, urns in record.property_dependencies.items()},
            "dependencies": list(record.dependencies),
            "ignore_changes": list(record.ignore_changes),
        }
        for record in outcome.resources
    ]
