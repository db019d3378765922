"""Starts the policy pack: the process serves it to the engine until it is stopped."""

from __future__ import annotations

import pulumi
from pulumi_policy import PolicyPack

from pack.policies import policies_for

PolicyPack(name="category-analyzer", policies=policies_for(pulumi.get_stack()))
