"""Evaluates the formulas that RDS takes as parameter values, such as `LEAST({DBInstanceClassMemory/9531392},5000)`.

Grammar (Amazon RDS User Guide, "Specifying DB parameters"): an integer, or `{Var}`, `{Var*Int}`, `{Var/Int}`,
`{Var*Int/Int}`, `{log(Var/Int)*Int}`, or GREATEST, LEAST, SUM over these. Variables are case-sensitive, functions are taken in
any case because AWS's own pages disagree. `*` and `/` truncate. `log` is to the base 2, rounded to the nearest integer before
the multiplication: that reproduces every row of the documented Aurora MySQL table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

VARIABLES = ("AllocatedStorage", "DBInstanceClassMemory", "DBInstanceVCPU", "EndPointPort", "TrueIfReplica")
"""The variables RDS knows; storage and memory in bytes."""

_FUNCTIONS: Mapping[str, Callable[[Iterable[int]], int]] = {"GREATEST": max, "LEAST": min, "SUM": sum}
_TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z][A-Za-z0-9]*)|(?P<int>[0-9]+)|(?P<sign>[{}(),*/]))", re.ASCII)
_DEEPEST = 16
_LONGEST_INTEGER = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaError:
    """Why a text is not a formula, and where: position counts characters from 1."""

    text: str
    position: int
    problem: str

    def __str__(self) -> str:
        shown = self.text if len(self.text) <= 80 else f"{self.text[:77]}..."
        return f'"{shown}" is wrong at character {self.position}: {self.problem}'


def evaluate(text: str, variables: Mapping[str, int]) -> int | FormulaError:
    """The formula's value, or where it is wrong. Never raises. A variable missing from `variables` is an error."""
    try:
        reader = _Reader(text, variables)
        value = reader.value(depth=0)
        reader.expect_end()
    except _Wrong as wrong:
        return FormulaError(text=text, position=wrong.position + 1, problem=wrong.problem)
    return value


class _Wrong(Exception):
    def __init__(self, position: int, problem: str) -> None:
        super().__init__(problem)
        self.position = position
        self.problem = problem


class _Reader:
    """A recursive-descent reader that computes while it reads."""

    def __init__(self, text: str, variables: Mapping[str, int]) -> None:
        self._text = text
        self._variables = variables
        self._at = 0
        self._kind, self._token, self._start = "end", "", 0
        self._advance()

    def _advance(self) -> None:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            rest = self._text[self._at :]
            self._start = self._at + len(rest) - len(rest.lstrip())
            if rest.strip():
                raise _Wrong(self._start, f"{self._text[self._start]!r} has no meaning here")
            self._kind, self._token = "end", ""
            return
        self._kind = match.lastgroup or "end"
        self._token, self._start = match.group(self._kind), match.start(self._kind)
        self._at = match.end()

    def _wrong(self, required: str) -> _Wrong:
        found = f'"{self._token}"' if self._token else "the end"
        return _Wrong(self._start, f"found {found}, {required} is required")

    def _sign(self, sign: str) -> None:
        if self._kind != "sign" or self._token != sign:
            raise self._wrong(f'"{sign}"')
        self._advance()

    def _at_sign(self, sign: str) -> bool:
        return self._kind == "sign" and self._token == sign

    def _integer(self) -> int:
        if self._kind != "int":
            raise self._wrong("an integer")
        if len(self._token) > _LONGEST_INTEGER:
            raise _Wrong(self._start, f"an integer of {len(self._token)} digits, {_LONGEST_INTEGER} are the most")
        value = int(self._token)
        self._advance()
        return value

    def expect_end(self) -> None:
        if self._kind != "end":
            raise self._wrong("the end")

    def value(self, *, depth: int) -> int:
        if depth > _DEEPEST:
            raise _Wrong(self._start, f"functions are nested more than {_DEEPEST} deep")
        if self._kind == "int":
            return self._integer()
        if self._at_sign("{"):
            return self._braces()
        function = _FUNCTIONS.get(self._token.upper()) if self._kind == "name" else None
        if function is None:
            raise self._wrong('an integer, "{" or one of GREATEST, LEAST, SUM')
        self._advance()
        self._sign("(")
        arguments = [self.value(depth=depth + 1)]
        while self._at_sign(","):
            self._advance()
            arguments.append(self.value(depth=depth + 1))
        self._sign(")")
        return function(arguments)

    def _braces(self) -> int:
        self._sign("{")
        value = self._logarithm() if self._token.lower() == "log" else self._product()
        self._sign("}")
        return value

    def _product(self) -> int:
        value = self._variable()
        if self._at_sign("*"):
            self._advance()
            value *= self._integer()
        return value // self._divisor() if self._at_sign("/") else value

    def _logarithm(self) -> int:
        self._advance()
        self._sign("(")
        start = self._start
        variable, divisor = self._variable(), self._divisor()
        if variable < 1:
            raise _Wrong(start, f"the logarithm of {variable} does not exist")
        self._sign(")")
        self._sign("*")
        return math.floor(math.log2(variable / divisor) + 0.5) * self._integer()

    def _divisor(self) -> int:
        self._sign("/")
        start = self._start
        divisor = self._integer()
        if divisor == 0:
            raise _Wrong(start, "division by zero")
        return divisor

    def _variable(self) -> int:
        if self._kind != "name" or self._token not in VARIABLES:
            raise self._wrong(f"one of the variables {', '.join(VARIABLES)}")
        if self._token not in self._variables:
            raise _Wrong(self._start, f"{self._token} is not known before the instance exists")
        value = self._variables[self._token]
        self._advance()
        return value
