"""What moto lacks or drops, added to its own classes, so that boto3 in process and the served endpoint both see it.

Each entry says what is missing; its test fails when moto learns it, and the entry can go:
- ECS (ecs.py): service settings that moto drops, Service Connect, deployments that advance, revision numbers.
- IAM service-specific credentials: moto has none of the four operations.
- IAM managed policies of AWS: moto knows none unless it loads all of them; the one that is attached is loaded.
- Log groups: moto cannot change their KMS key.
- Load balancers: moto deletes one whose deletion protection is on.
- The other services, each completed when its first request is made: services.py.
- EC2, ECS and Route 53: things named in the settings that exist outside of the program (`assume`).
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from offline.aws.handler import AwsCall
from offline.aws.moto import assumed, ecs

if TYPE_CHECKING:
    from offline.aws.account import Aws


def install() -> None:
    """Add the missing pieces to moto's classes; once a process, after moto was imported."""
    _add_service_specific_credentials()
    _load_managed_policies_when_attached()
    _protect_load_balancers()
    _change_keys_of_log_groups()
    ecs.install()


def prepare(aws: Aws, call: AwsCall) -> None:
    """Before a mutating request: make what it names and nobody here created exist."""
    assumed.prepare(aws, call)


def revision_of(call: AwsCall, answer: dict[str, Any]) -> int | None:
    """The number AWS gave to what was created, where it counts how often that happened."""
    if call["operation"] == "register_task_definition":
        return int(answer["taskDefinition"]["revision"])
    return None


def expect_revision(aws: Aws, call: AwsCall) -> None:
    """Before a replayed request: count on from the recorded number, whatever was registered and forgotten since."""
    if "revision" in call:
        ecs.expect_revision(aws, call["params"]["family"], call["revision"])


def _add_service_specific_credentials() -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.core.utils import utcnow
    from moto.iam.exceptions import NotFoundException
    from moto.iam.responses import IamResponse
    from moto.moto_api._internal import mock_random

    def store(response: Any) -> dict[str, dict[str, Any]]:
        # In the backend's own dictionary: it goes when the backend is reset.
        kept: dict[str, dict[str, Any]] = response.backend.__dict__.setdefault("service_specific_credentials", {})
        return kept

    def find(response: Any) -> dict[str, Any]:
        wanted = response._get_param("ServiceSpecificCredentialId")
        if wanted not in store(response):
            raise NotFoundException(f"No such credential {wanted} exists")
        return store(response)[wanted]

    def create(self: Any) -> Any:
        user = self.backend.get_user(self._get_param("UserName"))
        service = self._get_param("ServiceName")
        credential_id = "ACCA" + mock_random.get_random_string(17).upper()
        credential = {
            "CreateDate": utcnow(),
            "ServiceName": service,
            "ServiceUserName": f"{user.name}-at-{self.current_account}",
            "ServicePassword": mock_random.get_random_string(43) + "=",
            "ServiceSpecificCredentialId": credential_id,
            "UserName": user.name,
            "Status": "Active",
        }
        store(self)[credential_id] = credential
        return ActionResult({"ServiceSpecificCredential": credential})

    def list_all(self: Any) -> Any:
        user, service = self._get_param("UserName"), self._get_param("ServiceName")
        # The password is shown once, when the credential is created or reset.
        found = [
            {name: value for name, value in credential.items() if name != "ServicePassword"}
            for credential in store(self).values()
            if user in (None, credential["UserName"]) and service in (None, credential["ServiceName"])
        ]
        return ActionResult({"ServiceSpecificCredentials": found})

    def update(self: Any) -> Any:
        find(self)["Status"] = self._get_param("Status")
        return EmptyResult()

    def delete(self: Any) -> Any:
        del store(self)[find(self)["ServiceSpecificCredentialId"]]
        return EmptyResult()

    for name, method in {
        "create_service_specific_credential": create,
        "list_service_specific_credentials": list_all,
        "update_service_specific_credential": update,
        "delete_service_specific_credential": delete,
    }.items():
        setattr(IamResponse, name, method)


def _load_managed_policies_when_attached() -> None:
    from moto.iam.models import AWSManagedPolicy, IAMBackend

    attach = IAMBackend.attach_role_policy

    @functools.cache
    def aws_policies() -> dict[str, Any]:
        from moto.iam.aws_managed_policies import aws_managed_policies_data

        policies: dict[str, Any] = json.loads(aws_managed_policies_data)
        return policies

    def attach_role_policy(self: Any, policy_arn: str, role_name: str) -> None:
        _, of_aws, path = policy_arn.partition(":iam::aws:policy/")
        name = path.rsplit("/", 1)[-1]
        if of_aws and policy_arn not in self.managed_policies and name in aws_policies():
            policy = AWSManagedPolicy.from_data(name, self.account_id, self.region_name, aws_policies()[name])
            self.managed_policies[policy.arn] = policy
        attach(self, policy_arn, role_name)

    IAMBackend.attach_role_policy = attach_role_policy


def _protect_load_balancers() -> None:
    from moto.elbv2.exceptions import ELBClientError
    from moto.elbv2.models import ELBv2Backend

    delete = ELBv2Backend.delete_load_balancer

    def delete_load_balancer(self: Any, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
            raise ELBClientError(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        delete(self, arn)

    ELBv2Backend.delete_load_balancer = delete_load_balancer


def _change_keys_of_log_groups() -> None:
    from moto.logs.exceptions import ResourceNotFoundException
    from moto.logs.responses import LogsResponse

    def set_key(response: Any, key: str | None) -> str:
        name = response._get_param("logGroupName")
        if name not in response.logs_backend.groups:
            raise ResourceNotFoundException()
        response.logs_backend.groups[name].kms_key_id = key
        return ""

    response_class: Any = LogsResponse
    response_class.associate_kms_key = lambda self: set_key(self, self._get_param("kmsKeyId"))
    response_class.disassociate_kms_key = lambda self: set_key(self, None)
