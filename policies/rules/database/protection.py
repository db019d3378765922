"""Policies that keep a database safe: unreachable from the internet, encrypted, backed up, and not lost by a slip."""

from __future__ import annotations

from collections.abc import Iterator

from policies.budget.words import counted
from policies.facts.database.managed_passwords import GLOBAL_CLUSTER, copies, unmanageable
from policies.facts.database.multi_az_clusters import has_instances_itself
from policies.facts.database.replicas import is_replica
from policies.facts.network.security_groups import RULE_TYPES, group_of, public, ranges_of
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import optional, read, read_flag, read_text, refuse, required
from policies.resources.references import belonging, made_here, named
from policies.resources.requested import asked_flag, asked_integer, asked_list, asked_text
from policies.resources.tokens import DB_CLUSTER, DB_CLUSTER_INSTANCE, DB_INSTANCE, SECURITY_GROUP
from policies.rules.policy import EVERYWHERE, PRD_ONLY, hub, setting
from policies.rules.property_checks import at_least, flag, stated
from policies.rules.rule import Problem, Stack, about, policy

_MOST_DAYS = 35
_PASSWORDS = ("password", "passwordWo", "masterPassword", "masterPasswordWo")


@policy(
    what="No security group of a database lets in a public address range.",
    why="Only the address range stands between the internet and the database's login.",
    severity="critical",
    how_to_fix="Name the security group of each workload as the source (referencedSecurityGroupId) instead of a range.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html",
    levels=EVERYWHERE,
    references="AwsSolutions-RDS8 EC2.19",
    settings=(setting("prefixLists", (), "Prefix lists outside the stack that hold private ranges only: ids."),),
    types=(DB_INSTANCE, DB_CLUSTER),
    also=RULE_TYPES,
)
def database_closed_to_internet(stack: Stack, database: Resource) -> Iterator[Problem]:
    if asked_list(database, "vpcSecurityGroupIds") in (Absent("vpcSecurityGroupIds"), Present([])):
        yield Problem("vpcSecurityGroupIds is not set: the VPC's default group holds for it", "a group of its own")
        return
    groups, lists = (named(stack.graph, database, SECURITY_GROUP, "vpcSecurityGroupIds"), stack.texts("prefixLists"))
    for key in sorted(groups):
        if stack.graph.get(key) is None:
            refuse("vpcSecurityGroupIds", f"names {key}, which is no group of this stack: its rules are not known")
    for rule in stack.graph.of_type(*sorted(RULE_TYPES)):
        if group_of(stack.graph, rule).keys & groups:
            with about(rule):
                let_in = [
                    (cidr, opening.shown)
                    for opening in stack.facts.openings_of(rule)
                    for cidr in filter(public, ranges_of(stack.graph, opening, lists) if opening.ingress else ())
                ]
            for cidr, what in let_in:
                yield Problem(f"{rule.name} lets in {cidr} on {what}", "private sources only")


@policy(
    what="A database's automated backups are kept long enough.",
    why="A fault is often noticed days later, and without a backup from before it nothing brings the data back.",
    severity="high",
    how_to_fix="Raise backupRetentionPeriod (0 switches backups off, 35 is the most), and keep deleteAutomatedBackups off.",
    references="CKV_AWS_133 AwsSolutions-RDS13 RDS.11 RDS.50",
    settings=(setting("minimumDays", 7, "Days that backups are kept at least.", dev=1),),
    types=(DB_INSTANCE, DB_CLUSTER),
)
def database_backups(stack: Stack, database: Resource) -> Iterator[Problem]:
    if is_replica(database):
        return  # its source has them; nor does Security Hub's RDS.11 ask for them by default
    default = 1 if database.type == DB_CLUSTER else 0
    check = at_least("minimumDays", "days", "backupRetentionPeriod", default=default)
    yield from check(stack, database)
    days = asked_integer(database, "backupRetentionPeriod")
    if optional(asked_flag(database, "deleteAutomatedBackups"), False):
        yield Problem("deleteAutomatedBackups is true: the backups go with the database", "false")
    if isinstance(days, Present) and days.value > _MOST_DAYS:
        yield Problem(f"backupRetentionPeriod is {days.value}, which RDS refuses", f"at most {_MOST_DAYS} days")


@policy(
    what="Deleting a database leaves a last snapshot.",
    why="Automated backups go with the instance; the final snapshot is what remains.",
    severity="high",
    how_to_fix="Set skipFinalSnapshot to false and give finalSnapshotIdentifier.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
    levels=PRD_ONLY,
    types=(DB_INSTANCE, DB_CLUSTER),
)
def database_final_snapshot(stack: Stack, database: Resource) -> Iterator[Problem]:
    skipped = read_flag(database, "skipFinalSnapshot")  # AWS computes none
    if is_replica(database):
        if not optional(skipped, False):
            yield Problem(
                f"{stated('skipFinalSnapshot', skipped, 'false')}, and RDS takes no last snapshot of a read replica: it cannot be deleted",
                "true",
            )
    elif not isinstance(skipped, Absent) and required(skipped):
        yield Problem("skipFinalSnapshot is true", "false")
    elif made_here(stack.graph, database, "finalSnapshotIdentifier"):
        return  # a name that is made of another resource is one
    elif isinstance(asked_text(database, "finalSnapshotIdentifier"), Absent):
        yield Problem(
            "finalSnapshotIdentifier is not set, so that a deletion fails half-way", "a name for the snapshot"
        )
    elif not required(read_text(database, "finalSnapshotIdentifier")).strip():
        yield Problem("finalSnapshotIdentifier is empty", "a name for the snapshot")


@policy(
    what="A database survives the loss of an Availability Zone.",
    why="A single instance is down for as long as its zone, and for every change that restarts it.",
    severity="high",
    how_to_fix="Set multiAz to true; give an Aurora cluster a second instance.",
    levels=PRD_ONLY,
    references="CKV_AWS_157 AwsSolutions-RDS3 RDS.5 RDS.15",
    types=(DB_INSTANCE, DB_CLUSTER),
    also=(DB_CLUSTER_INSTANCE,),
)
def database_multi_az(stack: Stack, database: Resource) -> Iterator[Problem]:
    if database.type == DB_INSTANCE:
        yield from flag("multiAz", wanted=True, default=False)(stack, database)
        return
    members = belonging(stack.graph, database, DB_CLUSTER_INSTANCE, "clusterIdentifier")
    # A Multi-AZ DB cluster, which is no Aurora, has its instances by itself.
    if len(members) < 2 and not has_instances_itself(database):
        yield Problem(
            f"the cluster has {counted(len(members), 'instance')} in this stack",
            "at least 2, which Aurora spreads over zones",
        )


@policy(
    what="Changes of a database wait for its maintenance window, which is chosen.",
    why="Applied at once, a change of class or version restarts the database in the middle of the day.",
    severity="medium",
    how_to_fix='Set applyImmediately to false and maintenanceWindow to quiet hours, such as "sat:18:30-sat:19:30" (UTC).',
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html",
    levels=PRD_ONLY,
    types=(DB_INSTANCE, DB_CLUSTER),
)
def database_change_window(_: Stack, database: Resource) -> Iterator[Problem]:
    at_once = asked_flag(database, "applyImmediately")
    if not isinstance(at_once, Absent) and required(at_once):
        yield Problem("applyImmediately is true", "false")
    prop = "preferredMaintenanceWindow" if database.type == DB_CLUSTER else "maintenanceWindow"
    if isinstance(asked_text(database, prop), Absent):
        yield Problem(f"{prop} is not set, so that AWS picks one at random", "a window of your choice")
    else:
        required(read_text(database, prop))


@policy(
    what="RDS keeps and rotates the password of a database's administrator.",
    why="A password that a program passes stands in the state and in its configuration, and nobody changes it.",
    severity="high",
    how_to_fix="Set manageMasterUserPassword to true and remove password; the other way round where RDS cannot keep it.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html",
    levels=EVERYWHERE,
    types=(DB_INSTANCE, DB_CLUSTER),
    also=(GLOBAL_CLUSTER,),
)
def database_password_managed(stack: Stack, database: Resource) -> Iterator[Problem]:
    # Any value counts, also an unknown one: what matters is that the program passes a password.
    passed = [key for key in _PASSWORDS if not isinstance(read(database, key), Absent)]
    managed, refused = read_flag(database, "manageMasterUserPassword"), unmanageable(stack.graph, database)
    if refused and optional(managed, False):
        yield Problem(f"manageMasterUserPassword is true, and RDS {refused}", "no manageMasterUserPassword")
    if refused and not copies(database):
        return  # a password that is passed is the only way
    for key in passed:
        yield Problem(f"{key} is passed by the program", "no password in the program")
    if copies(database) or not isinstance(asked_text(database, "snapshotIdentifier"), Absent):
        return  # the source's, and the snapshot's
    if passed and isinstance(managed, Absent):
        return  # AWS takes the one or the other
    if isinstance(managed, Absent) or not required(managed):
        yield Problem(stated("manageMasterUserPassword", managed, "false"), "true")


database_not_public = policy(
    name="database-not-public",
    what="A database has no public address.",
    why="A public address makes the whole internet a client: passwords are tried within minutes of its creation.",
    severity="critical",
    how_to_fix="Set publiclyAccessible to false and connect from inside the VPC.",
    levels=EVERYWHERE,
    references="CKV_AWS_17 RDS.2",
    types=(DB_INSTANCE, DB_CLUSTER_INSTANCE, DB_CLUSTER),
)(flag("publiclyAccessible", wanted=False, default=False))

database_encrypted = policy(
    name="database-encrypted",
    what="A database's storage is encrypted.",
    why="Snapshots and copies inherit it, and it cannot be switched on later without a new database.",
    severity="high",
    how_to_fix="Set storageEncrypted to true.",
    references="CKV_AWS_16 CKV_AWS_96 AwsSolutions-RDS2 RDS.3 RDS.27",
    types=(DB_INSTANCE, DB_CLUSTER),
)(flag("storageEncrypted", wanted=True, default=False))

database_deletion_protection = policy(
    name="database-deletion-protection",
    what="A database cannot be deleted without a change of its own first.",
    why="One wrong replacement in a program deletes the data of everybody.",
    severity="high",
    how_to_fix="Set deletionProtection to true.",
    url=hub("RDS.8"),
    levels=PRD_ONLY,
    references="CKV_AWS_139 CKV_AWS_293 AwsSolutions-RDS10 RDS.7 RDS.8",
    types=(DB_INSTANCE, DB_CLUSTER),
)(flag("deletionProtection", wanted=True, default=False))
