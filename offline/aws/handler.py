"""The shape of one resource type's offline implementation, and the values and errors that pass between its users."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from offline.aws.api import Aws


class AwsCall(TypedDict):
    """One AWS API request; JSON only, so that it can be kept in a state file.

    `operation` is boto3's method name. `answer` is a digest of the ids and ARNs AWS answered with, absent for reads:
    a replay that gets other ones is refused. `revision` is present where AWS numbers what a request creates.
    """

    service: str
    operation: str
    params: dict[str, Any]
    answer: NotRequired[str]
    revision: NotRequired[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOperation:
    """The mutating calls of one operation, with the seed that its ids were drawn under.

    `kind` is "create", "update" or "delete" where the real engine asked for it, to find what an interruption left.
    """

    seed: str
    calls: list[AwsCall]
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What AWS has after a create, update or read: the id, and the outputs.

    A handler gives those outputs that differ from the inputs; AwsProvider puts the inputs beside them.
    """

    id: str
    outputs: dict[str, Any]

    def inputs_now(self, inputs: Mapping[str, Any], old_outputs: Mapping[str, Any]) -> dict[str, Any]:
        """The recorded inputs, with AWS's present value in each that it contradicts."""
        found = self.outputs
        changed = {key for key in inputs if key in found and found[key] != old_outputs.get(key)}
        return {key: found[key] if key in changed else value for key, value in inputs.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the last successful operation on a resource left in the state: all that update, delete and read may use."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """One resource type.

    `inputs` are all property names the handler sends to AWS: any other is refused before a request is made, so that
    nothing a program declares is dropped in silence. `update` None: every change replaces the resource; one that
    answers None leaves what AWS computed as it is. `retag` brings the tags up to date behind `update`.
    `replace_on` are the properties that Terraform's AWS provider marks ForceNew. `name_property` is filled with
    "<logical name>-<7 hex>" when it is absent.

    Outputs without the handler's doing: `defaults` where the program gives no value, `tagsAll` from `tags`,
    `arn` from "<service>:<resource with {id}>" ("{id}" where the id is the ARN), the account's id as `account`.
    """

    type_token: str
    inputs: frozenset[str]
    create: Callable[[Aws, dict[str, Any]], Applied]
    update: Callable[[Aws, Recorded, dict[str, Any]], Applied | None] | None
    delete: Callable[[Aws, Recorded], None]
    required: frozenset[str] = frozenset()
    replace_on: frozenset[str] = frozenset()
    name_property: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    arn: str = ""
    account: str = ""
    retag: Callable[[Aws, Recorded, dict[str, Any]], None] | None = None
    delete_before_replace: bool = False
    read: Callable[[Aws, Recorded], Applied | None] | None = None

    def kept(self, old: Recorded, inputs: Mapping[str, Any]) -> Applied:
        """The resource with new inputs, beside what AWS computed before."""
        given = old.inputs.keys() | self.defaults.keys()
        computed = {name: value for name, value in old.outputs.items() if name not in given}
        return Applied(id=old.id, outputs={**computed, **inputs})


class AwsError(Exception):
    """A request that AWS (offline) refused, as one sentence for people; `code` is AWS's error code, if it gave one."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class AwsInputError(AwsError):
    """Inputs that no request can be made of: every problem found, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems), code="InvalidInput")
        self.problems = tuple(problems)
