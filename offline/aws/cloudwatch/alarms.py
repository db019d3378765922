"""CloudWatch metric alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler
from offline.aws.mapping import Shape, create_by, delete_by, each, joined, pairs, pascal, put_again, tags_upper
from offline.aws.tagging import Tagging

_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_TAGGING = Tagging(service="cloudwatch", resource="ResourceARN")

_dimensions = pairs("Name", "Value")
_METRIC = pascal("metricName namespace", dimensions=_dimensions)
_STAT = pascal("period stat unit")
_QUERY = pascal("id accountId expression label period")


def _query(where: str, value: Any) -> dict[str, Any]:
    """A metric query; AWS returns data of every query unless asked otherwise, the provider of none."""
    given = dict(value)
    metric, returned = given.pop("metric", None), bool(given.pop("returnData", False))
    query = {**_QUERY(where, given), "ReturnData": returned}
    if metric is not None:
        joined(_METRIC, _STAT)(f"{where}.metric", metric)
        query["MetricStat"] = {
            "Metric": _METRIC.of(f"{where}.metric", metric),
            **_STAT.of(f"{where}.metric", metric),
        }
    return query


_NAME = pascal(name="AlarmName")
_PUT = pascal(
    "alarmActions alarmDescription comparisonOperator datapointsToAlarm evaluationInterval evaluationPeriods "
    "extendedStatistic insufficientDataActions metricName namespace period statistic threshold thresholdMetricId "
    "treatMissingData unit actionsEnabled",
    dimensions=_dimensions,
    evaluateLowSampleCountPercentiles="EvaluateLowSampleCountPercentile",
    evaluationCriteria=pascal(promqlCriteria=("PromQLCriteria", pascal("query pendingPeriod recoveryPeriod"))),
    evaluationWindow=pascal(wallClockWindow=pascal("timezone")),
    metricQueries=("Metrics", each(_query)),
    okActions="OKActions",
    warmUpConfiguration=pascal("warmUpPeriodDurationInMinutes onlyStartEvaluatingAfterWarmUpPeriodEnds"),
)
_TAGS = pascal(tags=tags_upper)
_DEFAULTS = {"actionsEnabled": True, "treatMissingData": "missing"}


def _put_alarm(shape: Shape) -> Callable[[Aws, dict[str, Any]], Applied]:
    return create_by(_ALARM, "cloudwatch", "put_metric_alarm", shape, id="{name}", given=_DEFAULTS)


HANDLERS = (
    Handler(
        type_token=_ALARM,
        inputs=joined(_NAME, _PUT, _TAGS).names,
        create=_put_alarm(joined(_NAME, _PUT, _TAGS)),
        # PutMetricAlarm replaces the whole alarm, but not its tags.
        update=put_again(_put_alarm(joined(_NAME, _PUT)), when=_PUT),
        delete=delete_by("cloudwatch", "delete_alarms", "AlarmNames", many=True),
        replace_on=_NAME.names,
        name_property="name",
        defaults=_DEFAULTS,
        arn="cloudwatch:alarm:{id}",
        retag=_TAGGING.change,
    ),
)
