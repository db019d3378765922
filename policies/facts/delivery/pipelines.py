"""Pipelines as they are written: stages, actions, what each action is given, and where the artifacts are. The one reader of them.

Sources: AWS CodePipeline User Guide, "CodePipeline pipeline structure reference" (categories, run orders, execution modes; a pipeline has
stages and each of them actions), and "AWS CodeBuild build and test action reference" (EnvironmentVariables is a JSON list of objects with
name, value and type).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Reading, Step, Undecided, decided, settled
from policies.resources.reading import (
    holds_none,
    optional,
    read,
    read_integer,
    read_json,
    read_list,
    read_map,
    read_text,
    read_texts,
    refuse,
    required,
    shown_path,
    word_of,
)
from policies.resources.requested import asked_list, asked_text
from policies.resources.tokens import PIPELINE

T = TypeVar("T")
_CATEGORIES = ("Approval", "Build", "Compute", "Deploy", "Invoke", "Source", "Test")
_MODES = ("PARALLEL", "QUEUED", "SUPERSEDED")
_LAST_ORDER = 999
_REFERENCES = frozenset({"PARAMETER_STORE", "SECRETS_MANAGER"})
"""Types of variables whose value is the name of what holds it; of any other it stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What a build is given. plain: the value stands there, and is no name of a parameter or secret."""

    name: str
    value: Reading[str]
    plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action. where: its path; stage: its stage's position. order: when it runs in its stage, 1 where that is left out.

    role, region: its own, absent where it has the pipeline's. minutes: DeploymentTimeout. inputs, outputs: names of artifacts.
    configuration: its values that are set. variables: what it gives its build.
    """

    where: str
    stage: int
    name: Reading[str]
    category: str | Undecided
    provider: Reading[str]
    order: int | Undecided
    role: Reading[str]
    region: Reading[str]
    inputs: tuple[str, ...] | Undecided
    outputs: tuple[str, ...] | Undecided
    configuration: Mapping[str, Reading[str]] | Undecided
    minutes: Reading[int]
    variables: tuple[Variable, ...] | Undecided

    def configured(self, key: str) -> Reading[str]:
        """A value of its configuration."""
        if isinstance(self.configuration, Undecided):
            return self.configuration
        return self.configuration.get(key, Absent(f"{self.where}.configuration.{key}"))

    def told(self) -> Mapping[str, str]:
        """Its variables' values by their names, those without one left out. Raises NotDecidedError."""
        given = settled(self.variables)
        return {item.name: required(item.value) for item in given if not isinstance(item.value, Absent)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineStage:
    """One stage. actions: as they are written. on_failure: what it does then."""

    actions: tuple[Action, ...] | Undecided
    on_failure: Reading[str]

    def in_order(self) -> list[Action]:
        """The actions in the order that they run in. Raises NotDecidedError."""
        return sorted(settled(self.actions), key=lambda action: settled(action.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What starts a pipeline of a source by connection, in place of its BranchName. where: its path.

    branches: those, as patterns, whose pushes do; empty for those of tags. every: pushes to whatever is not left out.
    merges: whether pull requests do, with the branch that is to be merged.
    """

    where: str
    branches: tuple[str, ...]
    every: bool
    merges: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where artifacts are. where: the path of the bucket's name. keyed: whether it names a key of its own for encryption."""

    where: str
    bucket: Reading[str]
    keyed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One pipeline. mode: how its runs stand to each other, SUPERSEDED where that is left out; kind: V1 where that is left out.

    triggers: those with filters; none where pushes to BranchName start it.
    """

    resource: Resource
    mode: str | Undecided
    kind: Reading[str]
    stages: tuple[PipelineStage, ...] | Undecided
    stores: tuple[Store, ...] | Undecided
    triggers: tuple[Trigger, ...] | Undecided

    def parts(self) -> Iterator[Action | Undecided]:
        """The actions in the order of the stages; where a list of them cannot be read, why."""
        for stage in (self.stages,) if isinstance(self.stages, Undecided) else self.stages:
            if isinstance(stage, Undecided):
                yield stage
            elif isinstance(stage.actions, Undecided):
                yield stage.actions
            else:
                yield from stage.actions

    def actions(self) -> Iterator[Action]:
        """The actions in the order of the stages. Raises NotDecidedError where a list of them cannot be read."""
        return map(settled, self.parts())


@per_graph
def read_pipelines(graph: Graph) -> Mapping[str, Pipeline]:
    """The pipelines of the stack by their URNs."""
    return {pipeline.urn: _pipeline(pipeline) for pipeline in graph.of_type(PIPELINE)}


def read_variables(source: Resource | Mapping[str, object], *path: Step) -> Iterator[Variable]:
    """The variables of a list that a build is given. Raises NotDecidedError."""
    for position in range(len(optional(read_list(source, *path), []))):
        yield Variable(
            name=required(read_text(source, *path, position, "name")),
            value=read_text(source, *path, position, "value"),
            plain=optional(read_text(source, *path, position, "type"), "PLAINTEXT") not in _REFERENCES,
        )


def _pipeline(pipeline: Resource) -> Pipeline:
    return Pipeline(
        resource=pipeline,
        mode=decided(
            lambda: word_of(_MODES, optional(asked_text(pipeline, "executionMode"), "SUPERSEDED"), "executionMode")
        ),
        kind=asked_text(pipeline, "pipelineType"),
        stages=decided(lambda: _each(pipeline, ("stages",), _stage)),
        stores=decided(lambda: _each(pipeline, ("artifactStores",), _store)),
        triggers=decided(lambda: tuple(_triggers(pipeline))),
    )


def _triggers(pipeline: Resource) -> Iterator[Trigger]:
    for position in range(len(optional(asked_list(pipeline, "triggers"), []))):
        git = ("triggers", position, "gitConfiguration")
        for number in range(len(optional(read_list(pipeline, *git, "pushes"), []))):
            branches = (*git, "pushes", number, "branches")
            included = tuple(read_texts(pipeline, *branches, "includes"))
            left_out = bool(read_texts(pipeline, *branches, "excludes"))
            yield Trigger(where=shown_path(branches), branches=included, every=left_out and not included, merges=False)
        if optional(read_list(pipeline, *git, "pullRequests"), []):
            yield Trigger(where=shown_path((*git, "pullRequests")), branches=(), every=False, merges=True)


def _store(pipeline: Resource, *at: Step) -> Store:
    return Store(
        where=shown_path((*at, "location")),
        bucket=read_text(pipeline, *at, "location"),
        keyed=not isinstance(read(pipeline, *at, "encryptionKey"), Absent),
    )


def _stage(pipeline: Resource, *at: Step) -> PipelineStage:
    return PipelineStage(
        actions=decided(lambda: _each(pipeline, (*at, "actions"), _action)),
        on_failure=read_text(pipeline, *at, "onFailure", "result"),
    )


def _action(pipeline: Resource, *at: Step) -> Action:
    category, order = (*at, "category"), (*at, "runOrder")
    return Action(
        where=shown_path(at),
        stage=cast("int", at[1]),
        name=read_text(pipeline, *at, "name"),
        category=decided(lambda: word_of(_CATEGORIES, required(read_text(pipeline, *category)), shown_path(category))),
        provider=read_text(pipeline, *at, "provider"),
        order=decided(lambda: _order(pipeline, *order)),
        role=read_text(pipeline, *at, "roleArn"),
        region=read_text(pipeline, *at, "region"),
        inputs=decided(lambda: tuple(read_texts(pipeline, *at, "inputArtifacts"))),
        outputs=decided(lambda: tuple(read_texts(pipeline, *at, "outputArtifacts"))),
        configuration=decided(lambda: _configuration(pipeline, *at, "configuration")),
        minutes=read_integer(pipeline, *at, "configuration", "DeploymentTimeout"),
        variables=decided(lambda: tuple(_told(pipeline, *at, "configuration", "EnvironmentVariables"))),
    )


def _each(pipeline: Resource, path: tuple[Step, ...], part: Callable[..., T]) -> tuple[T, ...]:
    listed = read_list(pipeline, *path)
    if holds_none(listed):
        refuse(shown_path(path), "is empty, which CodePipeline refuses")
    return tuple(part(pipeline, *path, position) for position in range(len(required(listed))))


def _order(pipeline: Resource, *path: Step) -> int:
    order = optional(read_integer(pipeline, *path), 1)
    if not 1 <= order <= _LAST_ORDER:
        refuse(shown_path(path), f"is {order}, and runs from 1 to {_LAST_ORDER}")
    return order


def _configuration(pipeline: Resource, *path: Step) -> Mapping[str, Reading[str]]:
    keys = optional(read_map(pipeline, *path), {})
    values = ((key, read_text(pipeline, *path, key)) for key in keys)
    return {key: value for key, value in values if not isinstance(value, Absent)}


def _told(pipeline: Resource, *path: Step) -> Iterator[Variable]:
    where = shown_path(path)
    return read_variables({where: optional(read_json(pipeline, *path), [])}, where)
