"""The team's own stage names: which are judged as dev is, which as prd, as the settings of the policy stage-names say."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Self, cast

from policies.rules.policy import LENIENT_STAGE, STRICT_STAGE, Level, PolicySpec

LENIENT, STRICT = "lenient", "strict"
_SAME = (
    frozenset({"dev", "develop", "development"}),
    frozenset({"stg", "stage", "staging"}),
    frozenset({"qa"}),
    frozenset({"uat"}),
    frozenset({"prd", "prod", "production"}),
)
"""The usual words for stages; those of one set mean the same."""
USUAL = frozenset(word for same in _SAME for word in same)
_ORDER = (Level.DISABLED, Level.ADVISORY, Level.MANDATORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """lenient: names that are judged as dev is. strict: names that are judged as prd is, as every other name is, too."""

    lenient: frozenset[str] = frozenset()
    strict: frozenset[str] = frozenset()

    @classmethod
    def configured(cls, settings: Mapping[str, object]) -> Self:
        """From the settings of stage-names; what is not a list of names counts as none, which is the stricter."""

        def names(key: str) -> frozenset[str]:
            value = settings.get(key, ())
            return frozenset(map(str, cast("list[object]", value))) if isinstance(value, (list, tuple)) else frozenset()

        return cls(lenient=names(LENIENT), strict=names(STRICT))

    @property
    def named(self) -> frozenset[str]:
        """Every name that is configured."""
        return self.lenient | self.strict

    def like(self, stage: str) -> str:
        """Whose levels and defaults hold: dev's or prd's. A name in both lists is strict."""
        return LENIENT_STAGE if stage in self.lenient | {LENIENT_STAGE} and stage not in self.strict else STRICT_STAGE

    def level(self, stage: str, spec: PolicySpec, configured: Level) -> Level:
        """The level that holds: in a lenient stage at most the one that the policy has in dev."""
        if self.like(stage) == STRICT_STAGE or stage == LENIENT_STAGE:
            return configured
        return min(configured, spec.level(LENIENT_STAGE), key=_ORDER.index)


def alike(words: Set[str]) -> frozenset[str]:
    """The usual words for the stages that words name."""
    return frozenset(word for same in _SAME if same & words for word in same)
