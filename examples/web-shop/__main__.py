"""A web shop on Fargate: a VPC, a load balancer, two services, a database. Written without this pack in mind."""

import json

import pulumi
import pulumi_aws as aws

stage = pulumi.get_stack()
zones = ["eu-west-1a", "eu-west-1b"]

# Network
vpc = aws.ec2.Vpc("vpc", cidr_block="10.20.0.0/16", enable_dns_hostnames=True)
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
public = [
    aws.ec2.Subnet(
        f"public-{i}", vpc_id=vpc.id, cidr_block=f"10.20.{i}.0/24", availability_zone=zone, map_public_ip_on_launch=True
    )
    for i, zone in enumerate(zones)
]
private = [
    aws.ec2.Subnet(f"private-{i}", vpc_id=vpc.id, cidr_block=f"10.20.{10 + i}.0/24", availability_zone=zone)
    for i, zone in enumerate(zones)
]
address = aws.ec2.Eip("nat", domain="vpc")
nat = aws.ec2.NatGateway("nat", subnet_id=public[0].id, allocation_id=address.id)
outside = aws.ec2.RouteTable("public", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
inside = aws.ec2.RouteTable("private", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": nat.id}])
for i in range(2):
    aws.ec2.RouteTableAssociation(f"public-{i}", subnet_id=public[i].id, route_table_id=outside.id)
    aws.ec2.RouteTableAssociation(f"private-{i}", subnet_id=private[i].id, route_table_id=inside.id)

# Security groups
anywhere = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
alb_group = aws.ec2.SecurityGroup(
    "alb",
    vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["0.0.0.0/0"]}],
    egress=[anywhere],
)
app_group = aws.ec2.SecurityGroup(
    "app",
    vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 8080, "to_port": 8080, "security_groups": [alb_group.id]}],
    egress=[anywhere],
)
database_group = aws.ec2.SecurityGroup(
    "database",
    vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 5432, "to_port": 5432, "security_groups": [app_group.id]}],
    egress=[anywhere],
)

# Database
database = aws.rds.Instance(
    "database",
    engine="postgres",
    engine_version="16.4",
    instance_class="db.t4g.small",
    allocated_storage=20,
    db_name="shop",
    username="shop",
    manage_master_user_password=True,
    db_subnet_group_name=aws.rds.SubnetGroup("database", subnet_ids=[subnet.id for subnet in private]).name,
    vpc_security_group_ids=[database_group.id],
    skip_final_snapshot=True,
)
password = aws.ssm.Parameter("password", name=f"/{stage}/shop/password", type="SecureString", value="set-by-hand")

# Load balancer
balancer = aws.lb.LoadBalancer(
    "shop", security_groups=[alb_group.id], subnets=[subnet.id for subnet in public], load_balancer_type="application"
)
targets = {
    name: aws.lb.TargetGroup(
        name, port=8080, protocol="HTTP", target_type="ip", vpc_id=vpc.id, health_check={"path": "/health"}
    )
    for name in ("web", "api")
}
listener = aws.lb.Listener(
    "http",
    load_balancer_arn=balancer.arn,
    port=80,
    default_actions=[{"type": "forward", "target_group_arn": targets["web"].arn}],
)
rule = aws.lb.ListenerRule(
    "api",
    listener_arn=listener.arn,
    priority=10,
    conditions=[{"path_pattern": {"values": ["/api/*"]}}],
    actions=[{"type": "forward", "target_group_arn": targets["api"].arn}],
)

# Roles
trust = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
execution = aws.iam.Role("execution", assume_role_policy=trust)
aws.iam.RolePolicyAttachment(
    "execution",
    role=execution.name,
    policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
)
task = aws.iam.Role("task", assume_role_policy=trust)

# Services
cluster = aws.ecs.Cluster("shop")
for name, pool in (("web", "10"), ("api", "20")):
    repository = aws.ecr.Repository(name, force_delete=True)
    logs = aws.cloudwatch.LogGroup(name, retention_in_days=14)
    containers = pulumi.Output.json_dumps(
        [
            {
                "name": name,
                "image": pulumi.Output.concat(repository.repository_url, ":latest"),
                "portMappings": [{"containerPort": 8080}],
                "environment": [
                    {"name": "DB_HOST", "value": database.address},
                    {"name": "DB_NAME", "value": "shop"},
                    {"name": "DB_POOL_SIZE", "value": pool},
                ],
                "secrets": [{"name": "DB_PASSWORD", "valueFrom": password.arn}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": logs.name,
                        "awslogs-region": "eu-west-1",
                        "awslogs-stream-prefix": name,
                    },
                },
            }
        ]
    )
    definition = aws.ecs.TaskDefinition(
        name,
        family=f"{stage}-{name}",
        cpu="512",
        memory="1024",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn=execution.arn,
        task_role_arn=task.arn,
        container_definitions=containers,
    )
    service = aws.ecs.Service(
        name,
        name=f"{stage}-{name}",
        cluster=cluster.arn,
        task_definition=definition.arn,
        desired_count=2,
        launch_type="FARGATE",
        network_configuration={
            "subnets": [subnet.id for subnet in private],
            "security_groups": [app_group.id],
        },
        load_balancers=[{"target_group_arn": targets[name].arn, "container_name": name, "container_port": 8080}],
        opts=pulumi.ResourceOptions(depends_on=[listener, rule]),
    )

pulumi.export("url", balancer.dns_name)
