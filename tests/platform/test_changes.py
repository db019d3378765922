"""What people change on a stage that runs: done in place, told, or refused at preview, by the files as they would edit them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from offline.aws.provider import AwsProvider
from tests.platform.renaming import Dev, edit, project_to_edit, remove, rename

pytestmark = pytest.mark.slow

Edit = Callable[[Path], None]


def catalogue(*edits: tuple[str, str]) -> Edit:
    return lambda project: edit(project / "Pulumi.yaml", *edits)


def stage_file(*edits: tuple[str, str]) -> Edit:
    return lambda project: edit(project / "Pulumi.dev.yaml", *edits)


def renamed(old: str, new: str, *, formerly: bool = True) -> Edit:
    return lambda project: rename(project, old, new, formerly=formerly)


def removed(name: str) -> Edit:
    return lambda project: remove(project, name)


def after(*edits: Edit) -> Edit:
    def apply(project: Path) -> None:
        for each in edits:
            each(project)

    return apply


DATABASE = "    maxConnections: 60\n"
PATHS = ("path: /tracking*", "path: /elsewhere"), ("path: /legacy*", "path: /tracking*"), ("/elsewhere", "/legacy*")
PRIORITIES = ("priority: 200", "priority: 999"), ("priority: 300", "priority: 200"), ("priority: 999", "priority: 300")
NO_LOGIN = catalogue(
    ("        docsLoginVia: legacy-api\n", ""),
    ("        docsLoginPath: /legacy/login\n", ""),
)
SPLIT = after(
    catalogue(
        (
            "      legacy-api:",
            "      login-api:\n        path: /legacy/login*\n        priority: 250\n      legacy-api:",
        )
    ),
    lambda project: shutil.copytree(project / "env" / "legacy-api", project / "env" / "login-api") and None,
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Dev:
    folder = tmp_path_factory.mktemp("running")
    dev = Dev(project=project_to_edit(folder / "project"), state=folder / "state")
    assert dev.run()[0].result == "succeeded"
    dev.deploy_everything()
    assert dev.run()[0].result == "succeeded"
    return dev


class Standing(AwsProvider):
    """The offline AWS as the stage left it: a preview changes nothing there, so it is restored once for all of them."""

    restored = False

    def replay(self, operations: Iterable[Any]) -> None:
        if not self.restored:
            super().replay(operations)
        self.restored = True


@pytest.fixture(scope="module")
def standing() -> Standing:
    return Standing(region="ap-northeast-2")


@pytest.mark.parametrize(
    ("change", "refused", "told", "comes", "goes"),
    [
        pytest.param(
            after(renamed("tracking-api", "rank-api"), renamed("gateway", "front-door"), renamed("ranking-batch", "rank-batch")),
            set(), set(), 0, 0, id="three renames at once",
        ),
        pytest.param(
            after(renamed("tracking-api", "rank-api"), catalogue(("path: /tracking*", "path: /rank*"), ("priority: 200", "priority: 250"))),
            set(), set(), 1, 1, id="a rename with another path and priority",
        ),
        pytest.param(
            after(renamed("legacy-api", "login-api"), catalogue(("priority: 200", "priority: 250"), ("priority: 300", "priority: 200"))),
            set(), {"outages-told"}, 1, 1, id="a rename, and the priority that another had",
        ),
        pytest.param(renamed("gateway", "front", formerly=False), {"nothing-lost"}, set(), 27, 27, id="a service's rename untold"),
        pytest.param(
            renamed("tracking-api", "rank-api", formerly=False),
            {"connection-budget", "nothing-lost"}, set(), 27, 27, id="the rename of one with a database untold",
        ),
        pytest.param(renamed("ranking-batch", "rank", formerly=False), {"nothing-lost"}, set(), 9, 9, id="a job's rename untold"),
        pytest.param(
            after(renamed("gateway", "front", formerly=False), catalogue(("      front:", "      front:\n        formerly: never"))),
            {"nothing-lost"}, set(), 27, 27, id="a rename from a name that nobody had",
        ),
        pytest.param(
            after(removed("ranking-batch"), renamed("gateway", "ranking-batch")),
            {"nothing-lost"}, set(), 0, 9, id="a service that takes the name of a job that goes",
        ),
        pytest.param(removed("gateway"), {"nothing-lost"}, set(), 0, 28, id="a service removed"),
        pytest.param(after(removed("legacy-api"), NO_LOGIN), {"nothing-lost"}, set(), 0, 28, id="a service with a database removed"),
        pytest.param(removed("category-batch"), {"nothing-lost"}, set(), 0, 9, id="a job removed"),
        pytest.param(SPLIT, set(), set(), 28, 0, id="a service split"),
        pytest.param(catalogue(*PATHS), set(), {"outages-told"}, 0, 0, id="two paths exchanged"),
        pytest.param(catalogue(*PRIORITIES), set(), {"outages-told"}, 0, 0, id="two priorities exchanged"),
        pytest.param(catalogue(("path: /tracking*", "path: /ranks*")), set(), {"outages-told"}, 0, 0, id="a path moved"),
        pytest.param(stage_file(("10.10.0.0/16", "10.99.0.0/16")), {"networks-stay"}, {"outages-told"}, 0, 0, id="another CIDR"),
        pytest.param(stage_file(("availabilityZones: 2", "availabilityZones: 3")), set(), set(), 5, 0, id="a zone more"),
        pytest.param(stage_file(("t4g.micro", "t4g.small")), set(), {"outages-told"}, 0, 0, id="another class"),
        pytest.param(
            stage_file((DATABASE, f'{DATABASE}    engineVersion: "8.0"\n    extendedSupport: true\n')),
            {"database-change-possible"}, {"outages-told"}, 0, 0, id="an older engine",
        ),
        pytest.param(
            stage_file((DATABASE, f"{DATABASE}    name: market\n")), {"nothing-lost"}, {"outages-told"}, 0, 0, id="another schema untold",
        ),
        pytest.param(
            stage_file((DATABASE, f"{DATABASE}    name: market\n    formerly: itemscout\n")), set(), set(), 0, 0, id="another schema",
        ),
        pytest.param(
            stage_file(("enabled: true\n    branch: develop", "enabled: false")), {"nothing-lost"}, set(), 0, 72, id="no pipelines",
        ),
    ],
)  # fmt: skip
def test_a_change_of_what_runs(
    running: Dev,
    standing: Standing,
    tmp_path: Path,
    change: Edit,
    refused: set[str],
    told: set[str],
    comes: int,
    goes: int,
) -> None:
    dev = Dev(project=project_to_edit(tmp_path / "project"), state=running.state)
    change(dev.project)
    outcome, _ = dev.run("preview", standing)
    found: dict[str, set[str]] = {"mandatory": set(), "advisory": set()}
    for violation in outcome.violations:
        found[violation["enforcementLevel"]].add(str(violation["policyName"]))
    assert outcome.errors == ()
    assert (found["mandatory"], found["advisory"] & {"outages-told"}) == (refused, told)
    assert (outcome.changes["create"], outcome.changes["delete"]) == (comes, goes)
