"""A pipeline as the offline AWS holds it: the declaration that `up` recorded, with its actions in their order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from delivery.aws import RequestError
from offline.rehearse.errors import RehearsalError
from offline.stage import OfflineStage

_VARIABLE = re.compile(r"#\{(?P<namespace>[^.{}]+)\.(?P<name>[^{}]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action of a pipeline's stage."""

    stage: str
    name: str
    provider: str
    """CodeCommit, CodeStarSourceConnection, CodeBuild, Manual or ECS."""
    configuration: Mapping[str, str]
    namespace: str
    """What its output variables are found under; empty where it has none."""
    inputs: tuple[str, ...]
    """Names of artifacts."""
    outputs: tuple[str, ...]

    @property
    def title(self) -> str:
        """Stage, and the action where it has another name."""
        return self.stage if self.name == self.stage else f"{self.stage}: {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A pipeline with its actions, first to last."""

    name: str
    bucket: str
    actions: tuple[Action, ...]
    rolled_back: frozenset[str]
    """Stages that go back to what they had deployed before when one of their actions fails."""


def read_pipeline(stage: OfflineStage, name: str, *, stage_name: str) -> Pipeline:
    """The pipeline as it is recorded. Raises RehearsalError where the stage has none of that name."""
    try:
        declared = stage.call("codepipeline", "get_pipeline", name=name)["pipeline"]
    except RequestError as error:
        if error.code != "PipelineNotFoundException":
            raise
        raise RehearsalError(
            f"The recorded stage {stage_name} has no pipeline {name}. Pipelines come with pipeline.enabled: true in "
            f"Pulumi.{stage_name}.yaml and deploy: true of the service; then run ./run up -s {stage_name}."
        ) from None
    return Pipeline(
        name=name,
        bucket=declared["artifactStore"]["location"],
        actions=tuple(
            _action(part["name"], action)
            for part in declared["stages"]
            for action in sorted(part["actions"], key=lambda action: int(action.get("runOrder", 1)))
        ),
        rolled_back=frozenset(
            part["name"] for part in declared["stages"] if part.get("onFailure", {}).get("result") == "ROLLBACK"
        ),
    )


def _action(stage: str, declared: Mapping[str, Any]) -> Action:
    return Action(
        stage=stage,
        name=declared["name"],
        provider=declared["actionTypeId"]["provider"],
        configuration=declared.get("configuration", {}),
        namespace=declared.get("namespace", ""),
        inputs=tuple(artifact["name"] for artifact in declared.get("inputArtifacts", [])),
        outputs=tuple(artifact["name"] for artifact in declared.get("outputArtifacts", [])),
    )


def resolved(text: str, variables: Mapping[str, Mapping[str, str]]) -> str:
    """A text with `#{namespace.Variable}` filled in. Raises RehearsalError for a variable that no action has set."""

    def value(match: re.Match[str]) -> str:
        try:
            return variables[match["namespace"]][match["name"]]
        except KeyError:
            raise RehearsalError(f"{match[0]} is set by no action before it.") from None

    return _VARIABLE.sub(value, text)
