"""The hosts' stand-ins on loopback."""

from collections.abc import Iterator

import pytest

from tests.gate.hosts.github_stand_in import GitHub
from tests.gate.hosts.gitlab_stand_in import GitLab


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLab]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = GitLab()
    yield server
    server.close()


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = GitHub()
    yield server
    server.close()
