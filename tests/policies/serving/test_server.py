"""What the provider answers for what is not set is nothing that anybody asked for: a stage that is up is as quiet as a new one."""

import functools
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2 as pb

from policies.resources.answered import judged
from policies.resources.baseline import BASELINE_VARIABLE
from policies.resources.graph import Graph, PlainResource
from tests.pack_here import PACK, pack_of_run
from tests.policies.mutations.changes import Record, Stage, changed, told
from tests.policies.mutations.read_back import asked, read_back
from tests.policies.test_mutations import BAD

ROWS, SEED = 60, 20261129
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stages(platform: Callable[[str], list[Record]]) -> Callable[[str], Stage]:
    return functools.cache(lambda name: Stage(name, platform(name)))


def of_program(record: Record) -> PlainResource:
    """A resource that is there, of which the program is known."""
    asks = frozenset(prop for prop in record["outputs"] if asked(record, prop))
    resource = PlainResource.of_record(read_back(record))
    if not resource.type.startswith("aws:"):
        return resource
    return replace(resource, props=judged(resource.type, resource.props, asks), asks=asks)


class Engine:
    """The project's pack, asked by Pulumi's messages."""

    def __init__(self, stage: str) -> None:
        named = {"PULUMI_ORGANIZATION": "organization", "PULUMI_PROJECT": "shop", "PULUMI_STACK": stage}
        self._pack = pack_of_run(PACK, {**named, "PULUMI_DRY_RUN": "true", BASELINE_VARIABLE: ""})

    def register(self, record: Record) -> None:
        """Of what is there already the program asks for the same as before."""
        asks = {prop: value for prop, value in record["outputs"].items() if asked(record, prop)}
        resource = pb.AnalyzeRequest(type=record["type"], urn=record["urn"], properties=_struct(asks))
        assert not self._pack.Analyze(resource, None).diagnostics

    def violations(self, records: list[Record]) -> set[tuple[str, str]]:
        """(policy, name of the resource) of what the stack breaks."""
        stack = pb.AnalyzeStackRequest()
        for record in records:
            outputs = _struct(record["outputs"])
            resource = stack.resources.add(type=record["type"], urn=record["urn"], properties=outputs)
            for prop, urns in record["property_dependencies"].items():
                resource.propertyDependencies[prop].urns.extend(urns)
            resource.dependencies.extend(record.get("dependencies", ()))
        found = self._pack.AnalyzeStack(stack, None).diagnostics
        return {(each.policyName, each.urn.rpartition("::")[2]) for each in found}


def _struct(values: dict[str, Any]) -> Struct:
    found = Struct()
    found.update(values)
    return found


@pytest.mark.parametrize("name", ["dev", "prd"])
def test_a_stage_that_is_up_reports_nothing(stages: Callable[[str], Stage], name: str) -> None:
    stage, engine = stages(name), Engine(name)
    records = [read_back(record) for record in stage.records]
    [table] = (record for record in records if record["urn"].endswith("::public"))
    assert table["outputs"]["routes"][0]["natGatewayId"] == table["outputs"]["routes"][0]["ipv6CidrBlock"] == ""
    assert ("bucket-setting-once", "artifacts") in engine.violations(records)  # nobody has said what was asked for
    for record in stage.records:
        engine.register(record)
    assert engine.violations(records) == set()


@pytest.mark.parametrize(
    "row", random.Random(SEED).sample(BAD, ROWS), ids=lambda row: f"{row['policy']}: {row['rule']}"
)
def test_a_bad_change_is_reported_as_of_a_new_stage(stages: Callable[[str], Stage], row: dict[str, Any]) -> None:
    records, tell = changed(stages, row)
    name = row.get("stage", "prd")
    graph = Graph(map(of_program, records))
    found = {urn for _, urn, _ in told(name, graph, {row["policy"]})}
    assert found == {urn for _, urn, _ in tell(row["policy"])}
