"""`./run connections` for people: budget, bars, ways out, what a change does, waits, and how an account differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from cli.report.table import table
from policies.budget.table import budget_table, headline
from policies.budget.words import counted
from policies.facts.clients.budgets import DatabaseBudget
from policies.rules.budget.ways_out import NO_SINGLE_WAY

from .bars import Bars
from .comparison import Comparison, Difference
from .document import Question, Report, verdict_of, warnings_of
from .stage import Entry, Stage
from .waits import Answer, Load

_STYLES = {"fits": "bold green", "broken": "bold red", "undecided": "bold red"}
_SCOPES = {"one task": "one task", "fewest tasks": "at the fewest", "most tasks": "at the most"}


class Page:
    """Writes a report as lines. width: of the screen; plain: ASCII bars, for a file or pipe."""

    def __init__(self, *, width: int, plain: bool) -> None:
        self._width = width
        self._plain = plain

    def lines(self, report: Report, load: Load | None) -> Iterator[Text]:
        """The whole report."""
        yield Text(f"Connection budget of stage {report.stage.name}, from its resources as previewed", style="bold")
        if not report.entries:
            yield Text("")
            yield Text("The stage has no database and no client of one.")
        if report.before is not None:
            yield from self._what_if(report)
        for entry in report.entries:
            yield Text("")
            yield from self._entry(entry, report.stage)
        yield Text("")
        yield from self._timeouts(report)
        if report.waits is not None and load is not None:
            yield from self._waits(report.waits, load)
        if report.live is not None:
            yield from self._live(report.live)
        yield Text("")
        yield _verdict(report)

    def _what_if(self, report: Report) -> Iterator[Text]:
        yield Text("")
        yield Text("What if (no file is changed):", style="bold")
        yield from (Text(f"  {effect}") for effect in report.effects)
        for label, entries in (("before", report.before or ()), ("after ", report.entries)):
            for entry in entries:
                yield Text("")
                if isinstance(entry, DatabaseBudget):
                    yield Text(f"  {label}  {headline(entry.budget)}", style=_STYLES[verdict_of(entry)])
                    yield Bars(entry.budget, width=self._width, plain=self._plain).total("all")
                else:
                    yield Text(f"  {label}  {entry.database or 'a client'}: undecided", style=_STYLES["undecided"])

    def _entry(self, entry: Entry, stage: Stage) -> Iterator[Text]:
        if not isinstance(entry, DatabaseBudget):
            yield Text(f"{entry.database or 'A client of no known database'}: undecided", style=_STYLES["undecided"])
            yield from (Text(f"  - {finding.message}") for finding in entry.findings)
            return
        budget = entry.budget
        yield Text(headline(budget), style=_STYLES[verdict_of(entry)])
        yield from (Text(line) for line in budget_table(budget).splitlines())
        yield Text("")
        yield from Bars(budget, width=self._width, plain=self._plain).lines()
        if not budget.fits:
            yield Text("")
            yield Text("Ways out, each of these alone is enough:", style="bold")
            yield from (Text(f"  - {way}") for way in stage.ways_out(entry) or (NO_SINGLE_WAY,))
        yield from (Text(f"Warning: {warning}.", style="yellow") for warning in warnings_of(budget))

    def _timeouts(self, report: Report) -> Iterator[Text]:
        if not report.timeouts.findings:
            yield Text(f"Timeouts agree: {report.timeouts.summary or 'none of them matters here'}.")
            return
        yield Text("Timeouts do not agree:", style="yellow")
        yield from (Text(f"  - {finding}") for finding in report.timeouts.findings)

    def _waits(self, questions: Sequence[Question], load: Load) -> Iterator[Text]:
        yield Text("")
        yield Text(f"Is the limit enough? {_asked(load)}", style="bold")
        yield Text(
            "Load is spread evenly over the tasks; each request waits at the pool of its own process.", style="dim"
        )
        rows = [_HEADINGS, *(_row(question) for question in questions)]
        kept = [column for column in range(len(_HEADINGS)) if any(row[column] for row in rows[1:])]
        widths = {column: max(len(row[column]) for row in rows) for column in kept}
        narrow = not self._plain and sum(widths.values()) + 2 * len(kept) > self._width
        if narrow:
            head, *rest = ([row[column] for column in kept] for row in rows)
            yield from (Text(line) for line in table(head, rest, lead=_TEXT_COLUMNS, width=self._width))
        for number, row in enumerate(() if narrow else rows):
            texts = (row[c].ljust(widths[c]) if c < _TEXT_COLUMNS else row[c].rjust(widths[c]) for c in kept)
            answer = questions[number - 1].answer if number else None
            yield Text("  " + "  ".join(texts).rstrip(), style="red" if answer is not None and answer.overload else "")
        for question in questions:
            if question.answer.overload:
                yield Text(f"  {_overload(question.answer, load)}")

    def _live(self, live: Comparison) -> Iterator[Text]:
        yield Text("")
        where = "the offline AWS" if live.target == "offline" else "the AWS account"
        yield Text(f"Compared with {where}:", style="bold")
        for seen in live.observed:
            numbers = {"max_connections": seen.max_connections, "demand": seen.demand, "headroom": seen.headroom}
            known = ", ".join(f"{name} {number}" for name, number in numbers.items() if number is not None)
            peak = "no data" if seen.peak_24h is None else str(seen.peak_24h)
            yield Text(
                f"  {seen.database}: {known or 'nothing that adds up'}; most connections in the last 24 h: {peak}"
            )
        yield from (Text(f"  not compared: {what}, {why}") for what, why in live.unread.items())
        if live.agrees:
            yield Text("  No difference: what runs is what is declared.", style="green")
        for difference in live.differences:
            yield from _difference(difference)


_HEADINGS = (
    "workload", "tasks", "load", "limit", "in use", "mean wait", "p99 wait", "last wait", "all done", "limit needed"
)  # fmt: skip
_TEXT_COLUMNS = 3


def _row(question: Question) -> tuple[str, ...]:
    answer = question.answer
    in_use = "" if answer.utilisation is None else f"{100 * answer.utilisation:.1f} %"
    times = (answer.mean_ms, answer.p99_ms, answer.last_ms, answer.all_done_ms)
    endless = ("endless", "endless", "", "")
    shown = endless if answer.overload else tuple("" if time is None else duration(time) for time in times)
    needed = "" if answer.smallest_limit is None else str(answer.smallest_limit)
    if question.fits is False:
        needed += f" (at most {question.largest_limit} fit)" if question.largest_limit else " (none fits)"
    tasks = f"{_SCOPES[answer.scope]}{'' if answer.scope == 'one task' else f', {answer.tasks}'}"
    pools = "" if answer.pools == answer.tasks else f" x {answer.pools // answer.tasks}"
    return (answer.workload, tasks, answer.kind, f"{answer.limit}{pools}", in_use, *shown, needed)


def duration(milliseconds: float) -> str:
    """A wait in the unit people read: "0.15 ms", "94.5 ms", "12.4 s"."""
    if 0 < milliseconds < 0.01:
        return "< 0.01 ms"
    if milliseconds >= 10_000:
        return f"{milliseconds / 1000:.1f} s"
    digits = 0 if milliseconds >= 100 or milliseconds == int(milliseconds) else 1 if milliseconds >= 10 else 2
    return f"{milliseconds:.{digits}f} ms"


def _asked(load: Load) -> str:
    parts: list[str] = []
    if load.burst is not None:
        parts.append(f"{counted(load.burst, 'request')} at once")
    if load.rate is not None:
        parts.append(f"{float(load.rate):g} requests a second")
    text = f"{' and '.join(parts)}, each holding a connection for {float(load.hold_ms):g} ms"
    return text if load.p99_ms is None else f"{text}; 99 of 100 to wait at most {float(load.p99_ms):g} ms"


def _overload(answer: Answer, load: Load) -> str:
    needed = float((load.rate or 0) * load.hold_ms / 1000)
    have = answer.limit * answer.pools
    return (
        f"{answer.workload}, {_SCOPES[answer.scope]}: overloaded. On average the requests hold {needed:g} "
        f"connections, and there are {have}: they queue up without end."
    )


def _difference(difference: Difference) -> Iterator[Text]:
    kind = "breaks the budget" if difference.breaks else "drift"
    style = "red" if difference.breaks else "yellow"
    yield Text(f"  - {difference.subject}, {difference.what} ({kind})", style=style)
    yield Text(f"      declared: {difference.declared}")
    yield Text(f"      found:    {difference.found}")
    yield Text(f"      what to do: {difference.action}")


def _verdict(report: Report) -> Text:
    texts = {
        "fits": "fits: no connection can be refused with all workloads at their maximum",
        "broken": "does not fit: with all workloads at their maximum the database refuses clients",
        "undecided": "undecided: what cannot be counted cannot be bounded",
    }
    line = f"{report.stage.name}: {texts[report.verdict]}"
    if report.live is not None and not report.live.agrees:
        count = len(report.live.differences)
        line += f"; the account differs in {count} {'place' if count == 1 else 'places'}"
        line += ", and its budget is broken" if report.live.breaks else ""
        return Text(line, style="bold red")
    if report.refused and report.verdict == "fits":
        return Text(f"{line}; but a policy refuses it:\n  " + "\n  ".join(report.refused), style="bold red")
    return Text(line, style=_STYLES[report.verdict])
