"""IAM policy documents as statements: of roles, users, buckets, topics, queues and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from policies.facts.iam.conditions import limits
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent
from policies.resources.reading import optional, read_json, refuse, refuse_value, required
from policies.resources.references import belonging
from policies.resources.requested import asked_json, asked_list

Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]

OTHER_DOCUMENTS: Mapping[str, str] = {
    tokens.LOG_RESOURCE_POLICY: "policyDocument",
    tokens.REPOSITORY_TEMPLATE: "repositoryPolicy",
    **dict.fromkeys(
        (
            "aws:opensearch/domain:Domain", "aws:opensearch/domainPolicy:DomainPolicy", "aws:elasticsearch/domain:Domain",
            "aws:elasticsearch/domainPolicy:DomainPolicy",
        ),
        "accessPolicies",
    ),
    **dict.fromkeys(
        (
            "aws:codeartifact/domainPermissions:DomainPermissions",
            "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy",
        ),
        "policyDocument",
    ),
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "accessPolicy",
    **dict.fromkeys(
        (
            "aws:backup/vaultPolicy:VaultPolicy", "aws:dynamodb/resourcePolicy:ResourcePolicy", "aws:glue/resourcePolicy:ResourcePolicy",
            "aws:ecrpublic/repositoryPolicy:RepositoryPolicy", "aws:kinesis/resourcePolicy:ResourcePolicy",
            "aws:msk/clusterPolicy:ClusterPolicy", "aws:s3/accessPoint:AccessPoint", "aws:s3control/accessPointPolicy:AccessPointPolicy",
            "aws:s3control/bucketPolicy:BucketPolicy", "aws:schemas/registryPolicy:RegistryPolicy",
            "aws:ses/identityPolicy:IdentityPolicy", "aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy",
            tokens.EXTERNAL_KEY, tokens.REPLICA_EXTERNAL_KEY, tokens.REPLICA_KEY,
        ),
        "policy",
    ),
}  # fmt: skip
"""Types of services that this pack knows little else of, to their property with a document about who may use them."""
_COMPUTED = frozenset(
    {
        tokens.BUCKET, tokens.EXTERNAL_KEY, tokens.KEY, tokens.QUEUE, tokens.REPLICA_EXTERNAL_KEY, tokens.REPLICA_KEY,
        tokens.REPOSITORY_TEMPLATE, tokens.SECRET, tokens.TOPIC,
        "aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain", "aws:s3/accessPoint:AccessPoint",
    }
)  # fmt: skip
"""Types whose policy AWS answers where the program gives none; every other type that has a document requires it."""
_POLICIED = {
    tokens.BUCKET: (tokens.BUCKET_POLICY, "bucket"),
    tokens.QUEUE: (tokens.QUEUE_POLICY, "queueUrl"),
    tokens.TOPIC: (tokens.TOPIC_POLICY, "arn"),
}
"""Type to the type of its policy, and the policy's property that names it."""
_ELEMENTS = frozenset(
    {
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. where: its path. principals: "*", or kind to names. conditions: operator to lower-case key to values."""

    where: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    principals: Mapping[str, tuple[str, ...]]
    not_principals: bool
    conditions: Conditions

    @property
    def anyone(self) -> bool:
        """Whether it is for every principal of every account."""
        return self.not_principals or any("*" in names for names in self.principals.values())

    @property
    def patterned(self) -> bool:
        """Whether it is for principals by a pattern, such as the roles of one name in every account."""
        return any(mark in name for names in self.principals.values() for name in names for mark in "*?")

    def condition_on(self, *keys: str) -> bool:
        """Whether a condition that must hold limits one of these keys, in lower case; a key that ends in / or : is a prefix."""
        return any(
            (name == key or (key[-1] in "/:" and name.startswith(key))) and limits(operator, name, values)
            for operator, tests in self.conditions.items()
            for name, values in tests.items()
            for key in keys
        )


def policies_of(graph: Graph, resource: Resource) -> tuple[Resource, ...]:
    """The policies that a bucket, queue or topic is given as resources of their own."""
    if resource.type not in _POLICIED:
        return ()
    return tuple(belonging(graph, resource, *_POLICIED[resource.type]))


def inline_statements(role: Resource) -> Iterator[Statement]:
    """The statements of a role's inline policies."""
    for position, item in enumerate(optional(asked_list(role, "inlinePolicies"), [])):
        where = f"inlinePolicies[{position}].policy"
        if not isinstance(item, Mapping):
            refuse_value(where, item, "is in no object")
        document = read_json(role, "inlinePolicies", position, "policy")
        if not isinstance(document, Absent):
            yield from parse_document(required(document), where)


def read_statements(resource: Resource, prop: str) -> Iterator[Statement]:
    """The statements of a document in a property; none where AWS may decide it. Raises NotDecidedError where it cannot be read."""
    document = asked_json(resource, prop) if resource.type in _COMPUTED else read_json(resource, prop)
    if not (isinstance(document, Absent) and resource.type in _COMPUTED):
        yield from parse_document(required(document), prop)


def parse_document(document: object, where: str) -> Iterator[Statement]:
    """The statements of a parsed document. Raises NotDecidedError where it is none."""
    if not isinstance(document, dict):
        refuse(where, "is not a policy document")
    listed = cast("dict[str, object]", document).get("Statement")
    items = cast("list[object]", listed) if isinstance(listed, list) else [listed]
    for position, item in enumerate(items):
        at = f"{where}.Statement[{position}]"
        if not isinstance(item, dict):
            refuse(at, "is not a statement")
        yield _statement(cast("dict[str, object]", item), at)


def _statement(fields: Mapping[str, object], where: str) -> Statement:
    effect = fields.get("Effect")
    if effect not in ("Allow", "Deny"):
        refuse(f"{where}.Effect", "is neither Allow nor Deny")
    for name in fields:
        if name not in _ELEMENTS:
            refuse(where, f'has "{name[:30]}", which is no element of a statement')
    principal = fields.get("Principal")
    statement = Statement(
        where=where,
        allows=effect == "Allow",
        actions=_texts(fields.get("Action"), f"{where}.Action"),
        not_actions=_texts(fields.get("NotAction"), f"{where}.NotAction"),
        resources=_texts(fields.get("Resource"), f"{where}.Resource"),
        not_resources=_texts(fields.get("NotResource"), f"{where}.NotResource"),
        principals=_principals(principal, f"{where}.Principal"),
        not_principals="NotPrincipal" in fields,
        conditions=_conditions(fields.get("Condition"), f"{where}.Condition"),
    )
    if not statement.actions and not statement.not_actions:
        refuse(f"{where}.Action", "is absent")
    return statement


def _principals(value: object, where: str) -> Mapping[str, tuple[str, ...]]:
    if value is None:
        return {}
    if isinstance(value, str):
        return {"AWS": (value,)}
    if not isinstance(value, dict):
        refuse(where, "is not a principal")
    return {kind: _texts(names, where) for kind, names in cast("dict[str, object]", value).items()}


def _conditions(value: object, where: str) -> Conditions:
    if value is None:
        return {}
    if not isinstance(value, dict):
        refuse(where, "is no condition")
    found: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for operator, tests in cast("dict[str, object]", value).items():
        if not isinstance(tests, dict):
            refuse(f"{where}.{operator}", "is no condition")
        texts = cast("dict[str, object]", tests).items()
        found[operator] = {key.lower(): _texts(item, where, numbers=True) for key, item in texts}
    return found


def _texts(value: object, where: str, *, numbers: bool = False) -> tuple[str, ...]:
    """One text or several. numbers: whether those are taken, too, as a condition may ask for one."""
    items = cast("list[object]", value) if isinstance(value, list) else [] if value is None else [value]
    texts: list[str] = []
    for item in items:
        if isinstance(item, bool):
            item = "true" if item else "false"
        if not isinstance(item, (str, int, float) if numbers else (str, int)):
            refuse(where, "holds what is no text")
        texts.append(str(item))
    return tuple(texts)
