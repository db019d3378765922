"""Starts the policy pack: the process serves it to the engine until it is stopped."""

from __future__ import annotations

import pulumi

from pack.policies import policies_for
from pack.serving import serve

serve("category-analyzer", policies_for(pulumi.get_stack()))
