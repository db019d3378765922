"""Policies about a database's parameter group: its family, what waits for a reboot, and TLS."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.database.engine_versions import (
    BEFORE,
    STANDARD_SUPPORT,
    family_parts,
    is_static,
    major_version,
    needs_restart,
    version_order,
)
from policies.facts.database.multi_az_clusters import is_aurora_cluster
from policies.facts.database.parameter_groups import engine_of, engine_version, parameter, parameter_groups
from policies.facts.database.parameters import family_of, parameters_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Present
from policies.resources.reading import optional, read_text, refuse, required
from policies.resources.references import references
from policies.resources.requested import asked_text
from policies.rules.policy import ADVISORY_ONLY, RDS_GUIDE
from policies.rules.rule import Problem, Stack, about, policy

_SERVERS = (tokens.DB_INSTANCE, tokens.DB_CLUSTER_INSTANCE, tokens.DB_CLUSTER)
_ON = {
    "mysql": "require_secure_transport",
    "mariadb": "require_secure_transport",
    "aurora-mysql": "require_secure_transport",
}
_BY_DEFAULT = {"postgres": (15,), "mariadb": (11, 8), "mysql": (9, 7)}
"""Engine to the version from which AWS's own default refuses connections without TLS (RDS User Guide, Requiring SSL/TLS for all
connections to a MariaDB, and to a MySQL, DB instance; Using SSL with a PostgreSQL DB instance)."""
_TRUE = frozenset({"1", "on", "true"})


@policy(
    what="A database's parameter group is of the family of its engine version, and its option group of that version.",
    why="RDS refuses a group of another family, half-way through the deployment or the upgrade.",
    severity="medium",
    how_to_fix='Give the group the family of the engine, such as "mysql8.4" for MySQL 8.4.',
    url=RDS_GUIDE + "parameter-groups-overview.html",
    types=_SERVERS,
    also=(tokens.PARAMETER_GROUP, tokens.CLUSTER_PARAMETER_GROUP, tokens.OPTION_GROUP),
)
def database_parameter_family(stack: Stack, database: Resource) -> Iterator[Problem]:
    if is_aurora_cluster(database):
        return  # whose instances have the group
    engine = required(engine_of(stack.graph, database))
    if engine not in STANDARD_SUPPORT:
        return
    version = major_version(engine, engine_version(stack.graph, database))
    if version is None:
        refuse("engineVersion", 'has no major version that is known: write one such as "8.4"')
    for group in parameter_groups(stack.graph, database):
        if group.resource is None:
            continue  # AWS's default groups are of the right family; others are reported by the policies that read them
        with about(group.resource):
            family = family_of(group.resource)
        if version not in STANDARD_SUPPORT[engine] and version not in BEFORE.get(engine, ()):
            return  # database-engine-supported says so
        if family_parts(family) != (engine, version):
            yield Problem(f'group {group.name} is of the family "{family}"', f'"{engine}{version}"')
    if database.type == tokens.DB_INSTANCE:
        yield from _other_options(stack, database, engine, version)


def _other_options(stack: Stack, database: Resource, engine: str, version: str) -> Iterator[Problem]:
    named = asked_text(database, "optionGroupName")
    usual = f"default:{engine}-{version.replace('.', '-')}"
    if isinstance(named, Present) and named.value.startswith("default:") and named.value != usual:
        yield Problem(f"optionGroupName is {named.value[:60]}, of another engine or version", usual)
    for group in stack.graph.held(references(stack.graph, database, tokens.OPTION_GROUP, "optionGroupName").keys):
        made_for = f"{required(read_text(group, 'engineName'))} {required(read_text(group, 'majorEngineVersion'))}"
        if made_for != f"{engine} {version}":
            yield Problem(f"option group {group.name} is of {made_for[:60]}", f"{engine} {version}")


@policy(
    what="A static parameter is set with applyMethod pending-reboot.",
    why="RDS refuses to apply a static parameter at once, and the deployment stops there.",
    severity="medium",
    how_to_fix="Set applyMethod to pending-reboot and plan the reboot.",
    url=RDS_GUIDE + "USER_WorkingWithParamGroups.Modifying.html",
    types=(tokens.PARAMETER_GROUP, tokens.CLUSTER_PARAMETER_GROUP),
)
def database_static_parameters(_: Stack, group: Resource) -> Iterator[Problem]:
    family = family_of(group)
    for item in parameters_of(group):
        name, method = item.name, required(item.method)
        if method not in ("immediate", "pending-reboot"):
            yield Problem(f'{name} has applyMethod "{method[:40]}"', "immediate or pending-reboot")
        elif is_static(family, name) and method == "immediate":
            yield Problem(f"{name} is static and has applyMethod immediate", "pending-reboot")


@policy(
    what="A parameter that could take effect at once, or is changed by the deployment, waits for no reboot unseen.",
    why="Its value is in the group and not in the server until somebody reboots the instance.",
    severity="low",
    how_to_fix="Set applyMethod to immediate, or plan the reboot in the maintenance window.",
    url=RDS_GUIDE + "USER_RebootInstance.html",
    levels=ADVISORY_ONLY,
    types=(tokens.PARAMETER_GROUP, tokens.CLUSTER_PARAMETER_GROUP),
)
def database_reboot_announced(stack: Stack, group: Resource) -> Iterator[Problem]:
    family = family_of(group)
    waiting = [item.name for item in parameters_of(group) if required(item.method) == "pending-reboot"]
    if at_once := sorted(name for name in waiting if not needs_restart(family, name)):
        yield Problem(
            f"{', '.join(at_once)} takes effect after a reboot only", "immediate, or a reboot that is planned"
        )
    former = stack.before.graph.get(group.urn) if stack.before is not None else None
    if former is None:
        return
    with about(former):
        before = _values(former, waiting)
    now = _values(group, waiting)
    if changed := sorted(name for name in waiting if name not in at_once and before.get(name) != now.get(name)):
        yield Problem(
            f"{', '.join(changed)} is changed, and takes effect after a reboot only", "a reboot that is planned"
        )


def _values(group: Resource, names: list[str]) -> dict[str, str]:
    return {item.name: optional(item.value, "") for item in parameters_of(group) if item.name in names}


@policy(
    what="A database refuses connections without TLS.",
    why="A client that forgets TLS sends its password and its data in clear.",
    severity="high",
    how_to_fix="Set require_secure_transport (MySQL, MariaDB) or rds.force_ssl (PostgreSQL) to 1 in its parameter group.",
    url=RDS_GUIDE + "mysql-ssl-connections.html",
    references="CKV2_AWS_69 RDS.38 RDS.39 RDS.44",
    types=_SERVERS,
    also=(tokens.PARAMETER_GROUP, tokens.CLUSTER_PARAMETER_GROUP),
)
def database_tls_required(stack: Stack, database: Resource) -> Iterator[Problem]:
    if is_aurora_cluster(database):
        return  # whose instances have the group
    engine = required(engine_of(stack.graph, database))
    if engine not in STANDARD_SUPPORT:
        return
    name = _ON.get(engine, "rds.force_ssl")
    value, group = parameter(parameter_groups(stack.graph, database), name)
    if value is None:
        version = major_version(engine, engine_version(stack.graph, database)) or "0"
        if engine in _BY_DEFAULT and version_order(version) >= _BY_DEFAULT[engine]:
            return
        yield Problem(f"{name} is not set in {group}", "1")
    elif value.lower() not in _TRUE:
        yield Problem(f"{name} is {value[:20]} in {group}", "1")
