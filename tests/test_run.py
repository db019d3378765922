"""The commands as people call them, on the real platform: up, up again, the other stage, violations, mistakes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Ended, command, programs_here

Result = subprocess.CompletedProcess[str] | Ended
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def run(project_root: Path) -> Run:
    """Runs a command from a folder that is not the project's."""

    def start(*arguments: object) -> Result:
        command = [sys.executable, str(project_root / "cli" / "__main__.py"), *map(str, arguments)]
        return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)

    return start


@pytest.fixture
def here() -> Iterator[Run]:
    """The same in this process, where what is said counts."""
    with programs_here():
        yield lambda *arguments: command(Path("/"), *map(str, arguments))


@pytest.fixture
def project(project_root: Path, tmp_path: Path) -> Path:
    """A copy of the project's settings and program, to change."""
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prd.yaml", "__main__.py"):
        shutil.copyfile(project_root / name, tmp_path / name)
    shutil.copytree(project_root / "env", tmp_path / "env")
    for name in ("components", "delivery", "policies", "settings"):
        (tmp_path / name).symlink_to(project_root / name)
    return tmp_path


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), "utf-8")


def steps(result: Result) -> dict[str, dict[str, Any]]:
    """URN to the last state of each resource that the events tell of."""
    last: dict[str, dict[str, Any]] = {}
    for line in result.stdout.splitlines():
        event = json.loads(line)
        if "resOutputsEvent" in event:
            metadata = event["resOutputsEvent"]["metadata"]
            last[metadata["urn"]] = {"op": metadata["op"], "id": metadata["new"]["id"]}
    return last


def test_up_shows_the_platform_and_a_second_up_keeps_every_id(run: Run, tmp_path: Path) -> None:
    first = run("up", "-s", "dev", "--state", tmp_path, "--json")
    assert first.returncode == 0, first.stderr
    created = steps(first)
    assert {step["op"] for step in created.values()} == {"create"}

    second = run("up", "-s", "dev", "--state", tmp_path, "--json")
    assert second.returncode == 0, second.stderr
    assert steps(second) == {urn: {"op": "same", "id": step["id"]} for urn, step in created.items()}

    third = run("preview", "--state", tmp_path)
    lines = third.stdout.splitlines()
    assert third.returncode == 0
    assert lines[0] == "offline AWS, nothing deployed: preview of stage dev"
    assert "  dev-db: 53 of 60 connections, 7 to spare" in lines
    assert re.fullmatch(
        rf"preview succeeded: {len(created)} unchanged; 0 mandatory, \d+ advisory violations; [\d.]+ s "
        r"\(offline AWS, nothing deployed\)",
        lines[-1],
    )
    for name in ("gateway", "datalab-api", "tracking-api", "legacy-api"):
        assert re.search(rf"category-analyzer:platform:Service +{name} +\d+ unchanged", third.stdout)
    for name in ("ranking-batch", "category-batch"):
        assert re.search(rf"category-analyzer:platform:BatchJob +{name} +\d+ unchanged", third.stdout)


def test_prd_passes_with_its_own_budget(here: Run, tmp_path: Path) -> None:
    result = here("preview", "-s", "prd", "--state", tmp_path)
    assert result.returncode == 0, result.stdout
    assert "  prd-db: 1172 of 2540 connections, 1368 to spare\n" in result.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["preview", "up"])
def test_a_limit_too_high_stops_before_anything_is_created(here: Run, project: Path, verb: str) -> None:
    edit(project / "Pulumi.dev.yaml", "dbConnLimit: 10", "dbConnLimit: 20")
    result = here(verb, "-s", "dev", "--project", project)
    assert result.returncode == 1
    assert "dev-db: 73 of 60 connections, 13 too many." in result.stdout
    assert re.search(r"dev-tracking-api +20 +x 1 +x 2 +40 ", result.stdout)
    assert f"Next: ./run preview -s dev --project {project}" in result.stdout
    assert not (project / ".state" / "dev.jsonl").exists()


def test_the_readmes_service_is_eight_lines_at_most_and_fits(here: Run, project: Path, project_root: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", (project_root / "README.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    assert len(block[1].splitlines()) <= 8
    edit(project / "Pulumi.yaml", "  jobs:\n", block[1] + "  jobs:\n")
    result = here("preview", "search-api", "--project", project)
    assert result.returncode == 0, result.stdout
    assert "  dev-db: 59 of 60 connections, 1 to spare\n" in result.stdout


def test_wrong_settings_are_told_all_at_once_and_leave_nothing(run: Run, project: Path) -> None:
    edit(project / "Pulumi.dev.yaml", "natGateways: 1", "natGateway: 1")
    edit(project / "Pulumi.yaml", "priority: 300", "priority: 200")
    result = run("up", "-s", "dev", "--project", project)
    assert result.returncode == 2
    assert result.stdout == "offline AWS, nothing deployed: up of stage dev\n"
    assert "Pulumi.dev.yaml:9 network.natGateway\n    found:   unknown key natGateway" in result.stderr
    assert "priority" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (project / ".state" / "dev.jsonl").exists()


def test_a_stage_without_a_file_is_refused(run: Run) -> None:
    result = run("preview", "-s", "stg")
    assert result.returncode == 2
    assert result.stderr == (
        "error: There is no stage 'stg': Pulumi.stg.yaml does not exist. Stages that exist: dev, prd.\n"
    )
