"""Single bad changes of the compliant platform, each told by the right policy on the right resource; benign ones tell nothing.

The tables in mutations/ are derived from the rules of Checkov, cdk-nag and AWS (docs/policies.md), not from the policies' code.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from pack.catalog import CATALOG
from pack.court import Court
from pack.exceptions import load_exceptions
from pack.graph import Graph
from pack.policies import connection_judges, rules_for
from pack.spec import Level

ROOT = Path(__file__).parents[2]
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
TABLES = Path(__file__).with_name("mutations")
TOLD_ELSEWHERE = {"connection-budget-at-registration", "exceptions-shown", "exceptions-valid"}
"""Policies that no change of a stack alone can fire; test_registration.py and test_exceptions.py do."""

URNS = re.compile(r"urn:pulumi:[^\s,]*::")
Record = dict[str, Any]
Stage = tuple[list[Record], frozenset[tuple[str, str]]]


def rows(*names: str) -> list[dict[str, Any]]:
    return [row for name in names for row in yaml.safe_load((TABLES / f"{name}.yaml").read_text(encoding="utf-8"))]


BAD = rows("database", "network", "services", "access", "storage")
BENIGN = rows("benign")


def told(stage: str, records: list[Record], only: str | None = None) -> Iterator[tuple[str, str, str]]:
    """(policy, URN, message) of everything that the pack, or only one policy, reports; exceptions applied."""
    known = frozenset(spec.name for spec in CATALOG)
    exceptions = load_exceptions(ROOT / "policies/exceptions.yaml", known=known, today=date(2026, 11, 22))
    rules = rules_for(stage, connection_judges(stage, None)[0])
    court, graph = Court(stage=stage, rules=rules, exceptions=exceptions), Graph.from_records(records)
    for name, rule in rules.items():
        if rule.spec.level(stage) is not Level.DISABLED and only in (None, name):
            for finding in court.verdict(graph, name, {}):
                yield name, finding.urn, finding.message


@pytest.fixture(scope="module")
def stages(platform: Callable[[str], list[Record]]) -> Callable[[str], Stage]:
    """The records of a real stage's preview, and what the pack reports of it as it is."""
    done: dict[str, Stage] = {}

    def stage(name: str) -> Stage:
        if name not in done:
            records = platform(name)
            done[name] = records, frozenset((policy, urn) for policy, urn, _ in told(name, records))
        return done[name]

    return stage


def kind_of(record: Record) -> str:
    """ "aws:rds/instance:Instance" as "rds:Instance"."""
    module, _, kind = record["type"].partition(":")[2].partition(":")
    return f"{module.partition('/')[0]}:{kind}"


def find(records: list[Record], which: str) -> Record:
    kind, _, name = which.partition(" ")
    [found] = [record for record in records if kind_of(record) == kind and record["urn"].rpartition("::")[2] == name]
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
    if "also" in row:
        change(records, row["also"])


def changed(
    stages: Callable[[str], Stage], row: dict[str, Any]
) -> tuple[list[Record], Callable[[str | None], list[tuple[str, str, str]]]]:
    """The changed records, and what one policy, or all, tell of them that they do not tell of the stage as it is."""
    stage = row.get("stage", "prd")
    before, known = stages(stage)
    touched = {entry["of"] for entry in (row, row.get("also", {})) if "of" in entry}
    copies = {id(find(before, name)) for name in touched}
    records = [copy.deepcopy(record) if id(record) in copies else record for record in before]
    change(records, row)
    return records, lambda only: [entry for entry in told(stage, records, only) if entry[:2] not in known]


@pytest.mark.parametrize("row", BAD, ids=lambda row: f"{row['policy']}: {row['rule']}")
def test_a_bad_change_is_told_by_the_right_policy_on_the_right_resource(
    stages: Callable[[str], Stage], row: dict[str, Any]
) -> None:
    records, tell = changed(stages, row)
    entries = tell(row["policy"])
    assert not [message for _, _, message in entries if " failed: " in message or "hunter2" in message]
    found = [urn for _, urn, _ in entries]
    says = row.get("says")
    assert says is None or [message for _, _, message in entries if f": {says} " in URNS.sub("urn:…::", message)]
    assert found, f"told instead: {sorted({policy for policy, _, _ in tell(None)})}"
    where = row.get("at") or row["of"]
    if where != "any":
        urn = find(records, where)["urn"]
        assert urn in found
        assert row.get("wide") or set(found) == {urn}


@pytest.mark.parametrize("row", BENIGN, ids=lambda row: row["change"])
def test_a_benign_change_is_told_by_nobody(stages: Callable[[str], Stage], row: dict[str, Any]) -> None:
    assert changed(stages, row)[1](None) == []


def test_there_are_enough_changes_and_every_policy_is_fired_by_one() -> None:
    assert len(BAD) >= 300
    assert len(BENIGN) >= 50
    assert {spec.name for spec in CATALOG} - {row["policy"] for row in BAD} == TOLD_ELSEWHERE


def test_every_rule_that_the_catalogue_names_has_its_change() -> None:
    """Each id in a policy's references is the start of at least one row's `rule`, or shares its policy with one that is."""
    tried = {(row["policy"], row["rule"].split()[0]) for row in BAD}
    policies = {policy for policy, _ in tried}
    assert {spec.name for spec in CATALOG if spec.references} <= policies
    named = {reference for spec in CATALOG for reference in spec.references}
    assert len({rule for _, rule in tried if rule in named}) >= 100


def test_nothing_mandatory_and_nothing_undecided_is_told_of_the_real_platform(stages: Callable[[str], Stage]) -> None:
    """The advisories that remain: dev has no domain, so it speaks HTTP; ECS Exec needs a root filesystem it can write."""
    for stage, expected in (("dev", {"https-only", "container-read-only"}), ("prd", set[str]())):
        records, _ = stages(stage)
        entries = list(told(stage, records))
        assert {policy for policy, _, _ in entries} == expected
        assert not [message for _, _, message in entries if "undecided" in message]
        levels = {spec.name: spec.level(stage) for spec in CATALOG}
        assert {levels[policy] for policy, _, _ in entries} <= {Level.ADVISORY}
