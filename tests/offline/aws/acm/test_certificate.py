"""Certificates and their validation."""

from typing import Any

import pytest

from offline.aws.handler import AwsError

CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"


def test_a_certificate_names_its_proofs_its_own_domain_first(cloud: Any) -> None:
    made = cloud.make(
        CERTIFICATE, "cert", domainName="m.example.com", subjectAlternativeNames=["z.example.com", "a.example.com"]
    )
    proofs = made.outputs["domainValidationOptions"]
    assert [proof["domainName"] for proof in proofs] == ["m.example.com", "a.example.com", "z.example.com"]
    assert {proof["resourceRecordType"] for proof in proofs} == {"CNAME"}
    assert all(proof["resourceRecordName"].endswith(f".{proof['domainName']}.") for proof in proofs)
    assert made.outputs["status"] == "PENDING_VALIDATION"
    cloud.change(CERTIFICATE, "cert", tags={"Stage": "dev"})
    tags = cloud.ask("acm", "list_tags_for_certificate", CertificateArn=made.id)["Tags"]
    assert tags == [{"Key": "Stage", "Value": "dev"}]


def test_a_certificate_is_valid_once_every_proof_is_given(cloud: Any) -> None:
    made = cloud.make(CERTIFICATE, "cert", domainName="a.example.com", subjectAlternativeNames=["b.example.com"])
    names = [proof["resourceRecordName"].rstrip(".") for proof in made.outputs["domainValidationOptions"]]
    with pytest.raises(AwsError) as caught:
        cloud.make(VALIDATION, "cert", certificateArn=made.id, validationRecordFqdns=names[:1])
    assert str(caught.value) == f"aws:acm/certificateValidation: no validation record is given for {names[1]}."
    cloud.make(VALIDATION, "cert", certificateArn=made.id, validationRecordFqdns=names)
    found = cloud.ask("acm", "describe_certificate", CertificateArn=made.id)["Certificate"]
    assert found["Status"] == "ISSUED"
