"""The variables that each workload's container gets in a stage, and where each is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cli.connections.stage import Stage
from offline.engine.errors import EngineError
from policies.resources.outcomes import Undecided, decided
from policies.resources.tokens import TASK_DEFINITION
from settings.merged import Settings
from settings.platform_variables import SETTINGS
from settings.workloads import Workload

PLATFORM = "the platform"
"""Where a variable comes from that no file has: the components set it from settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable. value: None for a secret, which nobody here has seen; source: file and line, key or parameter.

    platform: whether the components set it, from settings, and no file has it as a variable.
    """

    value: str | None
    source: str
    platform: bool = False

    def __str__(self) -> str:
        return "(secret)" if self.value is None else f'"{self.value}"'


Variables = Mapping[str, Variable]


def variables_of(stage: Stage, settings: Settings) -> dict[str, Variables]:
    """By workload, what its own container gets, as previewed: settings, env files and platform together."""
    found: dict[str, Variables] = {}
    definitions = {definition.name: definition for definition in stage.graph.of_type(TASK_DEFINITION)}
    for workload in (*settings.services, *settings.jobs):
        definition = definitions[workload.name]
        containers = decided(lambda definition=definition: stage.facts.containers(definition))
        if isinstance(containers, Undecided):
            raise EngineError(f"The containers of {workload.name} in {stage.name} cannot be told: {containers}.")
        container = next(container for container in containers if container.name == workload.aws_name)
        parameters = workload.secret_parameters(settings.name)
        plain = {name: _plain(workload, name, value or "") for name, value in container.environment.items()}
        secret = {name: Variable(value=None, source=parameters.get(name, PLATFORM)) for name in container.secrets}
        found[workload.name] = dict(sorted({**plain, **secret}.items()))
    return found


def _plain(workload: Workload, name: str, value: str) -> Variable:
    if name in workload.places.variables:
        return Variable(value=value, source=str(workload.places.variables[name]))
    source = str(workload.places.settings.get(SETTINGS.get(name, ""), PLATFORM))
    return Variable(value=value, source=source, platform=True)
