"""The catalogue: names, levels and kinds pinned; every policy complete and served as the catalogue says."""

from __future__ import annotations

import re

import pytest
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy

from policies.rules.policy import EVERYWHERE, PolicySpec
from policies.serving.catalog import CATALOG
from policies.serving.pack import policies_for

PINNED = """
    alarms-heard                       medium   advisory  mandatory
    batch-job-without-service          high     advisory  mandatory
    bucket-lifecycle                   low      advisory  mandatory
    bucket-public-access-blocked       high     advisory  mandatory
    build-logs                         medium   advisory  mandatory
    build-privileged-for-images        high     advisory  mandatory
    certificate-strong                 medium   advisory  mandatory
    connection-budget                  critical mandatory mandatory
    connection-budget-at-registration  critical mandatory mandatory
    container-health-check             medium   advisory  mandatory
    container-insights                 medium   advisory  mandatory
    container-logs                     high     advisory  mandatory
    container-read-only                medium   advisory  mandatory
    container-unprivileged             critical advisory  mandatory
    container-user                     high     advisory  mandatory
    current-tls-policy                 high     advisory  mandatory
    database-backups                   high     advisory  mandatory
    database-certificate-authority     medium   advisory  mandatory
    database-change-window             medium   disabled  mandatory
    database-closed-to-internet        critical mandatory mandatory
    database-deletion-protection       high     disabled  mandatory
    database-encrypted                 high     advisory  mandatory
    database-engine-supported          high     advisory  mandatory
    database-extended-support-cost     low      advisory  advisory
    database-final-snapshot            high     disabled  mandatory
    database-logs-exported             medium   advisory  mandatory
    database-minor-upgrades            medium   advisory  mandatory
    database-monitoring                low      disabled  advisory
    database-multi-az                  high     disabled  mandatory
    database-not-public                critical mandatory mandatory
    database-parameter-family          medium   advisory  mandatory
    database-password-managed          high     mandatory mandatory
    database-reboot-announced          low      advisory  advisory
    database-static-parameters         medium   advisory  mandatory
    database-tags-on-snapshots         low      advisory  mandatory
    database-tls-required              high     advisory  mandatory
    default-security-group-closed      medium   advisory  mandatory
    dev-database-small                 low      advisory  disabled
    dev-logs-short                     low      advisory  disabled
    dev-no-multi-az                    low      advisory  disabled
    dev-one-nat                        low      advisory  disabled
    dev-spot                           low      advisory  disabled
    egress-limited                     medium   advisory  mandatory
    fargate-platform-latest            low      advisory  mandatory
    fargate-size                       medium   advisory  mandatory
    https-only                         high     advisory  mandatory
    iam-confused-deputy                medium   advisory  mandatory
    iam-no-broad-managed-policies      high     advisory  mandatory
    iam-no-escalation                  critical advisory  mandatory
    iam-no-star-actions                high     advisory  mandatory
    iam-no-star-resources              high     advisory  mandatory
    iam-trust-limited                  critical mandatory mandatory
    image-pinned                       high     advisory  mandatory
    image-tags-immutable               medium   advisory  mandatory
    images-expire                      low      advisory  mandatory
    images-scanned                     medium   advisory  mandatory
    key-rotation                       medium   advisory  mandatory
    load-balancer-deletion-protection  medium   disabled  mandatory
    load-balancer-hardened             medium   advisory  mandatory
    load-balancer-logs                 medium   advisory  mandatory
    load-balancer-zones                medium   advisory  mandatory
    log-retention                      medium   advisory  mandatory
    max-connections-fits-class         high     advisory  mandatory
    names-carry-stage                  low      advisory  advisory
    nat-per-zone                       low      disabled  advisory
    no-access-keys                     high     advisory  mandatory
    no-credentials-in-program          critical mandatory mandatory
    no-exec                            high     disabled  mandatory
    no-force-delete                    high     disabled  mandatory
    no-host-port                       medium   advisory  mandatory
    no-plaintext-secrets               critical mandatory mandatory
    no-spot-only                       medium   disabled  mandatory
    no-world-administration            critical mandatory mandatory
    pipeline-approval                  high     disabled  mandatory
    pipeline-artifacts-encrypted       medium   advisory  mandatory
    pipeline-branch                    high     advisory  mandatory
    pipeline-failures-heard            medium   advisory  mandatory
    pipeline-no-polling                low      advisory  mandatory
    pool-idle-time                     medium   advisory  mandatory
    port-name                          low      advisory  mandatory
    private-subnets                    high     advisory  mandatory
    request-timeout-chain              medium   advisory  mandatory
    required-tags                      low      advisory  mandatory
    resource-policy-not-public         critical mandatory mandatory
    schedule-dead-letters              medium   advisory  mandatory
    secret-parameters-encrypted        high     mandatory mandatory
    security-groups-described          low      advisory  mandatory
    service-circuit-breaker            high     advisory  mandatory
    service-connect-contract           high     advisory  mandatory
    service-connect-room               medium   advisory  mandatory
    service-enough-tasks               high     disabled  mandatory
    service-full-strength              high     disabled  mandatory
    service-port-named                 high     advisory  mandatory
    service-zones                      high     disabled  mandatory
    stage-isolation                    critical mandatory mandatory
    storage-encrypted                  medium   advisory  mandatory
    subnets-without-public-addresses   medium   advisory  mandatory
    target-group-health-check          high     advisory  mandatory
    task-apart-from-host               critical advisory  mandatory
    task-roles-apart                   high     advisory  mandatory
    transport-encrypted                medium   advisory  mandatory
    volume-encrypted-in-transit        medium   advisory  mandatory
    vpc-flow-logs                      medium   advisory  mandatory
    wait-timeout                       high     advisory  mandatory
    world-ingress                      high     advisory  mandatory
    exceptions-valid                   high     mandatory mandatory
    exceptions-shown                   low      advisory  advisory
"""
"""Name, severity, level in dev, level in prd."""


def test_names_severities_and_levels_are_pinned() -> None:
    found = [f"{spec.name} {spec.severity} {spec.levels['dev']} {spec.levels['prd']}" for spec in CATALOG]
    assert found == [" ".join(line.split()) for line in PINNED.strip().splitlines()]


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
