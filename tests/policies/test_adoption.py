"""The adoption profile on somebody else's program: it names what exists, fits on two screens, and levels follow the team's own stages."""

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from offline.engine.judging.pack_config import load_pack_config
from policies.serving.catalog import CATALOG
from tests.commands import Ended, command, programs_here

ROOT = Path(__file__).parents[2]
PROFILE = ROOT / "policies/profiles/adoption.json"
SCREEN = 50  # lines


def previewed(project: Path, stage: str, *options: str, columns: int = 100) -> Ended:
    """What `./run preview` prints of a program in another folder."""
    with programs_here():
        where = ("-s", stage, "--project", str(project))
        return command(ROOT, "preview", *where, *options, environment={"COLUMNS": str(columns)})


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The program, in three stages; one of them has a name that nobody told the pack."""
    project = shutil.copytree(ROOT / "examples/web-shop", tmp_path / "web-shop")
    for stage in ("production", "canary"):
        shutil.copyfile(project / "Pulumi.staging.yaml", project / f"Pulumi.{stage}.yaml")
    return project


def test_the_profile_names_policies_and_settings_that_exist() -> None:
    config = load_pack_config(PROFILE)
    config.require_fit({spec.name: {setting.name: setting.schema for setting in spec.settings} for spec in CATALOG})
    mandatory = {name for name, level in config.levels.items() if level == "mandatory"}
    assert (config.every, mandatory) == (
        "disabled",
        {"connection-budget", "connection-budget-at-registration", "exceptions-valid"},
    )


@pytest.mark.parametrize("columns", [80, 100])
def test_the_first_run_on_an_average_program_fits_on_two_screens(shop: Path, columns: int) -> None:
    ran = previewed(shop, "staging", "--full", "--policy-pack-config", str(PROFILE), columns=columns)
    lines = ran.stdout.splitlines()
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "38 to create; 2 mandatory, 0 advisory violations;" in lines[-2]
    assert [line.split()[1] for line in lines if line.startswith("  [")] == ["connection-budget"]
    assert sum(max(1, math.ceil(len(line) / columns)) for line in lines) <= 2 * SCREEN


def levels(ran: Ended) -> dict[str, str]:
    """Policy to the level of what it found."""
    events: list[Any] = [json.loads(line) for line in ran.stdout.splitlines()]
    found = [event["policyEvent"] for event in events if "policyEvent" in event]
    return {item["policyName"]: item["enforcementLevel"] for item in found}


def test_levels_follow_the_team_s_own_stages(shop: Path) -> None:
    content = json.loads(PROFILE.read_text("utf-8"))
    content |= {"database-encrypted": "mandatory", "database-multi-az": "mandatory", "container-insights": "advisory"}
    configured = shop / "config.json"
    configured.write_text(json.dumps(content), "utf-8")
    found = {
        stage: levels(previewed(shop, stage, "--json", "--policy-pack-config", str(configured)))
        for stage in ("staging", "production", "canary")
    }
    strict = {
        "connection-budget": "mandatory",
        "container-insights": "advisory",
        "database-encrypted": "mandatory",
        "database-multi-az": "mandatory",
    }
    lenient = {**strict, "database-encrypted": "advisory"}
    del lenient["database-multi-az"]  # off in dev
    assert found == {"staging": lenient, "production": strict, "canary": {**strict, "stage-names": "advisory"}}
