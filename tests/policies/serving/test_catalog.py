"""The catalogue: names, levels and kinds pinned; every policy complete and served as the catalogue says."""

import re

import pytest
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy

from policies.rules.discovery import concerns
from policies.rules.policy import EVERYWHERE, PolicySpec
from policies.serving.catalog import CATALOG
from policies.serving.pack import policies_for

PINNED = {
    "critical advisory mandatory": "container-unprivileged iam-no-escalation task-apart-from-host",
    "critical mandatory mandatory": (
        "connection-budget connection-budget-at-registration database-closed-to-internet database-not-public "
        "iam-trust-limited no-credentials-in-program no-other-door no-plaintext-secrets "
        "no-world-administration resource-policy-not-public stage-isolation"
    ),
    "high advisory advisory": "change-compared",
    "high advisory mandatory": (
        "address-as-named address-used-once alarm-as-named alarm-can-fire alarm-hears-silence "
        "alarm-metric-exists alarm-units-fit batch-job-without-service bucket-public-access-blocked "
        "buffer-pool-fits-class build-image-fits build-image-trusted build-names-container "
        "build-privileged-for-images certificate-for-its-names container-logs container-own-resources "
        "container-port-agrees container-user containers-fit-task credential-of-use current-tls-policy "
        "database-backups database-encrypted database-engine-supported database-lets-in-clients "
        "database-parameters-safe database-same-network database-tls-required database-variables-agree "
        "deployment-failures-heard encrypted-at-rest encrypted-in-transit endpoint-lets-images-through "
        "event-pattern-matches failed-runs-heard fargate-network-mode gateway-attached health-check-grace "
        "health-check-port https-only iam-no-broad-managed-policies iam-no-denied-right iam-no-destruction "
        "iam-no-star-actions iam-no-star-resources image-architecture image-pinned images-kept in-one-vpc "
        "instance-metadata-by-token listener-rule-matches listener-rule-reached load-balancer-guarded "
        "load-balancer-reached max-connections-fits-class names-apart nat-gateway-public "
        "network-acl-lets-through network-acl-no-administration network-joined-on-purpose no-access-keys "
        "no-remote-scripts objects-kept outside-by-tls path-open pipeline-branch pipeline-deploys-build "
        "private-name-has-record private-subnets private-zone redirect-arrives reference-as-named "
        "reference-exists repository-has-pusher resource-of-region role-has-rights role-trusts-its-user "
        "schedule-runs-newest schedule-valid service-circuit-breaker service-connect-contract "
        "service-port-named singleton-alone subscription-reaches target-group-fits-tasks "
        "target-group-health-check target-group-one-service task-roles-apart tasks-reach-images tls-verified "
        "topic-takes-publishers user-connections-enough vpc-dns vpc-own-range wait-timeout world-ingress"
    ),
    "high disabled mandatory": (
        "connections-alarmed database-deletion-protection database-final-snapshot database-multi-az "
        "no-development-mode no-exec no-force-delete pipeline-approval pipeline-steps-in-order "
        "recovery-window service-enough-tasks service-full-strength service-zones stores-recoverable "
        "topic-has-subscribers"
    ),
    "high mandatory mandatory": (
        "database-change-possible database-password-managed exceptions-valid names-free networks-stay "
        "nothing-lost secret-parameters-encrypted"
    ),
    "medium advisory mandatory": (
        "access-logs-arrive alarms-heard alias-of-its-kind artifacts-versioned backup-plan-kept "
        "bucket-ownership bucket-setting-once build-fetches-what-is-there build-logs build-time-bounded "
        "capacity-provider-in-cluster certificate-strong certificate-validated-first connection-reserve "
        "container-check-times container-health-check container-insights container-read-only "
        "credential-active database-certificate-authority database-logs-exported database-minor-upgrades "
        "database-parameter-family database-static-parameters database-subnets-zones dead-letters-kept "
        "default-security-group-closed deployment-time-enough drain-time-enough egress-limited "
        "endpoint-of-region event-rule-acts exec-logged fargate-size health-check-pace iam-confused-deputy "
        "image-tags-immutable images-scanned key-rotation lifecycle-valid load-balancer-hardened "
        "load-balancer-logs load-balancer-zones log-class-fits log-retention name-valid no-host-port "
        "pipeline-artifacts-encrypted pipeline-failures-heard pipeline-started-by-push pool-idle-time "
        "proxy-keeps-statements-to-itself records-complete reference-own-account request-timeout-chain "
        "role-sessions-short runtime-supported scaling-bounds scaling-metric-exists scaling-policy-has-target "
        "scaling-reacts schedule-apart schedule-dead-letters schedule-runs security-rule-valid "
        "service-after-its-rule service-connect-default-limit service-connect-idle-time service-connect-order "
        "service-connect-request-time service-connect-room stop-time-enough storage-encrypted "
        "subnet-range-fits subnets-without-public-addresses target-group-even telemetry-not-essential telemetry-protocol "
        "transport-encrypted volume-encrypted-in-transit vpc-flow-logs"
    ),
    "medium disabled mandatory": (
        "database-change-window database-major-upgrades database-monitoring database-storage-grows "
        "database-windows-apart dead-letters-heard load-balancer-deletion-protection no-fault-injection "
        "no-spot-only pipeline-approvals-heard pipeline-turns-back route-in-own-zone services-alarmed-alike "
        "subnets-have-room task-definition-kept"
    ),
    "low advisory advisory": (
        "database-extended-support-cost database-reboot-announced exceptions-shown names-carry-stage "
        "scaling-count-within stage-names"
    ),
    "low advisory disabled": "dev-database-small dev-logs-short dev-no-multi-az dev-one-nat dev-spot",
    "low advisory mandatory": (
        "access-logs-expire bucket-lifecycle dashboard-shows database-tags-on-snapshots "
        "endpoint-serves-private-subnets fargate-platform-latest images-expire pipeline-no-polling port-name "
        "record-short-lived required-tags search-group-finds security-groups-described"
    ),
    "low disabled advisory": "database-windows-quiet nat-per-zone no-verbose-logs service-connect-logged service-rebalanced",
    "medium advisory advisory": "database-class-current outages-told",
}
"""Severity, level in dev and level in prd to the names of the policies."""


def test_names_severities_and_levels_are_pinned() -> None:
    """A team's own policies are its own business."""
    own = {rule.spec.name for rule in concerns().get("Your own policies", ())}
    found: dict[str, list[str]] = {}
    for spec in sorted(CATALOG, key=lambda spec: spec.name):
        if spec.name not in own:
            found.setdefault(f"{spec.severity} {spec.levels['dev']} {spec.levels['prd']}", []).append(spec.name)
    assert found == {key: names.split() for key, names in PINNED.items()}


def test_what_must_never_be_is_mandatory_everywhere() -> None:
    always = {spec.name for spec in CATALOG if spec.levels == EVERYWHERE}
    assert always >= {"connection-budget", "database-not-public", "no-plaintext-secrets", "stage-isolation"}
    assert [spec.name for spec in CATALOG if spec.kind == "resource"] == ["connection-budget-at-registration"]


def test_names_are_unique_and_kebab_case() -> None:
    names = [spec.name for spec in CATALOG]
    assert names == [*sorted(set(names[:-2])), "exceptions-valid", "exceptions-shown"]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)


@pytest.mark.parametrize("spec", CATALOG, ids=lambda spec: spec.name)
def test_every_policy_says_what_why_and_how(spec: PolicySpec) -> None:
    assert spec.what.endswith(".")
    assert spec.why.endswith(".")
    assert spec.how_to_fix.endswith(".")
    assert spec.url.startswith("https://")


@pytest.mark.parametrize("stage", ["dev", "prd", "staging", ""])
def test_every_policy_is_served_at_its_level_and_unknown_stages_as_prd(stage: str) -> None:
    served = [
        (policy.name, isinstance(policy, ResourceValidationPolicy), policy.enforcement_level)
        for policy in policies_for(stage)
    ]
    levels = stage if stage == "dev" else "prd"
    assert served == [
        (spec.name, spec.kind == "resource", EnforcementLevel(spec.levels[levels].value)) for spec in CATALOG
    ]
