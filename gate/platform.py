"""The platform's parts for a drawing: load balancer, services, jobs, databases, mesh, pipelines, and what needs what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Literal

from gate.changes import operation_of
from gate.document import DatabaseBudget, Node, Operation
from gate.run_model import Resource, RunModel

Kind = Literal["load-balancer", "service", "job", "database", "mesh", "pipeline"]
_KINDS: dict[str, Kind] = {
    "aws:lb/loadBalancer:LoadBalancer": "load-balancer",
    "aws:alb/loadBalancer:LoadBalancer": "load-balancer",
    "aws:ecs/service:Service": "service",
    "aws:scheduler/schedule:Schedule": "job",
    "aws:rds/instance:Instance": "database",
    "aws:rds/cluster:Cluster": "database",
    "aws:servicediscovery/httpNamespace:HttpNamespace": "mesh",
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": "mesh",
    "aws:codepipeline/pipeline:Pipeline": "pipeline",
}
_SERVICE_NAME = re.compile(r'"ServiceName": ("(?:[^"\\]|\\.)*")')


def platform_of(model: RunModel, budgets: Iterable[DatabaseBudget]) -> tuple[Node, ...]:
    """A node for each part. A part counts as changed where something that belongs to its component changes."""
    parts = {item.urn: item for item in model.visible() if item.type_token in _KINDS}
    databases = {
        workload.urn: entry.urn
        for entry in budgets
        for budget in (entry.before, entry.after)
        if budget is not None
        for workload in budget.workloads
    }
    changed = _changed_below(model, parts.values())
    of_kind: dict[Kind, list[Resource]] = {}
    for item in parts.values():
        of_kind.setdefault(_KINDS[item.type_token], []).append(item)
    return tuple(
        Node(
            kind=_KINDS[item.type_token],
            urn=item.urn,
            name=item.name,
            operation=changed[item.urn],
            uses=_uses(item, of_kind, databases.get(item.urn)),
        )
        for item in parts.values()
    )


def _changed_below(model: RunModel, parts: Iterable[Resource]) -> dict[str, Operation]:
    """A part's own operation; where it stays, "update" if anything of a component that is its alone changes."""
    kept = list(parts)
    homes: dict[str, int] = {}
    for item in kept:
        homes[item.parent] = homes.get(item.parent, 0) + 1
    touched = {item.parent for item in model.visible() if item.op not in ("same", "read", "refresh")}
    return {
        item.urn: "update"
        if item.op == "same" and homes[item.parent] == 1 and item.parent in touched
        else operation_of(item)
        for item in kept
    }


def _uses(item: Resource, of_kind: dict[Kind, list[Resource]], database: str | None) -> tuple[str, ...]:
    inputs, found = item.inputs, list[str]()
    if database is not None:
        found.append(database)
    if isinstance(mesh := inputs.get("serviceConnectConfiguration"), dict) and mesh.get("enabled"):
        found += [node.urn for node in of_kind.get("mesh", ()) if node.op != "delete"]
    if _KINDS[item.type_token] == "load-balancer":
        found += [node.urn for node in of_kind.get("service", ()) if node.inputs.get("loadBalancers")]
    if _KINDS[item.type_token] == "pipeline":
        named = set(_SERVICE_NAME.findall(json.dumps(inputs, default=str)))
        found += [
            node.urn
            for node in of_kind.get("service", ())
            if json.dumps(str(node.inputs.get("name") or node.name)) in named
        ]
    return tuple(found)
