"""One resource type under several tokens of pulumi-aws is one for policies."""

import pytest

from policies.resources import tokens
from policies.resources.graph import Graph
from policies.resources.tokens import canonical, shown


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("aws:alb/loadBalancer:LoadBalancer", tokens.LOAD_BALANCER),
        ("aws:applicationloadbalancing/listener:Listener", tokens.LISTENER),
        ("aws:elasticloadbalancingv2/targetGroup:TargetGroup", tokens.TARGET_GROUP),
        ("aws:alb/listenerRule:ListenerRule", tokens.LISTENER_RULE),
        ("aws:s3/bucketV2:BucketV2", tokens.BUCKET),
        ("aws:s3/bucketAclV2:BucketAclV2", tokens.BUCKET_ACL),
        ("aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", tokens.BUCKET_LIFECYCLE),
        ("aws:elasticloadbalancing/loadBalancer:LoadBalancer", "aws:elasticloadbalancing/loadBalancer:LoadBalancer"),
        ("aws:s3/bucket:Bucket", tokens.BUCKET),
        ("random:index/randomId:RandomId", "random:index/randomId:RandomId"),
    ],
)
def test_canonical(kind: str, expected: str) -> None:
    urn = f"urn:pulumi:prd::shop::{kind}::r"
    graph = Graph.from_records([{"type": kind, "urn": urn}])
    assert canonical(kind) == expected
    assert [resource.urn for resource in graph.of_type(expected)] == [urn]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("aws:ec2/vpc:Vpc", "aws:ec2:Vpc"),
        ("aws:ec2:Vpc", "aws:ec2:Vpc"),
        ("pulumi:providers:aws", "pulumi:providers:aws"),
        ("random", "random"),
    ],
)
def test_a_type_is_shown_without_its_file(kind: str, expected: str) -> None:
    assert shown(kind) == expected
