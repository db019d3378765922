"""`up` without a preview and with a broken budget: refused before the service that breaks it exists, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from offline.engine.urn import name_of, type_of
from offline.records import EngineName
from offline.stage import offline_stage
from tests.parity.engines import ENGINES, ROOT, Stage
from tests.platform.renaming import edit, made_small, project_to_edit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("engine", ENGINES)
def test_the_service_that_breaks_the_budget_is_never_made(cli: Path, tmp_path: Path, engine: EngineName) -> None:
    project = project_to_edit(tmp_path / "project")
    made_small(project)
    edit(project / "Pulumi.dev.yaml", ("dbConnLimit: 5\n", "dbConnLimit: 20\n"))
    state = tmp_path / "state"
    run = Stage(engine=engine, cli=cli, project=project, state=state, pack=ROOT / "policies").run(
        "up", skip_preview=True
    )
    assert run.outcome.result == "failed"
    refusals = [told for told in run.outcome.violations if told["enforcementLevel"] == "mandatory"]
    assert {told["policyName"] for told in refusals} == {"connection-budget-at-registration"}
    assert {type_of(told["resourceUrn"]) for told in refusals} == {"aws:ecs/service:Service"}
    refused = {name_of(told["resourceUrn"]) for told in refusals}
    with offline_stage(project_dir=project, state_dir=state, stage="dev") as aws:
        services = aws.call("ecs", "list_services", cluster="dev-item")["serviceArns"]
    made = {arn.rpartition("/")[2].removeprefix("dev-") for arn in services}
    assert made & refused == set()
