"""What one test replays is not replayed again by the next: the offline AWS as it was then is taken out of store.

A record grows at its end, so of a longer one only the rest is replayed. That a replay makes the same AWS again is what
tests/offline/aws asks, which takes nothing out of store.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import hashlib
import io
import json
import pickle
import threading
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import asdict
from types import FunctionType
from typing import Any

import pytest

from offline.aws.account import Account
from offline.aws.handler import RecordedOperation
from offline.aws.moto.kms import PrivateKey
from offline.aws.moto.runtime import runtime

_RLOCK = type(threading.RLock())
_settle = Account.settle


class Store:
    """moto's backends by what was replayed into them. Locks are made anew, what cannot change is shared."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._shared: dict[str, object] = {}

    def settle(self, account: Account) -> int:
        """As Account.settle, whose place it takes."""
        pending = account._pending
        if not pending or account._services or account._unfit:
            return _settle(account)
        names = _names(account, pending)
        known = next((count for count in range(len(names), 0, -1) if names[count - 1] in self._kept), 0)
        if known:
            account._world.backends = self._loaded(self._kept[names[known - 1]])
            account._services |= {call["service"] for operation in pending[:known] for call in operation.calls}
            account._pending = pending[known:]
        made = _settle(account)
        if made:
            account._activate()
            self._kept[names[-1]] = self._dumped(runtime()._backend_dict._instances)
        return made + sum(len(operation.calls) for operation in pending[:known])

    def _dumped(self, services: Sequence[Any]) -> bytes:
        stream = io.BytesIO()
        _Pickler(stream, self._shared).dump(
            [
                (service.service_name, dict(service), dict(getattr(service, "bucket_accounts", {})))
                for service in services
            ]
        )
        return stream.getvalue()

    def _loaded(self, kept: bytes) -> list[tuple[Any, dict[str, Any], dict[str, Any]]]:
        from moto.backends import get_backend

        loader = pickle.Unpickler(io.BytesIO(kept))  # noqa: S301 -- of this process
        loader.persistent_load = self._shared.__getitem__  # type: ignore[method-assign]
        return [(get_backend(name), accounts, buckets) for name, accounts, buckets in loader.load()]


class _Pickler(pickle.Pickler):
    def __init__(self, stream: io.BytesIO, shared: dict[str, object]) -> None:
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self._shared = shared

    def persistent_id(self, value: Any) -> str | None:
        if not (isinstance(value, PrivateKey) or (isinstance(value, FunctionType) and value.__closure__ is None)):
            return None
        name = str(id(value))  # which stays its own, as it is kept
        self._shared[name] = value
        return name

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, _RLOCK):
            return threading.RLock, ()
        if isinstance(value, defaultdict) and type(value) is not defaultdict:  # moto's are made from something else
            state = (value.default_factory, vars(value))
            return type(value).__new__, (type(value),), state, None, iter(value.items()), _restore
        return NotImplemented


def _restore(made: defaultdict[Any, Any], state: tuple[Any, dict[str, Any]]) -> None:
    made.default_factory = state[0]
    vars(made).update(state[1])


def _names(account: Account, operations: Sequence[RecordedOperation]) -> list[str]:
    """For each operation what it, and all before it, are kept under."""
    digest = hashlib.sha256(f"{account.account_id} {account.region}".encode())
    names: list[str] = []
    for operation in operations:
        digest.update(json.dumps(asdict(operation), sort_keys=True).encode())
        names.append(digest.hexdigest())
    return names


_STORE = Store()


@pytest.fixture(scope="module", autouse=True)
def replayed_once() -> Generator[None]:
    """For the conftest of a folder whose tests open the same records again and again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Account, "settle", lambda account: _STORE.settle(account))
        yield
