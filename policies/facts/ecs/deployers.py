"""The deploy actions of the stack's pipelines, and which services may be deployed again before a deployment has ended.

Sources: AWS CodePipeline User Guide, "Set or change the pipeline execution mode" (QUEUED and SUPERSEDED let one execution into a stage,
PARALLEL runs them independently of each other), and "Amazon ECS deploy action reference" (the action waits until the service is stable);
Amazon ECS API Reference, UpdateService: a deployment that is started takes the place of the one in progress, whose tasks are drained.
So with two executions at once there are the tasks from before, those of the deployment that is replaced, and those of the newest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from policies.budget.words import joined
from policies.facts.delivery.pipelines import Action, Pipeline, read_pipelines
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Present, Reading, Undecided, decided, settled
from policies.resources.reading import read_text, required


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployer:
    """One deploy action to ECS, or what may be one. service, cluster: names, as far as they are known. unread: why it is not known
    whether it is one, or whether runs of its pipeline are parallel. depends: what its pipeline's stages are made from."""

    pipeline: Resource
    parallel: bool
    unread: Undecided | None
    service: Reading[str]
    cluster: Reading[str]
    depends: tuple[str, ...]

    def deploys(self, service: Resource) -> bool:
        """Whether it may be that service's; a name that is not known may be any, unless the pipeline is made from the service."""
        name, cluster = read_text(service, "name"), read_text(service, "cluster")
        if isinstance(self.service, Absent):
            return False
        if isinstance(self.service, Present) and isinstance(name, Present):
            same = self.service.value == name.value
        else:
            same = service.urn in self.depends
        if not (same and isinstance(self.cluster, Present) and isinstance(cluster, Present)):
            return same
        return self.cluster.value == cluster.value.rpartition("/")[2]


def read_deployers(graph: Graph) -> tuple[Deployer, ...]:
    """Every deploy action to ECS, and what cannot be read and may be one."""
    return tuple(found for pipeline in read_pipelines(graph).values() for found in _of(pipeline))


def deploying(graph: Graph, service: Resource) -> tuple[Deployer, ...]:
    """The deploy actions that are a service's."""
    deployers, by_name = _indexed(graph)
    name = read_text(service, "name")
    meant = by_name.get(name.value, by_name[""]) if isinstance(name, Present) else deployers
    return tuple(deployer for deployer in meant if deployer.deploys(service))


@per_graph
def _indexed(graph: Graph) -> tuple[Sequence[Deployer], Mapping[str, Sequence[Deployer]]]:
    """(all, those that may be a service's by its name; by none those whose service is not known, which may be any's)."""
    deployers = read_deployers(graph)
    found: dict[str, list[Deployer]] = {"": []}
    for deployer in deployers:
        if isinstance(deployer.service, Present):
            found.setdefault(deployer.service.value, [*found[""]]).append(deployer)
        else:
            for listed in found.values():
                listed.append(deployer)
    return deployers, found


def side_by_side(graph: Graph, service: Resource) -> str:
    """What may deploy a service while another deployment of it runs: words for a table, empty where nothing does.

    Raises NotDecidedError where nobody knows whether a pipeline's runs are parallel.
    """
    ours = deploying(graph, service)
    for deployer in ours:
        settled(deployer.unread)
    names = sorted({deployer.pipeline.name for deployer in ours})
    if any(deployer.parallel for deployer in ours):
        return f"pipeline {joined(names)} in parallel"
    return f"pipelines {joined(names)}" if len(names) > 1 else ""


def _of(pipeline: Pipeline) -> Iterator[Deployer]:
    resource, mode = pipeline.resource, pipeline.mode
    for part in pipeline.parts():
        ours = _to_ecs(part)
        if ours is False:
            continue
        yield Deployer(
            pipeline=resource,
            parallel=mode == "PARALLEL",
            unread=next(
                (replace(found, owner=resource) for found in (ours, mode) if isinstance(found, Undecided)), None
            ),
            service=part if isinstance(part, Undecided) else part.configured("ServiceName"),
            cluster=part if isinstance(part, Undecided) else part.configured("ClusterName"),
            depends=resource.property_dependencies.get("stages", ()),
        )


def _to_ecs(part: Action | Undecided) -> bool | Undecided:
    """Whether a part of a pipeline deploys to ECS."""
    if isinstance(part, Undecided):
        return part
    return decided(lambda: settled(part.category) == "Deploy" and required(part.provider) == "ECS")
