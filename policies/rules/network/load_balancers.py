"""Policies about the load balancer: HTTPS with current TLS, redirected HTTP, logs, and staying up."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.network.subnets import subnets_of, zones_of
from policies.facts.network.target_group_terms import kind_of_targets
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import holds_none, optional, read, read_list, read_text, required
from policies.resources.references import belonging, depended_on, references
from policies.resources.requested import asked_flag, asked_integer, asked_list, asked_map, asked_text
from policies.resources.tokens import LISTENER, LISTENER_RULE, LOAD_BALANCER, SUBNET, TARGET_GROUP
from policies.rules.policy import PRD_ONLY, setting
from policies.rules.property_checks import each, flag, one_of, stated
from policies.rules.rule import Problem, Stack, about, policy

_CURRENT = frozenset({
    "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
})  # fmt: skip
"""Without TLS 1.0 and 1.1: what ELB.17 names, and the same with post-quantum key exchange (ELB User Guide, security policies)."""

_DATAGRAMS = frozenset({"QUIC", "TCP_QUIC", "TCP_UDP", "UDP"})
"""Protocols for which a load balancer has no TLS of its own (User Guide for Network Load Balancers, Listener configuration)."""


@policy(
    what="A listener speaks TLS, or redirects to one that does; in dev only where one does.",
    why="Over plain HTTP everybody on the way reads passwords and cookies.",
    severity="high",
    how_to_fix="Give the listener HTTPS with a certificate, or redirect to HTTPS on port 443 with HTTP_301.",
    references="CKV_AWS_2 CKV2_AWS_20 ELB.1 ELB.18",
    types=(LISTENER,),
    also=(LISTENER_RULE, TARGET_GROUP),
)
def https_only(stack: Stack, listener: Resource) -> Iterator[Problem]:
    written = asked_text(listener, "protocol")
    if not optional(written, "") and not optional(asked_integer(listener, "port"), 0):
        return  # a gateway's listener has neither
    protocol = optional(written, "HTTP")
    if protocol == "HTTP" and stack.lenient and not _speaks_tls(stack, listener):
        return  # without a domain there is no certificate, and a development stage may be without one
    if protocol in ("HTTPS", "TLS"):
        if read(listener, "certificateArn") in (Absent("certificateArn"), Present("")):
            yield Problem(f"an {protocol} listener has no certificateArn", "a certificate")
        return
    if protocol in _DATAGRAMS or (protocol == "TCP" and _leads_to_balancer(stack, listener)):
        return
    if protocol != "HTTP":
        yield Problem(f"protocol is {protocol[:20]}", "HTTPS or TLS")
        return
    if not required(read_list(listener, "defaultActions")):
        yield Problem("an HTTP listener has no default action", "a redirect to HTTPS")
    found = list(_plain(listener, listener, "defaultActions"))
    yield from found
    # Where the default redirects, a rule may still answer over plain HTTP.
    for rule in belonging(stack.graph, listener, LISTENER_RULE, "listenerArn") if not found else ():
        with about(rule):
            wrong = list(_plain(rule, listener, "actions"))
        yield from (Problem(f"by its rule {rule.name} {problem.found}", problem.required) for problem in wrong)


def _leads_to_balancer(stack: Stack, listener: Resource) -> bool:
    """Whether what stands behind it is an Application Load Balancer, for which ELB takes TCP alone."""
    groups = depended_on(stack.graph, listener, "defaultActions", TARGET_GROUP)
    for group in groups:
        with about(group):
            if kind_of_targets(group) != "alb":
                return False
    return bool(groups)


def _speaks_tls(stack: Stack, listener: Resource) -> bool:
    """Whether a listener of the same load balancer speaks TLS, or may: then plain HTTP has somewhere to redirect to."""
    balancer = references(stack.graph, listener, LOAD_BALANCER, "loadBalancerArn")
    for other in stack.graph.of_type(LISTENER):
        with about(other):
            theirs = references(stack.graph, other, LOAD_BALANCER, "loadBalancerArn")
            same = other is not listener and (not balancer.keys.isdisjoint(theirs.keys) or bool(theirs.undecided))
            if same and optional(asked_text(other, "protocol"), "HTTP") in ("HTTPS", "TLS"):
                return True
    return balancer.undecided is not None


def _plain(owner: Resource, listener: Resource, prop: str) -> Iterator[Problem]:
    """The actions of a listener, or of a rule of it, that leave a request on plain HTTP."""
    for position in range(len(required(read_list(owner, prop)))):
        kind = required(read_text(owner, prop, position, "type"))
        if kind != "redirect":
            yield Problem(f"an HTTP listener answers with {kind[:30]}", "a redirect to HTTPS")
            continue
        protocol = read_text(owner, prop, position, "redirect", "protocol")
        target = optional(protocol, "#{protocol}")
        status = required(read_text(owner, prop, position, "redirect", "statusCode"))
        to_port = read_text(owner, prop, position, "redirect", "port")
        port = optional(to_port, "#{port}")
        if target != "HTTPS":
            yield Problem(stated("the redirect's protocol", protocol, target[:20]), "HTTPS on its own port")
        elif port in ("#{port}", str(optional(asked_integer(listener, "port"), 0))):
            yield Problem(stated("the redirect's port", to_port, port[:20]), "HTTPS on its own port")
        elif status != "HTTP_301":
            yield Problem(f"the redirect is {status[:20]}, which clients do not remember", "HTTP_301")


@policy(
    what="A TLS listener takes TLS 1.2 and 1.3 only.",
    why="AWS's default for listeners made by API, ELBSecurityPolicy-2016-08, still takes TLS 1.0.",
    severity="high",
    how_to_fix="Set sslPolicy to ELBSecurityPolicy-TLS13-1-2-2021-06 or a newer one.",
    references="CKV_AWS_103 CKV2_AWS_74 ELB.17",
    settings=(setting("alsoAllowed", (), "Further TLS policies to accept, by name."),),
    types=(LISTENER,),
)
def current_tls_policy(stack: Stack, listener: Resource) -> Iterator[Problem]:
    if optional(asked_text(listener, "protocol"), "HTTP") in ("HTTPS", "TLS"):
        allowed = _CURRENT | frozenset(stack.texts("alsoAllowed"))
        yield from one_of("sslPolicy", allowed=allowed, default="ELBSecurityPolicy-2016-08")(stack, listener)


_HARDENED = each(
    flag("dropInvalidHeaderFields", wanted=True, default=False),
    one_of("desyncMitigationMode", allowed=frozenset({"defensive", "strictest"}), default="defensive"),
    one_of("xffHeaderProcessingMode", allowed=frozenset({"append"}), default="append"),
)


def _application(balancer: Resource) -> bool:
    return optional(asked_text(balancer, "loadBalancerType"), "application") == "application"


@policy(
    what="A load balancer drops invalid headers, mitigates desync attacks and writes the client's address itself.",
    why="Requests that two servers read differently are how requests are smuggled in; an address that the client writes is a lie.",
    severity="medium",
    how_to_fix="Set dropInvalidHeaderFields to true, desyncMitigationMode to defensive or strictest, xffHeaderProcessingMode to append.",
    references="CKV_AWS_131 CKV_AWS_328 ELB.4 ELB.12",
    types=(LOAD_BALANCER,),
)
def load_balancer_hardened(stack: Stack, balancer: Resource) -> Iterator[Problem]:
    if _application(balancer):
        yield from _HARDENED(stack, balancer)


@policy(
    what="A load balancer writes access logs.",
    why="They are the only record of requests that never reached a service.",
    severity="medium",
    how_to_fix="Set accessLogs with enabled true and a bucket.",
    references="CKV_AWS_91 AwsSolutions-ELB2 ELB.5",
    types=(LOAD_BALANCER,),
    also=(LISTENER,),
)
def load_balancer_logs(stack: Stack, balancer: Resource) -> Iterator[Problem]:
    if not _logs(stack, balancer):
        return
    logs = asked_map(balancer, "accessLogs")
    if isinstance(logs, Absent):
        yield Problem("accessLogs is not set", "enabled, with a bucket")
    elif not optional(enabled := asked_flag(balancer, "accessLogs", "enabled"), False):
        yield Problem(stated("accessLogs.enabled", enabled, "false"), "true")
    elif read(balancer, "accessLogs", "bucket") in (Absent("accessLogs.bucket"), Present("")):
        yield Problem("accessLogs has no bucket", "a bucket")


def _logs(stack: Stack, balancer: Resource) -> bool:
    """Whether AWS writes access logs of it: of a network load balancer's TLS listeners alone, and of no gateway's."""
    kind = optional(asked_text(balancer, "loadBalancerType"), "application")
    if kind != "network":
        return kind != "gateway"
    listeners = belonging(stack.graph, balancer, LISTENER, "loadBalancerArn")
    protocols: list[str] = []
    for listener in listeners:
        with about(listener):
            protocols.append(optional(asked_text(listener, "protocol"), ""))
    return not protocols or "TLS" in protocols


@policy(
    what="A load balancer stands in at least two Availability Zones.",
    why="In one it goes down with it; AWS refuses an Application Load Balancer in fewer than two.",
    severity="medium",
    how_to_fix="Give it subnets of two or more zones.",
    references="ELB.13",
    types=(LOAD_BALANCER,),
    also=(SUBNET,),
)
def load_balancer_zones(stack: Stack, balancer: Resource) -> Iterator[Problem]:
    mapped = optional(asked_list(balancer, "subnetMappings"), [])
    if mapped and holds_none(asked_list(balancer, "subnets")):
        count = len(mapped)  # AWS takes one subnet a zone
    else:
        subnets = subnets_of(stack.graph, balancer, "subnets")
        count = zones_of(stack.graph, subnets, "subnets")
        if 1 < count < len(subnets) and _application(balancer):
            yield Problem(
                f"its {len(subnets)} subnets are in {count} zones, and AWS takes one of each", "a zone for each"
            )
    if count < 2:
        yield Problem(f"its subnets are in {count} zone", "at least 2")


@policy(
    what="A load balancer for the internet has security groups that say what it lets in.",
    why="Without one a network load balancer lets everybody in, and another kind whomever the default group does.",
    severity="high",
    how_to_fix="Set securityGroups to a group with ports 80 and 443 alone.",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html",
    types=(LOAD_BALANCER,),
)
def load_balancer_guarded(_: Stack, balancer: Resource) -> Iterator[Problem]:
    if optional(asked_flag(balancer, "internal"), False):
        return
    if optional(asked_text(balancer, "loadBalancerType"), "application") != "gateway" and (
        asked_list(balancer, "securityGroups") in (Absent("securityGroups"), Present([]))
    ):
        yield Problem("it is open to the internet, and securityGroups is not set", "a group of its own")


load_balancer_deletion_protection = policy(
    name="load-balancer-deletion-protection",
    what="A load balancer cannot be deleted without a change of its own first.",
    why="With it go its address and every service behind it.",
    severity="medium",
    how_to_fix="Set enableDeletionProtection to true.",
    levels=PRD_ONLY,
    references="CKV_AWS_150 ELB.6",
    types=(LOAD_BALANCER,),
)(flag("enableDeletionProtection", wanted=True, default=False))
