"""The policy `max-connections-fits-class`: a literal that the instance's memory carries."""

from __future__ import annotations

from collections.abc import Iterator

from policies.budget.classes import GIB, nominal_memory
from policies.budget.engines import engine_name
from policies.budget.supply import FAR_ABOVE, risky_above
from policies.facts.database.multi_az_clusters import CLASS, is_aurora_cluster
from policies.facts.database.parameter_groups import parameter, parameter_groups
from policies.facts.finding import Finding
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.reading import optional, read_text
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, policy, stack_policy


@stack_policy(
    what="A literal max_connections is not far above what the memory of the instance class carries.",
    why="RDS stops an instance whose parameters need more memory than it has, at the status incompatible-parameters.",
    severity="high",
    how_to_fix="Lower max_connections, or take a larger instance class.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html",
    settings=(
        setting(
            "timesDefault",
            FAR_ABOVE,
            "How many times the default for the class's whole memory are admitted.",
            minimum=1,
        ),
    ),
    types=tokens.DATABASE_SIDE,
)
def max_connections_fits_class(stack: Stack) -> Iterator[Finding]:
    times = stack.number("timesDefault")
    for database in stack.facts.databases:
        supply = database.supply
        if supply is None or supply.estimated:
            continue  # connection-budget reports what cannot be determined; an estimate follows the memory
        most = risky_above(supply, times)
        if most is None:
            yield Finding.of(
                database.urn,
                database.name,
                f'the memory of the class "{supply.instance_class}" is not known, so whether it carries max_connections '
                f"{supply.max_connections} is undecided",
                required="a class whose memory is known",
                fix="Use a class from the pack's table.",
            )
        elif supply.max_connections > most:
            yield Finding.of(
                database.urn,
                database.name,
                f"max_connections is {supply.max_connections} ({supply.source}) on {supply.instance_class}",
                required=f"at most {most}, {times} times the default of {engine_name(supply.engine)} for the class's whole memory: "
                "beyond it the instance may stop at the status incompatible-parameters",
                fix="Lower max_connections or take a larger class.",
            )


_POOL = "innodb_buffer_pool_size"
_MOST_OF_MEMORY = 0.8
"""RDS's own default is three quarters (RDS User Guide, Best practices for MySQL)."""


@policy(
    what="A buffer pool in bytes leaves memory of the instance's class to connections.",
    why="Where it is all, the server does not start again, at the status incompatible-parameters, or dies with its first connections.",
    severity="high",
    how_to_fix="Write innodb_buffer_pool_size as {DBInstanceClassMemory*3/4}, which follows the class, or leave it out.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html",
    types=(tokens.DB_INSTANCE, tokens.DB_CLUSTER_INSTANCE, tokens.DB_CLUSTER),
    also=(tokens.PARAMETER_GROUP, tokens.CLUSTER_PARAMETER_GROUP),
)
def buffer_pool_fits_class(stack: Stack, database: Resource) -> Iterator[Problem]:
    if is_aurora_cluster(database):
        return  # whose instances have the class
    prop = CLASS if database.type == tokens.DB_CLUSTER else "instanceClass"
    memory = nominal_memory(optional(read_text(database, prop), ""))
    if memory is None:
        return  # database-class-current and max-connections-fits-class say what is wrong with the class
    value, group = parameter(parameter_groups(stack.graph, database), _POOL)
    if value is not None and value.isascii() and value.isdigit() and int(value) > memory * _MOST_OF_MEMORY:
        yield Problem(
            f"{_POOL} is {int(value) / GIB:.1f} GiB in {group}, of the {memory / GIB:g} GiB of its class",
            f"at most {memory * _MOST_OF_MEMORY / GIB:.1f} GiB",
        )
