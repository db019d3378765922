"""Somebody else's program: two databases in one stack, each with its own service, and networks that another stack manages."""

import json

import pulumi_aws as aws

SUBNETS = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]


def program() -> None:
    """Declare it."""
    cluster = aws.ecs.Cluster("shop", name="shop-dev")
    for name, limit, most in (("orders", "20", 60), ("stock", "10", 30)):
        _service_with_database(cluster, name, limit, most)


def _service_with_database(cluster: aws.ecs.Cluster, name: str, limit: str, most: int) -> None:
    tasks = aws.ec2.SecurityGroup(f"{name}-tasks", description=f"Tasks of {name}", vpc_id="vpc-0123456789abcdef0")
    data = aws.ec2.SecurityGroup(f"{name}-data", description=f"Database of {name}", vpc_id="vpc-0123456789abcdef0")
    aws.vpc.SecurityGroupIngressRule(
        f"{name}-data",
        security_group_id=data.id,
        referenced_security_group_id=tasks.id,
        ip_protocol="tcp",
        from_port=3306,
        to_port=3306,
        description=f"{name} to its database",
    )
    parameters = aws.rds.ParameterGroup(
        name,
        family="mysql8.0",
        parameters=[
            aws.rds.ParameterGroupParameterArgs(name="max_connections", value=str(most)),
            aws.rds.ParameterGroupParameterArgs(name="wait_timeout", value="60"),
            aws.rds.ParameterGroupParameterArgs(name="interactive_timeout", value="60"),
        ],
    )
    aws.rds.Instance(
        name,
        identifier=f"{name}-dev",
        engine="mysql",
        engine_version="8.0",
        engine_lifecycle_support="open-source-rds-extended-support",
        instance_class="db.t4g.micro",
        allocated_storage=20,
        username="admin",
        manage_master_user_password=True,
        storage_encrypted=True,
        parameter_group_name=parameters.name,
        vpc_security_group_ids=[data.id],
        tags={"budget:reserve": "5"},
    )
    container = {
        "name": name,
        "image": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{name}@sha256:{'0' * 64}",
        "environment": [
            {"name": "DB_HOST", "value": f"{name}.dev.internal"},
            {"name": "DB_CONN_LIMIT", "value": limit},
        ],
    }
    task = aws.ecs.TaskDefinition(
        name,
        family=f"{name}-dev",
        cpu="256",
        memory="1024",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        container_definitions=json.dumps([container]),
    )
    aws.ecs.Service(
        name,
        name=f"{name}-dev",
        cluster=cluster.name,
        task_definition=task.arn,
        desired_count=1,
        deployment_maximum_percent=200,
        network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(subnets=SUBNETS, security_groups=[tasks.id]),
    )
