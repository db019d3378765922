"""Policies about what IAM allows: no more than is needed, and no way to more."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from policies.facts.iam.given import BOUNDED, GIVING, is_boundary
from policies.facts.iam.patterns import action_like
from policies.facts.iam.statements import Statement, inline_statements
from policies.facts.iam.wide_actions import WIDE
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import is_unknown
from policies.resources.reading import optional, read_text, refuse, required
from policies.resources.requested import asked_list
from policies.rules.policy import IAM_GUIDE, hub, setting
from policies.rules.rule import Problem, Stack, policy

DOCUMENTS = (tokens.ROLE_POLICY, tokens.IAM_POLICY, tokens.USER_POLICY, tokens.GROUP_POLICY)
_BOUNDING = (*BOUNDED, *GIVING)
"""What says whether a policy is a boundary of others, or is given to somebody."""
_ESCALATING = (
    "iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateAccessKey",
    "iam:CreateLoginProfile", "iam:CreatePolicyVersion", "iam:CreateServiceSpecificCredential",
    "iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary", "iam:PutGroupPolicy",
    "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:PutUserPermissionsBoundary", "iam:PutUserPolicy",
    "iam:ResetServiceSpecificCredential", "iam:SetDefaultPolicyVersion", "iam:TagUser", "iam:UpdateAccessKey",
    "iam:UpdateAssumeRolePolicy", "iam:UpdateLoginProfile",
)  # fmt: skip
_BOUNDED = frozenset(
    {
        "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
        "iam:PutUserPermissionsBoundary", "iam:PutUserPolicy",
    }
)  # fmt: skip
"""Those of them that a condition on iam:PermissionsBoundary keeps within a boundary (IAM User Guide, Permissions boundaries)."""
_KINDS = frozenset(
    {
        "access-point", "accesspoint", "alarm", "alias", "backup-vault", "build", "catalog", "certificate", "cluster",
        "connection", "container-instance", "database", "db", "dbuser", "deliverystream", "distribution", "domain", "event-bus",
        "file-system", "function", "group", "hostedzone", "identitypool", "instance", "instance-profile", "key", "layer", "listener",
        "loadbalancer", "log-group", "network-interface", "parameter", "pipeline", "policy", "project", "proxy", "queue",
        "report-group", "repository", "role", "rule", "schedule", "schedule-group", "secret", "security-group", "service", "snapshot",
        "stack", "stateMachine", "stream", "subnet", "table", "targetgroup", "task", "task-definition", "topic", "trail", "user",
        "userpool", "volume", "workgroup",
    }
)  # fmt: skip
"""What stands before a resource's name in ARNs; without it the part before the first / or : is a name, as in S3's."""
_NARROWING = (
    "autoscaling:resourcetag/", "aws:resourcetag/", "ec2:resourcetag/", "ec2:subnet", "ec2:vpc", "ecs:cluster", "ecs:resourcetag/",
    "elasticloadbalancing:resourcetag/", "kms:requestalias", "kms:resourcealiases", "rds:cluster-tag/", "rds:db-tag/",
    "secretsmanager:resourcetag/", "ssm:resourcetag/",
)  # fmt: skip
"""Conditions that choose among the resources of a kind."""
_MAKES = (
    "ec2:CreateFleet", "ec2:CreateNetworkInterface", "ec2:CreateSnapshot", "ec2:CreateSnapshots", "ec2:CreateVolume", "ec2:RunInstances",
)  # fmt: skip
_MADE = frozenset({"fleet", "instance", "network-interface", "snapshot", "volume"})
"""Actions that make something, and what they make: AWS gives it its id, which no policy can name."""
_BROAD = re.compile(
    r"FullAccess|Administrator|AdminAccess|PowerUser|SystemAdministrator|SecretsManagerReadWrite|^(?:ReadOnlyAccess|ViewOnlyAccess|SecurityAudit)$"
)
"""In the names of AWS's own policies."""


def _allowing(stack: Stack, resource: Resource) -> Iterator[Statement]:
    """What a resource allows by IAM: a policy's statements, a role's inline ones. A permissions boundary allows nothing by itself."""
    if resource.type == tokens.IAM_POLICY and is_boundary(stack.graph, resource):
        return iter(())
    found = inline_statements(resource) if resource.type == tokens.ROLE else stack.facts.statements(resource, "policy")
    return (statement for statement in found if statement.allows)


@policy(
    what="No policy allows every action, or every action of a service.",
    why="New actions join a wildcard by themselves, and nobody reviews them.",
    severity="high",
    how_to_fix="List the actions that are used.",
    url=hub("IAM.21"),
    references="CKV_AWS_1 CKV_AWS_49 CKV_AWS_62 CKV_AWS_63 CKV2_AWS_40 AwsSolutions-IAM5 IAM.1 IAM.21",
    types=(*DOCUMENTS, tokens.ROLE),
    also=_BOUNDING,
)
def iam_no_star_actions(stack: Stack, resource: Resource) -> Iterator[Problem]:
    for statement in _allowing(stack, resource):
        if statement.not_actions:
            yield Problem(f"{statement.where} allows all but some actions (NotAction)", "the actions that are used")
        for action in statement.actions:
            service, _, verb = action.partition(":")
            if re.search(r"[*?]", service) or not verb.strip("*?"):
                yield Problem(f"{statement.where} allows {action[:60]}", "single actions")


@policy(
    what='A policy allows actions on "*", or on every resource of a kind, only where AWS has nothing narrower.',
    why="One task that is broken into then reaches every resource of the account, of the other stage, too.",
    severity="high",
    how_to_fix="Name the ARNs; where AWS has no narrower resource for an action, add it to the setting wideActions.",
    url=IAM_GUIDE + "access_policies_actions-resources-contextkeys.html",
    references="CKV_AWS_107 CKV_AWS_108 CKV_AWS_111 CKV_AWS_287 CKV_AWS_288 CKV_AWS_290 CKV_AWS_355 CKV_AWS_356 "
    "AwsSolutions-IAM5 KMS.1 KMS.2",
    settings=(setting("wideActions", (), 'Further actions, or patterns of them, that may be allowed on "*".'),),
    types=(*DOCUMENTS, tokens.ROLE),
    also=_BOUNDING,
)
def iam_no_star_resources(stack: Stack, resource: Resource) -> Iterator[Problem]:
    wide = (*WIDE, *stack.texts("wideActions"))
    for statement in _allowing(stack, resource):
        if statement.not_resources:
            yield Problem(f"{statement.where} allows all but some resources (NotResource)", "the ARNs that are used")
        elif not statement.resources:
            refuse(f"{statement.where}.Resource", "is absent")
        actions = [action[:60] for action in statement.actions if not action_like(wide, action)]
        for item in statement.resources if actions else ():
            if _every_one(item) or (_every_one_of_a_kind(item) and not _narrowed(statement, item)):
                shown = "*" if _every_one(item) else item[:100]
                yield Problem(f'{statement.where} allows {", ".join(actions)} on "{shown}"', "the ARNs that are used")
                break


def _narrowed(statement: Statement, item: str) -> bool:
    """Whether a condition chooses among the resources of a kind, or they are yet to be made."""
    made = item.rpartition(":")[2].partition("/")[0] in _MADE
    makes = made and all(action_like(_MAKES, action) for action in statement.actions)
    return makes or statement.condition_on(*_NARROWING)


def _every_one(item: str) -> bool:
    return not item.strip("*?") or item.startswith("arn:*:*")


def _every_one_of_a_kind(item: str) -> bool:
    """Whether a pattern of ARNs leaves the name open, as in arn:aws:s3:::* or arn:aws:ssm:eu-west-1:123456789012:parameter/*."""
    parts = item.split(":", 5)
    if len(parts) < 6:
        return item.endswith("*")
    kind, name = [*re.split(r"[/:]", parts[5], maxsplit=1), ""][:2]
    if kind == "dbuser":
        return not name.rpartition("/")[2].strip("*?")  # the database, and its user, who decides what is allowed there
    return not parts[5].strip("*?/:") or (kind in _KINDS and bool(name) and not name.strip("*?/:"))


@policy(
    what="No policy lets its holder give itself more rights.",
    why="Who may pass any role, or write policies, has the rights of an administrator.",
    severity="critical",
    how_to_fix="Limit iam:PassRole to role ARNs with a condition iam:PassedToService, and remove actions that write policies.",
    url=IAM_GUIDE + "id_roles_use_passrole.html",
    references="CKV_AWS_107 CKV_AWS_109 CKV_AWS_110 CKV_AWS_286 CKV_AWS_287 CKV_AWS_289",
    types=(*DOCUMENTS, tokens.ROLE),
    also=_BOUNDING,
)
def iam_no_escalation(stack: Stack, resource: Resource) -> Iterator[Problem]:
    for statement in _allowing(stack, resource):
        if statement.not_actions and not all(action_like(statement.not_actions, action) for action in _ESCALATING):
            yield Problem(
                f"{statement.where} allows all but some actions, with those that write policies",
                "no action that writes policies or credentials",
            )
        bounded = statement.condition_on("iam:permissionsboundary")
        for action in statement.actions:
            if _escalates(action, bounded):
                yield Problem(
                    f"{statement.where} allows {action[:60]}", "no action that writes policies or credentials"
                )
            if not action_like((action,), "iam:PassRole"):
                continue
            if statement.not_resources or any(_every_role(item) for item in statement.resources):
                yield Problem(f"{statement.where} allows iam:PassRole on every role", "the roles' ARNs")
            if not statement.condition_on("iam:passedtoservice"):
                yield Problem(
                    f"{statement.where} allows iam:PassRole to every service", "a condition iam:PassedToService"
                )


@functools.lru_cache(maxsize=4096)
def _escalates(action: str, bounded: bool) -> bool:
    escalating = (name for name in _ESCALATING if not (bounded and name in _BOUNDED))
    return any(action_like((action,), name) for name in escalating)


def _every_role(item: str) -> bool:
    """Whether a pattern of ARNs covers a role of a name that nobody could have meant."""
    parts = item.split(":")
    account = parts[4] if len(parts) > 5 and parts[4].isdigit() else "000000000000"
    partition = parts[1] if len(parts) > 5 and parts[1].startswith("aws") else "aws"
    return action_like((item,), f"arn:{partition}:iam::{account}:role/any-role-there-is")


@policy(
    what="Nobody gets AWS's policies for administrators or with full access.",
    why="They are written for every account: they allow far more than one task needs.",
    severity="high",
    how_to_fix="Write a policy with the actions and resources that are used.",
    url=IAM_GUIDE + "access_policies_managed-vs-inline.html",
    references="CKV_AWS_274 CKV_AWS_275 CKV2_AWS_56 AwsSolutions-IAM4 IAM.27",
    types=tuple(GIVING),
)
def iam_no_broad_managed_policies(_: Stack, resource: Resource) -> Iterator[Problem]:
    arns: list[str] = []
    if (prop := GIVING[resource.type]) != "policyArn":
        for position, item in enumerate(optional(asked_list(resource, prop), [])):
            if not (is_unknown(item) and resource.property_dependencies.get(prop)):
                arns.append(required(read_text(resource, prop, position)))
    elif not (is_unknown(resource.props.get("policyArn")) and resource.property_dependencies.get("policyArn")):
        arns = [required(read_text(resource, "policyArn"))]
    # The ARN of a policy of this stack is unknown at preview, and that policy is judged itself.
    for arn in arns:
        name = arn.rpartition("/")[2]
        if ":iam::aws:policy/" in arn and _BROAD.search(name):
            yield Problem(f"it gives {name[:80]}", "a policy of its own")
