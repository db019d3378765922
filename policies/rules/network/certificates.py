"""Policies about certificates: strong, validated before they are used, and for the names that lead to their load balancer."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator

from policies.facts.network.listener_conditions import conditions_of
from policies.facts.network.records import name_of_record
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, Present, Undecided, is_unknown
from policies.resources.reading import holds_none, optional, read, read_list, read_text, refuse, required
from policies.resources.references import belonging, references
from policies.resources.requested import asked_list, asked_text
from policies.rules.property_checks import one_of, stated
from policies.rules.rule import Problem, Stack, about, policy

_WEAK = frozenset({"RSA_1024"})
"""Of ACM's key algorithms the one that can be broken; a name that ACM does not have is refused by ACM."""


@policy(
    what="A certificate is for named hosts, validated by DNS, logged, with a key that is long enough.",
    why="A wildcard's key opens every host; validation by mail is not renewed by itself; browsers refuse what no log holds.",
    severity="medium",
    how_to_fix="Name the hosts, set validationMethod DNS, keyAlgorithm RSA_2048 or better, and keep transparency logging on.",
    references="CKV2_AWS_71 ACM.2",
    types=(tokens.CERTIFICATE,),
)
def certificate_strong(stack: Stack, certificate: Resource) -> Iterator[Problem]:
    # An imported certificate, or one of a private authority, has no validation: that is its issuer's business.
    imported = not isinstance(read(certificate, "certificateBody"), Absent)
    written = asked_text(certificate, "certificateAuthorityArn")
    private = isinstance(written, Undecided) or bool(optional(written, ""))
    # The names of an imported one stand in the certificate itself.
    for host in () if imported and isinstance(asked_text(certificate, "domainName"), Absent) else _hosts(certificate):
        if "*" in host:
            yield Problem(f"it is for {host[:100]}", "named hosts")
    validated = asked_text(certificate, "validationMethod")
    method = optional(validated, "DNS" if imported or private else "NONE")
    if method != "DNS":
        yield Problem(stated("validationMethod", validated, method[:20]), "DNS")
    algorithm = optional(asked_text(certificate, "keyAlgorithm"), "RSA_2048")
    if algorithm in _WEAK:
        yield Problem(f"keyAlgorithm is {algorithm[:20]}", "RSA_2048 or better")
    yield from _LOGGED(stack, certificate)


_LOGGED = one_of(
    "options", "certificateTransparencyLoggingPreference", allowed=frozenset({"ENABLED"}), default="ENABLED"
)


def _hosts(certificate: Resource) -> list[str]:
    """The names that a certificate is for."""
    hosts = [required(read_text(certificate, "domainName"))]
    for item in optional(asked_list(certificate, "subjectAlternativeNames"), []):
        if is_unknown(item) or not isinstance(item, str):
            refuse("subjectAlternativeNames", "is unknown at preview or no list of names")
        hosts.append(item)
    return hosts


def _certificates(graph: Graph, listener: Resource) -> list[Resource] | None:
    """The certificates of a listener; None where one is of another stack or not known."""
    found: list[Resource] = []
    for owner in (listener, *belonging(graph, listener, tokens.LISTENER_CERTIFICATE, "listenerArn")):
        if isinstance(read(owner, "certificateArn"), Absent):
            continue
        keys = references(graph, owner, tokens.CERTIFICATE, "certificateArn").keys
        if not keys:
            validations = graph.held(references(graph, owner, tokens.CERTIFICATE_VALIDATION, "certificateArn").keys)
            keys = frozenset[str]().union(
                *(
                    references(graph, validation, tokens.CERTIFICATE, "certificateArn").keys
                    for validation in validations
                )
            )
        held = graph.held(keys)
        if len(held) != len(keys) or not held:
            return None
        found += held
    return found


@policy(
    what="A listener waits until its certificate is validated.",
    why="ELB refuses a certificate that is still pending: the first deployment stops there, and a change of name does again.",
    severity="medium",
    how_to_fix="Give the listener the certificateArn of the CertificateValidation.",
    url="https://www.pulumi.com/registry/packages/aws/api-docs/acm/certificatevalidation/",
    types=(tokens.LISTENER, tokens.CERTIFICATE_VALIDATION),
    also=(tokens.CERTIFICATE, tokens.DNS_RECORD),
)
def certificate_validated_first(stack: Stack, listener: Resource) -> Iterator[Problem]:
    if listener.type == tokens.CERTIFICATE_VALIDATION:
        yield from _proven_by(stack, listener)
        return
    if isinstance(read(listener, "certificateArn"), Absent):
        return
    before = {*listener.property_dependencies.get("certificateArn", ()), *listener.dependencies}
    for certificate in _certificates(stack.graph, listener) or ():
        waits = belonging(stack.graph, certificate, tokens.CERTIFICATE_VALIDATION, "certificateArn")
        if waits and not any(item.urn in before for item in waits):
            yield Problem(
                f"it names the certificate {certificate.name}, and not {waits[0].name} that waits for it",
                "the validation's",
            )


@policy(
    what="The names that lead to a load balancer, and those that its rules ask for, are in its certificates.",
    why="For any other name a browser shows a warning instead of the page.",
    severity="high",
    how_to_fix="Add the name to subjectAlternativeNames of the certificate, or fix the record or the rule.",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html",
    types=(tokens.LISTENER,),
    also=(
        tokens.CERTIFICATE,
        tokens.CERTIFICATE_VALIDATION,
        tokens.LISTENER_CERTIFICATE,
        tokens.LISTENER_RULE,
        tokens.DNS_RECORD,
        tokens.LOAD_BALANCER,
    ),
)
def certificate_for_its_names(stack: Stack, listener: Resource) -> Iterator[Problem]:
    certificates = _certificates(stack.graph, listener)
    if not certificates:
        return
    covered: list[str] = []
    for certificate in certificates:
        with about(certificate):
            covered += _hosts(certificate)
    for rule in belonging(stack.graph, listener, tokens.LISTENER_RULE, "listenerArn"):
        with about(rule):
            for host in _asked(rule):
                if not any(_alike(host, name) for name in covered):
                    yield Problem(
                        f"its rule {rule.name} is for {host[:100]}, and its certificates for {_listed(covered)}",
                        "one of them",
                    )
            for expression in _expressed(rule):
                if not _matched(expression, covered):
                    yield Problem(
                        f"its rule {rule.name} is for hosts like {expression[:100]}, and its certificates for {_listed(covered)}",
                        "one of them",
                    )
    for key in references(stack.graph, listener, tokens.LOAD_BALANCER, "loadBalancerArn").keys:
        leading = [
            record
            for record in stack.graph.of_type(tokens.DNS_RECORD)
            if _made_from(record, "aliases", "records") & {key}
        ]
        if not leading and any(_proofs(stack.graph, certificates)) and not _fronted(stack.graph, key):
            yield Problem(
                f"no record leads {_listed(covered)} to it, and the stack has the record that proves it",
                "an alias record",
            )
        zones = {zone.value for record in leading if isinstance(zone := read_text(record, "zoneId"), Present)}
        for proof in _proofs(stack.graph, certificates):
            zone = read_text(proof, "zoneId")
            if zones and isinstance(zone, Present) and zone.value not in zones:
                yield Problem(
                    f"the record {proof.name} that proves its certificate is in the zone {zone.value[:40]}",
                    f"{min(zones)[:40]}",
                )
        for record in leading:
            host, whole = name_of_record(stack.graph, record)
            if not whole and "." not in host:
                continue
            relative = not whole and any(covers.lower().startswith(f"{host}.") for covers in covered)
            if not relative and not any(_alike(host, covers) for covers in covered):
                yield Problem(
                    f"the record {host[:100]} leads to it, and its certificates are for {_listed(covered)}", "that name"
                )


def _made_from(resource: Resource, *props: str) -> frozenset[str]:
    return frozenset(urn for prop in props for urn in resource.property_dependencies.get(prop, ()))


def _proven_by(stack: Stack, validation: Resource) -> Iterator[Problem]:
    """What waits for records that are not there waits for 75 minutes, and fails."""
    if holds_none(read_list(validation, "validationRecordFqdns")):
        return  # somebody else makes the records
    certificates = stack.graph.held(references(stack.graph, validation, tokens.CERTIFICATE, "certificateArn").keys)
    if certificates and next(_proofs(stack.graph, certificates), None) is None:
        yield Problem("no record of the stack proves its certificate", "the records of domainValidationOptions")


def _proofs(graph: Graph, certificates: Iterable[Resource]) -> Iterator[Resource]:
    """The records that prove who owns the names of certificates."""
    urns = {certificate.urn for certificate in certificates}
    return (record for record in graph.of_type(tokens.DNS_RECORD) if _made_from(record, "name", "records") & urns)


def _fronted(graph: Graph, balancer: str) -> bool:
    """Whether another network of AWS's sends requests to a load balancer, and has the names."""
    return any(
        item.type.startswith(("aws:cloudfront/", "aws:globalaccelerator/", "aws:apigatewayv2/"))
        and balancer in item.dependencies
        for item in graph
    )


def _asked(rule: Resource) -> Iterator[str]:
    hosts = (condition.values for condition in conditions_of(rule) if condition.kind == "hostHeader")
    return (value.lower() for values in hosts for value in values)


def _expressed(rule: Resource) -> Iterator[str]:
    hosts = (condition.expressions for condition in conditions_of(rule) if condition.kind == "hostHeader")
    return (expression for expressions in hosts for expression in expressions)


def _matched(expression: str, names: list[str]) -> bool:
    """Whether hosts of an expression are among a certificate's names. Raises NotDecidedError where a name is a pattern, too."""
    try:
        pattern = re.compile(expression, re.IGNORECASE)
    except re.error:
        refuse("hostHeader.regexValues", "holds what is no regular expression")
    if any(pattern.search(name.replace("*", "x")) for name in names):
        return True
    if any("*" in name for name in names):
        refuse("hostHeader.regexValues", "is an expression, and its certificate's name a pattern")
    return False


def _alike(host: str, name: str) -> bool:
    """Whether a name of a certificate may be for a host; a pattern of a rule may hold any host that it covers."""
    name = name.lower()
    if name.startswith("*."):
        return host.partition(".")[2] == name[2:] or host.startswith("*")
    return fnmatch.fnmatchcase(name, host)


def _listed(names: list[str]) -> str:
    return ", ".join(sorted(names))[:150]
