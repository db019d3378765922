"""Settings of policies: each changes a verdict, the example of the documentation works, and a wrong configuration is reported."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from policies.resources.graph import Graph
from policies.rules.operations.stage_names import stage_names
from policies.serving.catalog import CATALOG
from policies.serving.evaluation import EXCEPTIONS_VALID
from tests.policies.mutations.changes import ROOT, Record, change, rows, told

TABLE = rows("settings")


def judged(records: list[Record], row: dict[str, Any], settings: dict[str, object]) -> list[str]:
    return [
        message
        for _, _, message in told(row.get("stage", "prd"), Graph.from_records(records), {row["policy"]}, settings)
    ]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['policy']} {row['setting']}")
def test_a_setting_changes_the_verdict(platform: Callable[[str], list[Record]], row: dict[str, Any]) -> None:
    records = copy.deepcopy(platform(row.get("stage", "prd")))
    if "of" in row or "add" in row:
        change(records, row)
    configured = judged(records, row, {row["setting"]: row["configured"]})
    assert len(judged(records, row, {})) == row["without"]
    assert configured if row["with"] == "some" else len(configured) == row["with"]
    assert "first" not in row or f": {row['first']} " in configured[0]


def test_every_setting_of_the_catalogue_is_tried() -> None:
    # Two have tests of their own: tests/policies/serving/test_exceptions.py, tests/policies/rules/operations/test_stage_names.py
    own = {EXCEPTIONS_VALID.name, stage_names.spec.name}
    declared = [(spec.name, setting.name) for spec in CATALOG for setting in spec.settings if spec.name not in own]
    assert sorted((row["policy"], row["setting"]) for row in TABLE) == sorted(declared)


FIX = "Fix the configuration of the pack."


@pytest.mark.parametrize(
    ("policy", "settings", "message"),
    [
        (
            "wait-timeout",
            {"minimumSeconds": 400},
            f"undecided: setting minimumSeconds of the policy wait-timeout is 400, above maximumSeconds, which is 300. {FIX}",
        ),
        (
            "wait-timeout",
            {"maximumSeconds": "60"},
            f"undecided: setting maximumSeconds of the policy wait-timeout is not an integer. {FIX}",
        ),
    ],
)
def test_a_range_that_cannot_be_is_undecided(
    platform: Callable[[str], list[Record]], policy: str, settings: dict[str, object], message: str
) -> None:
    assert judged(platform("prd"), {"policy": policy}, settings) == [message]


def test_values_without_a_tag_are_undecided(platform: Callable[[str], list[Record]]) -> None:
    (vpc,) = (record for record in platform("prd") if record["type"] == "aws:ec2/vpc:Vpc")
    (message,) = judged([vpc], {"policy": "required-tags"}, {"values": ["platform-team"]})
    assert message.startswith(
        'undecided: setting values of the policy required-tags has "platform-team", which is not a tag and a value as in '
        '"Owner=platform-team". '
    )


def test_the_documented_configuration_names_policies_and_settings_that_exist() -> None:
    lines = (ROOT / "docs/policies.md").read_text("utf-8").splitlines()
    (example,) = (json.loads(line) for line in lines if line.startswith('    {"'))
    specs = {spec.name: spec for spec in CATALOG}
    assert example.pop("all") == "mandatory"
    for policy, configured in example.items():
        assert specs[policy].not_settings(configured.keys() - {"enforcementLevel"}) == []
