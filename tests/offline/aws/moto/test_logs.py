"""What moto lacks in CloudWatch Logs, and what it is completed by."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from offline.aws.handler import AwsError


def _source(module: str) -> str:
    """moto's own source, without what the overlay adds to its classes."""
    import importlib

    return inspect.getsource(importlib.import_module(module))


def test_moto_cannot_change_the_key_of_a_log_group() -> None:
    assert "associate_kms_key" not in _source("moto.logs.responses")


def test_the_key_of_a_log_group_that_does_not_exist(cloud: Any) -> None:
    with (
        cloud.provider.aws.operation("key#1"),
        pytest.raises(AwsError, match="AWS refused logs:associate_kms_key with ResourceNotFoundException"),
    ):
        cloud.provider.aws.call("logs", "associate_kms_key", logGroupName="/absent", kmsKeyId="key")
