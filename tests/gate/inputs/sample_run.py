"""Engine events as a small run would send them, made by the engine's own constructors."""

from typing import Any

from gate.events import Event
from gate.run_model import RunModel
from offline.engine import events
from offline.engine.record import ResourceRecord
from offline.engine.urn import type_of

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
        def side(inputs: dict[str, Any] | None) -> ResourceRecord | None:
            if inputs is None:
                return None
            type_token, own = type_of(urn), outputs or {}
            return ResourceRecord(
                serial=0, urn=urn, type=type_token, custom=custom, parent=parent, inputs=inputs, outputs=own
            )

        metadata = events.step(
            op, side(old), side({} if new is None and op != "delete" else new), logical=True, keys=keys, diffs=diffs
        )
        self.emit(events.step_event("resourcePreEvent", metadata, planning=planning))
        if done:
            self.emit(events.step_event("resOutputsEvent", metadata, planning=planning))
        return urn

    def stack(self, op: str = "create", outputs: dict[str, Any] | None = None) -> str:
        return self.step(op, STACK, parent="", custom=False, outputs=outputs)

    def service(self, op: str = "create") -> str:
        return self.step(op, SERVICE, custom=False)

    def child(self, type_token: str, name: str, op: str = "create", **changes: Any) -> str:
        return self.step(op, f"{PREFIX}shop:platform:Service${type_token}::{name}", parent=SERVICE, **changes)

    def violation(self, policy: str, message: str, *, level: Any = "mandatory", urn: str = STACK) -> None:
        pack = events.pack_fields("platform", "0.1.0")
        self.emit(events.policy_violation(pack, urn=urn, policy=policy, message=message, level=level))

    def end(self, *, succeeded: bool = True, preview: bool = True, **changes: int) -> None:
        summary = events.summary(changes=changes, packs={}, preview=preview, seconds=1.2, succeeded=succeeded)
        self.emit(summary)
