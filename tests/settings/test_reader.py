"""The real stages read as they are meant, and everything that is wrong is said at once, in full."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from settings import reader as settings_reader
from settings.merged import Settings
from settings.problems import SettingsError
from settings.workloads import Tasks
from tests.project import PROJECT as P
from tests.settings.reading import problems_of, settings_of

Values = dict[str, Any]


def test_dev_has_the_limits_and_tasks_of_the_real_input(stage_settings: Callable[[str], Settings]) -> None:
    settings = stage_settings("dev")
    assert {s.name: (s.database, s.db_conn_limit, s.tasks) for s in settings.services if s.database} == {
        "datalab-api": (True, 5, Tasks(min=1, max=1)),
        "legacy-api": (True, 5, Tasks(min=1, max=1)),
        "tracking-api": (True, 10, Tasks(min=1, max=1)),
    }
    assert {j.name: (j.image, j.db_conn_limit, j.longest_run_minutes, j.timezone) for j in settings.jobs} == {
        "category-batch": ("datalab-api", 2, 40, "Asia/Seoul"),
        "ranking-batch": ("tracking-api", 2, 180, "Asia/Seoul"),
    }
    assert (settings.database.max_connections, settings.database.reserve) == (60, 5)


def test_prd_has_the_limits_and_tasks_of_the_real_input(stage_settings: Callable[[str], Settings]) -> None:
    settings = stage_settings("prd")
    assert {s.name: (s.tasks.min, s.tasks.max) for s in settings.services} == {
        "datalab-api": (2, 6),
        "gateway": (5, 5),
        "legacy-api": (2, 4),
        "tracking-api": (2, 6),
    }
    assert {w.db_conn_limit for w in (*settings.services, *settings.jobs) if w.database} == {32}
    assert (settings.database.instance_class, settings.database.multi_az) == ("db.r5.xlarge", True)


def test_the_sources_of_settings_merge_in_their_order(stage_values: Callable[[str], Values]) -> None:
    """Built-in < stage defaults < catalogue < stage override; environments merge, lists of names add up."""
    values = stage_values("dev")
    values[f"{P}:serviceDefaults"] |= {"cpu": 512, "memory": 1024, "environment": {"A": "default", "B": "default"}}
    values[f"{P}:services"]["datalab-api"] |= {"memory": 2048, "environment": {"B": "catalogue"}, "secrets": ["S"]}
    values[f"{P}:serviceOverrides"]["datalab-api"] = {"environment": {"C": "stage"}, "secrets": ["T"]}
    merged = {s.name: s for s in settings_of(values).services}
    datalab, gateway = merged["datalab-api"], merged["gateway"]
    assert (datalab.cpu, datalab.memory, gateway.memory, datalab.port) == (512, 2048, 1024, 3000)
    assert datalab.environment == {"A": "default", "B": "catalogue", "C": "stage", "LOG_LEVEL": "debug"}
    assert datalab.secrets == ("S", "T")


def test_a_service_is_added_in_eight_lines_or_fewer(stage_values: Callable[[str], Values]) -> None:
    values = stage_values("dev")
    values[f"{P}:services"]["search-api"] = {"path": "/search*", "priority": 400}
    assert "search-api" in {s.name for s in settings_of(values).services}


def test_all_problems_come_at_once_each_with_file_key_found_allowed_and_example(
    stage_values: Callable[[str], Values],
) -> None:
    values = stage_values("dev")
    del values[f"{P}:stage"]
    values[f"{P}:network"] = {"cidr": "10.10.0.0/16", "zones": 3}
    values[f"{P}:serviceOverrides"]["tracking-api"] = {"dbConnLimit": "10"}
    values[f"{P}:serviceOverrides"]["datalab-api"] = {"tasks": {"min": 3, "max": 1}}
    found = problems_of(values)
    assert [(p.file, p.key) for p in found] == [
        ("Pulumi.dev.yaml", "stage"),
        ("Pulumi.dev.yaml", "network.zones"),
        ("Pulumi.dev.yaml", "serviceOverrides.tracking-api.dbConnLimit"),
        ("Pulumi.dev.yaml", "serviceOverrides.datalab-api.tasks"),
    ]
    assert str(found[2]) == (
        "Pulumi.dev.yaml:35 serviceOverrides.tracking-api.dbConnLimit\n"
        '    found:   "10"\n'
        "    allowed: a valid integer (DB_CONN_LIMIT, the size of one connection pool in one process)\n"
        "    example: dbConnLimit: 5"
    )
    assert str(found[3]) == (
        "Pulumi.dev.yaml:33 serviceOverrides.datalab-api.tasks\n"
        "    found:   min 3, max 1\n"
        "    allowed: min at most max\n"
        "    example: tasks: {min: 1, max: 3}"
    )


def test_the_report_counts_the_problems_and_says_that_nothing_was_created(
    stage_values: Callable[[str], Values],
) -> None:
    values = stage_values("dev")
    del values[f"{P}:cluster"]
    with pytest.raises(SettingsError, match=r"^The settings have 1 problem; nothing was created\.\n"):
        settings_of(values)


def _set(*path: str, to: Any) -> Callable[[Values], None]:
    def change(values: Values) -> None:
        target = values[f"{P}:{path[0]}"]
        for part in path[1:-1]:
            target = target.setdefault(part, {})
        target[path[-1]] = to

    return change


def _new_service(name: str, **entry: Any) -> Callable[[Values], None]:
    return lambda values: values[f"{P}:services"].update({name: entry})


_NIGHTLY = {"image": "gateway", "schedule": "rate(1 day)"}


def _https(**entry: Any) -> Callable[[Values], None]:
    return lambda values: values.update({f"{P}:loadBalancer": entry})


def _existing() -> Callable[[Values], None]:
    once, twice = ["subnet-0aa1b2c3", "subnet-0bb1b2c3"], ["subnet-0aa1b2c3", "subnet-0aa1b2c3"]
    subnets = {"publicSubnetIds": twice, "privateSubnetIds": once, "databaseSubnetIds": once}
    return lambda values: values.update({f"{P}:network": {"existing": {"vpcId": "vpc-0a1b2c3d", **subnets}}})


@pytest.mark.parametrize(
    ("change", "key", "found", "allowed"),
    [
        (_set("database", "maxConections", to=60), "database.maxConections", "did you mean maxConnections?", "the keys "),
        (_set("database", "maxConnections", to=True), "database.maxConnections", "true", "a valid integer"),
        (_set("database", "reserve", to=60), "database.reserve", "60", "reserve 60 leaves nothing of maxConnections 60"),
        (_set("database", "engineVersion", to="8.0"), "database.engineVersion", "8.0", "left RDS standard support in July 2026"),
        (_set("database", "performanceInsights", to=True), "database.performanceInsights", "true", "on no micro or small class"),
        (_set("database", "instanceClass", to="db.t2.micro"), "database.instanceClass", "db.t2.micro", "a previous generation"),
        (_set("database", "name", to="mysql"), "database.name", "mysql", "a schema of MySQL itself"),
        (_set("platform", "owner", to="A & B"), "platform.owner", "A & B", "has &, and AWS takes letters, digits"),
        (_set("serviceOverrides", "gateway", to={"owner": "#1"}), "serviceOverrides.gateway.owner", "#1", "has #"),
        (_set("platform", "project", to="a..b"), "platform.project", "a..b", "match pattern"),
        (_set("platform", "project", to="a" * 64), "platform.project", "a", "match pattern"),
        (_https(certificateArn="arn:aws:acm:"), "loadBalancer.certificateArn", "arn:aws:acm:", "match pattern"),
        (_https(domain="-a.example.com", hostedZoneId="Z0123456"), "loadBalancer.domain", "-a.example.com", "match pattern"),
        (_https(domain=f"{'a' * 60}.example.com", hostedZoneId="Z0123456"), "loadBalancer.domain", "aaa", "has 72 characters, and ACM"),
        (_existing(), "network.existing.publicSubnetIds", "subnet-", "publicSubnetIds names subnet-0aa1b2c3 more than once"),
        (_set("network", "cidr", to="10.10.0.0/28"), "network.cidr", "10.10.0.0/28", "/16"),
        (_set("network", "cidr", to="banana"), "network.cidr", "banana", "CIDR"),
        (_set("network", "natGateways", to=3), "network.natGateways", "3", "one per Availability Zone"),
        (_set("logs", "retentionDays", to=15), "logs.retentionDays", "15", "set 14 or 30"),
        (_set("loadBalancer", "httpOnly", to=False), "loadBalancer.httpOnly", "false", "HTTPS needs domain and hostedZoneId"),
        (_set("cluster", "spotWeight", to=-1), "cluster.spotWeight", "-1", "greater than or equal to 0"),
        (
            _new_service("second-api", path="/datalab*", priority=400),
            "services.second-api.path",
            '"/datalab*" in datalab-api and second-api',
            "one service a path",
        ),
        (
            _new_service("second-api", path="/second*", priority=100),
            "services.second-api.priority",
            "100 in datalab-api and second-api",
            "PriorityInUse",
        ),
        (
            _new_service("second-api", path="/second*", priority=50_001),
            "services.second-api.priority",
            "50001",
            "less than or equal to 50000",
        ),
        (_new_service("second-api", path="/second*"), "services.second-api.priority", "nothing", "from 1 to 50,000"),
        (
            _new_service("hidden-api", path="/datalab/hidden*", priority=400),
            "services.hidden-api.priority",
            "400",
            "hidden-api",
        ),
        (_new_service("category-analyzer-frontend"), "services.category-analyzer-frontend", "frontend", "32"),
        (_new_service("builds"), "services.builds", "builds", "the log group of the stage's builds"),
        (_new_service("admin", database=True), "services.admin", "admin", "the master user's"),
        (_set("jobs", "n" * 33, to=_NIGHTLY | {"database": True}), f"jobs.{'n' * 33}", "n", "at most 32"),
        (_set("cluster", "namespace", to="Dev-NS"), "cluster.namespace", "Dev-NS", "lowercase letters"),
        (_set("cluster", "namespace", to="n" * 120), "cluster.namespace", "n", "AWS allows at most 127: shorten it by 6"),
        (_new_service("Search_Api"), "services.Search_Api", "Search_Api", "lower-case letters"),
        (
            _set("serviceOverrides", "gateway", to={"cpu": 256, "memory": 4096}),
            "serviceOverrides.gateway.memory",
            "cpu 256 with memory 4096",
            "2048",
        ),
        (
            _set("services", "gateway", "requires", to=["MSI_API_URL"]),
            "serviceOverrides.gateway.environment.MSI_API_URL",
            "no MSI_API_URL",
            "requires MSI_API_URL in every stage",
        ),
        (
            _set("serviceOverrides", "legacy-api", "environment", "MSI_API_KEY", to="plain"),
            "serviceOverrides.legacy-api.environment.MSI_API_KEY",
            "MSI_API_KEY, and MSI_API_KEY in Pulumi.yaml:46 services.legacy-api.secrets.MSI_API_KEY",
            "each variable once",
        ),
        (_set("serviceDefaults", "dbConnLimit", to=None), "serviceOverrides.datalab-api.dbConnLimit", "nothing", "unbounded"),
        (_set("serviceDefaults", "dbConnLimit", to=0), "serviceDefaults.dbConnLimit", "0", "greater than or equal to 1"),
        (
            _set("serviceOverrides", "datalab-api", to={"dbPoolIdleMs": 60_000}),
            "serviceOverrides.datalab-api.dbPoolIdleMs",
            "60000",
            "below the server's wait_timeout (60000 ms)",
        ),
        (
            _set("serviceOverrides", "gateway", to={"requestTimeoutSeconds": 90}),
            "serviceOverrides.gateway.requestTimeoutSeconds",
            "requestTimeoutSeconds 90",
            "a deployment cuts such requests off",
        ),
        (_set("jobs", "ranking-batch", "schedule", to="cron(0 2 * * *)"), "jobs.ranking-batch.schedule", "cron(0 2 * * *)", "six"),
        (_set("jobs", "ranking-batch", "timezone", to="Asia/Seol"), "jobs.ranking-batch.timezone", "Asia/Seol", "as Asia/Seoul"),
        (_set("database", "instanceClass", to="db.foo.bar"), "database.instanceClass", "db.foo.bar", "match pattern"),
        (_set("jobs", "ranking-batch", "longestRunMinutes", to=None), "jobs.ranking-batch.longestRunMinutes", "nothing", "required"),
        (_set("jobs", "ranking-batch", "image", to="nobody"), "jobs.ranking-batch.image", "nobody", "a service whose image"),
        (_set("jobs", "gateway", to={"image": "gateway", "schedule": "rate(1 day)"}), "jobs.gateway", "is a service, too", "family"),
        (_set("serviceOverrides", "nobody", to={}), "serviceOverrides.nobody", "no service of that name", "datalab-api"),
    ],
)  # fmt: skip
def test_each_bad_setting_is_named_with_what_is_allowed(
    stage_values: Callable[[str], Values], change: Callable[[Values], None], key: str, found: str, allowed: str
) -> None:
    values = stage_values("dev")
    change(values)
    problem = next(p for p in problems_of(values) if p.key == key)
    assert found in problem.found
    assert allowed in problem.allowed
    assert problem.example
    assert problem.file in ("Pulumi.yaml", "Pulumi.dev.yaml")


@pytest.mark.parametrize("stage", ["awsdev", "my-dev", "sg"])
def test_a_stage_whose_name_cannot_begin_others(stage_values: Callable[[str], Values], stage: str) -> None:
    (problem,) = problems_of(stage_values("dev"), stage)
    assert (problem.file, problem.key, problem.found) == (f"Pulumi.{stage}.yaml", "the stage's name", f'"{stage}"')


def test_an_unknown_key_of_the_project_is_refused_and_other_namespaces_are_not(
    stage_values: Callable[[str], Values],
) -> None:
    values = stage_values("dev") | {f"{P}:serviceOveride": {}, "aws:profile": "team"}
    assert [(p.key, p.found) for p in problems_of(values)] == [
        (f"{P}:serviceOveride", f"unknown key; did you mean {P}:serviceOverrides?")
    ]


def test_an_encrypted_email_stays_secret_and_an_encrypted_environment_is_refused(
    stage_values: Callable[[str], Values],
) -> None:
    values = stage_values("prd")
    secret = frozenset({f"{P}:notifications"})
    assert settings_of(values, "prd", secret_keys=secret).notifications_secret is True
    found = problems_of(values, "prd", secret_keys=secret | {f"{P}:serviceOverrides"})
    assert [(p.key, p.found) for p in found] == [("serviceOverrides", "an encrypted value (secure:)")]


@pytest.mark.parametrize(
    ("engine", "given", "expected"),
    [("/project", None, "/project"), (None, None, "."), ("/project", "/other", "/other")],
    ids=["the engine's", "an inline program's", "the caller's"],
)
def test_the_folder_with_the_env_files(
    monkeypatch: pytest.MonkeyPatch, engine: str | None, given: str | None, expected: str
) -> None:
    """Pulumi's Automation API names no root directory to an inline program."""
    monkeypatch.setattr(pulumi.runtime, "get_root_directory", lambda: engine)
    monkeypatch.setattr(settings_reader, "read", lambda *_, project_dir, **__: project_dir)
    assert settings_reader.load(given and Path(given)) == Path(expected).resolve()
