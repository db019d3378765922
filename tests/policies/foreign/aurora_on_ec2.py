"""Somebody else's program: tasks on EC2 instances in bridge mode, and an Aurora PostgreSQL cluster."""

import json

import pulumi_aws as aws

TAGS = {"team": "payments"}


def program() -> None:
    """Declare it."""
    group = aws.ec2.SecurityGroup(
        "postgres", description="PostgreSQL of the payments", vpc_id="vpc-0123456789abcdef0", tags=TAGS
    )
    aws.ec2.SecurityGroupRule(
        "workers-to-postgres",
        type="ingress",
        security_group_id=group.id,
        protocol="tcp",
        from_port=5432,
        to_port=5432,
        cidr_blocks=["10.1.0.0/16"],
        description="ECS instances",
    )
    parameters = aws.rds.ClusterParameterGroup(
        "payments",
        family="aurora-postgresql16",
        parameters=[
            aws.rds.ClusterParameterGroupParameterArgs(name="rds.force_ssl", value="1"),
            aws.rds.ClusterParameterGroupParameterArgs(
                name="max_connections", value="200", apply_method="pending-reboot"
            ),
        ],
        tags=TAGS,
    )
    cluster = aws.rds.Cluster(
        "payments",
        engine="aurora-postgresql",
        engine_version="16.6",
        master_username="payments",
        manage_master_user_password=True,
        storage_encrypted=True,
        backup_retention_period=14,
        deletion_protection=True,
        final_snapshot_identifier="payments-final",
        copy_tags_to_snapshot=True,
        db_subnet_group_name="payments",
        db_cluster_parameter_group_name=parameters.name,
        vpc_security_group_ids=[group.id],
        enabled_cloudwatch_logs_exports=["postgresql"],
        preferred_maintenance_window="sun:03:00-sun:04:00",
        tags={**TAGS, "budget:reserve": "10", "budget:elsewhere": "0"},
    )
    for number in range(2):
        aws.rds.ClusterInstance(
            f"payments-{number}",
            cluster_identifier=cluster.id,
            engine="aurora-postgresql",
            engine_version="16.6",
            instance_class="db.r6g.large",
            tags=TAGS,
        )
    aws.cloudwatch.LogGroup("worker", name="payments-worker", retention_in_days=90, tags=TAGS)
    task = aws.ecs.TaskDefinition(
        "worker",
        family="payments-worker",
        network_mode="bridge",
        requires_compatibilities=["EC2"],
        container_definitions=json.dumps(
            [
                {
                    "name": "worker",
                    "image": "registry.example.com/worker:3f2a91c",
                    "memory": 512,
                    "user": "1000",
                    "readonlyRootFilesystem": True,
                    "portMappings": [{"containerPort": 8080, "hostPort": 0}],
                    "healthCheck": {"command": ["CMD", "/health"]},
                    "environment": [{"name": "DB_HOST", "value": "payments"}, {"name": "DB_CONN_LIMIT", "value": "10"}],
                    "secrets": [{"name": "DB_PASSWORD", "valueFrom": "/payments/DB_PASSWORD"}],
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {"awslogs-group": "payments-worker", "awslogs-region": "eu-central-1"},
                    },
                }
            ]
        ),
        tags={**TAGS, "budget:processes": "1"},
    )
    ecs = aws.ecs.Cluster(
        "payments", settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enhanced")], tags=TAGS
    )
    aws.ecs.Service(
        "worker",
        name="payments-worker",
        cluster=ecs.id,
        task_definition=task.arn,
        launch_type="EC2",
        desired_count=4,
        deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
        tags=TAGS,
    )
