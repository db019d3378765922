"""What moto lacks in CloudWatch Logs and is completed by."""

from typing import Any

import pytest

from offline.aws.handler import AwsError


def test_the_key_of_a_log_group_that_does_not_exist(cloud: Any) -> None:
    with (
        cloud.provider.aws.operation("key#1"),
        pytest.raises(AwsError, match="AWS refused logs:associate_kms_key with ResourceNotFoundException"),
    ):
        cloud.provider.aws.call("logs", "associate_kms_key", logGroupName="/absent", kmsKeyId="key")
