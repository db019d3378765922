"""The page about writing policies, followed: its policy is served by the pack's own process, and its rows fire it."""

import copy
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest
import yaml

from gate.violation_text import NamedResource, read_violation
from policies.facts.facts import Facts
from policies.resources.graph import Graph
from policies.rules.rule import Rule, Stack
from tests.policies.graphs import foreign_records
from tests.policies.mutations.changes import Record, change
from tests.policies.test_mutations import URNS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/writing-policies.md").read_text("utf-8")


def block(language: str) -> str:
    """The first block of a language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def program() -> None:
    """Three buckets, two of them without a name."""
    aws.s3.Bucket("logs", bucket="logs")
    aws.s3.Bucket("images")
    aws.s3.Bucket("uploads")
    aws.s3.Bucket("right", bucket="acme-right")


@pytest.mark.parametrize(("stage", "level"), [("dev", "advisory"), ("prd", "mandatory")])
def test_the_policy_of_the_page_is_found_served_and_reports_as_the_page_says(
    tmp_path: Path, stage: str, level: str
) -> None:
    pack = shutil.copytree(ROOT / "policies", tmp_path / "policies", ignore=shutil.ignore_patterns("__pycache__"))
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n", "utf-8")
    (pack / "rules/own/buckets.py").write_text(block("python"), "utf-8")
    (project := tmp_path / "project").mkdir()
    seen: list[Any] = []
    foreign_records(program, stage, project, pack, seen.append)
    [event] = [
        item for event in seen if (item := event.get("policyEvent")) and item["policyName"] == "bucket-name-prefix"
    ]
    what, _, rest = event["message"].partition("\n")
    assert (what, rest.strip()) == ("A bucket's name begins with the company's.", block("text").strip())
    assert event["enforcementLevel"] == level
    parts = read_violation(event["message"])
    assert parts is not None
    assert [cause.resources for cause in parts.causes] == [
        (NamedResource(type="aws:s3:Bucket", name="logs"),),
        (NamedResource(type="aws:s3:Bucket", name="images"), NamedResource(type="aws:s3:Bucket", name="uploads")),
    ]


def example() -> Rule:
    """The policy of the page."""
    module: dict[str, Any] = {}
    exec(compile(block("python"), "buckets.py", "exec"), module)  # noqa: S102 -- the page's own code
    (rule,) = (value for value in module.values() if isinstance(value, Rule))
    return rule


@pytest.mark.parametrize("row", yaml.safe_load(block("yaml")), ids=lambda row: row["rule"])
def test_the_rows_of_the_page_fire_it(platform: Callable[[str], list[Record]], row: dict[str, Any]) -> None:
    rule, records = example(), copy.deepcopy(platform("prd"))
    change(records, row)
    found = rule.judge(Stack(facts=Facts(Graph.from_records(records)), stage="prd", spec=rule.spec))
    messages = [item.message for item in found if item.urn.endswith(f"::{row['of'].partition(' ')[2]}")]
    assert [f": {row['says']} " in URNS.sub("urn:…::", message) for message in messages] == [True], messages


def test_the_decorators_levels_and_facts_that_the_page_names_exist() -> None:
    from policies.facts.finding import Finding
    from policies.rules import policy, property_checks, rule

    levels = re.findall(r"`([A-Z_]{4,})`", PAGE)
    assert levels
    assert [name for name in levels if not hasattr(policy, name)] == []
    assert all(hasattr(rule, name) for name in ("container_policy", "stack_policy", "checked", "label"))
    assert hasattr(property_checks, "flag")
    assert hasattr(Finding, "of")
    assert all(hasattr(Facts, name) for name in ("doors", "mesh", "runs", "budgets", "databases"))
    paths = re.findall(r"`((?:policies|tests|gate|docs)/[\w/.-]+\.(?:py|yaml))`", PAGE)
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert missing == ["policies/rules/own/buckets.py"]
