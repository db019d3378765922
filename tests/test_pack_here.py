"""The pack in the tests' process says what its own process says: every event of a preview."""

from __future__ import annotations

import contextlib
import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from offline.engine.deployment import run
from tests.function_program import MainProgram
from tests.pack_here import PACK, packs_here
from tests.project import PROJECT

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "as shipped": ("dev", {}),
    "a broken budget": (
        "dev",
        {"serviceDefaults": {"cpu": 512, "memory": 1024, "tasks": {"min": 1, "max": 1}, "dbConnLimit": 40}},
    ),
}


def events(state: Path, where: AbstractContextManager[None], stage: str, overrides: dict[str, Any]) -> list[str]:
    """Programs register in no order that is always the same."""
    heard: list[Any] = []
    with where:
        run(
            kind="preview",
            stage=stage,
            project_dir=PACK.parent,
            state_dir=state,
            pack_dir=PACK,
            on_event=heard.append,
            program=MainProgram(PACK.parent),
            config_overrides={f"{PROJECT}:{key}": value for key, value in overrides.items()},
        )
    for event in heard:
        event.get("summaryEvent", {}).pop("durationSeconds", None)
    return sorted(json.dumps({**event, "sequence": 0, "timestamp": 0}, sort_keys=True) for event in heard)


@pytest.mark.parametrize("case", CASES)
def test_both_say_the_same(case: str, tmp_path: Path) -> None:
    here = events(tmp_path, packs_here(), *CASES[case])
    process = events(tmp_path, contextlib.nullcontext(), *CASES[case])
    assert any('"policyAnalyzeStackSummaryEvent"' in event for event in process)
    assert any('"policyEvent"' in event for event in process) == (case != "as shipped")
    assert here == process
