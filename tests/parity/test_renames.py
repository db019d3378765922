"""A service, a job and the database renamed on both engines: in place with `formerly`; untold, or told wrong, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.stages.losses import losses
from offline.records import EngineName
from offline.stage import offline_stage
from tests.parity.engines import ENGINES, ROOT, Run, Stage
from tests.platform.renaming import SMALL, edit, inventory, made_small, project_to_edit, rename

pytestmark = pytest.mark.slow


def refusals(run: Run) -> set[str]:
    """The policies that refuse."""
    told = run.outcome.violations
    return {str(violation["policyName"]) for violation in told if violation["enforcementLevel"] == "mandatory"}


def there(dev: Stage) -> dict[str, list[str]]:
    """What AWS has."""
    with offline_stage(project_dir=dev.project, state_dir=dev.state, stage="dev") as stage:
        return inventory(stage.call, services=SMALL)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rename_is_in_place_or_refused_at_preview(
    cli: Path, tmp_path: Path, engine: EngineName, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_to_edit(tmp_path / "project")
    made_small(project)
    dev = Stage(engine=engine, cli=cli, project=project, state=tmp_path / "state", pack=ROOT / "policies")
    assert dev.run("up", skip_preview=True).outcome.result == "succeeded"

    before = there(dev)

    rename(project, "datalab-api", "rank-api", formerly=True)
    rename(project, "category-batch", "sorting-batch", formerly=True)
    schema = "database:\n    name: rankings\n    formerly: itemscout\n"
    edit(project / "Pulumi.dev.yaml", ("database:\n", schema))
    run = dev.run("up", skip_preview=True)
    assert (run.outcome.result, refusals(run), run.outcome.errors) == ("succeeded", set(), ())
    assert (run.outcome.changes["create"], run.outcome.changes["delete"]) == (0, 0)
    assert there(dev) == before
    assert sum(dev.run("preview").outcome.changes.values()) == dev.runs[-1].outcome.changes["same"]

    rename(project, "legacy-api", "front-door", formerly=False)
    edit(project / "Pulumi.dev.yaml", ("10.10.0.0/16", "10.99.0.0/16"))
    run = dev.run("preview")
    assert (run.outcome.result, refusals(run)) == ("failed", {"networks-stay", "nothing-lost"})
    edit(project / "Pulumi.dev.yaml", ("10.99.0.0/16", "10.10.0.0/16"))
    [lost] = (told["message"] for told in run.outcome.violations if told["policyName"] == "nothing-lost")
    assert "The repository dev-legacy-api is deleted with all of its images" in lost
    assert "The log group /dev/legacy-api is deleted with all of its logs" in lost
    with monkeypatch.context() as accepting:
        accepting.setenv("ACCEPT_LOSS", "yes")
        assert dev.run("preview").outcome.result == "succeeded"
    rename(project, "front-door", "legacy-api", formerly=False)

    # A rule is named by its priority: another one is a new rule, made before the old one goes.
    rename(project, "legacy-api", "login-api", formerly=True)
    edit(project / "Pulumi.yaml", ("path: /legacy*", "path: /login*"), ("priority: 300", "priority: 150"))
    run = dev.run("up", skip_preview=True)
    assert (run.outcome.result, refusals(run), run.outcome.errors) == ("succeeded", set(), ())
    assert (run.outcome.changes["create"], run.outcome.changes["delete"]) == (1, 1)

    # The name before the last was forgotten: all that AWS has of rank-api would be made again beside itself.
    monkeypatch.setenv("ACCEPT_LOSS", "yes")
    catalogue = project / "Pulumi.yaml"
    catalogue.write_text(catalogue.read_text("utf-8").replace("  rank-api:", "  best-api:"), "utf-8")
    (project / "env" / "rank-api").rename(project / "env" / "best-api")
    for path in [catalogue, *project.glob("Pulumi.*.yaml"), *project.glob("env/*/.env*")]:
        path.write_text(path.read_text("utf-8").replace("rank-api", "best-api"), "utf-8")
    run = dev.run("preview")
    assert (run.outcome.result, "names-free" in refusals(run)) == ("failed", True)
    monkeypatch.delenv("ACCEPT_LOSS")
    text = catalogue.read_text("utf-8")
    assert text.count("formerly: datalab-api") == 1
    catalogue.write_text(text.replace("formerly: datalab-api", "formerly: [rank-api, datalab-api]"), "utf-8")
    run = dev.run("preview")
    assert (run.outcome.result, refusals(run)) == ("succeeded", set())
    assert (run.outcome.changes["create"], run.outcome.changes["delete"]) == (0, 0)
    told = losses(dev.state, "dev")
    assert "The database dev-db is deleted with its data; a snapshot is kept only where one is asked for." in told
    assert any(
        line.startswith("The repository dev-datalab-api is deleted with all of its images (also: dev-legacy-api")
        for line in told
    )
