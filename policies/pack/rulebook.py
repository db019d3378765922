"""Every rule of the pack beside those of the connection budget."""

from __future__ import annotations

from .concerns import (
    access,
    builds,
    capacity,
    containers,
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
    repositories,
    schedules,
    services,
    storage,
    tasks,
    trust,
)
from .rules import Rule

RULES: tuple[Rule, ...] = (
    *access.RULES,
    *builds.RULES,
    *capacity.RULES,
    *containers.RULES,
    *database.RULES,
    *database_parameters.RULES,
    *database_upkeep.RULES,
    *delivery.RULES,
    *housekeeping.RULES,
    *isolation.RULES,
    *load_balancers.RULES,
    *network.RULES,
    *openings.RULES,
    *plaintext.RULES,
    *repositories.RULES,
    *schedules.RULES,
    *services.RULES,
    *storage.RULES,
    *tasks.RULES,
    *trust.RULES,
)
