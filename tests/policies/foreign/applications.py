"""Somebody else's applications of the common frameworks, in their own words: no DB_CONN_LIMIT where a framework has a name for it."""

import json
from collections.abc import Mapping, Sequence

import pulumi_aws as aws

HOST = "db.shop.internal"


class Shop:
    """A network, an ECS cluster, and PostgreSQL databases that let in the groups of the services."""

    def __init__(self) -> None:
        self.vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
        self.subnets = [
            aws.ec2.Subnet(f"main-{zone}", vpc_id=self.vpc.id, cidr_block=f"10.0.{number}.0/24", availability_zone=zone)
            for number, zone in enumerate(("eu-west-1a", "eu-west-1b"))
        ]
        self.cluster = aws.ecs.Cluster("main")

    def group(self, name: str, port: int = 0, sources: Sequence[aws.ec2.SecurityGroup] = ()) -> aws.ec2.SecurityGroup:
        """A security group that lets others in on one port."""
        ingress = [
            aws.ec2.SecurityGroupIngressArgs(
                protocol="tcp", from_port=port, to_port=port, security_groups=[source.id for source in sources]
            )
        ]
        return aws.ec2.SecurityGroup(name, vpc_id=self.vpc.id, ingress=ingress if sources else [])

    def postgres(self, name: str, most: int, sources: Sequence[aws.ec2.SecurityGroup]) -> aws.rds.Instance:
        """A database with a literal max_connections."""
        parameter = aws.rds.ParameterGroupParameterArgs(
            name="max_connections", value=str(most), apply_method="pending-reboot"
        )
        return aws.rds.Instance(
            name,
            identifier=name,
            engine="postgres",
            engine_version="16.4",
            instance_class="db.t4g.medium",
            allocated_storage=20,
            parameter_group_name=aws.rds.ParameterGroup(
                name, name=name, family="postgres16", parameters=[parameter]
            ).name,
            db_subnet_group_name=aws.rds.SubnetGroup(name, subnet_ids=[subnet.id for subnet in self.subnets]).name,
            vpc_security_group_ids=[self.group(f"{name}-database", 5432, sources).id],
            tags={"budget:reserve": "5"},
        )

    def service(
        self,
        name: str,
        group: aws.ec2.SecurityGroup,
        environment: Mapping[str, str],
        command: Sequence[str] = (),
        *,
        count: int = 2,
        secrets: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """A service on Fargate with one container."""
        container = {
            "name": name,
            "image": "public.ecr.aws/acme/app:1.2.3",
            "environment": [{"name": key, "value": value} for key, value in environment.items()],
            "secrets": [
                {"name": key, "valueFrom": f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}"}
                for key in secrets
            ],
            **({"command": list(command)} if command else {}),
        }
        definition = aws.ecs.TaskDefinition(
            name,
            family=name,
            cpu="512",
            memory="1024",
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            container_definitions=json.dumps([container]),
            tags=tags,
        )
        aws.ecs.Service(
            name,
            name=name,
            cluster=self.cluster.arn,
            task_definition=definition.arn,
            desired_count=count,
            launch_type="FARGATE",
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=[subnet.id for subnet in self.subnets], security_groups=[group.id]
            ),
        )


def pools_by_their_own_names() -> None:
    """HikariCP, Prisma under PM2, database/sql and SQLAlchemy, each with a size that the pack can read."""
    shop = Shop()
    group = shop.group("app")
    shop.postgres("main", 300, [group])
    url = f"postgresql://{HOST}:5432/app"
    jdbc = {"SPRING_DATASOURCE_URL": f"jdbc:{url}", "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE": "10"}
    shop.service("spring", group, jdbc)
    prisma = {"DATABASE_URL": f"{url}?schema=public&connection_limit=5&pool_timeout=10"}
    shop.service("prisma", group, prisma, ["pm2-runtime", "start", "dist/main.js", "-i", "4"])
    shop.service(
        "go", group, {"DATABASE_URL": url, "DB_MAX_OPEN_CONNS": "7", "DB_MAX_IDLE_CONNS": "3"}, ["/app/server"]
    )
    alchemy = {"DATABASE_URL": f"postgresql+asyncpg://{HOST}/app", "DB_POOL_SIZE": "5", "WEB_CONCURRENCY": "2"}
    shop.service("fastapi", group, alchemy, ["uvicorn", "app.main:app"], count=1)


def rails() -> None:
    """Puma with workers, Sidekiq with threads; the pool follows RAILS_MAX_THREADS."""
    shop = Shop()
    group = shop.group("app")
    shop.postgres("main", 100, [group])
    env = {"RAILS_ENV": "production", "DATABASE_URL": f"postgres://{HOST}/app"}
    shop.service("web", group, {**env, "RAILS_MAX_THREADS": "5", "WEB_CONCURRENCY": "3"}, ["bundle", "exec", "puma"])
    shop.service("sidekiq", group, {**env, "RAILS_MAX_THREADS": "10"}, ["bundle", "exec", "sidekiq"], count=1)


def django() -> None:
    """Gunicorn with workers, and a Celery worker beside its scheduler in one container."""
    shop = Shop()
    group = shop.group("app")
    shop.postgres("main", 100, [group])
    env = {"DJANGO_SETTINGS_MODULE": "shop.settings", "DB_HOST": HOST, "DB_CONN_LIMIT": "3"}
    shop.service("web", group, env, ["gunicorn", "shop.wsgi", "--workers", "3"])
    both = "celery -A shop worker -c 4 & exec celery -A shop beat"
    shop.service("worker", group, env, ["sh", "-c", both], count=1)


def two_databases(tag: str | None) -> None:
    """Three services whose databases stand in secrets; the reports read from both."""
    shop = Shop()
    groups = {name: shop.group(name) for name in ("orders", "users", "reports")}
    shop.postgres("orders-db", 100, [groups["orders"], groups["reports"]])
    shop.postgres("users-db", 100, [groups["users"], groups["reports"]])
    for name, group in groups.items():
        tags = {"budget:database": tag} if tag and name == "reports" else None
        shop.service(name, group, {"POOL_SIZE": "8"}, secrets=["DATABASE_URL"], tags=tags)


def behind_a_proxy() -> None:
    """A service and a function that reach the database through an RDS Proxy alone."""
    shop = Shop()
    app, function = shop.group("app"), shop.group("function")
    proxies = shop.group("proxy", 5432, [app, function])
    database = shop.postgres("main", 200, [proxies])
    proxy = aws.rds.Proxy(
        "proxy",
        name="shop",
        engine_family="POSTGRESQL",
        role_arn="arn:aws:iam::123456789012:role/proxy",
        vpc_subnet_ids=[subnet.id for subnet in shop.subnets],
        vpc_security_group_ids=[proxies.id],
        auths=[
            aws.rds.ProxyAuthArgs(
                auth_scheme="SECRETS", secret_arn="arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"
            )
        ],
    )
    pool = aws.rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(max_connections_percent=80)
    target = aws.rds.ProxyDefaultTargetGroup("proxy", db_proxy_name=proxy.name, connection_pool_config=pool)
    aws.rds.ProxyTarget(
        "proxy", db_proxy_name=proxy.name, target_group_name=target.name, db_instance_identifier=database.identifier
    )
    shop.service("api", app, {"DB_HOST": "proxy.shop.internal", "DB_CONN_LIMIT": "30"}, count=5)
    aws.lambda_.Function(
        "sync",
        runtime=aws.lambda_.Runtime.PYTHON3D12,
        handler="app.handler",
        role="arn:aws:iam::123456789012:role/function",
        s3_bucket="code",
        s3_key="sync.zip",
        vpc_config=aws.lambda_.FunctionVpcConfigArgs(
            subnet_ids=[subnet.id for subnet in shop.subnets], security_group_ids=[function.id]
        ),
    )


def without_any_size() -> None:
    """A pool of the framework's own default, and workers that only the machine bounds."""
    shop = Shop()
    group = shop.group("app")
    shop.postgres("main", 100, [group])
    shop.service("spring", group, {"SPRING_DATASOURCE_URL": f"jdbc:postgresql://{HOST}:5432/app"})
    shop.service("api", group, {"DB_HOST": HOST, "DB_POOL_MAX": "10"}, ["pm2-runtime", "start", "main.js", "-i", "max"])


def scheduled() -> None:
    """A rule of EventBridge starts two tasks every five minutes; none runs longer than twelve, and none is started late."""
    shop = Shop()
    group = shop.group("app")
    shop.postgres("main", 100, [group])
    container = {
        "name": "sync",
        "image": "acme/sync:1",
        "environment": [{"name": "DB_HOST", "value": HOST}, {"name": "DB_POOL_SIZE", "value": "3"}],
    }
    definition = aws.ecs.TaskDefinition(
        "sync",
        family="sync",
        cpu="256",
        memory="512",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        container_definitions=json.dumps([container]),
        tags={"budget:longest-run-minutes": "12"},
    )
    aws.cloudwatch.EventTarget(
        "sync",
        rule=aws.cloudwatch.EventRule("sync", name="sync", schedule_expression="rate(5 minutes)").name,
        arn=shop.cluster.arn,
        role_arn="arn:aws:iam::123456789012:role/events",
        retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(maximum_retry_attempts=0),
        ecs_target=aws.cloudwatch.EventTargetEcsTargetArgs(
            task_count=2,
            task_definition_arn=definition.arn,
            launch_type="FARGATE",
            network_configuration=aws.cloudwatch.EventTargetEcsTargetNetworkConfigurationArgs(
                subnets=[subnet.id for subnet in shop.subnets], security_groups=[group.id]
            ),
        ),
    )
