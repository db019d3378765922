"""The policy `bucket-setting-once`: what is set of a bucket is set in one place."""

from __future__ import annotations

from collections.abc import Iterator

from policies.resources import tokens
from policies.resources.answered import SET_APART
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import read
from policies.resources.references import belonging
from policies.resources.requested import asked
from policies.rules.rule import Problem, Stack, policy

_SEPARATE = SET_APART[tokens.BUCKET]
"""A bucket's own property, which the provider has deprecated, to the resource that sets the same."""


@policy(
    what="What is set of a bucket is set in one place: by a resource of its own, or by the bucket's property.",
    why="The two take turns: each deployment takes away what the other one has set, a lifecycle or its encryption.",
    severity="medium",
    how_to_fix="Remove the bucket's property, which the provider has deprecated, and keep the resource of its own.",
    url="https://www.pulumi.com/registry/packages/aws/api-docs/s3/bucket/",
    types=(tokens.BUCKET,),
    also=tuple(dict.fromkeys(_SEPARATE.values())),
)
def bucket_setting_once(stack: Stack, bucket: Resource) -> Iterator[Problem]:
    for prop, kind in _SEPARATE.items():
        found = asked(bucket, prop, read(bucket, prop))
        if isinstance(found, Absent) or found in (Present([]), Present(""), Present({})):
            continue
        for item in belonging(stack.graph, bucket, kind, "bucket"):
            yield Problem(f"{prop} is set, and {item.type.rpartition(':')[2]} {item.name} sets the same", "one of them")
