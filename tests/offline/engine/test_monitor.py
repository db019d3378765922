"""What the SDK is answered: at a preview nothing that is unknown anyway, at an update all that the real provider gives."""

from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.runtime.proto import resource_pb2

from offline.aws.planned import output_schema
from offline.engine.monitor import Monitor
from offline.engine.record import ResourceRecord
from offline.properties import UNKNOWN, from_struct, secret

TYPE = "aws:sns/topic:Topic"
URN = f"urn:pulumi:dev::shop::{TYPE}::t"
OUTPUTS = {"arn": UNKNOWN, "displayName": secret(UNKNOWN), "name": "t", "tags": {"a": UNKNOWN}}


@pytest.mark.parametrize(
    ("dry_run", "answered"),
    [
        (True, {key: value for key, value in OUTPUTS.items() if key != "arn"}),
        (False, {**dict.fromkeys(output_schema(TYPE).computed, UNKNOWN), **OUTPUTS}),
    ],
)
def test_what_is_unknown_is_left_out_of_a_preview(dry_run: bool, answered: dict[str, Any]) -> None:
    record = ResourceRecord(serial=0, urn=URN, type=TYPE, custom=True, outputs=OUTPUTS)
    registrar: Any = SimpleNamespace(register=lambda request: record)
    response = Monitor(registrar, dry_run=dry_run).RegisterResource(resource_pb2.RegisterResourceRequest())
    assert from_struct(response.object) == answered
