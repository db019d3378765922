"""How long the policy pack takes: all of it over 3,000 resources, and the budget of 1,000 workloads."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.resources.json_text import read_json

RESOURCES, TARGET_SECONDS = 3_000, 1.5
WORKLOADS, TARGET_SECONDS_VERDICT = 1_000, 0.2
_NAMES = ("name", "family", "identifier", "bucket")
_COPIED = "tracking-api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Seconds. None counts the preview or the pack's start.

    everything: every policy of prd over `RESOURCES` resources. verdict: a broken budget of `WORKLOADS` workloads, from their
    numbers to the whole answer: the table and every single change that would mend it. budget: the same answer, read from the
    resources of the request.
    """

    everything: float
    verdict: float
    budget: float


def judge(root: Path) -> Judged:
    """Measure over copies of the real prd."""
    from policies.serving.pack import policies_for

    records = list(_previewed(root))
    policies = policies_for("prd")
    workloads = list(_workloads(records, WORKLOADS))
    return Judged(
        everything=_seconds(policies, _copies(records, RESOURCES)),
        verdict=_verdict_seconds(workloads),
        budget=_seconds([policy for policy in policies if policy.name == "connection-budget"], workloads),
    )


def _verdict_seconds(records: Iterable[Mapping[str, Any]]) -> float:
    from policies.budget.solve import ways_out
    from policies.budget.table import budget_table

    budget = _budget(records)
    if len(budget.workloads) != WORKLOADS or budget.fits:
        raise RuntimeError(
            f"a broken budget of {WORKLOADS} workloads was expected, found {len(budget.workloads)} workloads"
        )
    fresh = dataclasses.replace(budget)  # without what was computed already
    started = time.perf_counter()
    budget_table(fresh)
    ways_out(fresh)
    return time.perf_counter() - started


def _budget(records: Iterable[Mapping[str, Any]]) -> Any:
    from policies.facts.clients.budgets import DatabaseBudget
    from policies.facts.facts import Facts
    from policies.resources.graph import Graph

    found = Facts(Graph.from_records(records)).budgets
    (entry,) = (entry for entry in found if isinstance(entry, DatabaseBudget))
    return entry.budget


def request_of(root: Path, resources: int) -> Any:
    """As many resources as asked for, as an engine asks a pack about them: an AnalyzeStackRequest over copies of the real prd."""
    return _request(_copies(list(_previewed(root)), resources))


def _request(records: Iterable[Mapping[str, Any]]) -> Any:
    from google.protobuf import json_format
    from pulumi.runtime.proto import analyzer_pb2

    request: Any = analyzer_pb2.AnalyzeStackRequest()
    for record in records:
        resource = request.resources.add(type=record["type"], urn=record["urn"], name=record["name"])
        json_format.ParseDict(record["outputs"], resource.properties)
        for key, urns in record["property_dependencies"].items():
            resource.propertyDependencies[key].urns.extend(urns)
    return request


def _seconds(policies: list[Any], records: Iterable[Mapping[str, Any]]) -> float:
    import pulumi_policy.policy as sdk
    from pulumi_policy import EnforcementLevel

    from policies.serving.server import one_pass_servicer

    request = _request(records)
    base: Any = getattr(sdk, "_PolicyAnalyzerServicer")  # noqa: B009 -- the SDK's own server, as the pack uses it
    servicer: Any = one_pass_servicer(base, policies)
    server = servicer("pack", "1.0.0", policies, EnforcementLevel.ADVISORY)
    started = time.perf_counter()
    server.AnalyzeStack(request, None)
    return time.perf_counter() - started


def _previewed(root: Path) -> Iterator[dict[str, Any]]:
    """The resources of prd as the engine shows them to stack policies."""
    from offline.engine.deployment import run

    with tempfile.TemporaryDirectory(prefix="bench-") as state:
        outcome = run(
            kind="preview",
            stage="prd",
            project_dir=root,
            state_dir=Path(state),
            pack_dir=None,
            on_event=lambda event: None,
        )
    for record in outcome.resources:
        yield {
            "type": record.type,
            "urn": record.urn,
            "name": record.name,
            "outputs": {**record.inputs, **record.outputs},
            "property_dependencies": {key: list(urns) for key, urns in record.property_dependencies.items()},
        }


def _copies(records: list[dict[str, Any]], resources: int) -> Iterator[dict[str, Any]]:
    """As many resources as asked for: the stage over and over, each time under other names."""
    for number in range(resources):
        copy, index = divmod(number, len(records))
        record, suffix = records[index], f"-{copy}" if copy else ""
        properties = record["outputs"]
        named = {key: properties[key] + suffix for key in _NAMES if isinstance(properties.get(key), str)}
        yield {
            "type": record["type"],
            "urn": record["urn"] + suffix,
            "name": record["name"] + suffix,
            "outputs": {**properties, **named},
            "property_dependencies": {
                key: [urn + suffix for urn in urns] for key, urns in record["property_dependencies"].items()
            },
        }


def _workloads(records: list[dict[str, Any]], workloads: int) -> Iterator[dict[str, Any]]:
    """The stage's part in its budget, with one service copied until there are as many workloads as asked for."""
    from policies.resources.tokens import CLIENT_SIDE, DATABASE_SIDE

    records = [record for record in records if record["type"] in CLIENT_SIDE | DATABASE_SIDE]
    yield from records
    copied = json.dumps([record for record in records if _COPIED in record["urn"]])
    for number in range(workloads - len(_budget(records).workloads)):
        yield from read_json(copied.replace(_COPIED, f"copy-{number:04}"))
