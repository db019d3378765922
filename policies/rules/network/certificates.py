"""The policy about certificates."""

from __future__ import annotations

from collections.abc import Iterator

from policies.resources.graph import Resource
from policies.resources.reading import Absent, is_unknown, optional, read, read_text, refuse, required
from policies.resources.requested import asked_list, asked_text
from policies.resources.tokens import CERTIFICATE
from policies.rules.policy import STRICT_IN_PRD, hub
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, policy

_WEAK = frozenset({"RSA_1024"})
"""Of ACM's key algorithms the one that can be broken; a name that ACM does not have is refused by ACM."""


@policy(
    name="certificate-strong",
    what="A certificate is for named hosts, validated by DNS, with a key that is long enough.",
    why="A wildcard's key opens every host; validation by mail is not renewed by itself; 1,024 bits can be broken.",
    severity="medium",
    how_to_fix="Name the hosts, set validationMethod DNS and keyAlgorithm RSA_2048 or better.",
    url=hub("ACM.2"),
    levels=STRICT_IN_PRD,
    references="CKV2_AWS_71 ACM.2",
    types=(CERTIFICATE,),
)
def certificate_strong(_: Stack, certificate: Resource) -> Iterator[Problem]:
    hosts = [required(read_text(certificate, "domainName"))]
    for item in optional(asked_list(certificate, "subjectAlternativeNames"), []):
        if is_unknown(item) or not isinstance(item, str):
            refuse("subjectAlternativeNames", "is unknown at preview or no list of names")
        hosts.append(item)
    for host in hosts:
        if "*" in host:
            yield Problem(f"it is for {host[:100]}", "named hosts")
    # An imported certificate has neither; its validation is its issuer's business.
    imported = not isinstance(read(certificate, "certificateBody"), Absent)
    validated = asked_text(certificate, "validationMethod")
    method = optional(validated, "DNS" if imported else "NONE")
    if method != "DNS":
        yield Problem(stated("validationMethod", validated, method[:20]), "DNS")
    algorithm = optional(asked_text(certificate, "keyAlgorithm"), "RSA_2048")
    if algorithm in _WEAK:
        yield Problem(f"keyAlgorithm is {algorithm[:20]}", "RSA_2048 or better")
