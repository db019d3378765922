"""Policies about what everybody reaches: buckets, queues, topics, keys, secrets and repositories that a policy or an ACL opens."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.iam.statements import OTHER_DOCUMENTS, Statement, policies_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent
from policies.resources.reading import optional, read_list, read_text, required
from policies.resources.references import belonging
from policies.resources.requested import asked_flag, asked_list, asked_text
from policies.rules.policy import EVERYWHERE, hub
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, about, policy

_DOCUMENTS = (
    *OTHER_DOCUMENTS, tokens.BUCKET, tokens.BUCKET_POLICY, tokens.BUILD_RESOURCE_POLICY, tokens.EVENT_BUS_POLICY,
    tokens.FILE_SYSTEM_POLICY, tokens.KEY, tokens.KEY_POLICY, tokens.QUEUE, tokens.QUEUE_POLICY, tokens.REGISTRY_POLICY,
    tokens.REPOSITORY_POLICY, tokens.SECRET, tokens.SECRET_POLICY, tokens.TOPIC, tokens.TOPIC_POLICY,
)  # fmt: skip
_OBJECTS = (tokens.BUCKET_OBJECT, tokens.BUCKET_OBJECT_V2)
_SOURCES = (
    "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn",
    "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid",
    "aws:vpceaccount", "aws:vpceorgid", "kms:calleraccount", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
)  # fmt: skip
"""What AWS itself takes for a limit when it says whether a policy is public, and the keys for accounts and organizations."""
_CANNED = frozenset({"authenticated-read", "public-read", "public-read-write"})
_GRANTS = ("accessControlPolicy", "grants")
_EVERYBODY = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")
"""The ends of the URIs of S3's groups that are everybody: without an account, or with any."""


@policy(
    what="A bucket refuses everything that would make it public.",
    why="One object's ACL or one policy too many publishes what is in it.",
    severity="high",
    how_to_fix="Add an aws.s3.BucketPublicAccessBlock with all four settings true.",
    references="CKV_AWS_53 CKV_AWS_54 CKV_AWS_55 CKV_AWS_56 CKV2_AWS_6 AwsSolutions-S2 S3.8",
    types=(tokens.BUCKET,),
    also=(tokens.BUCKET_ACCESS_BLOCK,),
)
def bucket_public_access_blocked(stack: Stack, bucket: Resource) -> Iterator[Problem]:
    blocks = belonging(stack.graph, bucket, tokens.BUCKET_ACCESS_BLOCK, "bucket")
    if not blocks:
        yield Problem("it has no BucketPublicAccessBlock", "one with all four settings true")
    for block in blocks:
        for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
            with about(block):
                blocked = asked_flag(block, key)
                if not optional(blocked, False):
                    yield Problem(stated(f"{key} of {block.name}", blocked, "false"), "true")


@policy(
    what="No bucket, queue, topic, key or repository is open to everybody.",
    why="A principal * without a condition is every AWS account, and for buckets the whole internet.",
    severity="critical",
    how_to_fix="Name the principals, or add a condition on aws:SourceAccount, aws:SourceArn or aws:PrincipalOrgID.",
    url=hub("S3.2"),
    levels=EVERYWHERE,
    references="CKV_AWS_20 CKV_AWS_32 CKV_AWS_33 CKV_AWS_57 CKV_AWS_70 CKV_AWS_168 CKV_AWS_169 CKV_AWS_283 "
    "CKV_AWS_375 CKV_AWS_387 CKV2_AWS_43 AwsSolutions-ECR1 AwsSolutions-EVB1 KMS.5 S3.2 S3.3 SNS.4 SQS.3",
    types=(*_DOCUMENTS, tokens.BUCKET_ACL, *_OBJECTS),
)
def resource_policy_not_public(stack: Stack, resource: Resource) -> Iterator[Problem]:
    yield from _acl(resource)
    if resource.type not in _DOCUMENTS or policies_of(stack.graph, resource):
        return  # its own `policy` is then only what AWS answers; what is declared is judged where it is declared
    for statement in stack.facts.statements(resource, OTHER_DOCUMENTS.get(resource.type, "policy")):
        if not statement.allows or statement.condition_on(*_SOURCES) or _by_mount_target(statement):
            continue
        if statement.anyone:
            yield Problem(f"{statement.where} allows everybody {', '.join(statement.actions)[:80]}", "named principals")
        elif statement.patterned:
            yield Problem(f"{statement.where} has a principal with a wildcard", "named principals")


def _by_mount_target(statement: Statement) -> bool:
    """Whether it is for who mounts a file system in its network alone (EFS User Guide, The meaning of "public")."""
    return statement.conditions.get("Bool", {}).get("elasticfilesystem:accessedviamounttarget") == ("true",)


def _acl(resource: Resource) -> Iterator[Problem]:
    """What an ACL opens, of a bucket or of an object: one of S3's own, or grants one by one."""
    if resource.type in (tokens.BUCKET, tokens.BUCKET_ACL, *_OBJECTS):
        acl = optional(asked_text(resource, "acl"), "private")
        if acl in _CANNED:
            yield Problem(f"acl is {acl}", "private")
    if resource.type == tokens.BUCKET:
        for position in range(len(optional(asked_list(resource, "grants"), []))):
            yield from _grant(optional(read_text(resource, "grants", position, "uri"), ""))
    if resource.type == tokens.BUCKET_ACL and not isinstance(read_list(resource, *_GRANTS), Absent):
        for position in range(len(required(read_list(resource, *_GRANTS)))):
            yield from _grant(optional(read_text(resource, *_GRANTS, position, "grantee", "uri"), ""))


def _grant(uri: str) -> Iterator[Problem]:
    if uri.endswith(_EVERYBODY):
        yield Problem(f"it grants rights to {uri.rpartition('/')[2]}", "named grantees")
