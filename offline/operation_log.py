"""What was asked of the offline AWS of a stage: an append-only file, one line a finished operation.

A line is written by one write(2) after the operation is done, so a killed process leaves whole lines and at most one
torn last line, whose operation never happened: the offline AWS lives in the process. The cloud is brought back by
replaying all operations in order, deleted resources' too: later requests may name what was deleted since.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from offline.aws.handler import RecordedOperation
from offline.engine.errors import StateError, UsageError
from offline.sealing import Sealing
from policies.resources.json_text import read_json

VERSION = 1
_HEADER = f'{{"journal":{VERSION}}}\n'.encode()
_SUM = re.compile(rb',"sum":"([0-9a-f]{16})"\}\Z')


class OperationLog:
    """The log of one stage, held under a lock until it is closed. Read by the plugin of the real engine as it is."""

    keys: ClassVar[frozenset[str]] = frozenset({"seed", "calls", "kind"})
    """What a line may say."""

    def __init__(self, path: Path, *, stage: str, mode: Literal["read", "write"]) -> None:
        self.path = path
        self._stage = stage
        self.notices: list[str] = []
        self._write = mode == "write"
        self._operations: list[RecordedOperation] = []
        self._seeds: Counter[str] = Counter()  # operations by what they were on
        self._file: int | None = None
        self._sealing = Sealing(path, self._passphrase())
        self._lock_path = path.with_suffix(".lock")
        self._lock = self._take_lock()
        try:
            self._load()
        except BaseException:
            self.close()
            raise

    def is_up(self) -> bool:
        """Whether anything is recorded of the stage."""
        return bool(self._operations)

    def operations(self) -> list[RecordedOperation]:
        """Every recorded operation, oldest first."""
        return list(self._operations)

    def next_seed(self, actor: str) -> str:
        """The seed of the next operation on a resource, or of another actor: the same in whatever order resources come.

        An operation that was never recorded leaves its seed to the next one.
        """
        return f"{actor}#{self._seeds[actor]}"

    def note(self, operation: RecordedOperation) -> None:
        """Record an operation by itself: what something other than the program did, or what the real engine records."""
        self._append({}, operation)

    def withdraw(self, unfinished: Mapping[str, str], *, since: int) -> None:
        """Take operations back out that never took effect: URN to kind; of each the newest, if it is of that kind.

        What is older than the first `since` operations stays.
        """
        newest = {operation.seed.rsplit("#", 1)[0]: index for index, operation in enumerate(self._operations)}
        taken = {
            index
            for urn, kind in unfinished.items()
            if (index := newest.get(urn, -1)) >= since and self._operations[index].kind == kind
        }
        if taken:
            self._operations = [item for index, item in enumerate(self._operations) if index not in taken]
            self._rewrite()

    def close(self) -> None:
        """Flush to disk and let the next process in."""
        if self._file is not None:
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

    def _passphrase(self) -> str | None:
        """What secrets are encrypted with; None: with a key beside the file, where several processes have no other in common."""
        return None

    def _holds_secret(self, line: Mapping[str, Any]) -> bool:
        """Whether a line may hold a secret. A request of the real engine's provider does not say which of its values are."""
        return "calls" in line

    def _lines(self) -> Iterable[dict[str, Any]]:
        """What a file written anew holds."""
        return (_line(operation) for operation in self._operations)

    def _apply(self, line: Mapping[str, Any]) -> None:
        """Take in a line of the file; ValueError, TypeError, KeyError or AttributeError for one that is not whole."""
        if not line.keys() <= self.keys:
            raise ValueError(f"it has no place for {min(line.keys() - self.keys)!r}")
        if ("seed" in line) != ("calls" in line) or ("seed" in line and not isinstance(line["calls"], list)):
            raise ValueError("an operation has a seed and its calls")
        if "seed" in line:
            _check_operation(line)
            self._add(RecordedOperation(seed=line["seed"], calls=line["calls"], kind=line.get("kind", "")))

    def _add(self, operation: RecordedOperation) -> None:
        self._operations.append(operation)
        self._seeds[operation.seed.rsplit("#", 1)[0]] += 1

    def _append(self, line: dict[str, Any], operation: RecordedOperation | None) -> None:
        if not self._write:
            raise StateError(f"{self.path.name} is open for reading only.")
        if operation is not None:
            line = {**line, **_line(operation)}
        text = self._encoded(line)
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
            self._add(operation)

    def _unrecorded(self, reason: str | None) -> StateError:
        return StateError(f"{self.path}: {reason}; the last operation is not recorded. Make room and run again.")

    def _take_lock(self) -> int | None:
        if not self._write and not self.path.exists():
            return None  # nothing to read, and reading must leave nothing behind
        while True:
            try:
                self._lock_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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
                    f"Another run works on stage {self._stage!r} (lock {self._lock_path}). Wait until it has ended."
                ) from None
            os.close(lock)

    def _unusable(self, error: OSError) -> UsageError:
        return UsageError(
            f"The folder {self.path.parent} cannot be used for what `up` records ({error.strerror}). "
            "Nothing was started. Fix its rights, or name another one with --state."
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
                line = read_json(_without_sum(text))
                if number == 1:
                    self._check_header(line)
                else:
                    if isinstance(line, dict) and line.keys() == {"sealed"}:
                        line = read_json(self._sealing.open(line["sealed"]))
                    self._checked(line)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise StateError(
                    f"{self.path}, line {number} is not what this engine wrote ({error}). Nothing was started and the "
                    f"file is kept. Restore it from a copy, or move it away to start stage {self._stage!r} from "
                    "nothing: the offline platform is then created anew, with other ids."
                ) from error
        if self._write and len(whole) < len(data):
            os.truncate(self.path, len(whole))

    def _open(self) -> int:
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        if os.fstat(file).st_size == 0:
            os.write(file, _HEADER)
        return file

    def _encoded(self, line: Mapping[str, Any]) -> bytes:
        if not self._holds_secret(line):
            return _encode(line)
        return _encode({"sealed": self._sealing.seal(_text(line))})

    def _checked(self, line: Any) -> None:
        if not isinstance(line, dict) or not line:
            raise ValueError("a line is an object that is not empty")
        self._apply(line)

    def _check_header(self, line: Any) -> None:
        if not isinstance(line, dict) or line.get("journal") != VERSION:
            raise ValueError(f"it must start with a journal header of version {VERSION}")

    def _rewrite(self) -> None:
        """Write the file anew, whole or not at all."""
        temporary = self.path.with_suffix(".tmp")
        try:
            with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(_HEADER)
                file.writelines(self._encoded(line) for line in self._lines())
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        finally:
            temporary.unlink(missing_ok=True)


def _line(operation: RecordedOperation) -> dict[str, Any]:
    kind = {"kind": operation.kind} if operation.kind else {}
    return {"seed": operation.seed, "calls": operation.calls, **kind}


def _check_operation(line: Mapping[str, Any]) -> None:
    """ValueError for requests that cannot have been recorded: found now, and not when half of them are repeated."""
    kinds: dict[str, type] = {"service": str, "operation": str, "params": dict, "answer": str, "revision": int}
    if not isinstance(line["seed"], str) or not isinstance(line.get("kind", ""), str):
        raise ValueError("the seed and the kind of an operation are text")
    for call in line["calls"]:
        if not isinstance(call, dict) or not {"service", "operation", "params"} <= call.keys() <= kinds.keys():
            raise ValueError("a call has a service, an operation and its params")
        for name, value in call.items():
            if not isinstance(value, kinds[name]) or isinstance(value, bool):
                raise ValueError(f"the {name} of a call is not a {kinds[name].__name__}")


def _encode(line: Mapping[str, Any]) -> bytes:
    """A line, with a digest of itself at its end: what was changed in it is found before anything is repeated."""
    text = _text(line)
    return text[:-1] + b',"sum":"' + _sum(text) + b'"}\n'


def _text(line: Mapping[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode()


def _without_sum(text: bytes) -> bytes:
    """The line as it was before its digest was put at its end. ValueError where the digest is another's; a line may have none."""
    found = _SUM.search(text)
    if found is None:
        return text
    line = text[: found.start()] + b"}"
    if found[1] != _sum(line):
        raise ValueError("it was changed since it was written")
    return line


def _sum(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=8).hexdigest().encode()
