"""Somebody else's programs by habit: sidecars, blue/green, jobs of a state machine, functions behind a proxy, secrets by JSON keys."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

VPC, SUBNETS = "vpc-0123456789abcdef0", ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:clinic-AbCdEf"
Variables = Mapping[str, str]


def _group(name: str, port: int = 0, *sources: aws.ec2.SecurityGroup) -> aws.ec2.SecurityGroup:
    rule = {"protocol": "tcp", "from_port": port, "to_port": port, "security_groups": [source.id for source in sources]}
    return aws.ec2.SecurityGroup(name, vpc_id=VPC, ingress=[rule] if sources else [])


def _instance(engine: str, family: str, most: int, *sources: aws.ec2.SecurityGroup, **tags: str) -> aws.rds.Instance:
    parameters = [{"name": "max_connections", "value": str(most), "apply_method": "pending-reboot"}]
    return aws.rds.Instance(
        "main",
        identifier="main",
        engine=engine,
        instance_class="db.m6g.large",
        parameter_group_name=aws.rds.ParameterGroup("main", family=family, parameters=parameters).name,
        vpc_security_group_ids=[_group("database", 5432 if engine == "postgres" else 3306, *sources).id],
        tags={"budget:reserve": "10", **tags},
    )


def _container(name: str, variables: Variables, command: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    environment = [{"name": key, "value": value} for key, value in variables.items()]
    return {"name": name, "image": f"acme/{name}:7", "command": list(command), "environment": environment, **more}


def _definition(name: str, *containers: dict[str, Any], tags: Variables | None = None) -> aws.ecs.TaskDefinition:
    return aws.ecs.TaskDefinition(
        name,
        family=name,
        network_mode="awsvpc",
        cpu="512",
        memory="1024",
        container_definitions=json.dumps(containers),
        tags=tags,
    )


def _service(
    definition: aws.ecs.TaskDefinition, name: str, group: aws.ec2.SecurityGroup, count: int, **more: Any
) -> Any:
    network = {"subnets": SUBNETS, "security_groups": [group.id]}
    return aws.ecs.Service(
        name,
        name=name,
        cluster="acme",
        task_definition=definition.arn,
        desired_count=count,
        launch_type="FARGATE",
        network_configuration=network,
        **more,
    )


def bouncer_beside_the_application() -> None:
    """PgBouncer in the task holds the writer's connections; the application reads from the reader by a pool of its own."""
    group = _group("ingest")
    _instance("postgres", "postgres16", 300, group)
    ingest = {
        "DATABASE_URL": "postgresql://ingest@127.0.0.1:6432/app",
        "REPLICA_DATABASE_URL": "postgresql://ingest@reader.acme.internal:5432/app",
        "DB_POOL_SIZE": "6",
        "DB_MAX_OVERFLOW": "0",
    }
    bouncer = {
        "POSTGRESQL_HOST": "writer.acme.internal",
        "PGBOUNCER_DEFAULT_POOL_SIZE": "20",
        "PGBOUNCER_MAX_DB_CONNECTIONS": "25",
        "PGBOUNCER_MAX_CLIENT_CONN": "1000",
    }
    pools = {"budget:pools-per-process": "1"}
    definition = _definition("ingest", _container("ingest", ingest), _container("pgbouncer", bouncer), tags=pools)
    _service(definition, "ingest", group, 4)


def two_generations() -> None:
    """Hikari under CodeDeploy, autoscaled to 5; Prisma in cluster mode under blue/green of ECS itself."""
    group = _group("services")
    _instance("mariadb", "mariadb11.4", 250, group)
    hikari = {
        "SPRING_DATASOURCE_URL": "jdbc:mariadb://db.acme.internal:3306/pay",
        "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE": "10",
    }
    left = pulumi.ResourceOptions(ignore_changes=["desiredCount", "taskDefinition", "loadBalancers"])
    controller = {"type": "CODE_DEPLOY"}
    spring = _definition("spring", _container("spring", hikari))
    _service(spring, "spring", group, 2, deployment_controller=controller, opts=left)
    aws.appautoscaling.Target(
        "spring",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id="service/acme/spring",
        min_capacity=2,
        max_capacity=5,
    )
    prisma = {"DATABASE_URL": "mysql://nest@db.acme.internal:3306/pay?connection_limit=4"}
    nest = _definition("nest", _container("nest", prisma, ["pm2-runtime", "dist/main.js", "-i", "3"]))
    _service(nest, "nest", group, 3, deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": 10})


def laravel(processes: str | None) -> None:
    """php-fpm behind nginx, queue workers under supervisord, and the scheduler, each connection a process of its own."""
    group = _group("php")
    _instance("mysql", "mysql8.4", 500, group)
    env = {"APP_ENV": "production", "DB_HOST": "mysql.acme.internal", "DB_CONN_LIMIT": "1"}
    php = _container("php", {**env, "PHP_FPM_PM_MAX_CHILDREN": "20"}, ["php-fpm"])
    _service(_definition("web", {"name": "nginx", "image": "nginx:1.27.2"}, php), "web", group, 2)
    queue = _container("queue", env, ["supervisord", "-n", "-c", "/etc/supervisor/queue.conf"])
    tags = {"budget:processes": processes} if processes else None
    _service(_definition("queue", queue, tags=tags), "queue", group, 2)
    scheduler = _definition("scheduler", _container("scheduler", env, ["php", "artisan", "schedule:work"]))
    alone = {"deployment_minimum_healthy_percent": 0, "deployment_maximum_percent": 100}
    _service(scheduler, "scheduler", group, 1, **alone)


def jobs_of_a_state_machine() -> None:
    """A state machine starts two tasks in the clients' group, of which only one has variables of the database; a third has a schedule."""
    group = _group("jobs")
    _instance("mysql", "mysql8.4", 100, group)
    env = {"DB_HOST": "mysql.acme.internal", "DB_CONN_LIMIT": "4"}
    etl = _definition("etl", _container("etl", env))
    dbt = _definition("dbt", _container("dbt", {"DBT_TARGET": "live"}))
    states = {
        name: {
            "Type": "Task",
            "Resource": "arn:aws:states:::ecs:runTask.sync",
            "Parameters": {
                "TaskDefinition": definition.arn,
                "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": SUBNETS, "SecurityGroups": [group.id]}},
            },
            "End": True,
        }
        for name, definition in (("Etl", etl), ("Dbt", dbt))
    }
    aws.sfn.StateMachine(
        "nightly",
        role_arn="arn:aws:iam::123456789012:role/states",
        definition=pulumi.Output.json_dumps({"StartAt": "Etl", "States": states}),
    )
    aws.scheduler.Schedule(
        "sync",
        schedule_expression="rate(1 hour)",
        flexible_time_window={"mode": "OFF"},
        target={
            "arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/acme",
            "role_arn": "arn:aws:iam::123456789012:role/scheduler",
            "ecs_parameters": {
                "task_definition_arn": _definition("sync", _container("sync", env)).arn,
                "network_configuration": {"subnets": SUBNETS, "security_groups": [group.id]},
            },
        },
    )


def secrets_by_their_keys() -> None:
    """Django, a Celery worker and its scheduler: the URL is a key of a secret, no size is stated, max_connections is AWS's default."""
    groups = {name: _group(name) for name in ("web", "worker", "beat")}
    aws.rds.Instance(
        "main",
        identifier="main",
        engine="postgres",
        engine_version="16.4",
        instance_class="db.t4g.large",
        vpc_security_group_ids=[_group("database", 5432, *groups.values()).id],
        tags={"budget:reserve": "10"},
    )
    commands = {
        "web": ["gunicorn", "clinic.wsgi", "--workers", "4", "--threads", "2"],
        "worker": ["celery", "-A", "clinic", "worker", "--concurrency=8"],
        "beat": ["celery", "-A", "clinic", "beat"],
    }
    for name, command in commands.items():
        keys = [{"name": key, "valueFrom": f"{SECRET}:{key}::"} for key in ("DATABASE_URL", "DJANGO_SECRET_KEY")]
        _service(_definition(name, _container(name, {}, command, secrets=keys)), name, groups[name], 1)


def counts_left_alone() -> None:
    """Two Go services over the limit: the count of one is somebody else's to change (ignore_changes)."""
    group = _group("go")
    _instance("postgres", "postgres17", 180, group)
    for name, size, count, left in (("quotes", 15, 4, ["desiredCount"]), ("ticker", 30, 1, [])):
        env = {"DATABASE_URL": "postgres://db.acme.internal:5432/quotes", "DB_MAX_OPEN_CONNS": str(size)}
        options = pulumi.ResourceOptions(ignore_changes=left)
        _service(_definition(name, _container(name, env)), name, group, count, opts=options)
