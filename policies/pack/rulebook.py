"""Every rule of the pack beside those of the connection budget and of Service Connect, by what it is about."""

from __future__ import annotations

from collections.abc import Mapping

from .concerns import (
    access,
    builds,
    capacity,
    certificates,
    containers,
    costs,
    database,
    database_parameters,
    database_upkeep,
    delivery,
    housekeeping,
    isolation,
    load_balancers,
    network,
    openings,
    plaintext,
    public,
    repositories,
    schedules,
    services,
    storage,
    tasks,
    trust,
)
from .rules import Rule

CONCERNS: Mapping[str, tuple[Rule, ...]] = {
    "Databases": (*database.RULES, *database_parameters.RULES, *database_upkeep.RULES),
    "Services and schedules": (*services.RULES, *capacity.RULES, *schedules.RULES),
    "Tasks and containers": (*tasks.RULES, *containers.RULES),
    "Network": (*network.RULES, *openings.RULES),
    "Load balancers": (*load_balancers.RULES, *certificates.RULES),
    "Access": (*access.RULES, *trust.RULES),
    "Secrets": plaintext.RULES,
    "Isolation of stages": isolation.RULES,
    "Storage, queues, images and keys": (*public.RULES, *storage.RULES, *repositories.RULES),
    "Delivery": (*delivery.RULES, *builds.RULES),
    "Housekeeping": housekeeping.RULES,
    "Costs of development stages": costs.RULES,
}
"""Heading to rules; the documentation is in this order."""

RULES: tuple[Rule, ...] = tuple(rule for rules in CONCERNS.values() for rule in rules)
