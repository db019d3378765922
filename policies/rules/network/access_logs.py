"""The policy `access-logs-arrive`: the bucket takes the access logs that a load balancer writes."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.iam.rights import allowed
from policies.facts.iam.statements import Statement
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Present
from policies.resources.reading import optional, read_list, read_text, required
from policies.resources.references import belonging, references
from policies.resources.requested import asked_flag
from policies.resources.tokens import BUCKET, BUCKET_ENCRYPTION, BUCKET_POLICY, LOAD_BALANCER
from policies.rules.rule import Problem, Stack, about, policy


@policy(
    what="The bucket of a load balancer's access logs lets it write them.",
    why="AWS tests it once, when logging is switched on; later it drops the logs and tells nobody.",
    severity="medium",
    how_to_fix="Allow logdelivery.elasticloadbalancing.amazonaws.com s3:PutObject on bucket/prefix/AWSLogs/account/*, with SSE-S3.",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html",
    types=(LOAD_BALANCER,),
    also=(BUCKET, BUCKET_POLICY, BUCKET_ENCRYPTION),
)
def access_logs_arrive(stack: Stack, balancer: Resource) -> Iterator[Problem]:
    if not optional(asked_flag(balancer, "accessLogs", "enabled"), False):
        return
    found = stack.graph.held(references(stack.graph, balancer, BUCKET, "accessLogs", "bucket").keys)
    if len(found) != 1:
        return  # reference-exists says so
    (bucket,) = found
    name = read_text(bucket, "bucket")
    if not isinstance(name, Present):
        return  # its policy is as unknown, and others say so
    prefix = optional(read_text(balancer, "accessLogs", "prefix"), "").strip("/")
    path = "/".join(part for part in (name.value, prefix, "AWSLogs", stack.facts.account) if part)
    statements = [
        statement
        for document in belonging(stack.graph, bucket, BUCKET_POLICY, "bucket")
        for statement in _of(stack, document)
    ]
    if not allowed(statements, "s3:PutObject", (f"{path}/",), "", ""):
        yield Problem(f"no policy of the bucket allows s3:PutObject on {path}/*", "a statement that allows it")
    for algorithm in _algorithms(stack.graph, bucket):
        if algorithm != "AES256":
            yield Problem(
                f"the bucket encrypts with {algorithm[:30]}, and access logs are written with SSE-S3 alone", "AES256"
            )


def _of(stack: Stack, document: Resource) -> tuple[Statement, ...]:
    with about(document):
        return stack.facts.statements(document, "policy")


def _algorithms(graph: Graph, bucket: Resource) -> Iterator[str]:
    for item in belonging(graph, bucket, BUCKET_ENCRYPTION, "bucket"):
        with about(item):
            for position in range(len(required(read_list(item, "rules")))):
                found = read_text(item, "rules", position, "applyServerSideEncryptionByDefault", "sseAlgorithm")
                if isinstance(found, Present):
                    yield found.value
