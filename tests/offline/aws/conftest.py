"""A small cloud for tests: makes, changes and deletes resources by type, and restores itself from its record."""

from collections.abc import Callable
from typing import Any

import pytest

from offline.aws.handler import Applied, RecordedOperation
from offline.aws.provider import AwsProvider

REGION = "ap-northeast-2"


class Cloud:
    """One offline AWS with the record that the engine would keep of it."""

    def __init__(self) -> None:
        self.provider = AwsProvider(region=REGION)
        self.operations: list[RecordedOperation] = []
        self._made: dict[str, tuple[str, str, dict[str, Any], Applied, int]] = {}

    def make(self, type_token: str, logical_name: str, **inputs: Any) -> Applied:
        """Check and create."""
        urn = f"urn:pulumi:dev::category-analyzer::{type_token}::{logical_name}"
        checked = self.provider.check(type_token, urn, inputs)
        applied = self.provider.create(type_token, urn, checked, seed=f"{urn}#1")
        self._record(f"{urn}#1")
        self._made[urn] = (type_token, applied.id, checked, applied, 1)
        return applied

    def change(self, type_token: str, logical_name: str, **changes: Any) -> Applied:
        """Update in place; None takes an input away."""
        urn = f"urn:pulumi:dev::category-analyzer::{type_token}::{logical_name}"
        _, _, old, applied, count = self._made[urn]
        inputs = {name: value for name, value in {**old, **changes}.items() if value is not None}
        new = self.provider.update(type_token, urn, applied.id, old, applied.outputs, inputs, seed=f"{urn}#{count + 1}")
        self._record(f"{urn}#{count + 1}")
        self._made[urn] = (type_token, new.id, inputs, new, count + 1)
        return new

    def delete(self, type_token: str, logical_name: str) -> None:
        """Delete."""
        urn = f"urn:pulumi:dev::category-analyzer::{type_token}::{logical_name}"
        _, _, inputs, applied, count = self._made.pop(urn)
        self.provider.delete(type_token, urn, applied.id, inputs, applied.outputs, seed=f"{urn}#{count + 1}")
        self._record(f"{urn}#{count + 1}")

    def delete_all(self) -> None:
        """Delete everything, the newest first."""
        for urn in reversed(list(self._made)):
            self.delete(self._made[urn][0], urn.rsplit("::", 1)[-1])

    def ask(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """A read request."""
        return self.provider.aws.call(service, operation, **params)

    def operations_of_last(self) -> list[str]:
        """The names of the mutating requests that the last step made."""
        return [call["operation"] for call in self.provider.calls_of_last_operation()]

    def _record(self, seed: str) -> None:
        self.operations.append(RecordedOperation(seed=seed, calls=self.provider.calls_of_last_operation()))


@pytest.fixture
def cloud() -> Cloud:
    """An empty offline AWS."""
    return Cloud()


@pytest.fixture
def restore() -> Callable[[list[RecordedOperation]], AwsProvider]:
    """Makes a second offline AWS from recorded operations."""

    def make(operations: list[RecordedOperation]) -> AwsProvider:
        provider = AwsProvider(region=REGION)
        provider.replay(operations)
        provider.settle()
        return provider

    return make


@pytest.fixture
def vpc_id(cloud: Cloud) -> str:
    """A VPC in `cloud`."""
    return cloud.make("aws:ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16").id


@pytest.fixture
def subnet_ids(cloud: Cloud, vpc_id: str) -> list[str]:
    """Two subnets in `cloud`, in two zones."""
    return [
        cloud.make(
            "aws:ec2/subnet:Subnet",
            f"subnet-{index}",
            vpcId=vpc_id,
            cidrBlock=f"10.0.{index}.0/24",
            availabilityZone=f"{REGION}{'ac'[index]}",
        ).id
        for index in range(2)
    ]
