"""No gate of a test is a CI job's: it would write into the merge request that runs the tests."""

import os
from collections.abc import Iterator

import pytest

from tests.commands import programs_here


@pytest.fixture(autouse=True)
def _no_new_processes() -> Iterator[None]:
    """That the program has one of its own is asked in tests/offline/engine/program."""
    with programs_here():
        yield


@pytest.fixture(autouse=True)
def _nobodys_job(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("CI_", "GITHUB_", "GITLAB_")):
            monkeypatch.delenv(name)
