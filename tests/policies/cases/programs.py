"""Small programs of others, each with one thing that a pack is easily wrong about."""

from collections.abc import Mapping

from tests.policies.cases.base import LIMITED, Base


def celery_concurrency() -> None:
    """Eight processes beside a limit of 10."""
    base = Base()
    base.database()
    command = ["celery", "-A", "shop", "worker", "-l", "info", "--concurrency=8"]
    base.service("worker", base.task("worker", LIMITED, command=command).arn)


def pool_size_variable_beside_limit() -> None:
    """A pool of 100 and 30 beside a limit of 10."""
    base = Base()
    base.database()
    pool = {"SQLALCHEMY_POOL_SIZE": "100", "SQLALCHEMY_MAX_OVERFLOW": "30"}
    base.service("api", base.task("api", {**LIMITED, **pool}).arn)


def task_definition_in_apply_no_database() -> None:
    """A definition that is made inside apply, as libraries do whose inputs are outputs; the database is another stack's."""
    base = Base()
    secrets = {"DATABASE_URL": "arn:aws:ssm:us-east-1:123456789012:parameter/dev/api/DATABASE_URL"}
    made = base.cluster.id.apply(lambda _: base.task("api", {"NODE_ENV": "x"}, secrets))
    base.service("api", made.apply(lambda definition: definition.arn))


def one_known_and_one_unknown() -> None:
    """A client that fits, and one whose definition is made inside apply."""
    base = Base()
    base.database()
    base.service("api", base.task("api", {**LIMITED, "DB_CONN_LIMIT": "3"}).arn)
    made = base.cluster.id.apply(lambda _: base.task("worker", LIMITED))
    base.service("worker", made.apply(lambda definition: definition.arn))


def singleton_scheduler(tags: Mapping[str, str] | None = None) -> None:
    """A scheduler of which one may run: two would start every periodic task twice."""
    base = Base()
    base.database()
    beat = base.task("beat", {**LIMITED, "DB_CONN_LIMIT": "2"}, command=["celery", "-A", "shop", "beat"], tags=tags)
    base.service("beat", beat.arn, count=1, deployment_minimum_healthy_percent=0, deployment_maximum_percent=100)


def declared_scheduler() -> None:
    """The same, as its tag says."""
    singleton_scheduler({"budget:singleton": "true"})


def sentry_dsn_as_secret() -> None:
    """An address with a public key, which its name calls a secret."""
    base = Base()
    dsn = "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/2"
    base.service("api", base.task("api", {"SENTRY_DSN": dsn}).arn)


def sentry_dsn_with_secret_part() -> None:
    """The form of old, with a secret key behind the public one."""
    base = Base()
    key = "0123456789abcdef0123456789abcdef"
    base.service("api", base.task("api", {"SENTRY_DSN": f"https://{key}:{key}@o1.ingest.sentry.io/2"}).arn)


def database_without_group_and_no_way_out() -> None:
    """A database in the default VPC, and tasks in subnets without a way out for the image pull."""
    base = Base()
    base.instance()
    base.service("api", base.task("api", {**LIMITED, "DB_CONN_LIMIT": "3"}).arn)
