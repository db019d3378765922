"""AWS as handlers see it: an account, a region, and requests."""

from __future__ import annotations

from typing import Any, Protocol


class Aws(Protocol):
    """One account in one region; `offline/aws/account.py` is the one that exists."""

    partition: str
    region: str
    account_id: str

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        """One API request: `call("ec2", "create_vpc", CidrBlock="10.0.0.0/16")`; boto3's answer without its metadata.

        Raises AwsError for what AWS refuses and for what botocore finds wrong in the parameters. Parameters are JSON
        values (timestamps as ISO 8601 text), as they are recorded.
        """
        ...

    def touched(self, service: str) -> bool:
        """Whether anything was ever changed through this service; answered without a request."""
        ...

    def assume(self, resource_id: str) -> None:
        """Let a VPC, subnet or security group that the settings name exist, if nothing here made it."""
        ...
