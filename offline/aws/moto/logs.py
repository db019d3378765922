"""CloudWatch Logs beside moto: it cannot change the KMS key of a log group."""

from __future__ import annotations

from typing import Any

from offline.aws.moto.patching import add


def extend() -> None:
    """Complete moto's CloudWatch Logs."""
    from moto.logs.exceptions import ResourceNotFoundException
    from moto.logs.responses import LogsResponse

    def associate_kms_key(self: Any) -> str:
        name = self._get_param("logGroupName")
        if name not in self.logs_backend.groups:
            raise ResourceNotFoundException()
        self.logs_backend.groups[name].kms_key_id = self._get_param("kmsKeyId")
        return ""

    def disassociate_kms_key(self: Any) -> str:
        # Its request has no kmsKeyId.
        return associate_kms_key(self)

    add(LogsResponse, associate_kms_key, disassociate_kms_key)
