"""Single bad changes of the compliant platform, each told by the right policy on the right resource; benign ones tell nothing.

The tables in mutations/ are derived from the rules of Checkov, cdk-nag and AWS (docs/policies.md), not from the policies' code.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies.rules.rule import Rule
from policies.serving.catalog import CATALOG
from tests.policies.mutations.changes import Record, Stage, changed, find, rows, told

MUTATIONS = Path(__file__).parent / "mutations"
TOLD_ELSEWHERE = {
    "change-compared",
    "connection-budget-at-registration",
    "database-change-possible",
    "exceptions-shown",
    "exceptions-valid",
    "names-free",
    "networks-stay",
    "nothing-lost",
    "outages-told",
    "stage-names",
}
"""Policies that no stack alone can fire: those about registrations, exceptions, and the way from what was there before."""


def tables(folder: str) -> list[str]:
    """The names of the tables below a folder of mutations/, as `rows` takes them, such as "bad/network/dns"."""
    return sorted(
        path.relative_to(MUTATIONS).with_suffix("").as_posix() for path in (MUTATIONS / folder).rglob("*.yaml")
    )


URNS = re.compile(r"urn:pulumi:[^\s,]*::")
BAD_TABLES = tables("bad")
BAD = rows(*BAD_TABLES)
BENIGN = rows(*tables("benign"))
JUDGEMENT = rows("judgement")


@pytest.fixture(scope="module")
def stages(platform: Callable[[str], list[Record]]) -> Callable[[str], Stage]:
    """A real stage, read and judged once."""
    return functools.cache(lambda name: Stage(name, platform(name)))


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


@pytest.mark.parametrize("row", JUDGEMENT, ids=lambda row: row["rule"])
def test_a_judgement_call_is_argued_and_told_by_nobody(stages: Callable[[str], Stage], row: dict[str, Any]) -> None:
    assert len(row["because"].split()) >= 8
    assert changed(stages, row)[1](None) == []


def test_there_are_enough_changes_and_every_policy_is_fired_by_one() -> None:
    assert len(BAD) >= 1300
    assert len(BENIGN) >= 200
    assert {spec.name for spec in CATALOG} - {row["policy"] for row in BAD} == TOLD_ELSEWHERE


def test_a_bad_change_stands_in_the_table_of_the_module_that_reports_it() -> None:
    for table in BAD_TABLES:
        module = importlib.import_module(table.replace("bad/", "policies/rules/").replace("/", "."))
        policies = {value.spec.name for value in vars(module).values() if isinstance(value, Rule)}
        assert {row["policy"] for row in rows(table)} <= policies, table


def test_every_rule_that_the_catalogue_names_has_its_change() -> None:
    """Each id in a policy's references is the start of at least one row's `rule`, or shares its policy with one that is."""
    tried = {(row["policy"], row["rule"].split()[0]) for row in BAD}
    policies = {policy for policy, _ in tried}
    assert {spec.name for spec in CATALOG if spec.references} <= policies
    named = {reference for spec in CATALOG for reference in spec.references.split()}
    assert len({rule for _, rule in tried if rule in named}) >= 100


def test_policies_that_are_not_asked_again_would_report_nothing_else(stages: Callable[[str], Stage]) -> None:
    """Of some rows, all policies are: what a policy reads is written down whole."""
    for row in (*BAD[::500], *BENIGN[::200]):
        stage, (records, tell) = stages(row.get("stage", "prd")), changed(stages, row)
        every = [entry for entry in told(stage.name, stage.graph(records)) if entry[:2] not in stage.reported]
        assert (row, sorted(tell(None))) == (row, sorted(every))


def test_nothing_is_told_of_the_real_platform(stages: Callable[[str], Stage]) -> None:
    """Neither an advisory: what nothing can be done about is no finding."""
    for stage in ("dev", "prd"):
        assert stages(stage).reported == frozenset()
