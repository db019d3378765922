"""How long the policy pack takes over a stack of 3,000 resources, as one request of the engine."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RESOURCES, TARGET_SECONDS = 3_000, 1.5
_NAMES = ("name", "family", "identifier", "bucket")


def judge_seconds(root: Path, *, resources: int = RESOURCES) -> float:
    """Seconds for every policy of prd over copies of the real stage, its preview and the pack's start not counted."""
    sys.path.insert(0, str(root / "policies"))
    import pulumi_policy.policy as sdk
    from pulumi_policy import EnforcementLevel

    from pack.policies import policies_for
    from pack.serving import one_pass_servicer

    policies = policies_for("prd")
    base: Any = getattr(sdk, "_PolicyAnalyzerServicer")  # noqa: B009 -- the SDK's own server, as the pack uses it
    servicer: Any = one_pass_servicer(base, policies)
    request = _request(root, resources)
    server = servicer("pack", "1.0.0", policies, EnforcementLevel.ADVISORY)
    started = time.perf_counter()
    server.AnalyzeStack(request, None)
    return time.perf_counter() - started


def _request(root: Path, resources: int) -> Any:
    from google.protobuf import json_format
    from pulumi.runtime.proto import analyzer_pb2

    from tools.engine.deployment import run

    with tempfile.TemporaryDirectory(prefix="bench-") as state:
        outcome = run(
            kind="preview",
            stage="prd",
            project_dir=root,
            state_dir=Path(state),
            pack_dir=None,
            on_event=lambda event: None,
        )
    request: Any = analyzer_pb2.AnalyzeStackRequest()
    for number in range(resources):
        copy, index = divmod(number, len(outcome.resources))
        record, suffix = outcome.resources[index], f"-{copy}" if copy else ""
        properties = {**record.inputs, **record.outputs}
        named = {key: properties[key] + suffix for key in _NAMES if isinstance(properties.get(key), str)}
        resource = request.resources.add(type=record.type, urn=record.urn + suffix, name=record.name + suffix)
        json_format.ParseDict({**properties, **named}, resource.properties)
        for key, urns in record.property_dependencies.items():
            resource.propertyDependencies[key].urns.extend([urn + suffix for urn in urns])
    return request
