"""Changes of a real stage's records by the rows of a table, and what the pack tells of them beyond what it tells of the stage."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.resources.graph import Graph, PlainResource
from policies.rules.budget.connection_budget import connection_budget
from policies.rules.policy import Level
from policies.serving.catalog import CATALOG
from policies.serving.evaluation import Evaluation
from policies.serving.exceptions import Exceptions, load_exceptions
from policies.serving.pack import rules_by_name
from tests.policies.mutations.reads import EVERYTHING, Read, ReadGraph, differing

ROOT = Path(__file__).parents[3]
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
TABLES = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Record = dict[str, Any]


def rows(*names: str) -> list[dict[str, Any]]:
    """The rows of tables beside this file."""
    texts = ((TABLES / f"{name}.yaml").read_text(encoding="utf-8") for name in names)
    return [row for text in texts for row in yaml.load(text, Loader=_LOADER)]


class Stage:
    """The records of a real stage's preview, not to be changed, with what the pack reads and reports of them as they are."""

    def __init__(self, name: str, records: list[Record]) -> None:
        self.name = name
        self.records = records
        self._read = {id(record): PlainResource.of_record(record) for record in records}
        self._reads: dict[str, frozenset[Read]] = {}
        reported: set[tuple[str, str]] = set()
        for policy in rules_by_name():  # each by itself: no other has read for it
            graph = ReadGraph(self._read.values())
            reported |= {(policy, urn) for _, urn, _ in told(name, graph, {policy})}
            self._reads[policy] = frozenset(graph.reads)
        self.reported = frozenset(reported)

    def graph(self, records: list[Record]) -> Graph:
        """A graph of these records; those of the stage itself are read once for all graphs."""
        return Graph(self._read.get(id(record)) or PlainResource.of_record(record) for record in records)

    def concerned(self, records: list[Record]) -> frozenset[str]:
        """The policies that read, of the stage as it is, anything that differs in these records: the others report the same of both.

        What a policy reads next depends on nothing but what it has read.
        """
        now = {id(record) for record in records}
        gone = {resource.urn: resource for key, resource in self._read.items() if key not in now}
        come = [PlainResource.of_record(record) for record in records if id(record) not in self._read]
        pairs = [(gone.pop(resource.urn, None), resource) for resource in come]
        reads = set[Read]().union(
            *(differing(*pair) for pair in [*pairs, *((resource, None) for resource in gone.values())])
        )
        assert any(read[1:] != (EVERYTHING,) for read in reads), "the row changes nothing"
        return frozenset(policy for policy, read in self._reads.items() if read & reads)


@functools.cache
def _exceptions() -> Exceptions:
    known = frozenset(spec.name for spec in CATALOG)
    return load_exceptions(ROOT / "policies/exceptions.yaml", known=known, today=date(2026, 11, 22))


class Trial(Evaluation):
    """Without looking for the ways out of a budget, each of which is tried on all policies (tests/policies/rules/budget)."""

    def findings(self, facts: Facts, policy: str, *, trial: bool = False) -> tuple[Finding, ...]:
        return super().findings(facts, policy, trial=trial or policy == connection_budget.spec.name)


def told(
    stage: str, graph: Graph, only: Collection[str] | None = None, settings: Mapping[str, object] | None = None
) -> Iterator[tuple[str, str, str]]:
    """(policy, URN, message) of everything that the pack, or only some policies, report; exceptions applied."""
    rules = rules_by_name()
    evaluation = Trial(stage=stage, rules=rules, exceptions=_exceptions())
    facts = Facts(graph)
    for name, rule in rules.items():
        if (only is None or name in only) and rule.spec.level(stage) is not Level.DISABLED:
            for finding in evaluation.verdict(facts, name, settings or {}):
                yield name, finding.urn, finding.message


def kind_of(record: Record) -> str:
    """ "aws:rds/instance:Instance" as "rds:Instance"."""
    module, _, kind = record["type"].partition(":")[2].partition(":")
    return f"{module.partition('/')[0]}:{kind}"


def find(records: list[Record], which: str) -> Record:
    kind, _, name = which.partition(" ")
    [found] = [record for record in records if record["urn"].endswith(f"::{name}") and kind_of(record) == kind]
    return found


def place(container: Any, path: str, act: Callable[[Any, Any], None]) -> None:
    """Calls `act` with the innermost holder and its last step. "!" steps into JSON, "{x}" picks the item of that name."""
    step, _, rest = (
        path.partition(".")
        if not path.startswith("{")
        else (path[: path.index("}") + 1], "", path[path.index("}") + 2 :])
    )
    name, json_inside, index = re.fullmatch(r"(.*?)(!?)((?:\[\d+\])?)", step).groups()  # type: ignore[union-attr]
    key: Any = name
    if name.startswith("{"):
        key = next(
            i for i, item in enumerate(container) if name[1:-1] in (item.get("name"), item.get("Name"), item.get("Sid"))
        )
    if json_inside:
        holder = {"document": json.loads(container[key])}
        place(holder, f"document{index}" + (f".{rest}" if rest else ""), act)
        container[key] = json.dumps(holder["document"])
    elif index:
        inner = {"item": container[key]}
        place_index(inner["item"], int(index[1:-1]), rest, act)
    elif rest:
        place(container[key], rest, act)
    else:
        act(container, key)


def place_index(items: Any, index: int, rest: str, act: Callable[[Any, Any], None]) -> None:
    if rest:
        place(items[index], rest, act)
    else:
        act(items, index)


def change(records: list[Record], row: dict[str, Any]) -> None:
    """Apply one row of a table to the records."""
    if "add" in row:
        add = row["add"]
        urn = f"urn:pulumi:prd::category-analyzer::{add['type']}::{add['name']}"
        tags = {"Project": "x", "Stage": row.get("stage", "prd"), "Service": "x", "Owner": "x", "ManagedBy": "x"}
        record = {
            "type": add["type"],
            "urn": urn,
            "outputs": {"tags": tags, **add.get("props", {})},
            "property_dependencies": {},
        }
        records.append(record)
        change(records, {**{key: add[key] for key in ("depend", "unknown") if key in add}, "record": record})
        if "also" in row:
            change(records, row["also"])
        return
    record = row.get("record") or find(records, row["of"])
    props = record["outputs"]
    if row.get("drop"):
        records.remove(record)
    for path, value in row.get("set", {}).items():
        place(props, path, lambda holder, key, value=value: holder.__setitem__(key, value))
    for path in row.get("remove", ()):
        place(props, path, lambda holder, key: holder.__delitem__(key))
    for path in row.get("unknown", ()):
        place(props, path, lambda holder, key: holder.__setitem__(key, UNKNOWN))
        if "from" in row:
            record["property_dependencies"][path.partition(".")[0]] = [find(records, row["from"])["urn"]]
    for path, value in row.get("append", {}).items():
        place(props, path, lambda holder, key, value=value: holder[key].append(value))
    for path, value in row.get("prepend", {}).items():
        place(props, path, lambda holder, key, value=value: holder[key].insert(0, value))
    for prop, names in row.get("depend", {}).items():
        record["property_dependencies"][prop] = [find(records, name)["urn"] for name in names]
    if "before" in row:
        record["dependencies"] = [find(records, name)["urn"] for name in row["before"]]
    if "also" in row:
        change(records, row["also"])


def steps(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row, and what it changes also, however deep."""
    yield row
    if "also" in row:
        yield from steps(row["also"])


def name_of_added(add: dict[str, Any]) -> str:
    """As rows name it in `of`."""
    return f"{kind_of(add)} {add['name']}"


def changed(
    stages: Callable[[str], Stage], row: dict[str, Any]
) -> tuple[list[Record], Callable[[str | None], list[tuple[str, str, str]]]]:
    """The changed records, and what one policy, or all, tell of them that they do not tell of the stage as it is."""
    stage = stages(row.get("stage", "prd"))
    added = {name_of_added(entry["add"]) for entry in steps(row) if "add" in entry}
    touched = {entry["of"] for entry in steps(row) if "of" in entry and entry["of"] not in added}
    copies = {id(find(stage.records, name)) for name in touched}
    records = [copy.deepcopy(record) if id(record) in copies else record for record in stage.records]
    change(records, row)
    graph, concerned = stage.graph(records), stage.concerned(records)

    def tell(only: str | None) -> list[tuple[str, str, str]]:
        asked = concerned if only is None else concerned & {only}
        return [entry for entry in told(stage.name, graph, asked) if entry[:2] not in stage.reported]

    return records, tell
