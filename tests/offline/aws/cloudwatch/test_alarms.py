"""CloudWatch alarms."""

from typing import Any

import pytest

from offline.aws.handler import AwsInputError

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:dev-alerts"
DIMENSIONS = {"ServiceName": "dev-datalab-api", "ClusterName": "dev-item"}
SENT_DIMENSIONS = [{"Name": name, "Value": value} for name, value in sorted(DIMENSIONS.items())]


def _alarm(cloud: Any) -> dict[str, Any]:
    (alarm,) = cloud.ask("cloudwatch", "describe_alarms")["MetricAlarms"]
    return alarm


def test_alarm_on_a_metric(cloud: Any) -> None:
    as_given = {
        "alarmDescription": "CPU",
        "namespace": "AWS/ECS",
        "metricName": "CPUUtilization",
        "statistic": "Average",
        "period": 60,
        "evaluationPeriods": 5,
        "datapointsToAlarm": 4,
        "threshold": 85,
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
        "treatMissingData": "notBreaching",
        "alarmActions": [TOPIC],
    }
    more = {"dimensions": DIMENSIONS, "okActions": [TOPIC], "tags": {"Stage": "dev"}}
    made = cloud.make(ALARM, "cpu", name="dev-datalab-api-cpu", **as_given, **more)
    assert (made.id, made.outputs["actionsEnabled"]) == ("dev-datalab-api-cpu", True)
    assert made.outputs["arn"] == "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:dev-datalab-api-cpu"
    alarm = _alarm(cloud)
    expected = {
        **{f"{name[0].upper()}{name[1:]}": value for name, value in as_given.items()},
        "AlarmArn": made.outputs["arn"],
        "Dimensions": SENT_DIMENSIONS,
        "OKActions": [TOPIC],
    }
    assert {name: alarm.get(name) for name in expected} == expected
    cloud.change(ALARM, "cpu", threshold=90, okActions=None, tags={"Owner": "team"})
    assert (_alarm(cloud)["Threshold"], _alarm(cloud)["OKActions"]) == (90.0, [])
    tags = cloud.ask("cloudwatch", "list_tags_for_resource", ResourceARN=made.outputs["arn"])["Tags"]
    assert tags == [{"Key": "Owner", "Value": "team"}]
    cloud.delete(ALARM, "cpu")
    assert cloud.ask("cloudwatch", "describe_alarms")["MetricAlarms"] == []


def test_alarm_on_an_expression(cloud: Any) -> None:
    metric = {"namespace": "ECS/ContainerInsights", "dimensions": DIMENSIONS, "stat": "Average", "period": 60}
    cloud.make(
        ALARM,
        "below-desired",
        name="below-desired",
        evaluationPeriods=10,
        comparisonOperator="GreaterThanOrEqualToThreshold",
        threshold=1,
        metricQueries=[
            {"id": "desired", "metric": {**metric, "metricName": "DesiredTaskCount"}},
            {"id": "missing", "expression": "desired - 1", "label": "Tasks missing", "returnData": True},
        ],
    )
    desired, missing = _alarm(cloud)["Metrics"]
    assert desired == {
        "Id": "desired",
        "ReturnData": False,
        "MetricStat": {
            "Metric": {
                "Namespace": "ECS/ContainerInsights",
                "MetricName": "DesiredTaskCount",
                "Dimensions": SENT_DIMENSIONS,
            },
            "Period": 60,
            "Stat": "Average",
        },
    }
    assert missing == {"Id": "missing", "Expression": "desired - 1", "Label": "Tasks missing", "ReturnData": True}


def test_an_unknown_property_of_a_query_is_refused(cloud: Any) -> None:
    query = {"id": "m", "metric": {"metricName": "M", "stat": "Sum", "period": 60, "color": "red"}}
    with pytest.raises(AwsInputError) as caught:
        cloud.make(ALARM, "a", evaluationPeriods=1, comparisonOperator="LessThanThreshold", metricQueries=[query])
    assert str(caught.value) == (
        f'{ALARM}.metricQueries[0].metric: the offline AWS does not send the property "color"; '
        "known are dimensions, metricName, namespace, period, stat, unit."
    )
