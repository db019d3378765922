"""AWS's cron fields: minutes, hours, day of month, month, day of week, year; and the shortest gap between two runs."""

from __future__ import annotations

import calendar
import datetime
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_MONTHS = {
    "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6, "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12,
}  # fmt: skip
_WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_ONE_DAY = datetime.timedelta(days=1)


class CronError(ValueError):
    """Half a sentence that says which field is wrong and what it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Days:
    """Which days a cron expression names. Days of week are AWS's: 1 is Sunday, 7 Saturday."""

    every: bool = False
    of_month: frozenset[int] = frozenset()
    last: bool = False
    nearest_weekday: frozenset[int] = frozenset()
    last_weekday: bool = False
    of_week: frozenset[int] = frozenset()
    nth_of_week: frozenset[tuple[int, int]] = frozenset()
    last_of_week: frozenset[int] = frozenset()

    def includes(self, day: datetime.date) -> bool:
        if self.every or day.day in self.of_month:
            return True
        length = calendar.monthrange(day.year, day.month)[1]
        weekday = day.isoweekday() % 7 + 1
        return (
            (self.last and day.day == length)
            or weekday in self.of_week
            or (weekday, (day.day + 6) // 7) in self.nth_of_week
            or (weekday in self.last_of_week and day.day + 7 > length)
            or any(day == _nearest_weekday(day.year, day.month, wanted, length) for wanted in self.nearest_weekday)
            or (self.last_weekday and day == _last_weekday(day.year, day.month, length))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A cron expression AWS takes. minutes_of_day: sorted, of the days it names."""

    minutes_of_day: tuple[int, ...]
    days: _Days
    months: frozenset[int]
    years: frozenset[int] | None

    def shortest_gap(self) -> datetime.timedelta:
        """The shortest time between two runs, daylight saving left aside; `timedelta.max` for at most one run."""
        times = self.minutes_of_day
        if next(self._matching_days(), None) is None:
            return datetime.timedelta.max
        gaps = [datetime.timedelta(minutes=later - earlier) for earlier, later in itertools.pairwise(times)]
        across = self._shortest_day_gap()
        if across is not None:
            gaps.append(across * _ONE_DAY + datetime.timedelta(minutes=times[0] - times[-1]))
        return min(gaps, default=datetime.timedelta.max)

    def _shortest_day_gap(self) -> int | None:
        shortest: int | None = None
        previous: datetime.date | None = None
        for day in self._matching_days():
            if previous is not None:
                gap = (day - previous).days
                shortest = gap if shortest is None else min(shortest, gap)
                if shortest == 1:
                    break
            previous = day
        return shortest

    def _matching_days(self) -> Iterator[datetime.date]:
        # The calendar repeats its weekdays every 28 years as long as no century interferes: 2000 to 2099 has none.
        years = sorted(self.years) if self.years is not None else range(2000, 2029)
        for year in years:
            for month in sorted(self.months):
                for number in range(1, calendar.monthrange(year, month)[1] + 1):
                    day = datetime.date(year, month, number)
                    if self.days.includes(day):
                        yield day


def parse_cron(fields: str) -> Cron:
    """Six fields separated by blanks, as AWS takes them. Raises CronError."""
    parts = fields.split()
    if len(parts) != 6:
        raise CronError(
            f"cron takes six fields (minutes hours day-of-month month day-of-week year), found {len(parts)}"
        )
    minutes = _numbers("minutes", parts[0], 0, 59)
    hours = _numbers("hours", parts[1], 0, 23)
    if (parts[2] == "?") == (parts[4] == "?"):
        raise CronError('exactly one of day-of-month and day-of-week is "?"')
    days = _days_of_month(parts[2]) if parts[4] == "?" else _days_of_week(parts[4])
    return Cron(
        minutes_of_day=tuple(sorted(60 * hour + minute for hour in hours for minute in minutes)),
        days=days,
        months=_numbers("month", parts[3], 1, 12, _MONTHS),
        years=None if parts[5] == "*" else _numbers("year", parts[5], _FIRST_YEAR, _LAST_YEAR),
    )


def _numbers(field: str, text: str, low: int, high: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    """The numbers of one field: `*`, lists, ranges, steps, names."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step_text = part.partition("/")
        step = 1
        if slash:
            if not re.fullmatch(r"[0-9]{1,4}", step_text, re.ASCII) or int(step_text) == 0:
                raise CronError(f'the step "{step_text}" in the {field} field is no positive number')
            step = int(step_text)
        if span == "*":
            start, end = low, high
        else:
            first, dash, second = span.partition("-")
            start = _number(field, first, low, high, names)
            end = _number(field, second, low, high, names) if dash else high if slash else start
        # A range may run over the field's end, as in FRI-MON.
        span_numbers = list(range(start, end + 1)) if start <= end else [*range(start, high + 1), *range(low, end + 1)]
        found.update(span_numbers[::step])
    return frozenset(found)


def _number(field: str, text: str, low: int, high: int, names: Mapping[str, int] | None) -> int:
    named = (names or {}).get(text.upper())
    if named is not None:
        return named
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not low <= int(text) <= high:
        also = f" or {next(iter(names))} to {list(names)[-1]}" if names else ""
        raise CronError(f'"{text}" in the {field} field is not in {low} to {high}{also}')
    return int(text)


def _days_of_month(text: str) -> _Days:
    if text == "*":
        return _Days(every=True)
    plain: list[str] = []
    nearest: set[int] = set()
    last = last_weekday = False
    for part in text.split(","):
        weekday = re.fullmatch(r"([0-9]{1,2})W", part, re.ASCII | re.IGNORECASE)
        if part.upper() == "L":
            last = True
        elif part.upper() == "LW":
            last_weekday = True
        elif weekday:
            nearest.add(_number("day-of-month", weekday[1], 1, 31, None))
        else:
            plain.append(part)
    days = _numbers("day-of-month", ",".join(plain), 1, 31) if plain else frozenset[int]()
    return _Days(of_month=days, last=last, last_weekday=last_weekday, nearest_weekday=frozenset(nearest))


def _days_of_week(text: str) -> _Days:
    if text == "*":
        return _Days(every=True)
    plain: list[str] = []
    nth: set[tuple[int, int]] = set()
    last: set[int] = set()
    for part in text.split(","):
        name, sign, which = part.partition("#")
        if sign:
            nth.add(
                (_number("day-of-week", name, 1, 7, _WEEKDAYS), _number("day-of-week (after #)", which, 1, 5, None))
            )
        elif part.upper() == "L":
            plain.append("7")  # alone it means the week's last day, Saturday
        elif len(part) > 1 and part[-1] in "Ll":
            last.add(_number("day-of-week", part[:-1], 1, 7, _WEEKDAYS))
        else:
            plain.append(part)
    days = _numbers("day-of-week", ",".join(plain), 1, 7, _WEEKDAYS) if plain else frozenset[int]()
    return _Days(of_week=days, nth_of_week=frozenset(nth), last_of_week=frozenset(last))


def _nearest_weekday(year: int, month: int, wanted: int, length: int) -> datetime.date | None:
    """The Monday to Friday nearest to a day of the month, within the month."""
    if wanted > length:
        return None
    day = datetime.date(year, month, wanted)
    if day.isoweekday() == 6:
        return day - _ONE_DAY if wanted > 1 else day + 2 * _ONE_DAY
    if day.isoweekday() == 7:
        return day + _ONE_DAY if wanted < length else day - 2 * _ONE_DAY
    return day


def _last_weekday(year: int, month: int, length: int) -> datetime.date:
    day = datetime.date(year, month, length)
    return day - max(0, day.isoweekday() - 5) * _ONE_DAY
