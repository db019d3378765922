"""Log retention: what CloudWatch Logs documents, and a nearest value for what it does not."""

import re

import botocore.session
import pytest

from components.calc.logs import LOG_RETENTION_DAYS, check_retention


def test_the_values_are_those_of_the_aws_api() -> None:
    operation = botocore.session.get_session().get_service_model("logs").operation_model("PutRetentionPolicy")
    documentation = operation.input_shape.members["retentionInDays"].documentation
    listed = re.search(r"Possible values are: ([0-9, and]+)", documentation)
    assert tuple(int(number) for number in re.findall(r"\d+", listed[1])) == LOG_RETENTION_DAYS


@pytest.mark.parametrize("days", LOG_RETENTION_DAYS)
def test_accepted(days: int) -> None:
    assert check_retention(days) == days


@pytest.mark.parametrize(
    ("days", "nearest"), [(0, "1"), (-5, "1"), (10, "7 or 14"), (366, "365 or 400"), (4000, "3653")]
)
def test_refused_with_the_nearest_values(days: int, nearest: str) -> None:
    with pytest.raises(ValueError) as caught:
        check_retention(days)
    assert str(caught.value) == (
        f"CloudWatch Logs cannot keep events for {days} days: allowed are 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, "
        f"365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653; set {nearest}."
    )
