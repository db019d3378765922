"""A small cloud for tests: makes, changes and deletes resources by type, and restores itself from its record."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from offline.aws.handler import Applied, AwsError, RecordedOperation
from offline.aws.provider import AwsProvider

REGION = "ap-northeast-2"
TIMES = {"creationTime", "lastUpdatedTime", "Serial", "date", "CreatedTimestamp", "LastModifiedTimestamp"}
"""Members of answers that are times, or counted by moto, though they are no datetime."""


Question = tuple[str, str, dict[str, Any]]
STANDING = {
    "ec2": ("describe_addresses", "describe_flow_logs", "describe_nat_gateways", "describe_network_interfaces"),
    "elbv2": ("describe_load_balancers", "describe_target_groups"),
    "iam": ("list_roles", "list_service_specific_credentials", "list_users"),
    "route53": ("list_hosted_zones",),
    "servicediscovery": ("list_namespaces",),
    "sns": ("list_subscriptions",),
}
"""What is asked of every AWS that has something of the service, beside what its test asks."""


class Cloud:
    """One offline AWS with the record that the engine would keep of it."""

    def __init__(self) -> None:
        self.provider = AwsProvider(region=REGION)
        self.operations: list[RecordedOperation] = []
        self.asked: list[Question] = []
        self._left = False
        self._operation, self.provider.aws.operation = self.provider.aws.operation, self._recorded
        self._made: dict[str, tuple[str, str, dict[str, Any], Applied, int]] = {}

    def make(self, type_token: str, logical_name: str, **inputs: Any) -> Applied:
        """Check and create."""
        urn = f"urn:pulumi:dev::category-analyzer::{type_token}::{logical_name}"
        checked = self.provider.check(type_token, urn, inputs)
        applied = self.provider.create(type_token, urn, checked, seed=f"{urn}#1")
        self._made[urn] = (type_token, applied.id, checked, applied, 1)
        return applied

    def change(self, type_token: str, logical_name: str, **changes: Any) -> Applied:
        """Update in place; None takes an input away."""
        urn = f"urn:pulumi:dev::category-analyzer::{type_token}::{logical_name}"
        _, _, old, applied, count = self._made[urn]
        inputs = {name: value for name, value in {**old, **changes}.items() if value is not None}
        new = self.provider.update(type_token, urn, applied.id, old, applied.outputs, inputs, seed=f"{urn}#{count + 1}")
        self._made[urn] = (type_token, new.id, inputs, new, count + 1)
        return new

    def delete(self, type_token: str, logical_name: str) -> None:
        """Delete."""
        urn = f"urn:pulumi:dev::category-analyzer::{type_token}::{logical_name}"
        _, _, inputs, applied, count = self._made.pop(urn)
        self.provider.delete(type_token, urn, applied.id, inputs, applied.outputs, seed=f"{urn}#{count + 1}")

    def delete_all(self) -> None:
        """Delete everything, the newest first."""
        for urn in reversed(list(self._made)):
            self.delete(self._made[urn][0], urn.rsplit("::", 1)[-1])

    def ask(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """A read request, which is asked again when the record is replayed."""
        self.asked.append((service, operation, params))
        return self.provider.aws.call(service, operation, **params)

    def operations_of_last(self) -> list[str]:
        """The names of the mutating requests that the last step made."""
        return [call["operation"] for call in self.provider.calls_of_last_operation()]

    def leave(self) -> None:
        """What the test leaves behind cannot be deleted in the order that it was made in."""
        self._left = True

    def check_replay(self) -> None:
        """A fresh AWS takes the record under the same ids and answers as this one does, and so it does after a deletion."""
        fresh, taken = AwsProvider(region=REGION), 0
        for last in (False, True):
            if last and not self._left:
                self.delete_all()
            fresh.replay(self.operations[taken:])
            fresh.settle()
            taken = len(self.operations)
            for question in self._questions():
                assert _answer(fresh, question) == _answer(self.provider, question), question

    def _questions(self) -> list[Question]:
        used = {call["service"] for operation in self.operations for call in operation.calls}
        standing = ((service, name, {}) for service in used for name in STANDING.get(service, ()))
        return [*self.asked, *standing]

    @contextmanager
    def _recorded(self, seed: str, **more: Any) -> Generator[None]:
        """An operation of the offline AWS, of which a record is kept."""
        try:
            with self._operation(seed, **more):
                yield
        finally:
            self.operations.append(RecordedOperation(seed=seed, calls=self.provider.calls_of_last_operation()))


def _answer(provider: AwsProvider, question: Question) -> Any:
    service, operation, params = question
    try:
        return _timeless(provider.aws.call(service, operation, **params))
    except AwsError as error:
        return str(error)


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name not in TIMES and not isinstance(item, datetime)}
        return {name: _timeless(item) for name, item in kept.items()}
    if isinstance(value, list):
        return sorted((_timeless(item) for item in value), key=repr)
    return value.read() if hasattr(value, "read") else value


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """An empty offline AWS; what a test makes in it is replayed in another at the end, and deleted."""
    cloud = Cloud()
    yield cloud
    cloud.check_replay()


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
