"""The offline AWS as the engine uses it: checks, creates, updates, deletes and reads resources by their Pulumi type."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
from collections.abc import Generator, Iterable, Mapping
from typing import Any

from offline.aws.account import Account
from offline.aws.diff import Diff, diff
from offline.aws.handler import Applied, AwsCall, AwsError, AwsInputError, Handler, Recorded, RecordedOperation
from offline.aws.invokes import invoke
from offline.aws.mapping import arn
from offline.aws.planned import planned_create, planned_update
from offline.aws.types import MODULE_OF
from offline.properties import UNKNOWN
from policies.resources.urns import type_and_name

_GLOBAL_SERVICES = ("aws:iam/", "aws:route53/")

# Provider settings that cannot change what is created: where credentials come from, and checks made before any request.
_HARMLESS_SETTINGS = frozenset(
    {
        "accessKey", "allowedAccountIds", "forbiddenAccountIds", "maxRetries", "profile", "region", "retryMode",
        "secretKey", "sharedConfigFiles", "sharedCredentialsFiles", "skipCredentialsValidation",
        "skipMetadataApiCheck", "skipRegionValidation", "skipRequestingAccountId", "token", "version",
    }
)  # fmt: skip


class AwsProvider:
    """One offline AWS account in one region. Making one imports neither boto3 nor moto; the first request does."""

    def __init__(self, *, region: str, account_id: str = "123456789012") -> None:
        self.aws = Account(region=region, account_id=account_id)

    @property
    def call_log(self) -> list[AwsCall]:
        """Every API request in order, reads included."""
        return self.aws.call_log

    def supports(self, type_token: str) -> bool:
        """Whether resources of this type can be made offline."""
        return type_token in MODULE_OF

    def check_config(self, settings: Mapping[str, Any]) -> list[str]:
        """What of the provider's settings is not supported, since it would change what is created: a phrase each."""
        strange = [name for name in sorted(settings) if name not in _HARMLESS_SETTINGS and not name.startswith("__")]
        problems = [f"The AWS provider setting {name!r}" for name in strange]
        region = settings.get("region", self.aws.region)
        if region not in (self.aws.region, UNKNOWN):
            problems.append(f"A second region ({region} beside {self.aws.region})")
        return problems

    def check(
        self, type_token: str, urn: str, inputs: dict[str, Any], old_inputs: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The inputs as the handlers take them: without nulls, whole numbers as int, an absent name filled in.

        `old_inputs` are those of the resource that is kept: a name that was filled in stays. Raises AwsInputError with
        one sentence for every property that is missing or that the offline AWS does not send. Values may be UNKNOWN.
        """
        handler = self._handler(type_token)
        given = {name: _plain(value) for name, value in inputs.items() if value is not None}
        what = f'{type_token} "{type_and_name(urn)[1]}"'
        region = given.pop("region", None)
        problems = [
            f'{what}: the offline AWS does not send the property "{name}". Leave it out, or teach its handler to send '
            f"it; known are {', '.join(sorted(handler.inputs))}."
            for name in sorted(set(given) - handler.inputs)
        ]
        problems += [
            f'{what}: the required property "{name}" is missing.' for name in sorted(handler.required - given.keys())
        ]
        if region not in (None, UNKNOWN, self.aws.region):
            problems.append(
                f'{what}: region "{region}" is not the stage\'s region {self.aws.region}; one is supported.'
            )
        if problems:
            raise AwsInputError(problems)
        if (name := handler.name_property) and name not in given:
            fresh = f"{type_and_name(urn)[1]}-{hashlib.sha1(urn.encode()).hexdigest()[:7]}"
            given[name] = (old_inputs or {}).get(name, fresh)
        return given

    def diff(self, type_token: str, old_inputs: dict[str, Any], inputs: dict[str, Any]) -> Diff:
        """What changed, and whether that replaces the resource. Values may be UNKNOWN, which differs from all others."""
        return diff(
            old_inputs,
            inputs,
            replace_keys=self.replace_keys(type_token),
            delete_before_replace=self.delete_before_replace(type_token),
        )

    def plan_create(self, type_token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """The outputs of a resource that a preview would create: what AWS computes is UNKNOWN."""
        return planned_create(type_token, inputs, {"region": self.aws.region})

    def plan_update(
        self, type_token: str, old_inputs: dict[str, Any], old_outputs: dict[str, Any], inputs: dict[str, Any]
    ) -> dict[str, Any]:
        """The outputs of a resource that a preview would update in place."""
        return planned_update(type_token, old_inputs, old_outputs, inputs)

    def replace_keys(self, type_token: str) -> frozenset[str]:
        """Top-level inputs whose change replaces the resource; "*": every one."""
        handler = self._handler(type_token)
        return handler.replace_on if handler.update else frozenset({"*"})

    def delete_before_replace(self, type_token: str) -> bool:
        """Whether the old resource stands in the way of its replacement."""
        return self._handler(type_token).delete_before_replace

    def create(self, type_token: str, urn: str, inputs: dict[str, Any], *, seed: str) -> Applied:
        """Create a resource; its ids follow from `seed`. Raises AwsError."""
        handler = self._handler(type_token)
        with self._step("Creating", type_token, urn, seed):
            return self._finished(handler, inputs, handler.create(self.aws, inputs))

    def update(
        self,
        type_token: str,
        urn: str,
        id: str,
        old_inputs: dict[str, Any],
        old_outputs: dict[str, Any],
        inputs: dict[str, Any],
        *,
        seed: str,
    ) -> Applied:
        """Change a resource in place. Raises AwsError."""
        handler = self._handler(type_token)
        if handler.update is None:
            raise RuntimeError(f"{type_token} has no update: every change replaces it")
        old = Recorded(id=id, inputs=old_inputs, outputs=old_outputs)
        with self._step("Updating", type_token, urn, seed):
            applied = handler.update(self.aws, old, inputs)
            if handler.retag is not None:
                handler.retag(self.aws, old, inputs)
            return self._finished(handler, inputs, applied or handler.kept(old, inputs))

    def delete(
        self, type_token: str, urn: str, id: str, inputs: dict[str, Any], outputs: dict[str, Any], *, seed: str
    ) -> None:
        """Delete a resource. Raises AwsError, also when it is gone already."""
        handler = self._handler(type_token)
        with self._step("Deleting", type_token, urn, seed):
            handler.delete(self.aws, Recorded(id=id, inputs=inputs, outputs=outputs))

    def read(
        self, type_token: str, urn: str, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> Applied | None:
        """What AWS has now, None when it is gone. What only this program changes is answered as recorded."""
        handler = self._handler(type_token)
        if handler.read is None or not self.aws.changed_from_outside:
            return Applied(id=id, outputs=outputs)
        found = handler.read(self.aws, Recorded(id=id, inputs=inputs, outputs=outputs))
        return found and self._finished(handler, inputs, found)

    def invoke(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        """A data source; those that need no account are answered without moto. Raises AwsError for an unknown one."""
        return invoke(self.aws, token, {name: _plain(value) for name, value in args.items() if value is not None})

    def calls_of_last_operation(self) -> list[AwsCall]:
        """The mutating calls of the last create, update or delete, for the state."""
        return list(self.aws.operation_calls)

    def replay(self, operations: Iterable[RecordedOperation]) -> None:
        """Restore what the operations made, under the same ids, before the first request that needs AWS.

        That request raises AwsError where the record does not fit this version; `settle` makes it happen at once.
        """
        self.aws.replay(operations)

    def settle(self) -> int:
        """Make the pending replay happen now; the number of requests repeated."""
        return self.aws.settle()

    @contextlib.contextmanager
    def _step(self, verb: str, type_token: str, urn: str, seed: str) -> Generator[None]:
        doing = f'{verb} {type_token} "{type_and_name(urn)[1]}"'
        with self.aws.operation(seed, doing=doing):
            try:
                yield
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                # A handler read an answer or input that has another form than it expects.
                what = f"{type(error).__name__}: {error}"
                raise AwsError(f"{doing}: the offline AWS failed: {what}. This is a fault of its handler.") from error

    def _handler(self, type_token: str) -> Handler:
        if type_token not in MODULE_OF:
            raise AwsInputError([f"The offline AWS does not support resources of type {type_token}."])
        module = importlib.import_module(f"offline.aws.{MODULE_OF[type_token]}")
        return next(handler for handler in module.HANDLERS if handler.type_token == type_token)

    def _finished(self, handler: Handler, inputs: dict[str, Any], applied: Applied) -> Applied:
        outputs = {**handler.defaults, **inputs, **applied.outputs}
        if "tags" in handler.inputs:
            outputs["tagsAll"] = dict(inputs.get("tags", {}))
        if handler.arn:
            service, _, resource = handler.arn.format(id=applied.id).partition(":")
            outputs["arn"] = applied.id if handler.arn == "{id}" else arn(self.aws, service, resource)
        if handler.account:
            outputs[handler.account] = self.aws.account_id
        if not handler.type_token.startswith(_GLOBAL_SERVICES):
            outputs["region"] = self.aws.region
        return Applied(id=applied.id, outputs=outputs)


def _plain(value: Any) -> Any:
    """Whole floats as int: the SDK's wire format has no integers. Nulls in objects are absent properties."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
