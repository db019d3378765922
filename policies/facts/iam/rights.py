"""What a role of the stack may do: the statements of all its policies, where all of them can be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from policies.facts.iam.given import GIVING, ROLES_OF, policies_named
from policies.facts.iam.patterns import action_like, like
from policies.facts.iam.statements import Statement, inline_statements, parse_document
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, NotDecidedError, Present, Step
from policies.resources.reading import read, read_text
from policies.resources.references import belonging, references
from policies.resources.requested import asked_list

_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")
_MANAGED: Mapping[str, tuple[str, ...]] = {
    "service-role/AmazonECSTaskExecutionRolePolicy": (
        "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", *_LOGS[:2],
    ),
    "service-role/AmazonRDSEnhancedMonitoringRole": ("logs:CreateLogGroup", "logs:PutRetentionPolicy", *_LOGS),
    "service-role/AmazonEC2ContainerServiceEventsRole": ("ecs:RunTask", "ecs:TagResource", "iam:PassRole"),
    "AmazonSSMReadOnlyAccess": ("ssm:Describe*", "ssm:Get*", "ssm:List*"),
    "AWSXRayDaemonWriteAccess": ("xray:*",),
}  # fmt: skip
"""AWS's managed policies that hold few actions, to those (AWS Managed Policy Reference); what any other allows is not known here."""
_READS = re.compile(r"ReadOnly(?:Access)?$|^ViewOnlyAccess$|^SecurityAudit$")
_READING = tuple(
    f"*:{verb}*" for verb in ("Get", "List", "Describe", "BatchGet", "BatchCheck", "Query", "Scan", "View", "Lookup")
)
"""AWS's policies for reading do at most this."""
_AWS = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/(.+)")

Read = Callable[[Resource, str], tuple[Statement, ...]]


def rights_of(graph: Graph, role: Resource, read_policy: Read) -> tuple[Statement, ...] | None:
    """The statements of a role's policies; None where one of them is somebody else's, and may allow anything.

    read_policy: the statements of a resource's document. Raises NotDecidedError where a document cannot be read.
    """
    for giver in graph.of_type(tokens.IAM_ATTACHMENT, tokens.ROLE_ATTACHMENTS):
        if references(graph, giver, tokens.ROLE, ROLES_OF[giver.type]).undecided:
            return None  # it may be this role's
    found = tuple(_statements(graph, role, read_policy))
    return None if None in found else tuple(item for item in found if item is not None)


def _statements(graph: Graph, role: Resource, read_policy: Read) -> Iterator[Statement | None]:
    yield from inline_statements(role)
    for document in belonging(graph, role, tokens.ROLE_POLICY, "role"):
        yield from _read(document, read_policy)
    givers = [held for kind, prop in ROLES_OF.items() for held in belonging(graph, role, kind, prop)]
    own = () if isinstance(asked_list(role, GIVING[tokens.ROLE]), Absent) else (role,)
    for giver in (*own, *givers):
        for policy in policies_named(graph, giver, GIVING[giver.type]):
            yield from _read(policy, read_policy)
        yield from _elsewhere(graph, giver, GIVING[giver.type])


def _elsewhere(graph: Graph, giver: Resource, prop: str) -> Iterator[Statement | None]:
    """What policies that are none of the stack allow; None for one whose ARN, or statements, are not known."""
    named = references(graph, giver, tokens.IAM_POLICY, prop)
    if named.undecided:
        yield None
    ours = graph.by_text(tokens.IAM_POLICY, "name")
    for arn in named.keys:
        if not graph.held((arn,)) and (arn.rpartition("/")[2] not in ours or _AWS.fullmatch(arn)):
            yield from _managed(arn)


def _read(document: Resource, read_policy: Read) -> tuple[Statement, ...]:
    try:
        return read_policy(document, "policy")
    except NotDecidedError as error:
        raise NotDecidedError(replace(error.undecided, owner=document)) from None


def _managed(arn: object) -> Iterator[Statement | None]:
    match = _AWS.fullmatch(arn) if isinstance(arn, str) else None
    actions = _MANAGED.get(match[1]) if match else None
    if match and actions is None and _READS.search(match[1]):
        actions = _READING
    if actions is None:
        yield None
    else:
        document = {"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
        yield from parse_document(document, "policyArn")


def roles_named(graph: Graph, resource: Resource, path: tuple[Step, ...]) -> tuple[Resource, ...]:
    """The roles of the stack that a property names: by its ARN's name, else by what it was made from."""
    found = read(resource, *path)
    if isinstance(found, Absent):
        return ()
    if isinstance(found, Present) and isinstance(found.value, str) and ":role/" in found.value:
        known = graph.by_handle(tokens.ROLE).get(found.value.rpartition("/")[2])
        return (known,) if known is not None else ()
    return graph.held(references(graph, resource, tokens.ROLE, *path).keys)


def allowed(statements: Iterable[Statement], action: str, forms: Iterable[str], account: str, region: str) -> bool:
    """Whether a statement allows an action on one of the resources, and none without a condition denies it; other conditions are not
    weighed.

    forms: how the resource may stand behind the account of an ARN, such as "project/build", or how it begins, up to a "/" or ":";
    none for any resource. account, region: the stack's, empty where they are not known.
    """
    wanted, found = tuple(forms), False
    for statement in statements:
        if not _does(statement, action):
            continue
        if _takes(statement, wanted, account, region):
            return False
        found = found or (statement.allows and _is_about(statement, wanted, account, region))
    return found


def own_forms(resource: Resource) -> tuple[str, ...]:
    """How a bucket with its objects, a queue or a topic stands in its own policy, as for `allowed`; none where its name is not chosen."""
    name = read_text(resource, "bucket" if resource.type == tokens.BUCKET else "name")
    if not isinstance(name, Present):
        return ()
    return (name.value, f"{name.value}/") if resource.type == tokens.BUCKET else (name.value,)


def denied(statement: Statement, forms: Iterable[str], account: str, region: str) -> bool:
    """Whether what a statement denies is each of the resources as a whole; one that is not known by its name is taken for it.

    forms, account, region: as of `allowed`.
    """
    return (
        not statement.allows
        and bool(statement.resources)
        and all(any(_all_of(item, form, account, region) for item in statement.resources) for form in forms)
    )


def _is_about(statement: Statement, forms: tuple[str, ...], account: str, region: str) -> bool:
    if not forms or statement.not_resources:
        return True
    return any(covers(pattern, form, account, region) for pattern in statement.resources for form in forms)


def _takes(statement: Statement, forms: tuple[str, ...], account: str, region: str) -> bool:
    """Whether a statement denies everybody, whatever the circumstances, what one of the resources is needed for."""
    if statement.allows or statement.conditions or statement.not_principals:
        return False
    if statement.principals and not statement.anyone:
        return False
    if statement.not_resources:
        return not any(covers(pattern, form, account, region) for pattern in statement.not_resources for form in forms)
    return any(
        pattern.strip("*") == "" or any(_all_of(pattern, form, account, region) for form in forms)
        for pattern in statement.resources
    )


def _all_of(pattern: str, form: str, account: str, region: str) -> bool:
    """Whether a pattern covers a resource as a whole: of one that is known by its beginning everything below."""
    return covers(pattern, f"{form}any" if form.endswith(("/", ":")) else form, account, region)


def _does(statement: Statement, action: str) -> bool:
    patterns = statement.actions or statement.not_actions
    return action_like(patterns, action) is bool(statement.actions)


def covers(pattern: str, form: str, account: str, region: str) -> bool:
    """Whether a pattern of ARNs covers a resource, written as for `allowed`."""
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return like(form, pattern)
    whose = all(
        not known or not given or like(known, given) for known, given in ((region, parts[3]), (account, parts[4]))
    )
    return whose and (like(form, parts[5]) or (form.endswith(("/", ":")) and parts[5].startswith(form)))
