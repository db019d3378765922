"""The budget as bars: each workload against max_connections, and all of them stacked with reserve and headroom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from policies.budget.demand import kind_of
from policies.budget.verdict import Budget

_KINDS = {
    "service": ("cyan", "█", "#"),
    "job": ("magenta", "▓", "="),
    "one-off": ("blue", "▒", "-"),
    "other": ("bright_blue", "▚", "%"),
    "reserve": ("yellow", "░", "+"),
    "headroom": ("green", "·", "."),
    "too many": ("bold red", "!", "!"),
}
"""Of each kind its style, and its sign on a terminal and elsewhere."""
WIDEST = 60
"""Characters of a bar at most: more only moves the numbers out of sight."""
_NARROWEST = 10

Parts = Sequence[tuple[str, int]]
"""Kinds with their connections, in the order they are drawn."""


class Bars:
    """Draws one budget. What lies beyond max_connections is drawn as too many, to the scale of all that is used.

    width: characters for a whole line, of which a bar takes what names and numbers leave. plain: ASCII, for a file or pipe.
    """

    def __init__(self, budget: Budget, *, width: int, plain: bool) -> None:
        self._budget = budget
        self._signs = {
            kind: (plain_sign if plain else block, style) for kind, (style, block, plain_sign) in _KINDS.items()
        }
        self._most = budget.supply.max_connections
        self._scale = max(self._most, budget.used, 1)
        self._name = max(len(name) for name in (*(workload.name for workload in budget.workloads), "all"))
        self._digits = len(str(self._scale))
        self._width = 100_000 if plain else width
        taken = len("    ") + self._name + len("  ") + self._digits + len("  100.0 %")
        self._room = max(_NARROWEST, min(WIDEST, width - taken))

    def lines(self) -> Iterator[Text]:
        """A bar per workload, then the stacked total and what its signs mean."""
        for workload in self._budget.workloads:
            yield self._line(workload.name, workload.demand, [(kind_of(workload), workload.demand)])
        yield self.total("all")
        yield from self._legend()

    def total(self, label: str) -> Text:
        """The stacked total: workloads by kind, reserve and headroom."""
        return self._line(label, self._budget.used, self._stacked())

    def _stacked(self) -> Parts:
        connections = Counter[str]()
        for workload in self._budget.workloads:
            connections[kind_of(workload)] += workload.demand
        connections["reserve"] = self._budget.reserve
        connections["headroom"] = max(self._budget.headroom, 0)
        return list(connections.items())

    def _line(self, label: str, number: int, parts: Parts) -> Text:
        bar = Text()
        drawn = cells([connections for _, connections in parts], self._scale, self._room)
        fits = cells([self._most], self._scale, self._room)[0]
        position = 0
        for (kind, _), share in zip(parts, drawn, strict=True):
            inside = max(0, min(share, fits - position))
            for key, count in ((kind, inside), ("too many", share - inside)):
                sign, style = self._signs[key]
                bar.append(sign * count, style=style)
            position += share
        bar.append(" " * (self._room - position))
        share_of_most = f"{100 * number / max(self._most, 1):.1f} %"
        return Text.assemble(
            "  ", label.ljust(self._name), "  ", bar, f"  {number:>{self._digits}}  {share_of_most:>7}"
        )

    def _legend(self) -> Iterator[Text]:
        shown = [(kind, connections) for kind, connections in self._stacked() if connections]
        if not self._budget.fits:
            shown.append(("too many", -self._budget.headroom))
        margin = " " * (self._name + len("    "))
        line = Text(margin)
        for kind, connections in shown:
            entry = Text.assemble(self._signs[kind], f" {kind} {connections}")
            if line.plain.strip() and len(line) + len("   ") + len(entry) > self._width:
                yield line
                line = Text(margin)
            line.append("   " if line.plain.strip() else "")
            line.append_text(entry)
        yield line


def cells(amounts: Iterable[int], scale: int, room: int) -> list[int]:
    """How many of `room` characters each amount gets out of `scale`: rounded at the running sum, so nothing is lost.

    An amount above 0 gets a character while any is left: a small share is still a share.
    """
    shares: list[int] = []
    reached = used = 0
    for amount in amounts:
        reached += amount
        end = min(room, max(round(reached * room / scale), used + (amount > 0)))
        shares.append(end - used)
        used = end
    return shares
