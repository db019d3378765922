"""Every rule of the pack beside those of the connection budget and of Service Connect, by what it is about."""

from __future__ import annotations

from collections.abc import Mapping

from policies.rules.access import iam_policies as access
from policies.rules.access import iam_roles as trust
from policies.rules.access import plaintext_secrets as plaintext
from policies.rules.access import public_access as public
from policies.rules.access import stage_isolation as isolation
from policies.rules.database import parameters as database_parameters
from policies.rules.database import protection as database
from policies.rules.database import upkeep as database_upkeep
from policies.rules.delivery import builds
from policies.rules.delivery import pipelines as delivery
from policies.rules.ecs import capacity, containers, schedules, services
from policies.rules.ecs import task_definitions as tasks
from policies.rules.network import certificates, load_balancers
from policies.rules.network import security_groups as openings
from policies.rules.network import vpc as network
from policies.rules.operations import development_costs as costs
from policies.rules.operations import housekeeping
from policies.rules.rule import Rule
from policies.rules.storage import repositories, storage

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
