"""`--accept-loss` is told to the packs of a run, and to nothing after it."""

import os

import pytest

from cli.stages.acceptance import accepting


@pytest.mark.parametrize("before", [None, "", "no", "yes"])
def test_the_variable_is_set_for_the_run_alone(monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    monkeypatch.delenv("ACCEPT_LOSS", raising=False)
    if before is not None:
        monkeypatch.setenv("ACCEPT_LOSS", before)
    with accepting():
        assert os.environ["ACCEPT_LOSS"] == "yes"
    assert os.environ.get("ACCEPT_LOSS") == before


def test_it_is_taken_back_when_the_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACCEPT_LOSS", raising=False)
    with pytest.raises(KeyError), accepting():
        raise KeyError
    assert "ACCEPT_LOSS" not in os.environ
