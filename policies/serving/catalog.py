"""The policies: name, what, why, severity, how to fix, level per stage. Documentation and the pack are made from this list."""

from __future__ import annotations

from policies.budget.supply import FAR_ABOVE
from policies.rules.budget.idle_timeouts import LONGEST, MARGIN_MS, SHORTEST
from policies.rules.policy import EVERYWHERE, STRICT_IN_PRD, Level, PolicySpec, setting
from policies.rules.service_connect.proxy_size import PROXY_CPU, PROXY_MEMORY_MIB
from policies.serving.evaluation import EXCEPTIONS_SHOWN, EXCEPTIONS_VALID
from policies.serving.rulebook import RULES

__all__ = ["CATALOG", "Level", "PolicySpec"]

CONNECTION_BUDGET = PolicySpec(
    name="connection-budget",
    what="All applications together can open at most max_connections connections on their database.",
    why=(
        "Pools without a limit, or limits that only fit until the next roll-out, end in error 1040, Too many connections, "
        "for every client at once. What counts is the most tasks alive at once: roll-outs, autoscaling, overlapping jobs."
    ),
    severity="critical",
    how_to_fix=(
        "Lower DB_CONN_LIMIT or the task maximum of a workload, or raise max_connections with a class whose memory covers "
        "it; the message holds the largest values that fit."
    ),
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
    levels=EVERYWHERE,
    kind="stack",
)

CONNECTION_BUDGET_AT_REGISTRATION = PolicySpec(
    name="connection-budget-at-registration",
    what="No resource is created or changed that proves the connection budget broken.",
    why=(
        "Stack policies run after everything exists when a preview was skipped. Demand only grows while resources are "
        "registered, so the first resource that takes it over max_connections is proof enough to refuse it."
    ),
    severity="critical",
    how_to_fix="Run a preview: connection-budget shows the whole table and the largest values that fit.",
    url="https://www.pulumi.com/docs/iac/crossguard/core-concepts/",
    levels=EVERYWHERE,
    kind="resource",
)

MAX_CONNECTIONS_FITS_CLASS = PolicySpec(
    name="max-connections-fits-class",
    what="A literal max_connections is not far above what the memory of the instance class carries.",
    why="RDS stops an instance whose parameters need more memory than it has, at the status incompatible-parameters.",
    severity="high",
    how_to_fix="Lower max_connections, or take a larger instance class.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html",
    levels=STRICT_IN_PRD,
    kind="stack",
    settings=(
        setting(
            "timesDefault",
            FAR_ABOVE,
            "How many times the default for the class's whole memory are admitted.",
            minimum=1,
        ),
    ),
)

WAIT_TIMEOUT = PolicySpec(
    name="wait-timeout",
    what="wait_timeout and interactive_timeout are set, equal and short.",
    why=(
        "MySQL keeps a sleeping session for 28800 seconds (8 hours) by default: every leaked one holds a connection that "
        "nobody else can have until then."
    ),
    severity="high",
    how_to_fix="Set both to 60 in the parameter group that the instance uses.",
    url="https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_wait_timeout",
    levels=STRICT_IN_PRD,
    kind="stack",
    settings=(
        setting("minimumSeconds", SHORTEST, "Seconds that a sleeping session lives at least.", minimum=1),
        setting("maximumSeconds", LONGEST, "Seconds that a sleeping session lives at most.", minimum=1, maximum=28_800),
    ),
)

POOL_IDLE_TIME = PolicySpec(
    name="pool-idle-time",
    what="A pool lets an idle connection go before the database does.",
    why="Otherwise the pool hands out a connection that the server has just closed (PROTOCOL_CONNECTION_LOST).",
    severity="medium",
    how_to_fix="Set DB_POOL_IDLE_MS at least 5 seconds below wait_timeout.",
    url="https://dev.mysql.com/doc/refman/8.4/en/gone-away.html",
    levels=STRICT_IN_PRD,
    kind="stack",
    settings=(setting("marginMs", MARGIN_MS, "Milliseconds by which a pool lets go before the database does."),),
)

SERVICE_CONNECT_CONTRACT = PolicySpec(
    name="service-connect-contract",
    what="Every address a container is given is one that Service Connect serves it: name, port and namespace of the same stage.",
    why=(
        "A name that nobody serves fails at the first request and not at the deployment; a namespace of another stage reaches "
        "that stage's services, with its data."
    ),
    severity="high",
    how_to_fix="Write http://<name>.<namespace>:<port> of a service of the same namespace; the message names the nearest one.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts.html",
    levels=STRICT_IN_PRD,
    kind="stack",
)

REQUEST_TIMEOUT_CHAIN = PolicySpec(
    name="request-timeout-chain",
    what="Along a request's way each hop waits at least as long as the one behind it, and hangs up idle connections later.",
    why=(
        "A hop that gives up first answers 504 while the work goes on behind it; a server that closes an idle connection first "
        "loses the next request on it, a 502."
    ),
    severity="medium",
    how_to_fix=(
        "Load balancer idleTimeout >= Nginx proxy_read_timeout >= Service Connect perRequestTimeoutSeconds; keep-alive times of "
        "servers above idleTimeout."
    ),
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
    levels=STRICT_IN_PRD,
    kind="stack",
)

SERVICE_CONNECT_ROOM = PolicySpec(
    name="service-connect-room",
    what="A task of Service Connect leaves CPU and memory to the proxy beside its containers.",
    why="Every request between services goes through the proxy: starved of CPU it slows all of them, out of memory it takes the task.",
    severity="medium",
    how_to_fix="Raise cpu and memory of the task, or lower what its containers reserve.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html",
    levels=STRICT_IN_PRD,
    kind="stack",
    settings=(
        setting("cpuUnits", PROXY_CPU, "CPU units that are left to the proxy; AWS recommends 256."),
        setting("memoryMib", PROXY_MEMORY_MIB, "MiB of memory that are left to the proxy; AWS recommends at least 64."),
    ),
)

_OWN = (
    CONNECTION_BUDGET,
    CONNECTION_BUDGET_AT_REGISTRATION,
    MAX_CONNECTIONS_FITS_CLASS,
    POOL_IDLE_TIME,
    REQUEST_TIMEOUT_CHAIN,
    SERVICE_CONNECT_CONTRACT,
    SERVICE_CONNECT_ROOM,
    WAIT_TIMEOUT,
    *(rule.spec for rule in RULES),
)
CATALOG: tuple[PolicySpec, ...] = (*sorted(_OWN, key=lambda spec: spec.name), EXCEPTIONS_VALID, EXCEPTIONS_SHOWN)
"""Every policy of the pack by name, and those about exceptions last: they tell what the others excused."""
