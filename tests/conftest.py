"""Holds the test run to what is in the tree, and gives tests the configuration of the real stages and a preview of them."""

from __future__ import annotations

import copy
import functools
import gc
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.function_program import FunctionProgram, MainProgram

if TYPE_CHECKING:  # a suite of another project takes this file alone (tests/test_collection.py)
    from offline.engine.outcome import Outcome
    from settings.merged import Settings

TESTS = Path(__file__).resolve().parent
TOGETHER = tuple(
    f"tests/parity/test_{name}.py" for name in ("events", "steps", "switching", "verdicts", "what_the_pack_is_sent")
)
"""They look at the same runs of both engines, which take minutes."""

LONG = {
    TESTS / name
    for name in (
        "policies/rules/budget/test_ways_out.py",
        "policies/test_mutations.py",
        "policies/test_unknowns.py",
        "settings/test_examples.py",
        "test_fuzz.py",
    )
}
"""They take more than ten seconds each, and are no run of a whole platform."""


# A clock fails no test: the machine may be busy with others. `--hypothesis-profile thorough` tries ten times as many examples.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("suite")

gc.disable()
"""Thousands of tests and whole SDKs stay until the end: looking for garbage among them again and again takes longer than all of it."""


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """Let pytest's last look for garbage find none: to free object by object what the process's end frees at once takes 10 s."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Compare the files found on disk with the files that gave tests, before -k and -m take some away."""
    # The long ones first: no process of several waits for another at the end.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, item.path not in LONG))
    if config.args != config.getini("testpaths") or config.option.ignore or getattr(config.option, "lf", False):
        return  # someone asked for a part
    collected = {item.path for item in items}
    written = {path for path in TESTS.rglob("*.py") if path.stem.startswith("test") or path.stem.endswith("_test")}
    missing = sorted(str(path.relative_to(TESTS.parent)) for path in written - collected)
    if missing:
        raise pytest.UsageError(f"no test was collected from: {', '.join(missing)}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """For `-n`: a file stays whole, and those that look at the same runs of both engines stay together."""
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return TOGETHER[0] if file in TOGETHER else file

    return Files(config, log)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The project's directory."""
    return TESTS.parent


def _project() -> str:
    from tests.project import PROJECT  # this file alone is taken to another project (tests/test_collection.py)

    return PROJECT


def stage_configuration(stage: str) -> dict[str, Any]:
    """The configuration of a real stage, as Pulumi reads it from both files; each call gives a copy to change."""
    return copy.deepcopy(_configuration(stage))


@functools.cache
def _configuration(stage: str) -> dict[str, Any]:
    import yaml

    catalogue = yaml.safe_load((TESTS.parent / "Pulumi.yaml").read_text())["config"]
    values = {f"{_project()}:{key}": entry["value"] for key, entry in catalogue.items() if isinstance(entry, dict)}
    return values | yaml.safe_load((TESTS.parent / f"Pulumi.{stage}.yaml").read_text())["config"]


@pytest.fixture
def stage_values() -> Callable[[str], dict[str, Any]]:
    """The configuration of a real stage; each call gives a copy to change."""
    return stage_configuration


@pytest.fixture
def stage_settings(stage_values: Callable[[str], dict[str, Any]]) -> Callable[[str], Settings]:
    """The settings of a real stage."""
    from settings.reader import read

    return lambda stage: read(stage_values(stage), project=_project(), stage=stage, project_dir=TESTS.parent)


@pytest.fixture(scope="session")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Outcome]:
    """Preview a real stage in the embedded engine, without the pack; overrides replace whole configuration keys.

    A stage as it is gets previewed once a session.
    """
    from offline.engine.deployment import run

    done: dict[str, Outcome] = {}

    def run_preview(
        stage: str, overrides: dict[str, Any] | None = None, program: Callable[[], None] | None = None
    ) -> Outcome:
        if overrides is None and program is None and stage in done:
            return done[stage]
        outcome = run(
            kind="preview",
            stage=stage,
            project_dir=TESTS.parent,
            state_dir=tmp_path_factory.mktemp("state"),
            pack_dir=None,
            on_event=lambda event: None,
            program=FunctionProgram(program) if program else MainProgram(TESTS.parent),
            config_overrides={f"{_project()}:{key}": value for key, value in (overrides or {}).items()},
        )
        if overrides is None and program is None:
            done[stage] = outcome
        return outcome

    return run_preview
