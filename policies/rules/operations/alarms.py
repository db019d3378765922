"""Policies about what alarms measure: metrics that AWS has, of one resource, and thresholds that can be reached."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from policies.resources.graph import Resource
from policies.resources.reading import (
    Absent,
    NotDecidedError,
    Present,
    Undecided,
    optional,
    read,
    read_integer,
    read_map,
    read_text,
    required,
)
from policies.resources.requested import asked_integer, asked_text
from policies.resources.tokens import ALARM
from policies.rules.policy import STRICT_IN_PRD, setting
from policies.rules.rule import Problem, Stack, policy

_WATCH = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/"
_ECS_DIMENSIONS = ("ClusterName",)
_METRICS: Mapping[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "AWS/ECS": (
        frozenset({"CPUUtilization", "MemoryUtilization", "CPUReservation", "MemoryReservation", "GPUReservation",
                   "EBSFilesystemUtilization", "ActiveConnectionCount", "NewConnectionCount", "ProcessedBytes", "RequestCount",
                   "GrpcRequestCount", "HTTPCode_Target_2XX_Count", "HTTPCode_Target_3XX_Count", "HTTPCode_Target_4XX_Count",
                   "HTTPCode_Target_5XX_Count", "RequestCountPerTarget", "TargetProcessedBytes", "TargetResponseTime",
                   "ClientTLSNegotiationErrorCount", "TargetTLSNegotiationErrorCount"}),
        _ECS_DIMENSIONS,
    ),
    "ECS/ContainerInsights": (frozenset(), _ECS_DIMENSIONS),
    "AWS/ApplicationELB": (
        frozenset({"HTTPCode_Target_2XX_Count", "HTTPCode_Target_3XX_Count", "HTTPCode_Target_4XX_Count",
                   "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_3XX_Count", "HTTPCode_ELB_4XX_Count", "HTTPCode_ELB_5XX_Count",
                   "HTTPCode_ELB_500_Count", "HTTPCode_ELB_502_Count", "HTTPCode_ELB_503_Count", "HTTPCode_ELB_504_Count",
                   "HealthyHostCount", "UnHealthyHostCount", "RequestCount", "RequestCountPerTarget", "TargetResponseTime",
                   "TargetConnectionErrorCount", "ActiveConnectionCount", "NewConnectionCount", "RejectedConnectionCount",
                   "ClientTLSNegotiationErrorCount", "TargetTLSNegotiationErrorCount", "ConsumedLCUs", "PeakLCUs", "ProcessedBytes",
                   "AnomalousHostCount", "MitigatedHostCount", "HealthyStateRouting", "HealthyStateDNS", "UnhealthyStateRouting",
                   "UnhealthyStateDNS", "UnhealthyRoutingRequestCount", "RuleEvaluations",
                   "DesyncMitigationMode_NonCompliant_Request_Count",
                   "DroppedInvalidHeaderRequestCount", "GrpcRequestCount", "HTTP_Redirect_Count", "HTTP_Fixed_Response_Count",
                   "HTTP_Redirect_Url_Limit_Exceeded_Count", "ForwardedInvalidHeaderRequestCount", "LowReputationRequestCount",
                   "LowReputationPacketsDropped", "ZonalShiftedHostCount", "IPv6RequestCount", "IPv6ProcessedBytes"}),
        ("LoadBalancer",),
    ),
    "AWS/RDS": (frozenset(), ()),
    "AWS/SQS": (
        frozenset({"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
                   "ApproximateNumberOfMessagesVisible", "NumberOfEmptyReceives", "NumberOfMessagesDeleted",
                   "NumberOfMessagesReceived", "NumberOfMessagesSent", "SentMessageSize", "ApproximateNumberOfGroupsWithInflightMessages"}),
        ("QueueName",),
    ),
}  # fmt: skip
"""Namespace to its metrics (empty: too many to list) and the dimensions that each needs (the services' user guides)."""
_OTHERS = (
    "AWS/Scheduler",
    "AWS/Events",
    "AWS/CodeBuild",
    "AWS/NATGateway",
    "AWS/SNS",
    "AWS/Lambda",
    "AWS/S3",
    "AWS/EC2",
    "AWS/Logs",
)
_PERCENT = frozenset(
    {"CPUUtilization", "MemoryUtilization", "EBSFilesystemUtilization", "CPUReservation", "MemoryReservation"}
)
_GOOD = frozenset(
    {"HealthyHostCount", "FreeStorageSpace", "FreeableMemory", "CPUCreditBalance", "BurstBalance", "EBSIOBalance%", "EBSByteBalance%",
     "RequestCount", "RequestCountPerTarget", "NumberOfMessagesReceived", "NumberOfMessagesDeleted",
     "RunningTaskCount", "HTTPCode_Target_2XX_Count"}
)  # fmt: skip
"""Metrics of which less is worse, or may be."""


def _metrics(alarm: Resource) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """(namespace, metric, names of dimensions, path) of each metric that an alarm reads."""
    at: list[tuple[str | int, ...]] = []
    if not isinstance(read(alarm, "metricName"), Absent):
        at.append(())
    queries = read(alarm, "metricQueries")
    if isinstance(queries, Present) and isinstance(queries.value, list):
        at += [
            ("metricQueries", position, "metric")
            for position in range(len(queries.value))
            if not isinstance(read(alarm, "metricQueries", position, "metric"), Absent)
        ]
    elif isinstance(queries, Undecided) and alarm.property_dependencies.get("metricQueries"):
        raise NotDecidedError(queries)
    for path in at:
        dimensions = optional(read_map(alarm, *path, "dimensions"), {})
        namespace = required(read_text(alarm, *path, "namespace"))
        yield namespace, required(read_text(alarm, *path, "metricName")), tuple(dimensions), ".".join(map(str, path))


@policy(
    name="alarm-metric-exists",
    what="An alarm reads a metric that AWS has, of the resource that it is named for.",
    why="CloudWatch takes every name: an alarm on a metric that nobody writes stays at insufficient data and never tells.",
    severity="high",
    how_to_fix="Write namespace, metricName and dimensions as the service's user guide lists them.",
    url=_WATCH + "aws-services-cloudwatch-metrics.html",
    levels=STRICT_IN_PRD,
    types=(ALARM,),
)
def alarm_metric_exists(stack: Stack, alarm: Resource) -> Iterator[Problem]:
    for namespace, metric, dimensions, _ in _metrics(alarm):
        known = _METRICS.get(namespace)
        if known is None:
            near = [name for name in (*_METRICS, *_OTHERS) if name.lower() == namespace.lower() and name != namespace]
            if near:
                yield Problem(f'namespace is "{namespace[:60]}"', f'"{near[0]}"')
            continue
        metrics, needed = known
        if metrics and metric not in metrics:
            nearest = difflib.get_close_matches(metric, metrics, n=1, cutoff=0)[0]
            yield Problem(f'{namespace} has no metric "{metric[:60]}"', f'such as "{nearest}"')
        missing = [name for name in needed if name not in dimensions]
        # A container's own metrics, and an account's, have fewer dimensions.
        if missing and (metrics or not dimensions):
            yield Problem(f"dimensions of {metric} lack {', '.join(missing)}", ", ".join(needed))
        elif (
            namespace.endswith(("ECS", "ContainerInsights"))
            and not {"ServiceName", "TaskDefinitionFamily"} & set(dimensions)
            and stack.facts.names.of(alarm) & stack.facts.names.services
        ):
            yield Problem(
                f"dimensions of {metric} lack ServiceName, which it is named for", "ServiceName beside ClusterName"
            )


@policy(
    name="alarm-can-fire",
    what="An alarm's threshold can be reached, in the direction that is bad, and within the hour.",
    why="An alarm that cannot fire is worse than none: people rely on it.",
    severity="high",
    how_to_fix="Set threshold, comparisonOperator, datapointsToAlarm and evaluationPeriods to what is bad, for minutes and not hours.",
    url=_WATCH + "AlarmThatSendsEmail.html",
    levels=STRICT_IN_PRD,
    settings=(setting("maximumSeconds", 3600, "Seconds that something is bad until its alarm fires, at most."),),
    types=(ALARM,),
)
def alarm_can_fire(stack: Stack, alarm: Resource) -> Iterator[Problem]:
    periods = required(read_integer(alarm, "evaluationPeriods"))
    points = optional(asked_integer(alarm, "datapointsToAlarm"), periods)
    if points > periods:
        yield Problem(
            f"datapointsToAlarm is {points} of {periods} evaluationPeriods, which AWS refuses", f"at most {periods}"
        )
    period = optional(asked_integer(alarm, "period"), 60)
    most = stack.number("maximumSeconds")
    if period * points > most:
        yield Problem(f"it fires after {period * points} s (period times datapointsToAlarm)", f"at most {most} s")
    metric = optional(asked_text(alarm, "metricName"), "")
    if not metric or not isinstance(read(alarm, "thresholdMetricId"), Absent):
        return
    threshold = _number(alarm, "threshold")
    operator = required(read_text(alarm, "comparisonOperator"))
    if metric in _PERCENT and not 0 < threshold < 100:
        yield Problem(f"threshold of {metric} is {threshold:g}, and it goes from 0 to 100", "between them")
    if operator.startswith("LessThan") and metric not in _GOOD and metric in _BAD:
        yield Problem(
            f"comparisonOperator is {operator[:40]}, and much {metric} is what is bad", "GreaterThanOrEqualToThreshold"
        )
    if metric.startswith("HTTPCode_") and optional(asked_text(alarm, "statistic"), "Sum") != "Sum":
        yield Problem(f"statistic of {metric} is {optional(asked_text(alarm, 'statistic'), '')[:20]}", "Sum")
    if metric == "DatabaseConnections":
        yield from _connections(stack, alarm, threshold)


_BAD = _PERCENT | frozenset(
    {"DatabaseConnections", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "UnHealthyHostCount", "TargetResponseTime",
     "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "RejectedConnectionCount", "DiskQueueDepth", "ReplicaLag"}
)  # fmt: skip
"""Metrics of which more is worse."""


def _number(alarm: Resource, prop: str) -> float:
    found = read(alarm, prop)
    if isinstance(found, Undecided):
        raise NotDecidedError(found)
    value = found.value if isinstance(found, Present) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return float(required(read_integer(alarm, prop)))
    return float(value)


def _connections(stack: Stack, alarm: Resource, threshold: float) -> Iterator[Problem]:
    """Connections beyond what the database admits are refused, never counted."""
    name = read_text(alarm, "dimensions", "DBInstanceIdentifier")
    for database in stack.facts.databases:
        if not isinstance(name, Present) or name.value not in database.called or database.supply is None:
            continue
        most = database.supply.max_connections
        if threshold > most:
            yield Problem(
                f"threshold is {threshold:g} connections, and {name.value} admits {most}",
                f"at most {most}",
            )
