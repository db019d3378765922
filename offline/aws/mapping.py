"""Tables that turn Pulumi's properties into the members of AWS requests, and the steps that follow from a table alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Recorded
from offline.aws.shapes import changed, document
from offline.aws.tagging import tag_list

Convert: TypeAlias = Callable[[str, Any], Any]
"""From where a value stands (for messages) and the property's value to the request member's value."""
Special: TypeAlias = str | Convert | tuple[str, Convert]
"""Another member name, a conversion of the value, or both."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The properties of one object: each with its request member's name and, where the value changes form, how."""

    members: Mapping[str, tuple[str, Convert | None]] = field(default_factory=dict[str, tuple[str, Convert | None]])

    @property
    def names(self) -> frozenset[str]:
        """Property names, as Pulumi writes them."""
        return frozenset(self.members)

    def __call__(self, where: str, value: Any) -> dict[str, Any]:
        """A nested object as a request member. Raises AwsInputError for a property the table does not list."""
        if not isinstance(value, Mapping):
            raise AwsInputError([f"{where} must be an object; found {value!r}."])
        strange = sorted(set(value) - self.names)
        if strange:
            raise AwsInputError(
                [
                    f'{where}: the offline AWS does not send the property "{name}"; known are {", ".join(sorted(self.names))}.'
                    for name in strange
                ]
            )
        return self.of(where, value)

    def of(self, where: str, inputs: Mapping[str, Any], *, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The members of a request for those of a resource's inputs that the table lists; the others are not its own."""
        sent: dict[str, Any] = {}
        for name, (member, convert) in self.members.items():
            value = None if name in leave_out else inputs.get(name)
            if convert and value is not None:
                value = convert(f"{where}.{name}", value)
            if value is not None:
                sent[member] = value
        return sent


def camel(names: str = "", /, **special: Special) -> Shape:
    """A table for an API whose members are written as the properties are; `names` are separated by blanks."""
    return _table(names, special, lambda name: name)


def pascal(names: str = "", /, **special: Special) -> Shape:
    """A table for an API whose members start with a capital."""
    return _table(names, special, lambda name: name[:1].upper() + name[1:])


def attribute(names: str = "", /, **renamed: str) -> Shape:
    """A table of attributes in SNS's and SQS's way: every value is text."""
    return pascal(**dict.fromkeys(names.split(), text), **{name: (member, text) for name, member in renamed.items()})


def joined(*shapes: Shape) -> Shape:
    """One table with the properties of all."""
    return Shape({name: member for shape in shapes for name, member in shape.members.items()})


def _table(names: str, special: Mapping[str, Special], spell: Callable[[str], str]) -> Shape:
    members: dict[str, tuple[str, Convert | None]] = {name: (spell(name), None) for name in names.split()}
    for name, entry in special.items():
        if isinstance(entry, str):
            members[name] = (entry, None)
        elif isinstance(entry, tuple):
            members[name] = entry
        else:
            members[name] = (spell(name), entry)
    return Shape(members)


def each(convert: Convert) -> Convert:
    """A list whose items have one form."""
    return lambda where, value: [convert(f"{where}[{index}]", item) for index, item in enumerate(value)]


def wrapped(member: str, convert: Convert) -> Convert:
    """An object that AWS keeps one level deeper, under `member`."""
    return lambda where, value: {member: convert(where, value)}


def listed(convert: Convert) -> Convert:
    """A single object where AWS takes a list of them."""
    return lambda where, value: [convert(where, value)]


def enabled(where: str, value: Any) -> str:
    """AWS's word for a boolean."""
    return "ENABLED" if value else "DISABLED"


def text(where: str, value: Any) -> str:
    """A value as the text that attributes hold: JSON for objects and booleans."""
    return document(value)


def whole(where: str, value: Any) -> int:
    """A whole number that Pulumi types as text."""
    return int(_number(where, value))


def decimal(where: str, value: Any) -> float:
    """A number that Pulumi types as text."""
    return _number(where, value)


def _number(where: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise AwsInputError([f"{where} must be a number; found {value!r}."]) from None


def pairs(key: str, value: str) -> Convert:
    """A map as AWS's list of pairs, in the order of the names; an empty one is left out, as some requests refuse it."""
    return lambda where, given: tag_list(given, key=key, value=value) or None


tags_lower = pairs("key", "value")
tags_upper = pairs("Key", "Value")


def differs(old: Recorded, inputs: Mapping[str, Any], shape: Shape) -> bool:
    """Whether a property of the table changed."""
    return changed(old.inputs, inputs, *shape.names)


def member_changes(before: Mapping[str, Any], after: Mapping[str, Any], reset: Mapping[str, Any]) -> dict[str, Any]:
    """What makes `before` into `after` where a request keeps what it leaves out: members that differ, by name.

    A member that was taken away gets its value from `reset`, or keeps the one it has.
    """
    gone = {name: reset[name] for name in before.keys() - after.keys() if name in reset}
    return dict(sorted({**{name: after[name] for name in after if before.get(name) != after[name]}, **gone}.items()))


def unchanged(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    """The update of a resource of which nothing changes in place but its tags."""


def create_by(
    type_token: str,
    service: str,
    operation: str,
    shape: Shape,
    *,
    id: str,
    part: str = "",
    outputs: Mapping[str, str] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Callable[[Aws, dict[str, Any]], Applied]:
    """The creation that is one request.

    `id` is made of properties ("{role}:{name}") or is a member of the answer, as are `outputs`; of the object in the
    answer that is called `part`, where they stand there. `given` is sent for properties that are absent.
    """

    def create(aws: Aws, inputs: dict[str, Any]) -> Applied:
        sent = {**(given or {}), **inputs}
        answer = aws.call(service, operation, **shape.of(type_token, sent))
        found = answer[part] if part else answer
        computed = {name: found[member] for name, member in (outputs or {}).items()}
        return Applied(id=id.format(**sent) if "{" in id else found[id], outputs=computed)

    return create


def put_again(
    put: Callable[[Aws, dict[str, Any]], Applied], *, when: Shape | None = None
) -> Callable[[Aws, Recorded, dict[str, Any]], Applied | None]:
    """The update of a resource that AWS replaces whole by a request; only when a property of a table changed, if it is given."""
    return lambda aws, old, inputs: put(aws, inputs) if when is None or differs(old, inputs, when) else None


def delete_by(
    service: str, operation: str, members: str | Mapping[str, str], *, many: bool = False, unless: str = ""
) -> Callable[[Aws, Recorded], None]:
    """The deletion that is one request with the resource's id as its member; many: AWS takes a list of them.

    `members` of several: each with the output that is its value, or "id". `unless`: the input that makes the provider
    leave the resource in AWS.
    """
    named = {members: "id"} if isinstance(members, str) else members

    def delete(aws: Aws, old: Recorded) -> None:
        known = {**old.outputs, "id": [old.id] if many else old.id}
        if not old.inputs.get(unless):
            aws.call(service, operation, **{member: known[name] for member, name in named.items()})

    return delete


def forget(aws: Aws, old: Recorded) -> None:
    """The deletion of what AWS goes on having: the provider only stops managing it."""


def arn(aws: Aws, service: str, resource: str) -> str:
    """An ARN in the deployment's account and region."""
    return f"arn:{aws.partition}:{service}:{aws.region}:{aws.account_id}:{resource}"
