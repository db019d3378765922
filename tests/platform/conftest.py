"""A real stage brought up once on the offline AWS, with the pack, as `./run up` does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from offline.aws.provider import AwsProvider
from offline.engine.deployment import run
from offline.engine.outcome import Outcome
from tests.project import PROJECT
from tests.replays import replayed_once as replayed_once

ROOT = Path(__file__).parents[2]
REGION = "ap-northeast-2"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage's state folder, and one operation on it in an AWS that is restored from that folder."""

    name: str
    state: Path

    def operate(self, kind: Any, overrides: dict[str, Any] | None = None) -> tuple[Outcome, AwsProvider]:
        provider = AwsProvider(region=REGION)
        outcome = run(
            kind=kind,
            stage=self.name,
            project_dir=ROOT,
            state_dir=self.state,
            pack_dir=ROOT / "policies",
            on_event=lambda event: None,
            provider=provider,
            config_overrides={f"{PROJECT}:{key}": value for key, value in (overrides or {}).items()},
        )
        return outcome, provider


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(name="dev", state=tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="module")
def first_up(dev: Stage) -> tuple[Outcome, AwsProvider]:
    return dev.operate("up")


@pytest.fixture
def ask(first_up: tuple[Outcome, AwsProvider]) -> Callable[..., dict[str, Any]]:
    """A boto3 request to the AWS that `up` filled."""
    return first_up[1].aws.call
