"""Every property that the stages and foreign programs declare is read by a policy, or left out with a reason as data."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.facts.facts import Facts
from policies.resources.graph import Graph, PlainResource
from policies.resources.tokens import canonical
from policies.rules.discovery import all_rules
from policies.rules.rule import Stack
from tests.policies.foreign import aurora_on_ec2, plain, two_databases
from tests.policies.graphs import foreign_records
from tests.policies.mutations.changes import ROOT, UNKNOWN, Record

LEFT_OUT = ROOT / "docs/properties-left-out.yaml"
FOREIGN = (plain, aurora_on_ec2, two_databases)
Property = tuple[str, str]


class Watched(dict[str, Any]):
    """Properties that tell which of them were asked for by name; what goes through all of them asks for none."""

    def __init__(self, kind: str, values: dict[str, Any], asked: set[Property]) -> None:
        super().__init__(values)
        self._kind, self._asked = kind, asked

    def get(self, key: str, default: Any = None) -> Any:
        self._asked.add((self._kind, key))
        return super().get(key, default)


def declared(records: Iterable[Record]) -> set[Property]:
    """The properties that a program gives: known, or made from another resource's."""
    return {
        (canonical(record["type"]), key)
        for record in records
        if record["type"].startswith("aws:")
        for key, value in record["outputs"].items()
        if value is not None and (value != UNKNOWN or record["property_dependencies"].get(key))
    } - {(canonical(record["type"]), "region") for record in records}


def asked_for(stage: str, records: list[Record]) -> set[Property]:
    """The properties that the policies ask for by name while they judge."""
    asked: set[Property] = set()
    graph = Graph(
        PlainResource(
            type=canonical(record["type"]),
            urn=record["urn"],
            name=record["urn"].rpartition("::")[2],
            props=Watched(canonical(record["type"]), record["outputs"], asked),
            property_dependencies={key: tuple(urns) for key, urns in record["property_dependencies"].items()},
            dependencies=tuple(record.get("dependencies", ())),
        )
        for record in records
    )
    facts = Facts(graph)
    for rule in all_rules():
        list(rule.judge(Stack(facts=facts, stage=stage, spec=rule.spec)))
    return asked


@pytest.fixture(scope="module")
def stacks(
    platform: Callable[[str], list[Record]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Record]]:
    """The resources of both stages and of the foreign programs."""
    found = {stage: platform(stage) for stage in ("dev", "prd")}
    for module in FOREIGN:
        project: Path = tmp_path_factory.mktemp(module.__name__.rpartition(".")[2])
        found[project.name] = foreign_records(module.program, "live", project, None)
    return found


def test_each_property_is_judged_or_left_out_with_a_reason(stacks: dict[str, list[Record]]) -> None:
    given = set[Property]().union(*(declared(records) for records in stacks.values()))
    read = set[Property]().union(
        *(asked_for(stage if stage in ("dev", "prd") else "live", records) for stage, records in stacks.items())
    )
    entries = yaml.safe_load(LEFT_OUT.read_text(encoding="utf-8"))
    listed = [
        (kind, prop) for entry in entries for kind, props in entry["properties"].items() for prop in props.split()
    ]
    assert len(listed) == len(set(listed))
    assert all(len(entry["reason"].split()) >= 5 for entry in entries)
    assert sorted(given - read - set(listed)) == []
    assert sorted(set(listed) - given) == [], "no longer declared"
    assert sorted(set(listed) & read) == [], "judged"
