"""Policies about buckets, queues and topics: closed, encrypted, and not growing for ever."""

from __future__ import annotations

from collections.abc import Iterator

from ..asking import asked_flag, asked_text
from ..checks import flag
from ..graph import Resource
from ..reading import (
    Absent,
    optional,
    read,
    read_list,
    read_text,
    required,
)
from ..relations import belonging
from ..rules import Check, Problem, Rule, Stack, about, each
from ..spec import EVERYWHERE, PRD_ONLY, STRICT_IN_PRD, PolicySpec, hub
from ..statements import Statement, statements_of
from ..tokens import (
    BUCKET,
    BUCKET_ACCESS_BLOCK,
    BUCKET_ACL,
    BUCKET_ENCRYPTION,
    BUCKET_LIFECYCLE,
    BUCKET_POLICY,
    KEY,
    KEY_POLICY,
    LOG_RESOURCE_POLICY,
    QUEUE,
    QUEUE_POLICY,
    REPOSITORY,
    REPOSITORY_POLICY,
    TOPIC,
    TOPIC_POLICY,
)

_BLOCKED = PolicySpec(
    name="bucket-public-access-blocked",
    what="A bucket refuses everything that would make it public.",
    why="One object's ACL or one policy too many publishes what is in it.",
    severity="high",
    how_to_fix="Add an aws.s3.BucketPublicAccessBlock with all four settings true.",
    url=hub("S3.8"),
    levels=STRICT_IN_PRD,
    references=(
        "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56", "CKV2_AWS_6", "AwsSolutions-S2", "S3.8",
    ),
)  # fmt: skip
_PUBLIC = PolicySpec(
    name="resource-policy-not-public",
    what="No bucket, queue, topic, key or repository is open to everybody.",
    why="A principal * without a condition is every AWS account, and for buckets the whole internet.",
    severity="critical",
    how_to_fix="Name the principals, or add a condition on aws:SourceAccount, aws:SourceArn or aws:PrincipalOrgID.",
    url=hub("S3.2"),
    levels=EVERYWHERE,
    references=(
        "CKV_AWS_20", "CKV_AWS_32", "CKV_AWS_33", "CKV_AWS_57", "CKV_AWS_70", "CKV_AWS_168", "CKV_AWS_169",
        "CKV_AWS_375", "CKV_AWS_387", "CKV2_AWS_43", "AwsSolutions-ECR1", "KMS.5", "S3.2", "S3.3", "SNS.4", "SQS.3",
    ),
)  # fmt: skip
_TLS = PolicySpec(
    name="transport-encrypted",
    what="A bucket, queue or topic refuses requests without TLS.",
    why="AWS's endpoints still answer plain HTTP, and one old client is enough.",
    severity="medium",
    how_to_fix='Add a policy that denies all actions on it where aws:SecureTransport is "false".',
    url=hub("S3.5"),
    levels=STRICT_IN_PRD,
    references=("CKV_AWS_379", "AwsSolutions-S10", "AwsSolutions-SNS3", "AwsSolutions-SQS4", "S3.5"),
)
_ENCRYPTED = PolicySpec(
    name="storage-encrypted",
    what="A bucket's and a queue's encryption at rest is not switched off or misspelt.",
    why="Messages and objects hold what the applications hold.",
    severity="medium",
    how_to_fix="Set sqsManagedSseEnabled to true or a kmsMasterKeyId; for a bucket sseAlgorithm AES256 or aws:kms.",
    url=hub("SQS.1"),
    levels=STRICT_IN_PRD,
    references=("CKV_AWS_19", "CKV_AWS_27", "AwsSolutions-SQS2", "SQS.1"),
)
_LIFECYCLE = PolicySpec(
    name="bucket-lifecycle",
    what="A bucket's objects expire or move on.",
    why="Logs and artifacts pile up, and cost every month.",
    severity="low",
    how_to_fix="Add an aws.s3.BucketLifecycleConfiguration with an enabled rule.",
    url=hub("S3.13"),
    levels=STRICT_IN_PRD,
    references=("CKV2_AWS_61", "S3.13"),
)
_KEPT = PolicySpec(
    name="no-force-delete",
    what="What holds data is not deleted together with its content.",
    why="A rename in the program is a deletion: with force it takes every object or image along.",
    severity="high",
    how_to_fix="Set forceDestroy of the bucket, or forceDelete of the repository, to false.",
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html",
    levels=PRD_ONLY,
)
_POLICIED = {BUCKET: (BUCKET_POLICY, "bucket"), QUEUE: (QUEUE_POLICY, "queueUrl"), TOPIC: (TOPIC_POLICY, "arn")}
"""Type to the type of its policy, and the policy's property that names it."""
_SOURCES = (
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:principalorgid",
    "aws:principalaccount",
    "kms:calleraccount",
)


def _blocked(stack: Stack, bucket: Resource) -> Iterator[Problem]:
    blocks = belonging(stack.graph, bucket, BUCKET_ACCESS_BLOCK, "bucket")
    if not blocks:
        yield Problem("it has no BucketPublicAccessBlock", "one with all four settings true")
    for block in blocks:
        for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
            with about(block):
                blocked = optional(asked_flag(block, key), False)
            if not blocked:
                yield Problem(f"{key} of {block.name} is not true", "true")


def _not_public(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type in (BUCKET, BUCKET_ACL):
        acl = optional(asked_text(resource, "acl"), "private")
        if acl in ("public-read", "public-read-write", "authenticated-read"):
            yield Problem(f"acl is {acl}", "private")
    if _policies(stack, resource):
        return  # its own `policy` is then only what AWS answers; what is declared is judged where it is declared
    prop = {LOG_RESOURCE_POLICY: "policyDocument"}.get(resource.type, "policy")
    for statement in statements_of(stack.graph, resource, prop) if resource.type != BUCKET_ACL else ():
        if statement.allows and statement.anyone and not statement.condition_on(*_SOURCES):
            yield Problem(f"{statement.where} allows everybody {', '.join(statement.actions)[:80]}", "named principals")


def _policies(stack: Stack, resource: Resource) -> tuple[Resource, ...]:
    """The policies that a bucket, queue or topic is given as resources of their own."""
    if resource.type not in _POLICIED:
        return ()
    kind, prop = _POLICIED[resource.type]
    return tuple(belonging(stack.graph, resource, kind, prop))


def _transport(stack: Stack, resource: Resource) -> Iterator[Problem]:
    documents = _policies(stack, resource) or (resource,)
    statements: list[Statement] = []
    for owner in documents:
        with about(owner):
            statements += statements_of(stack.graph, owner, "policy")
    if not any(
        not item.allows
        and item.anyone
        and any(action == "*" or action.endswith(":*") or action.lower() == "sns:publish" for action in item.actions)
        and any(
            tests.get("aws:securetransport") == ("false",)
            for operator, tests in item.conditions.items()
            if operator == "Bool"
        )
        for item in statements
    ):
        yield Problem("no policy denies requests without TLS", 'a Deny where aws:SecureTransport is "false"')


def _encrypted(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type == QUEUE:
        managed, key = asked_flag(resource, "sqsManagedSseEnabled"), read(resource, "kmsMasterKeyId")
        # Since 2023 AWS encrypts new queues where neither is given.
        if not isinstance(managed, Absent) and not required(managed) and isinstance(key, Absent):
            yield Problem("sqsManagedSseEnabled is false and kmsMasterKeyId is not set", "one of them")
        return
    for position in range(len(required(read_list(resource, "rules")))):
        path = ("rules", position, "applyServerSideEncryptionByDefault", "sseAlgorithm")
        algorithm = required(read_text(resource, *path))
        if algorithm not in ("AES256", "aws:kms", "aws:kms:dsse"):
            yield Problem(f"sseAlgorithm is {algorithm[:30]}", "AES256 or aws:kms")


def _lifecycle(stack: Stack, bucket: Resource) -> Iterator[Problem]:
    found = belonging(stack.graph, bucket, BUCKET_LIFECYCLE, "bucket")
    enabled = False
    for item in found:
        with about(item):
            statuses = [read_text(item, "rules", at, "status") for at in range(len(required(read_list(item, "rules"))))]
            enabled = enabled or "Enabled" in [required(status) for status in statuses]
    if not enabled:
        yield Problem("it has no lifecycle rule that is enabled", "one")


def _kept() -> Check:
    def check(stack: Stack, resource: Resource) -> Iterator[Problem]:
        prop = "forceDestroy" if resource.type == BUCKET else "forceDelete"
        yield from flag(prop, wanted=False, default=False)(stack, resource)

    return check


RULES: tuple[Rule, ...] = (
    each(_BLOCKED, BUCKET, also=(BUCKET_ACCESS_BLOCK,))(_blocked),
    each(
        _PUBLIC,
        BUCKET,
        BUCKET_ACL,
        BUCKET_POLICY,
        QUEUE,
        QUEUE_POLICY,
        TOPIC,
        TOPIC_POLICY,
        REPOSITORY_POLICY,
        KEY,
        KEY_POLICY,
        LOG_RESOURCE_POLICY,
    )(_not_public),
    each(_TLS, BUCKET, QUEUE, TOPIC, also=(BUCKET_POLICY, QUEUE_POLICY, TOPIC_POLICY))(_transport),
    each(_ENCRYPTED, QUEUE, BUCKET_ENCRYPTION)(_encrypted),
    each(_LIFECYCLE, BUCKET, also=(BUCKET_LIFECYCLE,))(_lifecycle),
    each(_KEPT, BUCKET, REPOSITORY)(_kept()),
)
