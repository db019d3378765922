"""Every service and job of the real catalogue renamed, two in one `up`, with `up` before and after: nothing is doubled and nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.platform.renaming import DIGEST, SERVICES, Dev, inventory, project_to_edit, rename, running_images

pytestmark = pytest.mark.slow

TOGETHER = (
    {"category-batch": "sorting-batch", "gateway": "front-door"},
    {"datalab-api": "analyzer-api", "legacy-api": "login-api"},
    {"ranking-batch": "rank-batch", "tracking-api": "rank-api"},
)
"""Old names to new ones, those of one `up` together."""
NAMES = {old: new for names in TOGETHER for old, new in names.items()}


@pytest.fixture
def dev(tmp_path: Path) -> Dev:
    return Dev(project=project_to_edit(tmp_path / "project"), state=tmp_path / "state")


def test_every_service_and_job_keeps_all_that_it_has(dev: Dev) -> None:
    assert dev.run()[0].result == "succeeded"
    dev.deploy_everything()
    outcome, ask = dev.run()
    assert outcome.result == "succeeded"
    before, images = inventory(ask), running_images(ask)
    assert len(before["repositories"]) == 4
    assert {name: DIGEST in image for name, image in images.items()} == {
        "dev-api-docs": False,
        **{f"dev-{name}": True for name in NAMES},
    }
    for names in TOGETHER:
        for old, new in names.items():
            rename(dev.project, old, new, formerly=True)
        outcome, ask = dev.run()
        assert (names, outcome.result, outcome.errors) == (names, "succeeded", ())
        assert (outcome.changes["create"], outcome.changes["delete"]) == (0, 0)
        assert (names, inventory(ask), running_images(ask)) == (names, before, images)
    outcome, _ = dev.run("preview")
    assert sum(outcome.changes.values()) == outcome.changes["same"]
    assert {record.name for record in outcome.resources if record.type.endswith(":Service") and not record.custom} == {
        NAMES[name] for name in SERVICES
    }
