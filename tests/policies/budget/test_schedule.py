"""AWS schedule expressions: what is taken, what is refused, and the shortest time between two runs."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.budget.schedule import ScheduleError, parse_schedule

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("expression", "shortest"),
    [
        ("rate(1 minute)", MINUTE),
        ("rate(5 minutes)", 5 * MINUTE),
        ("rate(2 hours)", 2 * HOUR),
        ("rate(7 days)", 7 * DAY),
        ("at(2030-01-31T03:00:00)", timedelta.max),
        ("cron(0 2 * * ? *)", DAY),
        ("cron(0 * * * ? *)", HOUR),
        ("cron(*/15 * ? * MON-FRI *)", 15 * MINUTE),
        ("cron(5,20,50 * * * ? *)", 15 * MINUTE),
        ("cron(0 0,23 * * ? *)", HOUR),
        ("cron(0 9 ? * 2-6 *)", DAY),
        ("cron(0 9 ? * MON,WED *)", 2 * DAY),
        ("cron(0 9 ? * SUN *)", 7 * DAY),
        ("cron(0 9 ? * FRI-MON *)", DAY),
        ("cron(0 9 ? * L *)", 7 * DAY),
        ("cron(0 9 ? * 6L *)", 28 * DAY),
        ("cron(0 9 ? * TUE#1,TUE#2 *)", 7 * DAY),
        ("cron(0 2 1 * ? *)", 28 * DAY),
        ("cron(0 2 31 * ? *)", 31 * DAY),
        ("cron(0 2 L * ? *)", 28 * DAY),
        ("cron(0 2 LW * ? *)", 28 * DAY),
        ("cron(0 2 15W * ? *)", 28 * DAY),
        ("cron(0 2 1/10 * ? *)", DAY),
        ("cron(0 0 1 JAN,jul ? *)", 181 * DAY),
        ("cron(0 0 29 2 ? *)", 1461 * DAY),
        ("cron(0 0 1 1 ? 2030)", timedelta.max),
        ("cron(0 0 1 1 ? 2030,2032)", 730 * DAY),
        ("cron(0 0,12 1 1 ? 2030)", 12 * HOUR),
        ("cron(0,30 0 31 2 ? *)", timedelta.max),
    ],
)
def test_shortest_period(expression: str, shortest: timedelta) -> None:
    assert parse_schedule(expression).shortest_period() == shortest


@pytest.mark.parametrize(
    ("expression", "shortest"),
    [
        ("cron(0 2 * * ? *)", 23 * HOUR),
        ("cron(0 */2 * * ? *)", HOUR),
        ("cron(0 * * * ? *)", HOUR),
        ("rate(1 day)", DAY),
        ("cron(0 0 1 1 ? 2030)", timedelta.max),
    ],
)
def test_clocks_put_forward_bring_runs_of_a_day_closer(expression: str, shortest: timedelta) -> None:
    assert parse_schedule(expression).shortest_period(daylight_saving=True) == shortest


def test_a_one_time_schedule_knows_its_time() -> None:
    assert parse_schedule("at(2030-01-31T03:00:00)").once == datetime(2030, 1, 31, 3)  # noqa: DTZ001 -- local by definition


EXAMPLES = 'for example "rate(1 hour)", "cron(0 3 * * ? *)" or "at(2030-01-31T03:00:00)".'
RATE = "is wrong: a rate is a positive integer and minute(s), hour(s) or day(s)"
AT = "is wrong: at(...) takes a date that exists as yyyy-mm-ddThh:mm:ss"


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("hourly", "is wrong: it is none of rate(...), cron(...), at(...);"),
        ("0 3 * * ? *", "is wrong: it is none of rate(...), cron(...), at(...);"),
        ("rate(0 minutes)", f"{RATE};"),
        ("rate(1.5 hours)", f"{RATE};"),
        ("rate(1 week)", f"{RATE};"),
        ("at(2030-02-30T03:00:00)", f"{AT};"),
        ("at(2030-01-31 03:00)", f"{AT};"),
        (
            "cron(0 3 * * ?)",
            "is wrong: cron takes six fields (minutes hours day-of-month month day-of-week year), found 5;",
        ),
        ("cron(0 3 * * * *)", 'is wrong: exactly one of day-of-month and day-of-week is "?";'),
        ("cron(0 3 ? * ? *)", 'is wrong: exactly one of day-of-month and day-of-week is "?";'),
        ("cron(60 3 * * ? *)", 'is wrong: "60" in the minutes field is not in 0 to 59;'),
        ("cron(0 24 * * ? *)", 'is wrong: "24" in the hours field is not in 0 to 23;'),
        ("cron(0 3 0 * ? *)", 'is wrong: "0" in the day-of-month field is not in 1 to 31;'),
        ("cron(0 3 * 13 ? *)", 'is wrong: "13" in the month field is not in 1 to 12 or JAN to DEC;'),
        ("cron(0 3 ? * 8 *)", 'is wrong: "8" in the day-of-week field is not in 1 to 7 or SUN to SAT;'),
        ("cron(0 3 ? * MON#6 *)", 'is wrong: "6" in the day-of-week (after #) field is not in 1 to 5;'),
        ("cron(0 3 * * ? 1969)", 'is wrong: "1969" in the year field is not in 1970 to 2199;'),
        ("cron(*/0 3 * * ? *)", 'is wrong: the step "0" in the minutes field is no positive number;'),
        ("cron(0, 3 * * ? *)", 'is wrong: "" in the minutes field is not in 0 to 59;'),
    ],
)
def test_what_aws_would_refuse_is_refused_with_a_sentence(expression: str, wrong: str) -> None:
    with pytest.raises(ScheduleError) as error:
        parse_schedule(expression)
    assert str(error.value) == f'The schedule expression "{expression}" {wrong} {EXAMPLES}'


@given(st.text(alphabet="ratecron()*?/,-LW# 0123456789MON", max_size=30))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    try:
        found = parse_schedule(f"cron({text})")
    except ScheduleError:
        return
    assert found.shortest_period() > timedelta(0)
