"""Policies about an alarm's terms: the metric it is called after, its unit and period, and what silence means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.alarms import Metric
from policies.resources.graph import Resource
from policies.resources.outcomes import settled
from policies.resources.reading import optional, required
from policies.resources.requested import asked_text
from policies.resources.tokens import ALARM
from policies.rules.policy import CLOUDWATCH_GUIDE
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, policy

_UNITS: Mapping[str, str] = {
    **dict.fromkeys(
        ("CPUUtilization", "MemoryUtilization", "CPUReservation", "MemoryReservation", "EBSFilesystemUtilization", "BurstBalance"),
        "Percent",
    ),
    **dict.fromkeys(
        (
            "DatabaseConnections", "HealthyHostCount", "UnHealthyHostCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count",
            "HTTPCode_Target_4XX_Count", "HTTPCode_ELB_4XX_Count", "RequestCount", "RequestCountPerTarget", "RejectedConnectionCount",
            "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent", "RunningTaskCount", "DesiredTaskCount", "DiskQueueDepth",
            "ActiveConnectionCount", "NewConnectionCount", "TargetConnectionErrorCount", "CPUCreditBalance",
        ),
        "Count",
    ),
    **dict.fromkeys(("TargetResponseTime", "ReadLatency", "WriteLatency", "ReplicaLag", "ApproximateAgeOfOldestMessage"), "Seconds"),
    **dict.fromkeys(("FreeStorageSpace", "FreeableMemory", "SwapUsage"), "Bytes"),
}  # fmt: skip
"""Metric to the unit that AWS writes it in (the services' user guides)."""
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "cpu": ("CPU",),
    "processor": ("CPU",),
    "memory": ("Memory",),
    "5xx": ("5XX", "50"),
    "4xx": ("4XX",),
    "connections": ("Connection",),
    "storage": ("Storage", "Filesystem", "Disk"),
    "disk": ("Storage", "Filesystem", "Disk"),
    "latency": ("Latency", "ResponseTime"),
    "lag": ("Lag",),
    "requests": ("Request", "5XX", "4XX", "50", "Latency", "ResponseTime"),  # those that failed, or were slow
}
"""A word in an alarm's name to what is in the metrics that it means."""
_PARTS = frozenset(part for known in _FAMILIES.values() for part in known)
_ALIVE = frozenset({"RunningTaskCount", "DesiredTaskCount"})
"""Metrics that end with what they count, or with Container Insights."""
_FINE = frozenset({10, 20, 30})


def _of_aws(stack: Stack, alarm: Resource) -> Iterator[tuple[str, Metric]]:
    """(name, metric) of each that an alarm reads of AWS's own."""
    for metric in settled(stack.facts.alarms[alarm.urn].metrics):
        if required(metric.namespace).startswith(("AWS/", "ECS/")):
            yield required(metric.name), metric


@policy(
    what="An alarm that is called after processor, memory, failures or connections watches that.",
    why="The dashboard shows an alarm for memory, and nothing watches memory.",
    severity="high",
    how_to_fix="Set metricName to the metric that the name says, or rename the alarm.",
    url=CLOUDWATCH_GUIDE + "AlarmThatSendsEmail.html",
    types=(ALARM,),
)
def alarm_as_named(stack: Stack, alarm: Resource) -> Iterator[Problem]:
    metrics = [name for name, _ in _of_aws(stack, alarm)]
    if not metrics:
        return
    text = f"{alarm.name} {optional(asked_text(alarm, 'name'), '')}".lower()
    for name in stack.facts.names.within(text):
        text = text.replace(name, " ")
    words = [word for word in re.findall(r"[a-z0-9]+", text) if word in _FAMILIES]
    parts = {part for word in words for part in _FAMILIES[word]}
    if not words or any(part in metric for metric in metrics for part in parts):
        return
    if any(part in metric for metric in metrics for part in _PARTS - parts):
        yield Problem(f"it is called {words[0]}, and watches {', '.join(metrics)[:100]}", f"a metric of {words[0]}")


@policy(
    what="An alarm reads its metric in the unit and by the period that CloudWatch has.",
    why="In another unit there is no data, and the alarm never fires; another period is refused.",
    severity="high",
    how_to_fix="Remove unit, and set period to 60 or a multiple of it.",
    url=CLOUDWATCH_GUIDE + "cloudwatch_concepts.html",
    types=(ALARM,),
)
def alarm_units_fit(stack: Stack, alarm: Resource) -> Iterator[Problem]:
    for name, metric in _of_aws(stack, alarm):
        unit = optional(metric.unit, "")
        if name in _UNITS and unit not in (_UNITS[name], "None", ""):
            yield Problem(f"unit of {name} is {unit[:30]}", _UNITS[name])
    for metric in settled(stack.facts.alarms[alarm.urn].metrics):
        period = optional(metric.period, 60)
        if period < 1 or (period % 60 and period not in _FINE):
            yield Problem(f"period is {period} s, which CloudWatch does not have", "60, or a multiple of it")


@policy(
    what="An alarm on what should run fires when nothing is heard of it.",
    why="The metric ends with the last task, or with Container Insights: silence is what it is for.",
    severity="high",
    how_to_fix="Set treatMissingData to breaching.",
    url=CLOUDWATCH_GUIDE + "alarms-and-missing-data.html",
    types=(ALARM,),
)
def alarm_hears_silence(stack: Stack, alarm: Resource) -> Iterator[Problem]:
    treated = asked_text(alarm, "treatMissingData")
    if any(required(metric.name) in _ALIVE for metric in settled(stack.facts.alarms[alarm.urn].metrics)):
        value = optional(treated, "missing")
        if value != "breaching":
            yield Problem(stated("treatMissingData", treated, value[:20]), "breaching")
