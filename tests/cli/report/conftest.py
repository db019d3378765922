"""Engine events as a small run would send them, made by the engine's own constructors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cli.report.run_model import RunModel
from gate.events import Event
from offline.engine import events

PREFIX = "urn:pulumi:dev::shop::"
STACK = f"{PREFIX}pulumi:pulumi:Stack::shop-dev"
SERVICE = f"{PREFIX}shop:platform:Service::api"


class Run:
    """Sends events to a model."""

    def __init__(self) -> None:
        self.model = RunModel()
        self.events: list[Event] = []
        self._stream = events.Stream(self._take, clock=lambda: 1.0)

    def _take(self, event: Event) -> None:
        self.events.append(event)
        self.model.apply(event)

    def emit(self, event: Event) -> None:
        self._stream.emit(event)

    def step(
        self,
        op: str,
        urn: str,
        *,
        parent: str = STACK,
        old: dict[str, Any] | None = None,
        new: dict[str, Any] | None = None,
        outputs: dict[str, Any] | None = None,
        diffs: tuple[str, ...] = (),
        keys: tuple[str, ...] = (),
        custom: bool = True,
        done: bool = True,
        planning: bool = True,
    ) -> str:
        type_token = urn.split("::")[2].rsplit("$", 1)[-1]

        def side(inputs: dict[str, Any] | None) -> Event | None:
            if inputs is None:
                return None
            return events.state(
                type_token=type_token,
                urn=urn,
                custom=custom,
                id_="",
                parent=parent,
                protect=False,
                retain_on_delete=False,
                delete=False,
                inputs=inputs,
                outputs=outputs or {},
                provider="",
            )

        metadata = events.step(
            op=op,
            urn=urn,
            type_token=type_token,
            old=side(old),
            new=side({} if new is None and op != "delete" else new),
            provider="",
            logical=True,
            keys=keys,
            diffs=diffs,
        )
        self.emit(events.resource_pre(metadata, planning=planning))
        if done:
            self.emit(events.res_outputs(metadata, planning=planning))
        return urn

    def stack(self, op: str = "create", outputs: dict[str, Any] | None = None) -> str:
        return self.step(op, STACK, parent="", custom=False, outputs=outputs)

    def service(self, op: str = "create") -> str:
        return self.step(op, SERVICE, custom=False)

    def child(self, type_token: str, name: str, op: str = "create", **changes: Any) -> str:
        return self.step(op, f"{PREFIX}shop:platform:Service${type_token}::{name}", parent=SERVICE, **changes)

    def violation(self, policy: str, message: str, *, level: Any = "mandatory", urn: str = STACK) -> None:
        pack = events.Pack(name="platform", version="0.1.0")
        self.emit(events.policy_violation(pack, urn=urn, policy=policy, message=message, level=level))

    def end(self, *, succeeded: bool = True, preview: bool = True, **changes: int) -> None:
        summary = events.summary(changes=changes, packs={}, preview=preview, seconds=1.2, succeeded=succeeded)
        self.emit(summary)


@pytest.fixture
def run() -> Run:
    return Run()


@pytest.fixture
def texts() -> Callable[[Any], list[str]]:
    """The texts of styled lines."""
    return lambda lines: [line.text for line in lines]
