"""Policies about buckets, queues and topics: encrypted, not growing for ever, and not deleted with what they hold."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.iam.rights import denied, own_forms
from policies.facts.iam.statements import Statement, policies_of
from policies.facts.lifecycles import bucket_rules
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Step
from policies.resources.reading import optional, read, read_list, read_text, required
from policies.resources.references import belonging
from policies.resources.requested import asked_flag, asked_list, asked_map
from policies.rules.policy import PRD_ONLY, hub
from policies.rules.property_checks import flag, one_of
from policies.rules.rule import Problem, Stack, about, policy

_PLAIN = {"aws:securetransport": ("false",)}


@policy(
    what="A bucket, queue or topic refuses requests without TLS.",
    why="AWS's endpoints still answer plain HTTP, and one old client is enough.",
    severity="medium",
    how_to_fix='Add a policy that denies all actions on it where aws:SecureTransport is "false".',
    references="CKV_AWS_379 AwsSolutions-S10 AwsSolutions-SNS3 AwsSolutions-SQS4 S3.5",
    types=(tokens.BUCKET, tokens.QUEUE, tokens.TOPIC),
    also=(tokens.BUCKET_POLICY, tokens.QUEUE_POLICY, tokens.TOPIC_POLICY),
)
def transport_encrypted(stack: Stack, resource: Resource) -> Iterator[Problem]:
    statements: list[Statement] = []
    for owner in policies_of(stack.graph, resource) or (resource,):
        with about(owner):
            statements += stack.facts.statements(owner, "policy")
    forms, facts = own_forms(resource), stack.facts
    refusing = (item for item in statements if denied(item, forms, facts.account, facts.region))
    if not any(_whoever_comes_plain(statement) for statement in refusing):
        yield Problem("no policy denies requests without TLS", 'a Deny where aws:SecureTransport is "false"')


def _whoever_comes_plain(statement: Statement) -> bool:
    """Whether a statement is about everybody and all there is over plain HTTP; one more condition would leave somebody out."""
    everybody = statement.anyone and not statement.not_principals
    everything = any(
        action == "*" or action.endswith(":*") or action.lower() == "sns:publish" for action in statement.actions
    )
    tests = [(operator.lower(), keys) for operator, keys in statement.conditions.items()]
    plain = len(tests) == 1 and tests[0][0] in ("bool", "boolifexists") and tests[0][1] == _PLAIN
    return everybody and everything and plain


@policy(
    what="A bucket's and a queue's encryption at rest is not switched off or misspelt.",
    why="Messages and objects hold what the applications hold.",
    severity="medium",
    how_to_fix="Set sqsManagedSseEnabled to true or a kmsMasterKeyId; for a bucket sseAlgorithm AES256 or aws:kms.",
    references="CKV_AWS_19 CKV_AWS_27 AwsSolutions-SQS2 SQS.1",
    types=(tokens.QUEUE, tokens.BUCKET, tokens.BUCKET_ENCRYPTION),
)
def storage_encrypted(_: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type == tokens.QUEUE:
        managed, key = asked_flag(resource, "sqsManagedSseEnabled"), read(resource, "kmsMasterKeyId")
        # Since 2023 AWS encrypts new queues where neither is given.
        if not isinstance(managed, Absent) and not required(managed) and key in (Absent("kmsMasterKeyId"), Present("")):
            yield Problem("sqsManagedSseEnabled is false and kmsMasterKeyId is not set", "one of them")
        return
    for path in _algorithms(resource):
        algorithm = required(read_text(resource, *path, "applyServerSideEncryptionByDefault", "sseAlgorithm"))
        if algorithm not in ("AES256", "aws:kms", "aws:kms:dsse"):
            yield Problem(f"sseAlgorithm is {algorithm[:30]}", "AES256 or aws:kms")


def _algorithms(resource: Resource) -> Iterator[tuple[Step, ...]]:
    """The paths of a bucket's encryption rules: of the resource of their own, or as the bucket's property."""
    if resource.type == tokens.BUCKET_ENCRYPTION:
        yield from (("rules", position) for position in range(len(required(read_list(resource, "rules")))))
    elif optional(asked_map(resource, "serverSideEncryptionConfiguration"), {}):
        yield ("serverSideEncryptionConfiguration", "rule")
    else:  # the bucket's type of pulumi-aws 6
        for position in range(len(optional(asked_list(resource, "serverSideEncryptionConfigurations"), []))):
            path = ("serverSideEncryptionConfigurations", position, "rules")
            yield from ((*path, rule) for rule in range(len(required(read_list(resource, *path)))))


@policy(
    what="A bucket's objects expire or move on.",
    why="Logs and artifacts pile up, and cost every month.",
    severity="low",
    how_to_fix="Add an aws.s3.BucketLifecycleConfiguration with an enabled rule.",
    references="CKV2_AWS_61 S3.13",
    types=(tokens.BUCKET,),
    also=(tokens.BUCKET_LIFECYCLE,),
)
def bucket_lifecycle(stack: Stack, bucket: Resource) -> Iterator[Problem]:
    found = belonging(stack.graph, bucket, tokens.BUCKET_LIFECYCLE, "bucket")
    enabled = False
    for item in (bucket, *found):
        with about(item):
            enabled = enabled or any(rule.enabled for rule in bucket_rules(item))
    if not enabled:
        yield Problem("it has no lifecycle rule that is enabled", "one")


bucket_ownership = policy(
    name="bucket-ownership",
    what="A bucket's objects belong to the bucket's owner, without ACLs.",
    why="With ACLs one upload of somebody else publishes an object, or keeps it from its owner.",
    severity="medium",
    how_to_fix="Set rule.objectOwnership to BucketOwnerEnforced, or remove the resource: that is AWS's default.",
    url=hub("S3.12"),
    types=(tokens.BUCKET_OWNERSHIP,),
)(one_of("rule", "objectOwnership", allowed=frozenset({"BucketOwnerEnforced"}), default="BucketOwnerEnforced"))


@policy(
    what="What holds data, or serves, is not deleted together with its content or while its tasks run.",
    why="A rename in the program is a deletion: with force it takes every object, image, record or running task along.",
    severity="high",
    how_to_fix="Set forceDestroy of the bucket or zone, or forceDelete of the repository or service, to false.",
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html",
    levels=PRD_ONLY,
    types=(tokens.BUCKET, tokens.REPOSITORY, tokens.DNS_ZONE, tokens.SERVICE),
)
def no_force_delete(stack: Stack, resource: Resource) -> Iterator[Problem]:
    prop = "forceDelete" if resource.type in (tokens.REPOSITORY, tokens.SERVICE) else "forceDestroy"
    yield from flag(prop, wanted=False, default=False)(stack, resource)
