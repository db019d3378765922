"""Ways out of a broken budget, applied to the files of a real stage: whole previews, judged by the whole pack."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from offline.engine.deployment import run
from tests.function_program import MainProgram
from tests.pack_here import packs_here
from tests.policies.written_platforms import Files, applied, write

ROOT = Path(__file__).parents[2]
Preview = Callable[[Files], tuple[str, list[str]]]
"""The files of a project to its result and the ways out that its message offers."""


@pytest.fixture
def preview(tmp_path: Path) -> Preview:
    project = tmp_path / "project"
    shutil.copytree(ROOT / "env", project / "env")
    for name in ("__main__.py", "components", "settings", "policies", "delivery"):
        (project / name).symlink_to(ROOT / name)

    def previewed(files: Files) -> tuple[str, list[str]]:
        write(files, project)
        stage = next(path for path in files if path.startswith("Pulumi.") and path != "Pulumi.yaml").split(".")[1]
        with packs_here():
            outcome = run(
                kind="preview",
                stage=stage,
                project_dir=project,
                state_dir=tmp_path / "state",
                pack_dir=ROOT / "policies",
                on_event=lambda event: None,
                program=MainProgram(project),
            )
        assert outcome.errors == ()
        budgets = [found["message"] for found in outcome.violations if found["policyName"] == "connection-budget"]
        ways = [line[4:] for message in budgets for line in message.splitlines() if line.startswith("  * ")]
        return outcome.result, ways

    return previewed


@pytest.mark.parametrize(
    ("stage", "edit", "names", "tried"),
    [
        (
            "dev",
            ("dbConnLimit: 10", "dbConnLimit: 20"),
            ["dev-db", "dev-tracking-api", "dev-datalab-api and dev-legacy-api", "dev-db"],
            (0, 1, 2, 3),
        ),
        (
            "prd",
            ("serviceOverrides:\n", "serviceOverrides:\n    tracking-api: { dbConnLimit: 200 }\n"),
            ["prd-db", "prd-tracking-api", "prd-tracking-api", "prd-datalab-api and prd-tracking-api", "prd-db"],
            (2, 3),
        ),
    ],
)
def test_each_way_makes_the_preview_pass(
    preview: Preview, stage: str, edit: tuple[str, str], names: list[str], tried: tuple[int, ...]
) -> None:
    name = f"Pulumi.{stage}.yaml"
    files = {path: (ROOT / path).read_text(encoding="utf-8") for path in ("Pulumi.yaml", name)}
    files[name] = files[name].replace(*edit)
    result, ways = preview(files)
    assert (result, [way.partition(":")[0] for way in ways]) == ("failed", names)
    for position in tried:
        assert preview(applied(files, ways[position])) == ("succeeded", []), ways[position]
