"""The options of `./run connections`, and how their values are read."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from cli.options import add_project, add_stage, add_state, whole

if TYPE_CHECKING:  # and imported when a value is read: the list of commands stays quick
    from fractions import Fraction

EPILOG = """\
--set fields: of a workload limit, tasks (autoscaling maximum), processes, pools, outside; of a database class,
max-connections, reserve. Examples:
  ./run connections -s prd --set tracking-api.limit=200 --set class=db.r5.2xlarge
  ./run connections tracking-api -s prd --rate 6000/min --hold-ms 200 --p99-ms 50
  ./run connections -s prd --live --target aws
Exit code: 0 the budget fits (with --live: and the account agrees), 1 not, undecided, or refused by another policy of the
stage, 2 wrong settings or usage.
"""
_LARGEST = 1_000_000_000
_UNITS = {"s": 1, "min": 60, "h": 3600}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add them to the parser of the command."""
    add = parser.add_argument
    add("service", nargs="?", metavar="SERVICE", help="with --burst or --rate: only this workload")
    add_stage(parser)
    add("--set", action="append", default=[], metavar="NAME.FIELD=VALUE", help="what if; may be repeated")
    add(
        "--burst",
        type=whole(1, 999_999_999),
        metavar="N",
        help="N requests at once: how long do they wait for a connection?",
    )
    add("--rate", type=rate, metavar="N/s", help="N requests a second (or N/min, N/h): how long do they wait?")
    add("--hold-ms", type=milliseconds, metavar="MS", help="how long a request keeps its connection")
    add("--p99-ms", type=_wait, metavar="MS", help="the smallest limit with which 99 of 100 wait at most this long")
    add("--live", action="store_true", help="compare with what an account really has")
    add("--target", choices=("offline", "aws"), help="the account for --live (default: the offline AWS that `up` made)")
    add("--sql", action="store_true", help="print the SQL of the accounts that enforce the budget at the server")
    add("--database", metavar="NAME", help="with --sql: which, where there are several")
    add(
        "--migrations",
        action="append",
        default=[],
        metavar="WORKLOAD",
        help="with --sql: its account may change the schema; may be repeated",
    )
    add("--json", action="store_true", help="one JSON document, nothing else")
    add_state(parser, verb="recorded")
    add_project(parser)


def rate(text: str) -> Fraction:
    """Requests a second from "100/s", "6000/min" or "1000/h"; a bare number is a second's."""
    number, _, unit = text.partition("/")
    if unit not in _UNITS and "/" in text:
        raise argparse.ArgumentTypeError(f'"{text}" has no unit of time that is known: N/s, N/min or N/h')
    return _positive(number, text) / _UNITS.get(unit, 1)


def milliseconds(text: str) -> Fraction:
    """A duration in milliseconds, above 0."""
    return _positive(text, text)


def _wait(text: str) -> Fraction:
    from fractions import Fraction

    return Fraction(0) if re.fullmatch(r"0+(\.0+)?", text) else _positive(text, text)


def _positive(number: str, text: str) -> Fraction:
    from fractions import Fraction

    value = Fraction(number) if re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,6})?", number) else Fraction(0)
    if not 0 < value <= _LARGEST:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number above 0, such as 200 or 0.5')
    return value
