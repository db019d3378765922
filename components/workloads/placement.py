"""Where the services of a stage run, and what they are reached by: the same for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import Input

from settings.stage import Cluster as ClusterSettings

from ..scope import StageScope
from ..stage.cluster import Cluster
from ..stage.load_balancer import LoadBalancer


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What every service of a stage attaches to."""

    scope: StageScope
    capacity: ClusterSettings
    """Weights of Fargate and Fargate Spot, and whether exec is allowed."""
    cluster: Cluster
    load_balancer: LoadBalancer
    vpc_id: Input[str]
    vpc_identity: str
    """What names the VPC at preview; part of a target group's name, which must change with the VPC."""
    private_subnet_ids: Input[Sequence[str]]
