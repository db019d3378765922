"""ACM certificates that DNS or e-mail validates, and the wait for their validation."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import delete_by, each, joined, pascal, tags_upper
from offline.aws.tagging import Tagging

_TAGGING = Tagging(
    service="acm",
    tag="add_tags_to_certificate",
    untag="remove_tags_from_certificate",
    resource="CertificateArn",
    keys="Tags",
    keys_as_tags=True,
)
_CERTIFICATE = pascal(
    "domainName keyAlgorithm validationMethod",
    options=pascal("certificateTransparencyLoggingPreference export"),
    subjectAlternativeNames=lambda where, names: sorted(names) or None,
    validationOptions=("DomainValidationOptions", each(pascal("domainName validationDomain"))),
)
_REQUEST = joined(_CERTIFICATE, pascal(tags=tags_upper))


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = _REQUEST.of("aws:acm/certificate:Certificate", inputs)
    arn = aws.call("acm", "request_certificate", **request)["CertificateArn"]
    return _certificate(aws, arn, inputs)


def _certificate(aws: Aws, arn: str, inputs: dict[str, Any]) -> Applied:
    found = aws.call("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
    names = sorted({inputs["domainName"], *inputs.get("subjectAlternativeNames", [])})
    # moto keeps the names in a set, whose order changes from run to run: the certificate's own name first, then sorted.
    first = inputs["domainName"]
    proofs = sorted(
        found.get("DomainValidationOptions", []), key=lambda item: (item["DomainName"] != first, item["DomainName"])
    )
    return Applied(
        id=arn,
        outputs={
            "keyAlgorithm": "RSA_2048",
            "validationMethod": "DNS",
            **inputs,
            "arn": arn,
            "subjectAlternativeNames": names,
            "domainValidationOptions": [
                {
                    "domainName": proof["DomainName"],
                    "resourceRecordName": proof["ResourceRecord"]["Name"],
                    "resourceRecordType": proof["ResourceRecord"]["Type"],
                    "resourceRecordValue": proof["ResourceRecord"]["Value"],
                }
                for proof in proofs
                if "ResourceRecord" in proof
            ],
            "pendingRenewal": False,
            "renewalEligibility": found.get("RenewalEligibility", "INELIGIBLE"),
            "status": "PENDING_VALIDATION",
            "type": found.get("Type", "AMAZON_ISSUED"),
            "validationEmails": [],
        },
    )


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    _TAGGING.change(aws, old.id, old, inputs)
    return Applied(id=old.id, outputs={**old.outputs, **inputs})


def _wait(aws: Aws, inputs: dict[str, Any]) -> Applied:
    """Offline a certificate is issued once all its proofs are in DNS, which is what AWS would wait for."""
    arn = inputs["certificateArn"]
    found = aws.call("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
    given = {name.rstrip(".") for name in inputs.get("validationRecordFqdns", [])}
    records = (proof.get("ResourceRecord", {}).get("Name", "") for proof in found.get("DomainValidationOptions", []))
    missing = sorted({name.rstrip(".") for name in records if name} - given)
    if given and missing:
        raise AwsInputError([f"aws:acm/certificateValidation: no validation record is given for {', '.join(missing)}."])
    return Applied(id=found.get("IssuedAt", found["CreatedAt"]).isoformat(), outputs=inputs)


def _forget(aws: Aws, old: Recorded) -> None:
    """Nothing in AWS: the resource was only the wait."""


HANDLERS = (
    Handler(
        type_token="aws:acm/certificate:Certificate",
        inputs=_REQUEST.names,
        required=frozenset({"domainName"}),
        create=_create,
        update=_update,
        delete=delete_by("acm", "delete_certificate", "CertificateArn"),
        replace_on=_CERTIFICATE.names,
    ),
    Handler(
        type_token="aws:acm/certificateValidation:CertificateValidation",
        inputs=frozenset({"certificateArn", "validationRecordFqdns"}),
        required=frozenset({"certificateArn"}),
        create=_wait,
        update=None,
        delete=_forget,
    ),
)
