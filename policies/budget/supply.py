"""How many connections a database admits: max_connections, literal where it is set, else a safe estimate."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policies.budget.classes import nominal_memory, surely_usable, surely_usable_memory
from policies.budget.engines import ENGINES, default_formula, engine_name
from policies.budget.formula import FormulaError, evaluate

FAR_ABOVE = 2
"""A literal beyond this multiple of the default for the class's whole RAM is far above it. A setting of this project: AWS only
says that such a value may stop the instance at the status incompatible-parameters, and names no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What a database admits. estimated: not set as a literal. source: where the number comes from, for people.

    memory: the RAM in bytes of a class that does not show it, such as db.serverless.
    """

    max_connections: int
    estimated: bool
    source: str
    engine: str = ""
    engine_version: str = ""
    instance_class: str = ""
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class UndecidedSupply:
    """Why max_connections cannot be determined: one sentence that says what to declare."""

    reason: str


def resolve(
    *, engine: str, engine_version: str, instance_class: str, value: str | None, group: str, memory: int | None = None
) -> Supply | UndecidedSupply:
    """max_connections from a parameter's value (None: not set in the group), or why it cannot be determined.

    group: the parameter group's name, for people. A literal is taken as it is; a formula or the engine's default is
    evaluated over the memory that the class surely has, so the estimate is never above the truth. memory: the RAM in bytes of
    a class that does not show it.
    """
    if engine not in ENGINES:
        return UndecidedSupply(f'max_connections of the engine "{engine}" is not known; known are {", ".join(ENGINES)}')
    lowest, highest = ENGINES[engine].limits
    text = (value or "").strip()
    estimated = re.fullmatch(r"[0-9]{1,9}", text) is None
    if not estimated:
        literal = int(text)
        if not lowest <= literal <= highest:
            return UndecidedSupply(
                f"max_connections is {literal} in {group}; {engine_name(engine)} takes {lowest} to {highest}"
            )
        source = f"literal in {group}"
    else:
        formula = text or default_formula(engine, engine_version) or ""
        estimate = _estimate(formula, engine, instance_class, memory or nominal_memory(instance_class), group)
        if isinstance(estimate, UndecidedSupply):
            return estimate
        literal = estimate
        source = f"{'formula in ' + group if text else 'default of ' + engine_name(engine)}, estimated low for {instance_class}"
    return Supply(
        max_connections=literal,
        estimated=estimated,
        source=source,
        engine=engine,
        engine_version=engine_version,
        instance_class=instance_class,
        memory=memory,
    )


def class_default(supply: Supply, instance_class: str) -> int | None:
    """A safe lower bound of the engine's default of max_connections on a class; None where the class is unknown."""
    formula, memory = default_formula(supply.engine, supply.engine_version), surely_usable_memory(instance_class)
    return _of_memory(formula, memory)


def risky_above(supply: Supply, times: int = FAR_ABOVE) -> int | None:
    """The largest literal that is not far above the class's default; None where engine or class is unknown."""
    formula = default_formula(supply.engine, supply.engine_version)
    default = _of_memory(formula, supply.memory or nominal_memory(supply.instance_class))
    return None if default is None else times * default


def _of_memory(formula: str | None, memory: int | None) -> int | None:
    if formula is None or memory is None:
        return None
    value = evaluate(formula, {"DBInstanceClassMemory": memory})
    return value if isinstance(value, int) else None


def _estimate(formula: str, engine: str, instance_class: str, memory: int | None, group: str) -> int | UndecidedSupply:
    if memory is None:
        return UndecidedSupply(
            f'the memory of the class "{instance_class}" is not known, so max_connections cannot be estimated; '
            "set it as a literal in the parameter group"
        )
    value = evaluate(formula, {"DBInstanceClassMemory": surely_usable(memory)})
    if isinstance(value, FormulaError):
        return UndecidedSupply(f"max_connections in {group}: {value}; set it as a literal")
    lowest, highest = ENGINES[engine].limits
    if value < lowest:
        return UndecidedSupply(
            f"max_connections in {group} comes to {value}, {engine_name(engine)} takes at least {lowest}"
        )
    return min(value, highest)
