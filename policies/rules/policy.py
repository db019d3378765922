"""What describes a policy to people: name, what, why, severity, how to fix, level per stage, settings, and related rules elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NotRequired, TypedDict


class Level(StrEnum):
    """What a violation does: an advisory one is shown, a mandatory one stops the deployment, a disabled policy is not judged."""

    DISABLED = "disabled"
    ADVISORY = "advisory"
    MANDATORY = "mandatory"


Severity = Literal["low", "medium", "high", "critical"]
Kind = Literal["stack", "resource"]

LENIENT_STAGE, STRICT_STAGE = "dev", "prd"
"""Outside the first, nothing excuses the budget; the second's levels hold for every stack that has no levels of its own."""

EVERYWHERE: Mapping[str, Level] = {"dev": Level.MANDATORY, "prd": Level.MANDATORY}
STRICT_IN_PRD: Mapping[str, Level] = {"dev": Level.ADVISORY, "prd": Level.MANDATORY}
ADVISORY_ONLY: Mapping[str, Level] = {"dev": Level.ADVISORY, "prd": Level.ADVISORY}
PRD_ONLY: Mapping[str, Level] = {"dev": Level.DISABLED, "prd": Level.MANDATORY}
PRD_ADVISORY: Mapping[str, Level] = {"dev": Level.DISABLED, "prd": Level.ADVISORY}
DEV_ADVISORY: Mapping[str, Level] = {"dev": Level.ADVISORY, "prd": Level.DISABLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A number, text or list that `--policy-pack-config` may set for one policy.

    defaults: per stage, unknown ones as prd. minimum, maximum: bounds of a number, both included.
    """

    name: str
    what: str
    defaults: Mapping[str, int | str | tuple[str, ...]]
    minimum: int = 0
    maximum: int | None = None

    def default(self, stage: str) -> int | str | tuple[str, ...]:
        """What holds in a stage where nothing is configured."""
        return self.defaults.get(stage, self.defaults[STRICT_STAGE])

    @property
    def schema(self) -> dict[str, object]:
        """Its JSON Schema."""
        match self.defaults[STRICT_STAGE]:
            case int():
                bounds = {"minimum": self.minimum} | ({} if self.maximum is None else {"maximum": self.maximum})
                return {"type": "integer", **bounds, "description": self.what}
            case str():
                return {"type": "string", "description": self.what}
            case _:
                return {"type": "array", "items": {"type": "string"}, "description": self.what}


def setting(
    name: str,
    default: int | str | tuple[str, ...],
    what: str,
    *,
    minimum: int = 0,
    maximum: int | None = None,
    **stages: int | str | tuple[str, ...],
) -> Setting:
    """A setting with its default, and those of stages that differ."""
    return Setting(name=name, what=what, defaults={STRICT_STAGE: default, **stages}, minimum=minimum, maximum=maximum)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySpec:
    """One policy as people meet it.

    name: kebab-case, unique. what: one sentence that says what must hold; it stands before every message. kind: a stack policy
    sees all resources at once; a resource policy sees each one before it is created. references: ids of Checkov (CKV_AWS_1),
    cdk-nag (AwsSolutions-RDS2) and AWS's Foundational Security Best Practices (RDS.3) that ask for the same, separated by spaces.
    """

    name: str
    what: str
    why: str
    severity: Severity
    how_to_fix: str
    url: str
    levels: Mapping[str, Level] = field(default_factory=lambda: STRICT_IN_PRD)
    kind: Kind = "stack"
    references: str = ""
    settings: tuple[Setting, ...] = ()

    def level(self, stage: str) -> Level:
        """The level in a stage; an unknown stage is judged as strictly as prd."""
        return self.levels.get(stage, self.levels[STRICT_STAGE])

    def not_settings(self, configured: Iterable[str]) -> list[str]:
        """What is configured for this policy under names that are no settings of it, in sentences.

        Pulumi holds known settings against their schemas and passes unknown ones on, unseen (pkg/resource/analyzer/config.go).
        """
        known = [setting.name for setting in self.settings]
        has = f"it has: {', '.join(known)}" if known else "it has none"
        return [
            f'"{name}" is configured, which is no setting of {self.name}; {has}. A misspelt setting changes nothing: fix the '
            "configuration of the pack."
            for name in sorted(set(configured) - set(known))
        ]


class Description(TypedDict):
    """The arguments of PolicySpec as the decorators of rule.py take them.

    name: left out, it is the function's, with dashes. url: left out, AWS's page about the first control among the references.
    """

    name: NotRequired[str]
    what: str
    why: str
    severity: Severity
    how_to_fix: str
    url: NotRequired[str]
    levels: NotRequired[Mapping[str, Level]]
    references: NotRequired[str]
    settings: NotRequired[tuple[Setting, ...]]


_CONTROL = re.compile(r"\b[A-Z][A-Za-z0-9]*\.[0-9]+\b")


def page_of(references: str) -> str:
    """AWS's page about the first control of the Foundational Security Best Practices among them. Raises ValueError for none."""
    control = _CONTROL.search(references)
    if control is None:
        raise ValueError("A policy has a url, or a control of AWS's among its references.")
    return hub(control[0])


def hub(control: str) -> str:
    """AWS's page about a control of the Foundational Security Best Practices, such as "RDS.3"."""
    service = control.partition(".")[0].lower()
    return f"https://docs.aws.amazon.com/securityhub/latest/userguide/{service}-controls.html#{control.lower().replace('.', '-')}"


BALANCER_GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
CLOUDWATCH_GUIDE = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/"
ECS_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
IAM_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
PIPELINE_GUIDE = "https://docs.aws.amazon.com/codepipeline/latest/userguide/"
RDS_GUIDE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
VPC_GUIDE = "https://docs.aws.amazon.com/vpc/latest/userguide/"
"""Guides of AWS to which many policies lead: what stands before the page's name."""
