"""Holds the test run to what is in the tree: a test file from which nothing was collected fails the run."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Compare the files found on disk with the files that gave tests, before -k and -m take some away."""
    if config.args != config.getini("testpaths") or config.option.ignore or config.option.lf:
        return  # someone asked for a part
    collected = {item.path for item in items}
    written = {path for path in TESTS.rglob("*.py") if path.stem.startswith("test") or path.stem.endswith("_test")}
    missing = sorted(str(path.relative_to(TESTS.parent)) for path in written - collected)
    if missing:
        raise pytest.UsageError(f"no test was collected from: {', '.join(missing)}")


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The project's directory."""
    return TESTS.parent
