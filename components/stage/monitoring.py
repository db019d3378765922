"""Monitoring: the stage's alarms, event rules, notifications and dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi import ComponentResource, Input, ResourceOptions
from pulumi_aws import cloudwatch, sns

from ..calc.alarms import connection_alarm_thresholds
from ..calc.dashboard import dashboard_body
from ..calc.iam.resource_policies import sns_topic_policy
from ..calc.names import check_name, dead_letter_queue_name
from ..scope import COMPONENT_PACKAGE, StageScope, renamed
from ..workloads.batch_job import BatchJob
from ..workloads.service import Service
from .database import Database
from .failure_rules import report_failures
from .load_balancer import LoadBalancer


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringArgs:
    """What is watched, and who gets the reports."""

    scope: StageScope
    cluster: str
    load_balancer: LoadBalancer
    services: Mapping[str, Service]
    jobs: Mapping[str, BatchJob]
    database: Database
    pipelines: bool = False
    """Whether the stage has pipelines, whose failures are reported."""
    approvals: bool = False
    """Whether they wait for somebody's approval, which is reported, too."""
    email: Input[str] | None = None
    """Address subscribed to the topic; AWS asks it to confirm."""


class Monitoring(ComponentResource):
    """SNS topic, CloudWatch alarms, EventBridge rules and one dashboard."""

    topic_arn: str
    """Known at preview: computed from account, region and name."""

    def __init__(self, name: str, args: MonitoringArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:Monitoring", name, None, opts)
        self._args = args
        self._scope = args.scope
        self._tags = args.scope.tags("monitoring")
        topic_name = check_name("sns-topic", args.scope.name("alerts"))
        self.topic_arn = args.scope.location.sns_topic(topic_name)
        self._topic = self._notifications(topic_name)
        for service in args.services.values():
            self._service_alarms(service)
        if args.jobs:
            self._dead_letter_alarm()
        self._load_balancer_alarm()
        if args.database.identifier is not None:
            self._connection_alarms(args.database.identifier, args.database.max_connections)
        report_failures(self, args, topic=self._topic, topic_arn=self.topic_arn, tags=self._tags)
        self._dashboard(name)
        self.register_outputs({"topicArn": self.topic_arn})

    def _child(self) -> ResourceOptions:
        return ResourceOptions(parent=self)

    def _notifications(self, topic_name: str) -> sns.Topic:
        topic = sns.Topic("alerts", name=topic_name, tags=self._tags, opts=self._child())
        sns.TopicPolicy(
            "alerts",
            arn=topic.arn,
            policy=sns_topic_policy(
                self._scope.location, topic_name, ("cloudwatch.amazonaws.com", "events.amazonaws.com")
            ),
            opts=self._child(),
        )
        if self._args.email is not None:
            sns.TopicSubscription(
                "email", topic=topic.arn, protocol="email", endpoint=self._args.email, opts=self._child()
            )
        return topic

    def _alarm(
        self,
        kind: str,
        *,
        description: str,
        of: Service | None = None,
        threshold: float,
        namespace: str | None = None,
        metric: str | None = None,
        dimensions: Mapping[str, Input[str]] | None = None,
        statistic: str | None = None,
        period: int | None = 60,
        periods: int = 5,
        missing: str = "notBreaching",
        queries: Sequence[cloudwatch.MetricAlarmMetricQueryArgs] | None = None,
    ) -> None:
        """Register an alarm of the stage, or of one service under the name that AWS has it under."""
        name = kind if of is None else f"{of.settings_name}-{kind}"
        cloudwatch.MetricAlarm(
            name,
            name=check_name("alarm", self._scope.name(kind) if of is None else f"{of.name}-{kind}"),
            alarm_description=description,
            namespace=namespace,
            metric_name=metric,
            dimensions=dimensions,
            statistic=statistic,
            period=None if queries else period,
            metric_queries=queries,
            evaluation_periods=periods,
            datapoints_to_alarm=periods,
            threshold=threshold,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data=missing,
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            tags=self._tags,
            opts=ResourceOptions(
                parent=self,
                depends_on=[self._topic],
                aliases=None if of is None else renamed(of.former_names, f"-{kind}"),
            ),
        )

    def _service_alarms(self, service: Service) -> None:
        dimensions = {"ClusterName": self._args.cluster, "ServiceName": service.name}
        self._alarm(
            "busy",
            of=service,
            description=f"{service.name} uses 85 % of its CPU or of its memory for five minutes",
            threshold=85,
            queries=self._combined(
                "AWS/ECS",
                dimensions,
                {"cpu": "CPUUtilization", "memory": "MemoryUtilization"},
                ("busiest", "MAX([cpu, memory])", "The fuller of CPU and memory"),
            ),
        )
        self._alarm(
            "below-desired",
            of=service,
            description=f"{service.name} runs fewer tasks than desired for ten minutes",
            threshold=1,
            periods=10,
            missing="breaching",
            queries=self._combined(
                # Container Insights counts them.
                "ECS/ContainerInsights",
                dimensions,
                {"desired": "DesiredTaskCount", "running": "RunningTaskCount"},
                ("missing", "desired - running", "Tasks missing"),
            ),
        )
        if service.target_group_arn_suffix is not None:
            self._alarm(
                "5xx",
                of=service,
                description=f"{service.name} answered at least 10 requests a minute with 5xx for five minutes",
                namespace="AWS/ApplicationELB",
                metric="HTTPCode_Target_5XX_Count",
                dimensions={
                    "LoadBalancer": self._args.load_balancer.arn_suffix,
                    "TargetGroup": service.target_group_arn_suffix,
                },
                statistic="Sum",
                threshold=10,
            )

    @staticmethod
    def _combined(
        namespace: str, dimensions: Mapping[str, str], metrics: Mapping[str, str], expression: tuple[str, str, str]
    ) -> list[cloudwatch.MetricAlarmMetricQueryArgs]:
        """Averages of a minute by the ids that the expression (id, text, label) names them by."""
        averages = [
            cloudwatch.MetricAlarmMetricQueryArgs(
                id=query,
                metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace=namespace, metric_name=metric, dimensions=dimensions, stat="Average", period=60
                ),
            )
            for query, metric in metrics.items()
        ]
        query, text, label = expression
        return [
            *averages,
            cloudwatch.MetricAlarmMetricQueryArgs(id=query, expression=text, label=label, return_data=True),
        ]

    def _dead_letter_alarm(self) -> None:
        queue = dead_letter_queue_name(self._scope.stage)
        self._alarm(
            "job-not-started",
            description=f"The Scheduler could not start a job: the messages in queue {queue} name its schedule",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue},
            statistic="Maximum",
            threshold=1,
            period=300,
            periods=1,
        )

    def _load_balancer_alarm(self) -> None:
        self._alarm(
            "alb-5xx",
            description="The load balancer itself answered at least 10 requests a minute with 5xx for five minutes",
            namespace="AWS/ApplicationELB",
            metric="HTTPCode_ELB_5XX_Count",
            dimensions={"LoadBalancer": self._args.load_balancer.arn_suffix},
            statistic="Sum",
            threshold=10,
        )

    def _connection_alarms(self, identifier: str, max_connections: int) -> None:
        for percent, threshold in zip((70, 90), connection_alarm_thresholds(max_connections), strict=True):
            self._alarm(
                f"db-connections-{percent}",
                description=f"{identifier} holds {threshold} of {max_connections} connections ({percent} %)",
                namespace="AWS/RDS",
                metric="DatabaseConnections",
                dimensions={"DBInstanceIdentifier": identifier},
                statistic="Maximum",
                threshold=threshold,
                periods=1,
            )

    def _dashboard(self, name: str) -> None:
        args, scope = self._args, self._scope
        body = dashboard_body(
            stage=scope.stage,
            region=scope.location.region,
            load_balancer_dimension=scope.name("alb"),
            cluster=args.cluster,
            services=[service.name for service in args.services.values()],
            jobs=[job.name for job in args.jobs.values()],
            database=args.database.identifier,
            max_connections=args.database.max_connections,
        )
        cloudwatch.Dashboard(name, dashboard_name=scope.stage, dashboard_body=body, opts=self._child())
