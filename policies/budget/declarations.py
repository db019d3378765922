"""What a program declares to the connection budget: tags for what no resource of AWS says, and the variables of a pool.

The one owner of these names: components write them, policies read them, commands show them.
"""

from __future__ import annotations

from dataclasses import dataclass

LIMIT, HOST, IDLE = "DB_CONN_LIMIT", "DB_HOST", "DB_POOL_IDLE_MS"
"""Variables of a container: the most connections of one pool, the database's host, and when a pool lets an idle one go."""

RESERVE_TAG = "budget:reserve"
PROCESSES_TAG = "budget:processes"
POOLS_TAG = "budget:pools-per-process"
OUTSIDE_TAG = "budget:outside-pool"
OVERLAP_TAG = "budget:overlapping-deployments"
LONGEST_RUN_TAG = "budget:longest-run-minutes"
ONE_OFF_TAG = "budget:one-off-tasks"
DATABASE_TAG = "budget:database"
THROUGH_TAG = "budget:through"
CONNECTIONS_TAG = "budget:connections"
ELSEWHERE_TAG = "budget:elsewhere"
SINGLETON_TAG = "budget:singleton"

PLACES_OUTPUT = "budgetPlaces"
"""Output of a component: where its program is changed. What is changed (a variable's name, or one of the following) to a list of
`{"least": N, "change": TEXT}`: TEXT for people, with VALUE in place of the new value, for values from `least` on, the first that holds.
The component is that of the service, schedule or database of its output `name` or `identifier`."""
VALUE = "{value}"
TASKS_PLACE, PROCESSES_PLACE, POOLS_PLACE, MAX_CONNECTIONS_PLACE, CLASS_PLACE = (
    "tasks",
    "processes",
    "pools",
    "max_connections",
    "instance class",
)
SHARED = "shared "
"""Before the name of a variable, or "tasks": the place from which several workloads take the value; it is the same text for all."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One tag. on: what carries it. meaning: what it declares, with its default or when it is required."""

    tag: str
    on: str
    meaning: str


_TASKS, _OTHERS = "task definition", "other clients"
DECLARATIONS = (
    Declaration(RESERVE_TAG, "database instance or cluster",
                "connections kept for administrators and RDS; required, PostgreSQL: at least 5"),
    Declaration(ELSEWHERE_TAG, "database instance or cluster",
                "the most connections of clients outside the stack, 0 for none; required where its security groups let "
                "in a group, an address range or a prefix list of somewhere else, or its Data API is on"),
    Declaration(PROCESSES_TAG, _TASKS,
                "processes of a task with a pool each (1; required where variables or flags show several)"),
    Declaration(POOLS_TAG, _TASKS, f"pools of `{LIMIT}` in a process (1; required where variables show a second)"),
    Declaration(OUTSIDE_TAG, _TASKS, "connections of a task that no pool counts (0)"),
    Declaration(OVERLAP_TAG, _TASKS, '`"true"`: a deployment may start while the one before drains'),
    Declaration(LONGEST_RUN_TAG, _TASKS, "the longest run of a batch job; required for what a schedule starts"),
    Declaration(ONE_OFF_TAG, _TASKS, "copies at once beside services and schedules; required where neither runs it"),
    Declaration(DATABASE_TAG, f"{_TASKS}, {_OTHERS}",
                "the database's identifier or logical name, of several separated by spaces; required where several or "
                "none can be reached"),
    Declaration(THROUGH_TAG, _TASKS,
                "the pooling service of the stack (PgBouncer) that all its connections go through"),
    Declaration(CONNECTIONS_TAG, _TASKS, "0: opens none, where it can reach a database and no variable shows one"),
    Declaration(CONNECTIONS_TAG, _OTHERS,
                "the most connections it opens at once, 0 for none; required where it can reach a database"),
    Declaration(SINGLETON_TAG, f"{_TASKS}, or its service",
                '`"true"`: a scheduler or the like, of which a second task may never start; `"false"`: several are '
                'safe'),
)  # fmt: skip
"""Every tag, in the order of the documentation."""
