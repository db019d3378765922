"""`./run gate` with `pulumi` on PATH and a backend: that CLI previews, against its own state, and judges with the export of it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

from cli.gate.gate import Gate, gate
from cli.gate.previews import has_backend
from gate.document import Document
from tests.parity.engines import ROOT
from tests.platform.renaming import made_small, project_to_edit
from tests.project import PROJECT

pytestmark = pytest.mark.slow


@dataclass
class Account:
    """This project with the CLI, a file backend and an AWS that is offline, as the environment of a job names them."""

    project: Path
    out: Path

    def gate(self, stage: str) -> tuple[int, Document]:
        stages = (stage,)
        code = gate(
            Gate(stages=stages, project_dir=self.project, state_dir=self.out, out=self.out), write=lambda line: None
        )
        return code, Document.model_validate_json((self.out / "gate.json").read_bytes())

    def edit(self, old: str, new: str) -> None:
        path = self.project / "Pulumi.prd.yaml"
        text = path.read_text("utf-8")  # which the CLI has written anew
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")

    def pulumi(self, *arguments: str) -> None:
        done = subprocess.run(["pulumi", *arguments], cwd=self.project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def account(cli: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    project = project_to_edit(tmp_path / "project")
    made_small(project)
    home, backend = tmp_path / "home", tmp_path / "backend"
    plugin = home / "plugins" / f"resource-aws-v{version('pulumi-aws')}" / "pulumi-resource-aws"
    plugin.parent.mkdir(parents=True)
    python = f"PYTHONPATH='{ROOT}' exec '{sys.executable}' -u -m offline.aws.plugin_process"
    plugin.write_text(f'#!/bin/sh\n{python} "$@"\n')
    plugin.chmod(0o700)
    backend.mkdir()
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "pulumi").symlink_to(cli)
    host = Path(__file__).parent / "language_host"
    for name in [name for name in os.environ if name.startswith(("PULUMI_", "AWS_", "CI_", "GITHUB_", "GITLAB_"))]:
        monkeypatch.delenv(name)
    for name, value in {
        "PATH": f"{commands}{os.pathsep}{host}{os.pathsep}{os.environ['PATH']}",
        "PARITY_PYTHON": sys.executable,
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "OFFLINE_AWS_RECORD": str(tmp_path / "aws.jsonl"),
        # Pulumi's own language host asks the engine for these before it starts a pack; the stand-in does not.
        "PULUMI_PROJECT": PROJECT,
        "PULUMI_STACK": "prd",
        "PULUMI_DRY_RUN": "true",
    }.items():
        monkeypatch.setenv(name, value)
    assert has_backend()
    return Account(project, tmp_path / "out")


def test_prd_of_an_empty_account_and_a_change_that_is_refused(account: Account) -> None:
    account.pulumi("stack", "init", "prd")
    code, document = account.gate("prd")
    [stage] = document.stages
    assert (code, stage.verdict, stage.reasons) == (0, "ok", ())
    assert (stage.engine.kind, stage.engine.version) == ("pulumi", "3.274.1")
    [budget] = stage.budgets
    assert budget.after is not None
    assert (budget.verdict, budget.after.used, budget.after.max_connections) == ("fits", 724, 2540)
    account.edit("maxConnections: 2540", "maxConnections: 300")
    code, document = account.gate("prd")
    [stage] = document.stages
    assert (code, stage.verdict, "connection-budget (mandatory) does not hold." in stage.reasons) == (
        1,
        "refused",
        True,
    )


def test_a_stack_that_is_not_there_has_failed(account: Account) -> None:
    code, document = account.gate("dev")
    assert (code, document.stages[0].verdict) == (1, "failed")
    assert "What runs now could not be exported" in document.stages[0].reasons[0]


def test_what_runs_is_exported_and_the_budget_has_a_before(account: Account) -> None:
    account.pulumi("stack", "init", "prd")
    account.pulumi("up", "--stack", "prd", "--yes", "--skip-preview")
    account.edit("max: 4", "max: 5")
    code, document = account.gate("prd")
    [stage] = document.stages
    [budget] = stage.budgets
    assert (code, stage.verdict) == (0, "ok")
    assert budget.before is not None
    assert budget.after is not None
    assert (budget.before.used, budget.after.used) == (724, 788)
    assert [(change.name, change.operation) for change in stage.changes] == [("legacy-api", "update")]
