"""The recorded platform of a stage: an append-only journal, one line a finished resource operation.

A line is written by one write(2) after the operation is done, so a killed process leaves whole lines and at most one
torn last line, whose operation never happened: the offline AWS lives in the process. The cloud is brought back by
replaying all operations in order, deleted resources' too: later requests may name what was deleted since.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from offline.aws.handler import RecordedOperation
from offline.engine.errors import StateError, UsageError
from offline.engine.record import ResourceRecord, record_from_json, record_to_json
from offline.engine.urn import URN_PREFIX

VERSION = 1


class Journal:
    """The journal of one stage, held under a lock until it is closed."""

    def __init__(self, state_dir: Path, stage: str, *, mode: Literal["read", "write"]) -> None:
        self.path = state_dir / f"{stage}.jsonl"
        self.notices: list[str] = []
        self._write = mode == "write"
        self._records: dict[int, ResourceRecord] = {}
        self._operations: list[RecordedOperation] = []
        self._serial = 0
        self._puts = 0
        self._file: int | None = None
        self._lock_path = state_dir / f"{stage}.lock"
        self._lock = self._take_lock()
        try:
            self._load()
        except BaseException:
            self.close()
            raise

    def live(self) -> list[ResourceRecord]:
        """Every recorded resource, oldest first; replaced ones that wait for deletion included."""
        return [self._records[serial] for serial in sorted(self._records)]

    def operations(self) -> list[RecordedOperation]:
        """Every recorded operation, oldest first."""
        return list(self._operations)

    def touched_from_outside(self) -> bool:
        """Whether anything but the program changed AWS since the stage was first brought up."""
        return any(not operation.seed.startswith(URN_PREFIX) for operation in self._operations)

    def next_serial(self) -> int:
        """A serial number that no live resource has."""
        self._serial += 1
        return self._serial

    def next_seed(self, urn: str) -> str:
        """The seed of the next operation; an operation that was never recorded leaves its seed to the next one."""
        return f"{urn}#{len(self._operations)}"

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

    def note(self, operation: RecordedOperation) -> None:
        """Record what something other than the program did to AWS; a refresh finds what it changed."""
        self._append({}, operation)

    def close(self) -> None:
        """Compact if it is worth it, flush to disk and let the next process in."""
        if self._file is not None:
            if self._worth_compacting():
                with contextlib.suppress(OSError):  # a full disk: the long form stays
                    self._compact()
            os.fsync(self._file)
            os.close(self._file)
            self._file = None
        if self._lock is not None:
            if self._write:
                self._lock_path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # not empty: there is a state to keep
                    self._lock_path.parent.rmdir()
            os.close(self._lock)
            self._lock = None

    def _append(self, line: dict[str, Any], operation: RecordedOperation | None) -> None:
        if not self._write:
            raise StateError(f"{self.path.name} is open for reading only.")
        if operation is not None:
            line.update(seed=operation.seed, calls=operation.calls)
        text = _encode(line)
        try:
            if self._file is None:
                self._file = self._open()
            written = os.write(self._file, text)
        except OSError as error:
            reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
            raise self._unrecorded(reason) from error
        if written != len(text):
            raise self._unrecorded("the disk is full")
        if operation is not None:
            self._operations.append(operation)

    def _unrecorded(self, reason: str | None) -> StateError:
        return StateError(f"{self.path}: {reason}; the last operation is not recorded. Make room and run again.")

    def _apply(self, line: dict[str, Any]) -> None:
        for key in ("drop", "supersedes"):
            if key in line and line[key] not in self._records:
                raise ValueError(f"it names resource {line[key]}, which is not recorded")
        if "drop" in line:
            del self._records[line["drop"]]
        elif "put" in line:
            self._apply_put(record_from_json(line["put"]), line.get("supersedes"))
        if "seed" in line:
            self._operations.append(RecordedOperation(seed=line["seed"], calls=line["calls"]))

    def _apply_put(self, record: ResourceRecord, supersedes: int | None) -> None:
        if supersedes is not None:
            self._records[supersedes] = dataclasses.replace(self._records[supersedes], pending_delete=True)
        self._records[record.serial] = record
        self._serial = max(self._serial, record.serial)
        self._puts += 1

    def _take_lock(self) -> int | None:
        if not self._write and not self.path.exists():
            return None  # nothing to read, and reading must leave nothing behind
        while True:
            try:
                self._lock_path.parent.mkdir(parents=True, exist_ok=True)
                lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                if not self._write:
                    return None  # another's folder, or a read-only one: its lines are whole at any time
                raise self._unusable(error) from error
            try:
                fcntl.flock(lock, (fcntl.LOCK_EX if self._write else fcntl.LOCK_SH) | fcntl.LOCK_NB)
                if os.fstat(lock).st_ino == self._lock_path.stat().st_ino:
                    return lock
            except FileNotFoundError:
                pass  # the last holder has just removed it
            except BlockingIOError:
                os.close(lock)
                raise StateError(
                    f"Another run works on stage {self.path.stem!r} (lock {self._lock_path}). Wait until it has ended."
                ) from None
            os.close(lock)

    def _unusable(self, error: OSError) -> UsageError:
        return UsageError(
            f"The folder {self.path.parent} cannot be used for what `up` records ({error.strerror}). "
            "Nothing was started. Mend its rights, or name another one with --state."
        )

    def _load(self) -> None:
        try:
            data = self.path.read_bytes() if self.path.exists() else b""
        except OSError as error:
            raise self._unusable(error) from error
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            self.notices.append(
                f"{self.path.name}: the last line was cut off by an interrupted run and is dropped; "
                "its operation never took effect."
            )
        for number, text in enumerate(whole.splitlines(), start=1):
            try:
                line = json.loads(text)
                if number == 1:
                    self._check_header(line)
                else:
                    self._apply(_checked(line))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise StateError(
                    f"{self.path}, line {number} is not what this engine wrote ({error}). Nothing was started and the "
                    f"file is kept. Restore it from a copy, or move it away to start stage {self.path.stem!r} from "
                    "nothing: the offline platform is then created anew, with other ids."
                ) from error
        if self._write and len(whole) < len(data):
            os.truncate(self.path, len(whole))

    def _open(self) -> int:
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        if os.fstat(file).st_size == 0:
            os.write(file, _encode({"journal": VERSION}))
        return file

    def _check_header(self, line: Any) -> None:
        if not isinstance(line, dict) or line.get("journal") != VERSION:
            raise ValueError(f"it must start with a journal header of version {VERSION}")

    def _worth_compacting(self) -> bool:
        return self._puts > 4 * len(self._records) + 16 or (bool(self._operations) and not self._records)

    def _compact(self) -> None:
        """Rewrite the file without records that were superseded; operations stay, as long as anything is alive."""
        temporary = self.path.with_suffix(".tmp")
        try:
            with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(_encode({"journal": VERSION}))
                file.writelines(_encode(line) for line in self._compacted())
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        finally:
            temporary.unlink(missing_ok=True)

    def _compacted(self) -> Iterable[dict[str, Any]]:
        if not self._records:
            return
        for operation in self._operations:
            yield {"seed": operation.seed, "calls": operation.calls}
        for record in self.live():
            yield {"put": record_to_json(record)}


def _encode(line: Mapping[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _checked(line: Any) -> dict[str, Any]:
    """A journal line, or ValueError."""
    if not isinstance(line, dict) or not line.keys() <= {"put", "drop", "supersedes", "seed", "calls"}:
        raise ValueError("a line is a put, a drop or an operation")
    if ("seed" in line) != ("calls" in line) or ("seed" in line and not isinstance(line["calls"], list)):
        raise ValueError("an operation has a seed and its calls")
    if "put" in line and "drop" in line:
        raise ValueError("a line records or removes a resource, not both")
    if not line.keys() & {"put", "drop", "seed"}:
        raise ValueError("the line is empty")
    return line
