"""The policy `scaling-metric-exists`: a scaling policy has the configuration of its type, and a metric that AWS has."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from policies.facts.alarms import read_metric
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import optional, read, read_list, read_text, required
from policies.resources.requested import asked_map, asked_text
from policies.resources.tokens import SCALING_POLICY
from policies.rules.operations.metrics import metric_problems
from policies.rules.rule import Problem, Stack, policy

_OF_REQUESTS = "ALBRequestCountPerTarget"
_OF_SERVICES = ("ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", _OF_REQUESTS)
"""Application Auto Scaling API Reference, PredefinedMetricSpecification, those for the dimension ecs:service:DesiredCount."""
_CONFIGURATIONS = {
    "TargetTrackingScaling": "targetTrackingScalingPolicyConfiguration",
    "StepScaling": "stepScalingPolicyConfiguration",
    "PredictiveScaling": "predictiveScalingPolicyConfiguration",
}
_TRACKING, _PREDICTIVE = _CONFIGURATIONS["TargetTrackingScaling"], _CONFIGURATIONS["PredictiveScaling"]
_STEPPED = _CONFIGURATIONS["StepScaling"]
_STEPS = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
"""Application Auto Scaling API Reference, StepScalingPolicyConfiguration."""
_FORECAST = (
    "predefinedMetricPairSpecification",
    "predefinedLoadMetricSpecification",
    "predefinedScalingMetricSpecification",
)
_PREDICTED = (
    "ECSServiceCPUUtilization",
    "ECSServiceMemoryUtilization",
    "ECSServiceAverageCPUUtilization",
    "ECSServiceAverageMemoryUtilization",
    "ECSServiceTotalCPUUtilization",
    "ECSServiceTotalMemoryUtilization",
    "ALBRequestCount",
    "ALBRequestCountPerTarget",
    "TotalALBRequestCount",
)
"""Application Auto Scaling API Reference, PredictiveScalingPredefinedMetricPairSpecification, and those of load and scaling."""
_PREDEFINED, _CUSTOMIZED = (_TRACKING, "predefinedMetricSpecification"), (_TRACKING, "customizedMetricSpecification")
_STATISTICS = frozenset({"Average", "Minimum", "Maximum", "SampleCount", "Sum"})


@policy(
    what="A scaling policy has what its type needs, and follows a metric that AWS has for a service.",
    why="Auto Scaling refuses what it does not know, half-way through the deployment; on a metric that nobody writes it never scales.",
    severity="medium",
    how_to_fix="Set predefinedMetricType to one of Application Auto Scaling's for ECS, with resourceLabel for requests alone.",
    url="https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html",
    types=(SCALING_POLICY,),
)
def scaling_metric_exists(_: Stack, resource: Resource) -> Iterator[Problem]:
    kind = optional(asked_text(resource, "policyType"), "StepScaling")
    needed = _CONFIGURATIONS.get(kind)
    if needed is None:
        yield Problem(f"policyType is {kind[:40]}, which Auto Scaling does not know", " or ".join(_CONFIGURATIONS))
        return
    if isinstance(asked_map(resource, needed), Absent):
        yield Problem(f"policyType is {kind}, and {needed} is not set", needed)
    if needed == _STEPPED and not isinstance(asked_map(resource, _STEPPED), Absent):
        yield from _stepped(resource)
    if needed == _PREDICTIVE and not isinstance(asked_map(resource, _PREDICTIVE), Absent):
        yield from _predicted(resource)
    if needed == _TRACKING and not isinstance(asked_map(resource, _TRACKING), Absent):
        yield from _tracked(resource)


def _stepped(resource: Resource) -> Iterator[Problem]:
    kind = read_text(resource, _STEPPED, "adjustmentType")
    if isinstance(kind, Absent):
        yield Problem("adjustmentType is not set, without which Auto Scaling makes no step policy", " or ".join(_STEPS))
    elif required(kind) not in _STEPS:
        yield Problem(f"adjustmentType is {required(kind)[:40]}, which Auto Scaling does not know", " or ".join(_STEPS))
    if not optional(read_list(resource, _STEPPED, "stepAdjustments"), []):
        yield Problem("stepAdjustments is empty: it changes nothing", "one step at least")


def _predicted(resource: Resource) -> Iterator[Problem]:
    at = (_PREDICTIVE, "metricSpecifications")
    listed = range(len(required(read_list(resource, *at))))
    for position, key in ((place, key) for place in listed for key in _FORECAST):
        metric = read_text(resource, *at, position, key, "predefinedMetricType")
        if not isinstance(metric, Absent) and required(metric) not in _PREDICTED:
            nearest = difflib.get_close_matches(required(metric), _PREDICTED, n=1, cutoff=0)[0]
            yield Problem(f"{key} is of {required(metric)[:60]}, which no forecast is made of", f"such as {nearest}")


def _tracked(resource: Resource) -> Iterator[Problem]:
    required(asked_map(resource, _TRACKING))
    given = [path[1] for path in (_PREDEFINED, _CUSTOMIZED) if not isinstance(read(resource, *path), Absent)]
    if len(given) != 1:
        yield Problem(f"it follows {'two metrics' if given else 'no metric'}", f"{_PREDEFINED[1]} or {_CUSTOMIZED[1]}")
    if _PREDEFINED[1] in given:
        yield from _predefined(resource)
    if _CUSTOMIZED[1] in given:
        yield from _customized(resource)


def _predefined(resource: Resource) -> Iterator[Problem]:
    if read_text(resource, "scalableDimension") != Present("ecs:service:DesiredCount"):
        return
    metric = required(read_text(resource, *_PREDEFINED, "predefinedMetricType"))
    if metric not in _OF_SERVICES:
        nearest = difflib.get_close_matches(metric, _OF_SERVICES, n=1, cutoff=0)[0]
        yield Problem(f"predefinedMetricType is {metric[:60]}, which ECS services do not have", f"such as {nearest}")
    labelled = read(resource, *_PREDEFINED, "resourceLabel") not in (
        Absent(".".join((*_PREDEFINED, "resourceLabel"))),
        Present(""),
    )
    if metric == _OF_REQUESTS and not labelled:
        yield Problem(
            "resourceLabel is not set, and requests are counted by target group", "the load balancer's and the group's"
        )
    elif metric in _OF_SERVICES[:2] and labelled:
        yield Problem(f"resourceLabel is set beside {metric}, which Auto Scaling refuses", "no resourceLabel")


def _customized(resource: Resource) -> Iterator[Problem]:
    metric = read_metric(resource, *_CUSTOMIZED, statistic="statistic")
    if isinstance(metric.name, Absent):  # it calculates with several metrics
        for position in range(len(optional(read_list(resource, *_CUSTOMIZED, "metrics"), []))):
            part = read_metric(resource, *_CUSTOMIZED, "metrics", position, "metricStat", "metric")
            if not isinstance(part.name, Absent):
                yield from metric_problems(required(part.namespace), required(part.name))
        return
    yield from metric_problems(required(metric.namespace), required(metric.name))
    statistic = optional(metric.statistic, "Average")
    if statistic not in _STATISTICS:
        yield Problem(f"statistic is {statistic[:30]}", " or ".join(sorted(_STATISTICS)))
