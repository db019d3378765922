"""ACM certificates that DNS or e-mail validates, and the wait for their validation."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Handler
from offline.aws.mapping import delete_by, each, forget, joined, pascal, tags_upper, unchanged
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
    found = aws.call("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
    # moto keeps the names in a set, whose order changes from run to run: the certificate's own name first, then sorted.
    first = inputs["domainName"]
    proofs = sorted(
        found.get("DomainValidationOptions", []), key=lambda item: (item["DomainName"] != first, item["DomainName"])
    )
    return Applied(
        id=arn,
        outputs={
            "subjectAlternativeNames": sorted({first, *inputs.get("subjectAlternativeNames", [])}),
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
            "renewalEligibility": found.get("RenewalEligibility", "INELIGIBLE"),
            "type": found.get("Type", "AMAZON_ISSUED"),
        },
    )


def _wait(aws: Aws, inputs: dict[str, Any]) -> Applied:
    """Offline a certificate is issued once all its proofs are in DNS, which is what AWS would wait for."""
    arn = inputs["certificateArn"]
    found = aws.call("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
    given = {name.rstrip(".") for name in inputs.get("validationRecordFqdns", [])}
    records = (proof.get("ResourceRecord", {}).get("Name", "") for proof in found.get("DomainValidationOptions", []))
    missing = sorted({name.rstrip(".") for name in records if name} - given)
    if given and missing:
        raise AwsInputError([f"aws:acm/certificateValidation: no validation record is given for {', '.join(missing)}."])
    return Applied(id=found.get("IssuedAt", found["CreatedAt"]).isoformat(), outputs={})


HANDLERS = (
    Handler(
        type_token="aws:acm/certificate:Certificate",
        inputs=_REQUEST.names,
        required=frozenset({"domainName"}),
        create=_create,
        update=unchanged,
        delete=delete_by("acm", "delete_certificate", "CertificateArn"),
        replace_on=_CERTIFICATE.names,
        defaults={
            "keyAlgorithm": "RSA_2048",
            "pendingRenewal": False,
            "status": "PENDING_VALIDATION",
            "validationEmails": [],
            "validationMethod": "DNS",
        },
        arn="{id}",
        retag=_TAGGING.change,
    ),
    Handler(
        type_token="aws:acm/certificateValidation:CertificateValidation",
        inputs=frozenset({"certificateArn", "validationRecordFqdns"}),
        required=frozenset({"certificateArn"}),
        create=_wait,
        update=None,
        # Nothing is in AWS: the resource was only the wait.
        delete=forget,
    ),
)
