"""Services restored from their record, and deleted: one of every type."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from offline.aws.handler import RecordedOperation
from offline.aws.provider import AwsProvider
from offline.aws.types import MODULE_OF

TAGS = {"Project": "category-analyzer", "Stage": "dev"}
ACCOUNT = "ap-northeast-2:123456789012"
SCALED = {
    "serviceNamespace": "ecs",
    "resourceId": "service/dev-item/dev-datalab-api",
    "scalableDimension": "ecs:service:DesiredCount",
}
HERE = (
    "autoscaling.",
    "cloudwatch.",
    "code.",
    "ecr.",
    "ecs.",
    "events.",
    "messaging.",
    "rds.",
    "resourcegroups.",
    "scheduler.",
    "servicediscovery.",
    "ssm.",
)


def _make_messages(make: Callable[..., Any]) -> None:
    topic = make("aws:sns/topic:Topic", "alerts", name="dev-alerts", tags=TAGS).id
    make("aws:sns/topicPolicy:TopicPolicy", "alerts", arn=topic, policy='{"Version":"2012-10-17","Statement":[]}')
    make(
        "aws:sns/topicSubscription:TopicSubscription", "email", topic=topic, protocol="email", endpoint="a@example.com"
    )
    queue = make("aws:sqs/queue:Queue", "dead-letters", name="dead-letters", tags=TAGS).id
    make(
        "aws:sqs/queuePolicy:QueuePolicy",
        "dead-letters",
        queueUrl=queue,
        policy='{"Version":"2012-10-17","Statement":[]}',
    )
    make(
        "aws:cloudwatch/eventRule:EventRule", "failed", name="failed", eventPattern='{"source":["aws.ecs"]}', tags=TAGS
    )
    make("aws:cloudwatch/eventTarget:EventTarget", "failed", rule="failed", arn=topic)
    make(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "cpu",
        evaluationPeriods=1,
        comparisonOperator="LessThanThreshold",
        metricName="CPUUtilization",
        namespace="AWS/ECS",
        statistic="Average",
        period=60,
        threshold=1,
        alarmActions=[topic],
    )
    make("aws:cloudwatch/dashboard:Dashboard", "dev", dashboardBody='{"widgets":[]}')


def _make_tasks(make: Callable[..., Any]) -> None:
    make("aws:servicediscovery/httpNamespace:HttpNamespace", "ns", name="dev-itemscout-ns", tags=TAGS)
    make("aws:ecs/cluster:Cluster", "cluster", name="dev-item", tags=TAGS)
    make(
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        "cluster",
        clusterName="dev-item",
        capacityProviders=["FARGATE"],
    )
    repository = make("aws:ecr/repository:Repository", "images", name="dev-datalab-api", tags=TAGS).id
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
        "action": {"type": "expire"},
    }
    make(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy", "images", repository=repository, policy=json.dumps({"rules": [rule]})
    )
    statement = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": ["ecr:BatchGetImage"]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    make("aws:ecr/repositoryPolicy:RepositoryPolicy", "images", repository=repository, policy=policy)
    containers = json.dumps([{"name": "app", "image": "node", "memory": 512}])
    task = make(
        "aws:ecs/taskDefinition:TaskDefinition",
        "task",
        family="dev-datalab-api",
        containerDefinitions=containers,
        tags=TAGS,
    )
    service = {"name": "dev-datalab-api", "cluster": "dev-item", "desiredCount": 1, "tags": TAGS}
    make("aws:ecs/service:Service", "service", taskDefinition=task.outputs["arn"], **service)
    make("aws:appautoscaling/target:Target", "scaling", minCapacity=1, maxCapacity=2, tags=TAGS, **SCALED)
    tracking = {
        "targetValue": 50,
        "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    make(
        "aws:appautoscaling/policy:Policy",
        "cpu",
        policyType="TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration=tracking,
        **SCALED,
    )
    action = {"schedule": "rate(1 day)", "scalableTargetAction": {"minCapacity": 1}}
    make("aws:appautoscaling/scheduledAction:ScheduledAction", "night", **action, **SCALED)
    make("aws:scheduler/scheduleGroup:ScheduleGroup", "jobs", name="dev-jobs", tags=TAGS)
    target = {
        "arn": f"arn:aws:ecs:{ACCOUNT}:cluster/dev-item",
        "roleArn": "arn:aws:iam::123456789012:role/scheduler",
        "ecsParameters": {"taskDefinitionArn": task.outputs["arnWithoutRevision"]},
    }
    schedule = {"scheduleExpression": "rate(1 hour)", "flexibleTimeWindow": {"mode": "OFF"}, "target": target}
    make("aws:scheduler/schedule:Schedule", "job", groupName="dev-jobs", **schedule)
    make("aws:ssm/parameter:Parameter", "image", name="/dev/images/datalab-api", type="String", value="node", tags=TAGS)


def _make_database(make: Callable[..., Any]) -> None:
    vpc = make("aws:ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16").id
    subnets = [
        make(
            "aws:ec2/subnet:Subnet",
            zone,
            vpcId=vpc,
            cidrBlock=f"10.0.{index}.0/24",
            availabilityZone=f"ap-northeast-2{zone}",
        ).id
        for index, zone in enumerate("ac")
    ]
    make("aws:rds/subnetGroup:SubnetGroup", "db", name="dev-db", subnetIds=subnets, tags=TAGS)
    parameters = [{"name": "wait_timeout", "value": "60"}]
    make(
        "aws:rds/parameterGroup:ParameterGroup",
        "db",
        name="dev-db",
        family="mysql8.4",
        parameters=parameters,
        tags=TAGS,
    )
    make(
        "aws:rds/instance:Instance",
        "db",
        identifier="dev-db",
        engine="mysql",
        engineVersion="8.4",
        instanceClass="db.t4g.micro",
        allocatedStorage=20,
        username="admin",
        manageMasterUserPassword=True,
        dbSubnetGroupName="dev-db",
        parameterGroupName="dev-db",
        skipFinalSnapshot=True,
        tags=TAGS,
    )


def _make_delivery(make: Callable[..., Any]) -> None:
    query = {"query": '{"ResourceTypeFilters":["AWS::AllSupported"],"TagFilters":[{"Key":"Stage","Values":["dev"]}]}'}
    make("aws:resourcegroups/group:Group", "dev", name="dev", resourceQuery=query, tags=TAGS)
    make("aws:codecommit/repository:Repository", "mirror", repositoryName="mirror", tags=TAGS)
    statement = {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = make("aws:iam/role:Role", "pipeline", name="pipeline", assumeRolePolicy=trust).outputs["arn"]
    make(
        "aws:codebuild/project:Project",
        "build",
        name="build",
        serviceRole=role,
        artifacts={"type": "CODEPIPELINE"},
        source={"type": "CODEPIPELINE"},
        environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"},
        tags=TAGS,
    )
    action = {"name": "a", "owner": "AWS", "version": "1"}
    source = {**action, "category": "Source", "provider": "CodeCommit", "outputArtifacts": ["Source"]}
    build = {**action, "category": "Build", "provider": "CodeBuild", "inputArtifacts": ["Source"]}
    stages = [{"name": "Source", "actions": [source]}, {"name": "Build", "actions": [build]}]
    stores = [{"location": "artifacts", "type": "S3"}]
    make(
        "aws:codepipeline/pipeline:Pipeline", "pipeline", roleArn=role, artifactStores=stores, stages=stages, tags=TAGS
    )


def _plain(answer: Any) -> Any:
    """An answer without its times."""
    if isinstance(answer, dict):
        return {name: _plain(item) for name, item in answer.items() if not isinstance(item, datetime)}
    return [_plain(item) for item in answer] if isinstance(answer, list) else answer


LOOKS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("application-autoscaling", "describe_scalable_targets", {"ServiceNamespace": "ecs"}),
    ("application-autoscaling", "describe_scaling_policies", {"ServiceNamespace": "ecs"}),
    ("cloudwatch", "describe_alarms", {}),
    ("codecommit", "get_repository", {"repositoryName": "mirror"}),
    ("ecs", "describe_services", {"cluster": "dev-item", "services": ["dev-datalab-api"], "include": ["TAGS"]}),
    ("ecs", "describe_task_definition", {"taskDefinition": "dev-datalab-api"}),
    ("rds", "describe_db_instances", {}),
    ("rds", "describe_db_parameters", {"DBParameterGroupName": "dev-db"}),
    ("scheduler", "list_schedules", {"GroupName": "dev-jobs"}),
    ("servicediscovery", "list_namespaces", {}),
    ("sns", "list_subscriptions", {}),
)


def test_one_of_every_type_is_restored_with_its_ids_and_deleted(
    cloud: Any, restore: Callable[[list[RecordedOperation]], AwsProvider]
) -> None:
    made: set[str] = set()

    def make(token: str, logical_name: str, **inputs: Any) -> Any:
        made.add(token)
        return cloud.make(token, logical_name, **inputs)

    for part in (_make_messages, _make_tasks, _make_database, _make_delivery):
        part(make)
    assert made >= {token for token, module in MODULE_OF.items() if module.startswith(HERE)}
    restored = restore(cloud.operations)
    for service, operation, params in LOOKS:
        before = _plain(cloud.ask(service, operation, **params))
        after = _plain(restored.aws.call(service, operation, **params))
        assert after == before, f"{service}:{operation}"
    cloud.delete_all()
    for service, operation, member in (
        ("ecr", "describe_repositories", "repositories"),
        ("rds", "describe_db_instances", "DBInstances"),
        ("servicediscovery", "list_namespaces", "Namespaces"),
        ("codepipeline", "list_pipelines", "pipelines"),
    ):
        assert cloud.ask(service, operation)[member] == []
