"""The recorded platform of a stage: the log of AWS operations, with the resource each of them made on the same line."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from offline.aws.handler import RecordedOperation
from offline.engine.record import ResourceRecord, record_from_json, record_to_json
from offline.operation_log import OperationLog
from offline.properties import contains_secret
from settings.files.passphrase import passphrase


class Journal(OperationLog):
    """The journal of one stage, held under a lock until it is closed."""

    keys = OperationLog.keys | {"put", "drop", "supersedes"}

    def __init__(self, state_dir: Path, stage: str, *, mode: Literal["read", "write"]) -> None:
        self._records: dict[int, ResourceRecord] = {}
        self._serial = 0
        self._puts = 0
        super().__init__(state_dir / f"{stage}.jsonl", stage=stage, mode=mode)

    def live(self) -> list[ResourceRecord]:
        """Every recorded resource, oldest first; replaced ones that wait for deletion included."""
        return [self._records[serial] for serial in sorted(self._records)]

    def is_up(self) -> bool:
        """Whether a resource is recorded; a program that asks nothing of AWS has its stack."""
        return bool(self._records)

    def next_serial(self) -> int:
        """A serial number that no live resource has."""
        self._serial += 1
        return self._serial

    def put(
        self,
        record: ResourceRecord,
        *,
        operation: RecordedOperation | None = None,
        supersedes: int | None = None,
    ) -> None:
        """Record a resource; `supersedes` is the serial of the resource it replaces, which now waits for deletion."""
        line: dict[str, Any] = {"put": record_to_json(record)}
        if supersedes is not None:
            line["supersedes"] = supersedes
        self._append(line, operation)
        self._apply_put(record, supersedes)

    def drop(self, serial: int, *, operation: RecordedOperation | None = None) -> None:
        """Record that a resource is gone."""
        self._append({"drop": serial}, operation)
        del self._records[serial]

    def close(self) -> None:
        """Compact if it is worth it, flush to disk and let the next process in."""
        if self._file is not None and self._worth_compacting():
            with contextlib.suppress(OSError):  # a full disk: the long form stays
                self._rewrite()
        super().close()

    def _passphrase(self) -> str | None:
        return passphrase()

    def _holds_secret(self, line: Mapping[str, Any]) -> bool:
        return contains_secret(line.get("put"))

    def _lines(self) -> Iterable[dict[str, Any]]:
        """Without records that were superseded; operations stay, as long as anything is alive."""
        if self._records:
            yield from super()._lines()
            yield from ({"put": record_to_json(record)} for record in self.live())

    def _apply(self, line: Mapping[str, Any]) -> None:
        if not line.keys() <= self.keys or not line.keys() & {"put", "drop", "seed"} or {"put", "drop"} <= line.keys():
            raise ValueError("a line is a put, a drop or an operation")
        for key in ("drop", "supersedes"):
            if key in line and line[key] not in self._records:
                raise ValueError(f"it names resource {line[key]}, which is not recorded")
        if "drop" in line:
            del self._records[line["drop"]]
        elif "put" in line:
            self._apply_put(record_from_json(line["put"]), line.get("supersedes"))
        super()._apply(line)

    def _apply_put(self, record: ResourceRecord, supersedes: int | None) -> None:
        if supersedes is not None:
            self._records[supersedes] = dataclasses.replace(self._records[supersedes], pending_delete=True)
        self._records[record.serial] = record
        self._serial = max(self._serial, record.serial)
        self._puts += 1

    def _worth_compacting(self) -> bool:
        return self._puts > 4 * len(self._records) + 16 or (bool(self._operations) and not self._records)


class Plan:
    """A preview's journal: what is recorded, of which nothing is changed, and whether an update would record anything."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.empty = True
        self.live, self.notices, self.next_serial = journal.live, journal.notices, journal.next_serial
        self.next_seed = journal.next_seed

    def put(self, record: ResourceRecord, **_recorded: object) -> None:
        """Note that an update would record a resource."""
        self.empty = False

    def drop(self, serial: int, **_recorded: object) -> None:
        """Note that an update would record that a resource is gone."""
        self.empty = False
