"""Policies about a database's engine version, logs, monitoring and certificate."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, datetime

from policies.facts.change.upgrades import upgrade_of
from policies.facts.database.engine_versions import BEFORE, STANDARD_SUPPORT, major_version, version_order
from policies.facts.database.multi_az_clusters import CLASS, is_aurora_cluster
from policies.facts.database.parameter_groups import clusters_of, engine_of, engine_version, parameter, parameter_groups
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, NotDecidedError, Present, is_unknown, unknown_at_preview
from policies.resources.reading import optional, read, read_text, refuse, required
from policies.resources.requested import asked, asked_flag, asked_integer, asked_list, asked_text
from policies.rules.policy import ADVISORY_ONLY, PRD_ONLY, RDS_GUIDE, hub
from policies.rules.property_checks import each, flag, one_of, stated
from policies.rules.rule import Problem, Stack, policy

_DATABASES = (tokens.DB_INSTANCE, tokens.DB_CLUSTER)
_SERVERS = (tokens.DB_INSTANCE, tokens.DB_CLUSTER_INSTANCE, tokens.DB_CLUSTER)
_EXTENDED_SUPPORT = "open-source-rds-extended-support"
_EXTENDED = ("mysql", "postgres", "aurora-mysql", "aurora-postgresql")


@policy(
    what="A database's engine version is in standard support, or its Extended Support is declared.",
    why="After its end AWS upgrades the engine by itself or charges every vCPU hour for Extended Support.",
    severity="high",
    how_to_fix="Upgrade the engine, or declare engineLifecycleSupport open-source-rds-extended-support.",
    url=RDS_GUIDE + "extended-support.html",
    types=_DATABASES,
)
def database_engine_supported(stack: Stack, database: Resource) -> Iterator[Problem]:
    engine = required(engine_of(stack.graph, database))
    versions = STANDARD_SUPPORT.get(engine)
    if versions is None:
        refuse("engine", f'is "{engine[:40]}", an engine whose support dates this pack does not know')
    text = engine_version(stack.graph, database)
    version = major_version(engine, text)
    if version is None:
        refuse("engineVersion", f'is "{text[:40]}", which has no major version: write one such as "8.4"')
    # Aurora MySQL names versions as 8.0.mysql_aurora.3.08.0; what is older than the calendar is past it.
    end = versions.get(version)
    if end is None and version_order(version) > max(version_order(known) for known in versions):
        refuse("engineVersion", f'is "{text[:40]}", newer than this pack: add its support dates')
    support = optional(asked_text(database, "engineLifecycleSupport"), "")
    if support not in ("", _EXTENDED_SUPPORT, f"{_EXTENDED_SUPPORT}-disabled"):
        yield Problem(
            f"engineLifecycleSupport is {support[:60]}, which RDS does not know",
            f"{_EXTENDED_SUPPORT}-disabled or {_EXTENDED_SUPPORT}",
        )
    if end is None and version not in BEFORE.get(engine, ()):
        newest = max(versions, key=version_order)
        yield Problem(
            f'engineVersion is "{text[:40]}", and RDS has no {engine} {version}',
            f"a version of {engine}, such as {newest}",
        )
        return
    declared = support == _EXTENDED_SUPPORT
    if (end is None or end < datetime.now(UTC).date()) and not declared:
        ended = f"ended on {end}" if end else "ended long ago"
        yield Problem(
            f"standard support of {engine} {version} {ended}", "a supported version or declared Extended Support"
        )


@policy(
    what="A database does not pay for Extended Support.",
    why="Once standard support has ended it costs per vCPU and hour on top of the instance, and more from its third year on.",
    severity="low",
    how_to_fix="Upgrade the engine and set engineLifecycleSupport to open-source-rds-extended-support-disabled.",
    url=RDS_GUIDE + "extended-support-charges.html",
    levels=ADVISORY_ONLY,
    types=_DATABASES,
)
def database_extended_support_cost(_: Stack, database: Resource) -> Iterator[Problem]:
    support = asked_text(database, "engineLifecycleSupport")
    if isinstance(support, Absent):
        # What AWS takes then, for the engines that have it; a replica's is that of its source.
        if optional(asked_text(database, "engine"), "") in _EXTENDED:
            yield Problem(
                "engineLifecycleSupport is not set, which is Extended Support", f"{_EXTENDED_SUPPORT}-disabled"
            )
    elif required(support) == _EXTENDED_SUPPORT:
        yield Problem("engineLifecycleSupport declares Extended Support", f"{_EXTENDED_SUPPORT}-disabled")


@policy(
    what="A database writes its logs, and sends them to CloudWatch.",
    why="Errors and slow queries are otherwise on the instance only, and gone with it.",
    severity="medium",
    how_to_fix='Set enabledCloudwatchLogsExports to ["error", "slowquery"], slow_query_log 1 and log_output FILE, or to ["postgresql"].',
    references="CKV_AWS_129 CKV_AWS_324 RDS.9 RDS.36 RDS.37 RDS.42",
    types=_DATABASES,
    also=(tokens.PARAMETER_GROUP, tokens.CLUSTER_PARAMETER_GROUP),
)
def database_logs_exported(stack: Stack, database: Resource) -> Iterator[Problem]:
    listed = asked_list(database, "enabledCloudwatchLogsExports")
    exported = optional(listed, [])
    if not exported:
        yield Problem(stated("enabledCloudwatchLogsExports", listed, "empty"), "the engine's error log at least")
    elif any(is_unknown(name) for name in exported):
        raise NotDecidedError(unknown_at_preview("enabledCloudwatchLogsExports"))
    elif not any(name in ("error", "postgresql", "alert", "diag.log") for name in exported):
        yield Problem("enabledCloudwatchLogsExports has no error log", "error, or postgresql")
    engine = optional(asked_text(database, "engine"), "")
    known = _LOGS.get(engine)
    for name in exported if known else ():
        if name not in (known or ()):
            yield Problem(
                f"enabledCloudwatchLogsExports has {str(name)[:40]}, which {engine} does not write",
                " or ".join(known or ()),
            )
    if not exported or Present(engine) not in _BY_PARAMETER:
        return
    groups = parameter_groups(stack.graph, database)
    for name, log in (("slow_query_log", "slowquery"), ("general_log", "general")):
        value, group = parameter(groups, name) if log not in exported else (None, "")
        if (value or "").upper() in ("1", "ON"):
            yield Problem(
                f"{name} is {value} in {group}, and {log} is not exported: it is on the instance only",
                f"{log} in enabledCloudwatchLogsExports",
            )
    if "slowquery" not in exported:
        return
    for name, wanted, otherwise in _WRITTEN:
        value, group = parameter(groups, name)
        if (value or "").upper() not in wanted:
            yield Problem(
                f"slowquery is exported, and {name} is {value or 'not set'} in {group}, so that {otherwise}", wanted[0]
            )


_LOGS = {
    "mysql": ("audit", "error", "general", "iam-db-auth-error", "slowquery"),
    "mariadb": ("audit", "error", "general", "iam-db-auth-error", "slowquery"),
    "aurora-mysql": ("audit", "error", "general", "iam-db-auth-error", "instance", "slowquery"),
    "postgres": ("iam-db-auth-error", "postgresql", "upgrade"),
    "aurora-postgresql": ("iam-db-auth-error", "instance", "postgresql"),
}
"""Engine to the logs that it can send (RDS and Aurora User Guides, Publishing database logs to CloudWatch)."""
_WRITTEN = (
    ("slow_query_log", ("1", "ON"), "nothing is written"),
    ("log_output", ("FILE", "FILE,TABLE", "TABLE,FILE"), "it is a table"),
)
_BY_PARAMETER = (Present("mysql"), Present("mariadb"))
"""Engines of RDS that write that log by a parameter alone, and into tables by default (RDS User Guide, MySQL database log files)."""


@policy(
    what="A database has Enhanced Monitoring and Performance Insights.",
    why="Without them nobody sees which query held the connections.",
    severity="medium",
    how_to_fix="Set monitoringInterval to 60 with a monitoring role, and performanceInsightsEnabled to true.",
    levels=PRD_ONLY,
    references="CKV_AWS_118 CKV_AWS_353 RDS.6",
    types=_SERVERS,
)
def database_monitoring(stack: Stack, database: Resource) -> Iterator[Problem]:
    if is_aurora_cluster(database):
        return  # whose instances say it, or take it from the cluster
    says = functools.partial(_saying, stack, database)
    interval = asked_integer(says("monitoringInterval"), "monitoringInterval")
    seconds = optional(interval, 0)
    if seconds == 0:
        yield Problem(stated("monitoringInterval", interval, "0"), "1 to 60 seconds")
    elif seconds not in _INTERVALS:
        yield Problem(f"monitoringInterval is {seconds}, which RDS refuses", "1, 5, 10, 15, 30 or 60")
    elif read(says("monitoringRoleArn"), "monitoringRoleArn") in (Absent("monitoringRoleArn"), Present("")):
        yield Problem(
            f"monitoringInterval is {seconds}, and monitoringRoleArn is not set: RDS refuses it",
            "a role that monitoring.rds.amazonaws.com may take on",
        )
    days = asked_integer(says("performanceInsightsRetentionPeriod"), "performanceInsightsRetentionPeriod")
    if not isinstance(days, Absent) and not _kept_for(required(days)):
        yield Problem(
            f"performanceInsightsRetentionPeriod is {required(days)}, which RDS refuses", "7, 731, or 31 times 1 to 23"
        )
    insights = asked_flag(says("performanceInsightsEnabled"), "performanceInsightsEnabled")
    if not optional(insights, False):
        yield Problem(stated("performanceInsightsEnabled", insights, "false"), "true")


def _saying(stack: Stack, database: Resource, prop: str) -> Resource:
    """What says a property of an instance: itself, or the Aurora cluster that it is a member of (RDS API Reference, CreateDBCluster)."""
    clusters = clusters_of(stack.graph, database) if database.type == tokens.DB_CLUSTER_INSTANCE else ()
    said = (held for held in (database, *clusters) if _is_said(held, prop))
    return next(said, database)


def _is_said(database: Resource, prop: str) -> bool:
    """Whether a property is set; 0 is what the provider makes of an interval that is not."""
    found = asked(database, prop, read(database, prop))
    if isinstance(found, Present):
        return isinstance(found.value, bool) or found.value not in (0, "")
    return not isinstance(found, Absent)


_INTERVALS = (1, 5, 10, 15, 30, 60)
"""Seconds between two measurements of Enhanced Monitoring (Amazon RDS API Reference, CreateDBInstance)."""


def _kept_for(days: int) -> bool:
    """Whether Performance Insights keeps what it saw for a number of days (Amazon RDS API Reference, CreateDBInstance)."""
    return days in (0, 7, 731) or (days % 31 == 0 and 1 <= days // 31 <= 23)


_CURRENT_CAS = frozenset({"rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"})

database_minor_upgrades = policy(
    name="database-minor-upgrades",
    what="A database takes minor versions by itself.",
    why="They hold the security fixes of the engine.",
    severity="medium",
    how_to_fix="Set autoMinorVersionUpgrade to true.",
    references="CKV_AWS_226 RDS.13 RDS.35",
    types=_SERVERS,
)(flag("autoMinorVersionUpgrade", wanted=True, default=True))

database_tags_on_snapshots = policy(
    name="database-tags-on-snapshots",
    what="Snapshots carry the tags of their database.",
    why="A snapshot without tags has no owner and no cost centre.",
    severity="low",
    how_to_fix="Set copyTagsToSnapshot to true.",
    url=hub("RDS.17"),
    references="CKV_AWS_313 CKV2_AWS_60 RDS.16 RDS.17",
    types=_DATABASES,
)(flag("copyTagsToSnapshot", wanted=True, default=False))

database_certificate_authority = policy(
    name="database-certificate-authority",
    what="A database's certificate comes from a current authority.",
    why="rds-ca-2019 expired in 2024: clients that verify the certificate cannot connect.",
    severity="medium",
    how_to_fix="Set caCertIdentifier, of a cluster caCertificateIdentifier, to rds-ca-rsa2048-g1, or leave it to AWS.",
    url=RDS_GUIDE + "UsingWithRDS.SSL.html",
    references="CKV_AWS_211",
    types=_SERVERS,
)(
    each(
        one_of("caCertIdentifier", allowed=_CURRENT_CAS, default="rds-ca-rsa2048-g1"),
        one_of("caCertificateIdentifier", allowed=_CURRENT_CAS, default="rds-ca-rsa2048-g1"),
    )
)


@policy(
    what="A database's class is of a family that AWS still keeps up.",
    why="AWS makes no new instance of a retired family and moves the old ones on a day of its own; a current one costs less.",
    severity="medium",
    how_to_fix="Take the same size of a current family, such as db.r6g or db.m7g.",
    url=RDS_GUIDE + "Concepts.DBInstanceClass.Types.html",
    levels=ADVISORY_ONLY,
    types=_SERVERS,
)
def database_class_current(_: Stack, database: Resource) -> Iterator[Problem]:
    if is_aurora_cluster(database):
        return  # whose instances have the class
    prop = CLASS if database.type == tokens.DB_CLUSTER else "instanceClass"
    family = required(read_text(database, prop)).split(".")[1:2]
    if family and family[0] in _RETIRED:
        yield Problem(f"{prop} is of {family[0]}, which AWS has retired", "a current family")


_RETIRED = frozenset({"m1", "m2", "m3", "m4", "r3", "r4", "t1", "t2", "cr1"})
"""Of which no new instances are made (RDS User Guide, DB instance class types)."""


@policy(
    what="A database's major version changes only in a change that is about it.",
    why="A major upgrade cannot be taken back, and applications may not run on it.",
    severity="medium",
    how_to_fix="Set allowMajorVersionUpgrade in the change that upgrades, and take it away after it.",
    url=RDS_GUIDE + "USER_UpgradeDBInstance.Upgrading.html",
    levels=PRD_ONLY,
    types=_DATABASES,
)
def database_major_upgrades(stack: Stack, database: Resource) -> Iterator[Problem]:
    upgrade = upgrade_of(stack.plan, database) if stack.plan is not None else None
    if optional(asked_flag(database, "allowMajorVersionUpgrade"), False) and not (
        upgrade is not None and upgrade.major
    ):
        yield Problem("allowMajorVersionUpgrade is true", "false, but in the deployment that upgrades")
