"""Somebody else's program: one web service with a database, plain resources, every name left to Pulumi, rules written inline."""

import json

import pulumi
import pulumi_aws as aws


def program() -> None:
    """Declare it."""
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
    routes = aws.ec2.RouteTable(
        "routes", vpc_id=vpc.id, routes=[aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", gateway_id=gateway.id)]
    )
    subnets = [
        aws.ec2.Subnet(f"net-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{i}.0/24", availability_zone=f"eu-west-1{zone}")
        for i, zone in enumerate("ab")
    ]
    for i, subnet in enumerate(subnets):
        aws.ec2.RouteTableAssociation(f"route-{i}", subnet_id=subnet.id, route_table_id=routes.id)
    web = aws.ec2.SecurityGroup(
        "web",
        vpc_id=vpc.id,
        description="web",
        ingress=[aws.ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=80, to_port=80, cidr_blocks=["0.0.0.0/0"])],
        egress=[aws.ec2.SecurityGroupEgressArgs(protocol="-1", from_port=0, to_port=0, cidr_blocks=["0.0.0.0/0"])],
    )
    data = aws.ec2.SecurityGroup(
        "data",
        vpc_id=vpc.id,
        description="data",
        ingress=[
            aws.ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=3306, to_port=3306, security_groups=[web.id])
        ],
    )
    group = aws.rds.SubnetGroup("data", subnet_ids=[subnet.id for subnet in subnets])
    database = aws.rds.Instance(
        "data",
        engine="mysql",
        engine_version="8.4",
        instance_class="db.t4g.small",
        allocated_storage=20,
        username="root",
        password=pulumi.Output.secret("not-so-secret"),
        db_subnet_group_name=group.name,
        vpc_security_group_ids=[data.id],
        skip_final_snapshot=True,
    )
    cluster = aws.ecs.Cluster("cluster")
    role = aws.iam.Role(
        "task",
        assume_role_policy=json.dumps(
            {
                "Statement": [
                    {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
                ]
            }
        ),
        managed_policy_arns=["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
    )
    task = aws.ecs.TaskDefinition(
        "web",
        family="web",
        cpu="256",
        memory="512",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn=role.arn,
        task_role_arn=role.arn,
        container_definitions=database.address.apply(
            lambda host: json.dumps(
                [{"name": "web", "image": "nginx:latest", "environment": [{"name": "DB_HOST", "value": host}]}]
            )
        ),
    )
    balancer = aws.lb.LoadBalancer("web", subnets=[subnet.id for subnet in subnets], security_groups=[web.id])
    target = aws.lb.TargetGroup("web", port=80, protocol="HTTP", target_type="ip", vpc_id=vpc.id)
    aws.lb.Listener(
        "web",
        load_balancer_arn=balancer.arn,
        port=80,
        default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target.arn)],
    )
    aws.ecs.Service(
        "web",
        cluster=cluster.arn,
        task_definition=task.arn,
        desired_count=1,
        launch_type="FARGATE",
        network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
            subnets=[subnet.id for subnet in subnets], security_groups=[web.id], assign_public_ip=True
        ),
        load_balancers=[
            aws.ecs.ServiceLoadBalancerArgs(target_group_arn=target.arn, container_name="web", container_port=80)
        ],
    )
