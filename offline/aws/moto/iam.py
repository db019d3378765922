"""IAM beside moto: service-specific credentials, which it lacks, and the managed policies of AWS that are attached."""

from __future__ import annotations

import functools
import json
from typing import Any

from offline.aws.moto.patching import add, kept

_CREDENTIALS = "service_specific_credentials"


def extend() -> None:
    """Complete moto's IAM."""
    _add_service_specific_credentials()
    _load_managed_policies_when_attached()


def _add_service_specific_credentials() -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.core.utils import utcnow
    from moto.iam.exceptions import NotFoundException
    from moto.iam.responses import IamResponse
    from moto.moto_api._internal import mock_random

    def find(response: Any) -> dict[str, Any]:
        wanted = response._get_param("ServiceSpecificCredentialId")
        credentials = kept(response.backend, _CREDENTIALS)
        if wanted not in credentials:
            raise NotFoundException(f"No such credential {wanted} exists")
        return credentials[wanted]

    def create_service_specific_credential(self: Any) -> Any:
        user = self.backend.get_user(self._get_param("UserName"))
        credential_id = "ACCA" + mock_random.get_random_string(17).upper()
        credential = {
            "CreateDate": utcnow(),
            "ServiceName": self._get_param("ServiceName"),
            "ServiceUserName": f"{user.name}-at-{self.current_account}",
            "ServicePassword": mock_random.get_random_string(43) + "=",
            "ServiceSpecificCredentialId": credential_id,
            "UserName": user.name,
            "Status": "Active",
        }
        kept(self.backend, _CREDENTIALS)[credential_id] = credential
        return ActionResult({"ServiceSpecificCredential": credential})

    def list_service_specific_credentials(self: Any) -> Any:
        user, service = self._get_param("UserName"), self._get_param("ServiceName")
        # The password is shown once, when the credential is created or reset.
        found = [
            {name: value for name, value in credential.items() if name != "ServicePassword"}
            for credential in kept(self.backend, _CREDENTIALS).values()
            if user in (None, credential["UserName"]) and service in (None, credential["ServiceName"])
        ]
        return ActionResult({"ServiceSpecificCredentials": found})

    def update_service_specific_credential(self: Any) -> Any:
        find(self)["Status"] = self._get_param("Status")
        return EmptyResult()

    def delete_service_specific_credential(self: Any) -> Any:
        del kept(self.backend, _CREDENTIALS)[find(self)["ServiceSpecificCredentialId"]]
        return EmptyResult()

    add(
        IamResponse,
        create_service_specific_credential,
        list_service_specific_credentials,
        update_service_specific_credential,
        delete_service_specific_credential,
    )


def _load_managed_policies_when_attached() -> None:
    from moto.iam.models import AWSManagedPolicy, IAMBackend

    attach = IAMBackend.attach_role_policy

    @functools.cache
    def aws_policies() -> dict[str, Any]:
        from moto.iam.aws_managed_policies import aws_managed_policies_data

        policies: dict[str, Any] = json.loads(aws_managed_policies_data)
        return policies

    def attach_role_policy(self: Any, policy_arn: str, role_name: str) -> None:
        """moto knows no managed policy unless it loads all of them: this one is loaded."""
        _, of_aws, path = policy_arn.partition(":iam::aws:policy/")
        name = path.rsplit("/", 1)[-1]
        if of_aws and policy_arn not in self.managed_policies and name in aws_policies():
            policy = AWSManagedPolicy.from_data(name, self.account_id, self.region_name, aws_policies()[name])
            self.managed_policies[policy.arn] = policy
        attach(self, policy_arn, role_name)

    add(IAMBackend, attach_role_policy)
