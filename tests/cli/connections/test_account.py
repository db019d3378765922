"""What `--live` finds on the offline AWS after somebody changed things by hand, with boto3, as in a console."""

from datetime import timedelta

import pytest

from cli.connections.comparison import Observed

CLUSTER, TRACKING = "dev-item", "dev-tracking-api"


def test_what_up_made_is_what_is_declared(console) -> None:
    compared = console.compare()
    assert compared.agrees
    assert compared.observed == (Observed(database="dev-db", max_connections=60, demand=48, headroom=7, peak_24h=None),)


def test_the_budget_read_from_the_account_is_the_declared_one(console) -> None:
    [declared], [found] = console.declared.budgets, console.read().entries
    assert found.budget.workloads == declared.budget.workloads
    assert (found.budget.supply, found.budget.reserve) == (declared.budget.supply, declared.budget.reserve)


def test_a_changed_max_connections_that_breaks_the_budget(console) -> None:
    change = {"ParameterName": "max_connections", "ParameterValue": "50", "ApplyMethod": "immediate"}
    console.client("rds").modify_db_parameter_group(DBParameterGroupName="dev-db-mysql8-4", Parameters=[change])
    assert console.rows() == [
        ("dev-db", "max_connections", "60 (literal in dev-db-mysql8-4)", "50 (literal in dev-db-mysql8-4)", True),
        ("dev-db", "headroom", "7", "-3", True),
    ]


def test_drift_that_breaks_nothing_is_still_a_difference(console) -> None:
    changes = [
        {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "immediate"}
        for name, value in (("max_connections", "80"), ("wait_timeout", "28800"))
    ]
    console.client("rds").modify_db_parameter_group(DBParameterGroupName="dev-db-mysql8-4", Parameters=changes)
    compared = console.compare()
    assert not compared.agrees
    assert not compared.breaks
    assert [(row.what, row.found) for row in compared.differences] == [
        ("wait_timeout", "28800 s"),
        ("max_connections", "80 (literal in dev-db-mysql8-4)"),
    ]


def test_another_parameter_group_is_the_one_that_counts(console) -> None:
    rds = console.client("rds")
    rds.create_db_parameter_group(
        DBParameterGroupName="by-hand", DBParameterGroupFamily="mysql8.4", Description="by hand"
    )
    rds.modify_db_instance(DBInstanceIdentifier="dev-db", DBParameterGroupName="by-hand", ApplyImmediately=True)
    # Without a literal the engine's default holds: a low estimate for db.t4g.micro.
    assert ("dev-db", "interactive_timeout", "60 s", "not set", False) in console.rows()
    found = next(row for row in console.rows() if row[1] == "max_connections")
    assert found == (
        "dev-db",
        "max_connections",
        "60 (literal in dev-db-mysql8-4)",
        "58 (default of MySQL, estimated low for db.t4g.micro)",
        False,
    )


def test_a_revision_with_another_limit_that_the_service_runs(console) -> None:
    revision = console.revise(TRACKING, DB_CONN_LIMIT="20")
    assert console.compare().agrees  # registered, but no service runs it
    console.client("ecs").update_service(cluster=CLUSTER, service=TRACKING, taskDefinition=revision)
    assert console.rows() == [(TRACKING, "DB_CONN_LIMIT", "10", "20", True), ("dev-db", "headroom", "7", "-13", True)]


def test_a_limit_that_was_emptied_is_undecided_and_breaks(console) -> None:
    console.client("ecs").update_service(
        cluster=CLUSTER, service=TRACKING, taskDefinition=console.revise(TRACKING, DB_CONN_LIMIT="")
    )
    [row] = console.compare().differences
    assert (row.subject, row.what, row.breaks) == ("dev-db", "budget", True)
    assert 'DB_CONN_LIMIT of container "tracking-api" is "" (empty), which mysql2 takes for no limit' in row.found


def test_a_limit_that_was_removed_with_every_other_variable(console) -> None:
    names = ("CONN_LIMIT", "HOST", "NAME", "POOL_IDLE_MS", "PORT", "SSL_MODE", "USER")
    revision = console.revise(TRACKING, **{f"DB_{name}": None for name in names})
    console.client("ecs").update_service(cluster=CLUSTER, service=TRACKING, taskDefinition=revision)
    [row] = console.compare().differences
    assert (row.subject, row.what, row.breaks) == ("dev-db", "budget", True)


def test_a_raised_scaling_maximum(console) -> None:
    console.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{CLUSTER}/{TRACKING}",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=1,
        MaxCapacity=2,
    )
    assert console.rows() == [(TRACKING, "most tasks", "1", "2", True), ("dev-db", "headroom", "7", "-13", True)]


def test_a_scheduled_action_that_scales_beyond_the_maximum(console) -> None:
    console.client("application-autoscaling").put_scheduled_action(
        ServiceNamespace="ecs",
        ResourceId=f"service/{CLUSTER}/dev-legacy-api",
        ScalableDimension="ecs:service:DesiredCount",
        ScheduledActionName="monday",
        Schedule="cron(0 8 ? * MON *)",
        ScalableTargetAction={"MinCapacity": 3, "MaxCapacity": 3},
    )
    assert ("dev-legacy-api", "most tasks", "1", "3", True) in console.rows()


def test_a_deployment_setting(console) -> None:
    console.client("ecs").update_service(
        cluster=CLUSTER, service=TRACKING, deploymentConfiguration={"maximumPercent": 300, "minimumHealthyPercent": 100}
    )
    assert console.rows()[0] == (
        TRACKING,
        "tasks alive at once",
        "2 (at most 1, rolling 200 %)",
        "3 (at most 1, rolling 300 %)",
        True,
    )


def test_a_schedule_that_runs_more_often(console) -> None:
    scheduler = console.client("scheduler")
    found = scheduler.get_schedule(Name="dev-ranking-batch", GroupName="dev-jobs")
    scheduler.update_schedule(
        Name="dev-ranking-batch",
        GroupName="dev-jobs",
        ScheduleExpression="rate(1 hours)",
        FlexibleTimeWindow=found["FlexibleTimeWindow"],
        Target=found["Target"],
    )
    assert console.rows() == [
        ("dev-ranking-batch", "tasks alive at once", "2 (1 every 24 h, runs 3 h)", "4 (1 every 1 h, runs 3 h)", False)
    ]


def service_by_hand(console, name: str, host: str, limit: str) -> None:
    ecs = console.client("ecs")
    environment = [{"name": "DB_HOST", "value": host}, {"name": "DB_CONN_LIMIT", "value": limit}]
    container = {"name": name, "image": name, "memory": 128, "environment": environment}
    ecs.register_task_definition(family=name, containerDefinitions=[container])
    ecs.create_service(cluster=CLUSTER, serviceName=name, taskDefinition=name, desiredCount=1)


def test_a_service_made_by_hand_on_the_database(console) -> None:
    service_by_hand(console, "shadow", "db.dev.itemscout.internal", "3")
    assert console.rows() == [("shadow", "workload", "unknown", "6 connections", False)]


def test_a_service_by_hand_that_uses_another_database_is_not_ours(console) -> None:
    service_by_hand(console, "other", "db.other.internal", "900")
    assert console.compare().agrees


def test_a_deleted_service_does_not_run(console) -> None:
    console.client("ecs").delete_service(cluster=CLUSTER, service=TRACKING, force=True)
    assert console.rows() == [(TRACKING, "workload", "uses the database", "does not run here", False)]


def test_a_deleted_instance_is_said_once(console) -> None:
    console.client("rds").delete_db_instance(DBInstanceIdentifier="dev-db", SkipFinalSnapshot=True)
    assert console.rows() == [("dev-db", "instance", "exists", "no such instance", False)]


@pytest.mark.parametrize(
    ("hours_ago", "value", "peak", "differs"), [(2, 41.0, 41, False), (2, 54.0, 54, True), (30, 59.0, None, False)]
)
def test_the_most_connections_of_the_last_day(console, hours_ago: int, value: float, peak: int, differs: bool) -> None:
    datum = {
        "MetricName": "DatabaseConnections",
        "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "dev-db"}],
        "Timestamp": console.now - timedelta(hours=hours_ago),
        "Value": value,
    }
    console.client("cloudwatch").put_metric_data(Namespace="AWS/RDS", MetricData=[datum])
    assert console.compare().observed[0].peak_24h == peak
    rows = [("dev-db", "connections in the last 24 h", "at most 53", "54 at the peak", True)]
    assert console.rows() == (rows if differs else [])
