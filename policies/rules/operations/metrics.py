"""The policy `alarm-metric-exists`: an alarm reads a metric that AWS has, of one resource."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator, Mapping

from policies.resources.graph import Resource
from policies.resources.outcomes import Present, settled
from policies.resources.reading import required
from policies.resources.tokens import ALARM
from policies.rules.policy import CLOUDWATCH_GUIDE
from policies.rules.rule import Problem, Stack, policy

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
                   "LowReputationPacketsDropped", "ZonalShiftedHostCount", "IPv6RequestCount", "IPv6ProcessedBytes",
                   "ELBAuthError", "ELBAuthFailure", "ELBAuthLatency", "ELBAuthRefreshTokenSuccess", "ELBAuthSuccess",
                   "ELBAuthUserClaimsSizeExceeded", "LambdaInternalError", "LambdaTargetProcessedBytes", "LambdaUserError",
                   "BYoIPUtilPercentage"}),
        ("LoadBalancer",),
    ),
    "AWS/RDS": (frozenset(), ()),
    "AWS/EC2": (frozenset(), ()),
    "AWS/Lambda": (frozenset(), ()),
    "AWS/Scheduler": (frozenset(), ()),
    "AWS/States": (frozenset(), ()),
    "AWS/SQS": (
        frozenset({"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
                   "ApproximateNumberOfMessagesVisible", "NumberOfEmptyReceives", "NumberOfMessagesDeleted",
                   "NumberOfMessagesReceived", "NumberOfMessagesSent", "SentMessageSize", "ApproximateNumberOfGroupsWithInflightMessages"}),
        ("QueueName",),
    ),
}  # fmt: skip
"""Namespace to its metrics (empty: too many to list) and the dimensions that each needs (the services' user guides)."""
_OFTEN: Mapping[str, frozenset[str]] = {
    "AWS/Lambda": frozenset({
        "Invocations", "Errors", "DeadLetterErrors", "DestinationDeliveryFailures", "Throttles", "OversizedRecordCount",
        "ProvisionedConcurrencyInvocations", "ProvisionedConcurrencySpilloverInvocations", "RecursiveInvocationsDropped",
        "Duration", "PostRuntimeExtensionsDuration", "IteratorAge", "OffsetLag", "ConcurrentExecutions",
        "ProvisionedConcurrentExecutions", "ProvisionedConcurrencyUtilization", "UnreservedConcurrentExecutions",
        "ClaimedAccountConcurrency", "AsyncEventsReceived", "AsyncEventAge", "AsyncEventsDropped", "PolledEventCount",
        "InvokedEventCount", "FilteredOutEventCount", "FailedInvokeEventCount", "DeletedEventCount", "DroppedEventCount",
        "OnFailureDestinationDeliveredEventCount", "ProvisionedPollers", "SignatureValidationErrors",
    }),
    "AWS/Scheduler": frozenset({
        "InvocationAttemptCount", "TargetErrorCount", "TargetErrorThrottledCount", "InvocationThrottleCount",
        "InvocationDroppedCount", "InvocationsSentToDeadLetterCount", "InvocationsFailedToBeSentToDeadLetterCount",
        "InvocationsSentToDeadLetterCount_Truncated_MessageSizeExceeded",
    }),
    "AWS/States": frozenset({
        "ExecutionTime", "ExecutionThrottled", "ExecutionsAborted", "ExecutionsFailed", "ExecutionsStarted",
        "ExecutionsSucceeded", "ExecutionsTimedOut", "ExecutionsRedriven", "RedrivenExecutionsAborted",
        "RedrivenExecutionsFailed", "RedrivenExecutionsSucceeded", "RedrivenExecutionsTimedOut", "OpenExecutionCount",
        "OpenExecutionLimit", "ActivitiesFailed", "ActivitiesHeartbeatTimedOut", "ActivitiesScheduled", "ActivitiesStarted",
        "ActivitiesSucceeded", "ActivitiesTimedOut", "LambdaFunctionsFailed", "LambdaFunctionsScheduled",
        "LambdaFunctionsStarted", "LambdaFunctionsSucceeded", "LambdaFunctionsTimedOut", "ServiceIntegrationsFailed",
        "ServiceIntegrationsScheduled", "ServiceIntegrationsStarted", "ServiceIntegrationsSucceeded",
        "ServiceIntegrationsTimedOut", "ThrottledEvents", "ThrottledRequests",
    }),
    "ECS/ContainerInsights": frozenset({
        "CpuUtilized", "CpuReserved", "MemoryUtilized", "MemoryReserved", "NetworkRxBytes", "NetworkTxBytes",
        "StorageReadBytes", "StorageWriteBytes", "ContainerInstanceCount", "RunningTaskCount", "PendingTaskCount",
        "DesiredTaskCount", "DeploymentCount", "ServiceCount", "TaskCount", "TaskSetCount", "EphemeralStorageReserved",
        "EphemeralStorageUtilized", "RestartCount", "UnHealthyContainerHealthStatus", "TaskCpuUtilization",
        "TaskMemoryUtilization", "ContainerCpuUtilization", "ContainerMemoryUtilization", "ContainerCpuUtilized",
        "ContainerCpuReserved", "ContainerMemoryUtilized", "ContainerMemoryReserved", "TaskEphemeralStorageUtilization",
    }),
    "AWS/RDS": frozenset({
        "DatabaseConnections", "CPUUtilization", "CPUCreditBalance", "CPUCreditUsage", "CPUSurplusCreditBalance",
        "FreeableMemory", "FreeStorageSpace", "FreeLocalStorage", "SwapUsage", "ReadLatency", "WriteLatency",
        "ReadIOPS", "WriteIOPS", "ReadThroughput", "WriteThroughput", "DiskQueueDepth", "BurstBalance", "ReplicaLag",
        "AuroraReplicaLag", "BinLogDiskUsage", "EBSIOBalance%", "EBSByteBalance%", "NetworkReceiveThroughput",
        "NetworkTransmitThroughput", "DBLoad", "DBLoadCPU", "DBLoadNonCPU", "MaximumUsedTransactionIDs",
        "OldestReplicationSlotLag", "TransactionLogsDiskUsage", "Deadlocks", "ServerlessDatabaseCapacity",
        "ACUUtilization", "VolumeBytesUsed", "CommitLatency", "SelectLatency", "AbortedClients", "LoginFailures",
    }),
}  # fmt: skip
"""The metrics that are often alarmed on, of namespaces that have too many to list: for names that are nearly theirs."""
_DIMENSIONS: Mapping[str, frozenset[str]] = {
    "AWS/ECS": frozenset({"ClusterName", "ServiceName", "DiscoveryName", "TargetDiscoveryName"}),
    "ECS/ContainerInsights": frozenset({
        "ClusterName", "ServiceName", "TaskDefinitionFamily", "TaskId", "ContainerName", "InstanceId",
        "ContainerInstanceId", "EC2InstanceId", "VolumeName", "CapacityProviderName", "DiscoveryName",
        "TargetDiscoveryName",
    }),
    "AWS/ApplicationELB": frozenset({"LoadBalancer", "TargetGroup", "AvailabilityZone"}),
    "AWS/Lambda": frozenset({"FunctionName", "Resource", "ExecutedVersion", "EventSourceMappingUUID"}),
    "AWS/RDS": frozenset({
        "DBInstanceIdentifier", "DBClusterIdentifier", "DatabaseClass", "EngineName", "Role", "SourceRegion",
        "DbClusterIdentifier",
    }),
    "AWS/SQS": frozenset({"QueueName"}),
    "AWS/EC2": frozenset({"InstanceId", "AutoScalingGroupName", "ImageId", "InstanceType"}),
}  # fmt: skip
"""Namespace to the dimensions that its metrics have, where these are few and stay."""
_OTHERS = (
    "AWS/Events", "AWS/CodeBuild", "AWS/NATGateway", "AWS/SNS", "AWS/S3", "AWS/Logs",
)  # fmt: skip


_OF_TARGETS = frozenset({"RequestCountPerTarget"})
"""Metrics of a load balancer that are there by target group alone."""
_IN_PART = {"LoadBalancer": "app/prd/50dc6c495c0c9188", "TargetGroup": "targetgroup/prd/73e2d6bc24d8a067"}
"""Dimensions whose value is the end of an ARN, to one such."""


@functools.lru_cache(maxsize=1024)
def metric_problems(namespace: str, metric: str) -> tuple[Problem, ...]:
    """What is wrong with a metric's name or namespace, nothing for those of one's own. A stack alarms on the same few."""
    return tuple(_problems(namespace, metric))


def _problems(namespace: str, metric: str) -> Iterator[Problem]:
    known = _METRICS.get(namespace)
    if known is None:
        near = [name for name in (*_METRICS, *_OTHERS) if name.lower() == namespace.lower() and name != namespace]
        if near:
            yield Problem(f'namespace is "{namespace[:60]}"', f'"{near[0]}"')
        return
    metrics, _ = known
    near = difflib.get_close_matches(metric, _OFTEN.get(namespace, ()), n=1, cutoff=0.85)
    if near and metric not in _OFTEN[namespace]:
        yield Problem(f'{namespace} has no metric "{metric[:60]}"', f'such as "{near[0]}"')
    if metrics and metric not in metrics:
        nearest = difflib.get_close_matches(metric, metrics, n=1, cutoff=0)[0]
        yield Problem(f'{namespace} has no metric "{metric[:60]}"', f'such as "{nearest}"')


@policy(
    what="An alarm reads a metric that AWS has, of the resource that it is named for.",
    why="CloudWatch takes every name: an alarm on a metric that nobody writes stays at insufficient data and never fires.",
    severity="high",
    how_to_fix="Write namespace, metricName and dimensions as the service's user guide lists them.",
    url=CLOUDWATCH_GUIDE + "aws-services-cloudwatch-metrics.html",
    types=(ALARM,),
)
def alarm_metric_exists(stack: Stack, alarm: Resource) -> Iterator[Problem]:
    for read in settled(stack.facts.alarms[alarm.urn].metrics):
        namespace, metric, dimensions = required(read.namespace), required(read.name), tuple(settled(read.dimensions))
        yield from metric_problems(namespace, metric)
        if namespace not in _METRICS:
            continue
        metrics, needed = _METRICS[namespace]
        by_targets = metric in _OF_TARGETS and "TargetGroup" in dimensions
        missing = [name for name in needed if name not in dimensions and not by_targets]
        for name in _IN_PART.keys() & set(dimensions):
            value = read.dimension(name)
            if isinstance(value, Present) and value.value.startswith("arn:"):
                yield Problem(
                    f"the dimension {name} is a whole ARN, by which there is no metric", f"such as {_IN_PART[name]}"
                )
        strange = sorted(set(dimensions) - _DIMENSIONS.get(namespace, frozenset(dimensions)))
        if strange:
            yield Problem(
                f"{namespace} has no dimension {', '.join(strange)[:80]}",
                ", ".join(sorted(_DIMENSIONS[namespace]))[:200],
            )
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
