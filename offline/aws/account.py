"""One offline AWS: API requests made by boto3, answered by moto in process, recorded, and restorable with the same ids."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Generator, Iterable
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import AwsCall, AwsError, RecordedOperation
from offline.aws.moto import assumed
from offline.aws.moto.ecs import expect_revision, revision_of
from offline.aws.moto.runtime import LOCK, Runtime, World, runtime

_READ_PREFIXES = ("describe_", "get_", "list_", "head_", "batch_get_", "lookup_", "search_", "query_", "simulate_")
_PROGRAM = "urn:pulumi:"
"""How the seed of an operation on a program's resource begins: its URN."""
_ID_SUFFIXES = ("id", "arn", "url", "dnsname")


class Account(Aws):
    """AWS as one deployment sees it. Making one is cheap: boto3 and moto are imported by the first `call`.

    Every mutating request must be made inside `operation(seed)`. moto draws each answer's ids from the operation's seed
    and the number of the call in it, so they do not depend on what else exists or on the process.
    """

    partition = "aws"

    def __init__(self, *, region: str, account_id: str = "123456789012") -> None:
        self.region = region
        self.account_id = account_id
        self.call_log: list[AwsCall] = []
        self.operation_calls: list[AwsCall] = []
        self.changed_from_outside = False
        """Whether anything but a program's resource changed AWS: a pipeline, say."""
        self._seed: str | None = None
        self._doing = ""
        self._services: set[str] = set()
        self._pending: list[RecordedOperation] = []
        self._unfit: AwsError | None = None
        self._world = World(account_id=account_id)

    @contextlib.contextmanager
    def operation(self, seed: str, *, doing: str = "") -> Generator[None]:
        """The requests of one create, update or delete; no other thread's request comes between them.

        `doing` names the resource and the step in error messages. `operation_calls` holds what was recorded, also
        after a failure.
        """
        with LOCK:
            self._seed, self._doing, self.operation_calls = seed, doing, []
            self.changed_from_outside |= not seed.startswith(_PROGRAM)
            try:
                yield
            finally:
                self._seed, self._doing = None, ""

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        with LOCK:
            entry = AwsCall(service=service, operation=operation, params=json.loads(json.dumps(params)))
            if operation.startswith(_READ_PREFIXES):
                self.call_log.append(entry)
                return self._send(entry, f"read {service}:{operation}")
            if self._seed is None:
                raise RuntimeError(f"{service}:{operation} changes AWS and must be called inside operation(seed)")
            self.call_log.append(entry)
            answer = self._send(entry, f"{self._seed}/{len(self.operation_calls)}")
            recorded = AwsCall(**entry)
            recorded["answer"] = _fingerprint(answer)
            revision = revision_of(entry, answer)
            if revision is not None:
                recorded["revision"] = revision
            self.operation_calls.append(recorded)
            self._services.add(service)
            return answer

    def replay(self, operations: Iterable[RecordedOperation]) -> None:
        """Restore what the operations made, under the same ids; the requests are repeated before the next request.

        Until then nothing is imported, so a run that needs no AWS pays nothing. That request, or `settle`, raises
        AwsError when AWS refuses a repeated one or answers it with other ids: the record then comes from a version of
        this program or of moto whose answers differ.
        """
        with LOCK:
            for recorded in operations:
                self._pending.append(recorded)
                self.changed_from_outside |= not recorded.seed.startswith(_PROGRAM)

    def settle(self) -> int:
        """Repeat what `replay` was given and is still pending; the number of requests made."""
        with LOCK:
            if self._unfit is not None:
                raise self._unfit
            pending, self._pending = self._pending, []
            doing, self._doing = self._doing, ""
            try:
                for recorded in pending:
                    for index, call in enumerate(recorded.calls):
                        self._replay_call(recorded.seed, index, call)
            except AwsError as error:
                # Half of a platform must not be mistaken for the whole: nothing is answered from here on.
                self._unfit = error
                raise
            finally:
                self._doing = doing
            return sum(len(recorded.calls) for recorded in pending)

    def touched(self, service: str) -> bool:
        recorded = (call for operation in self._pending for call in operation.calls)
        return service in self._services or any(call["service"] == service for call in recorded)

    def _replay_call(self, seed: str, index: int, call: AwsCall) -> None:
        self._services.add(call["service"])
        what = f"call {index + 1} of {seed} ({call['service']}:{call['operation']})"
        remedy = "Delete this stage's state file and run `up` again, or go back to the version that wrote it."
        self._activate()
        if "revision" in call:
            expect_revision(self, call["params"]["family"], call["revision"])
        try:
            answer = self._send(call, f"{seed}/{index}")
        except AwsError as error:
            raise AwsError(
                f"The recorded state does not fit this version: {what} is now refused: {error} {remedy}",
                code="StateMismatch",
            ) from None
        if call.get("answer", "") != _fingerprint(answer):
            raise AwsError(
                f"The recorded state does not fit this version: {what} is now answered with other ids. {remedy}",
                code="StateMismatch",
            )

    def assume(self, resource_id: str) -> None:
        with LOCK:
            self.open()
            assumed.prepare(self, AwsCall(service="ec2", operation="describe", params={"id": resource_id}))

    def open(self) -> Runtime:
        """Make moto hold this AWS, replay included, for requests that do not come through `call`. Hold LOCK."""
        self.settle()
        return self._activate()

    def _activate(self) -> Runtime:
        active = runtime()
        active.activate(self._world)
        return active

    def _send(self, call: AwsCall, seed: str) -> dict[str, Any]:
        if self._pending or self._unfit:
            self.settle()
        active = self._activate()
        from botocore.exceptions import BotoCoreError, ClientError

        active.seed(seed)
        where = f"{call['service']}:{call['operation']}"
        prefix = f"{self._doing}: " if self._doing else ""
        try:
            if not call["operation"].startswith(_READ_PREFIXES):
                assumed.prepare(self, call)
                active.seed(seed)
            client = active.client(call["service"], self.region)
            answer = getattr(client, call["operation"])(**call["params"])
        except ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            message = str(error.response["Error"].get("Message", "")).rstrip(".")
            raise AwsError(f"{prefix}AWS refused {where} with {code}: {message}.", code=code) from None
        except BotoCoreError as error:
            text = " ".join(str(error).split())
            raise AwsError(f"{prefix}{where} cannot be sent: {text}", code=type(error).__name__) from None
        except AwsError:
            raise
        except Exception as error:
            raise AwsError(
                f"{prefix}The offline AWS cannot answer {where}: {type(error).__name__}: {error}", code="OfflineLimit"
            ) from error
        answer.pop("ResponseMetadata", None)
        return dict(answer)


def _fingerprint(answer: Any) -> str:
    """12 hex digits that depend on the ids, ARNs, URLs and DNS names in an answer, in no order and at any depth."""
    found: set[str] = set()

    def collect(key: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                collect(name, item)
        elif isinstance(value, list):
            for item in value:
                collect(key, item)
        elif isinstance(value, str) and key.lower().endswith(_ID_SUFFIXES):
            found.add(value)

    collect("", answer)
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:12]
