"""Judges a stack by every rule once, leaves out what exceptions excuse, and reports the exceptions themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from policies.budget.words import counted
from policies.facts.change.plan import Plan
from policies.facts.facts import Facts
from policies.facts.finding import Finding, Parts
from policies.resources.baseline import Baseline
from policies.resources.outcomes import NotDecidedError
from policies.rules.policy import ADVISORY_ONLY, EVERYWHERE, Level, PolicySpec, setting
from policies.rules.rule import Rule, SettingError, Stack, advice, failure
from policies.rules.stages import Stages
from policies.serving.exceptions import Exceptions

MAXIMUM_DAYS = "maximumDays"
EXCEPTIONS_VALID = PolicySpec(
    name="exceptions-valid",
    what="Every exception names one policy, a resource, a reason, an owner and a last day that has not passed.",
    why="An exception that nobody answers for any more is a policy that nobody enforces.",
    severity="high",
    how_to_fix="Correct the entry in exceptions.yaml, renew it in a reviewed change, or remove it and fix the resource.",
    url="https://www.pulumi.com/docs/iac/crossguard/",
    levels=EVERYWHERE,
    settings=(setting(MAXIMUM_DAYS, 366, "Days from today that an exception holds at most."),),
)
EXCEPTIONS_SHOWN = PolicySpec(
    name="exceptions-shown",
    what="Exceptions that are used, and those that nothing needs, are shown.",
    why="What is excused is still there; what is excused for nothing will excuse something else one day.",
    severity="low",
    how_to_fix="Nothing to do for one that is used; remove one that is not.",
    url="https://www.pulumi.com/docs/iac/crossguard/",
    levels=ADVISORY_ONLY,
)


@dataclass(kw_only=True)
class Evaluation:
    """The rules of one stage. stages: the team's own, as configured. configured: settings of the policies asked so far.

    active: the names of the policies that are judged, as configured; None where each is at its stage's own level.
    baseline: what was there before; loss_accepted: whether whoever deploys has agreed to what is lost on the way from it.
    uncompared: why it is not known, where it should be.
    """

    stage: str
    rules: Mapping[str, Rule]
    exceptions: Exceptions
    baseline: Baseline | None = None
    loss_accepted: bool = False
    uncompared: str = ""
    stages: Stages = field(default_factory=Stages)
    active: frozenset[str] | None = None
    configured: dict[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    _found: WeakKeyDictionary[Facts, dict[tuple[str, bool], tuple[Finding, ...]]] = field(
        default_factory=WeakKeyDictionary[Facts, dict[tuple[str, bool], tuple[Finding, ...]]]
    )
    _plans: WeakKeyDictionary[Facts, Plan] = field(default_factory=WeakKeyDictionary[Facts, Plan])

    def verdict(self, facts: Facts, policy: str, settings: Mapping[str, object]) -> Iterable[Finding]:
        """What a policy reports, exceptions applied."""
        self.configured[policy] = settings
        if policy == EXCEPTIONS_VALID.name:
            return self._invalid(facts)
        if policy == EXCEPTIONS_SHOWN.name:
            return self._shown(facts)
        return [item for item in self.findings(facts, policy) if self.exceptions.excuse(policy, item.urn) is None]

    def findings(self, facts: Facts, policy: str, *, trial: bool = False) -> tuple[Finding, ...]:
        """What a rule finds, before exceptions; a rule that raises has failed, and what it found until then counts.

        trial: how much it is counts, and not what a person reads.
        """
        found = self._found.setdefault(facts, {})
        if (policy, trial) not in found:
            found[policy, trial] = tuple(dict.fromkeys(self._findings(facts, policy, trial=trial)))
        return found[policy, trial]

    def _plan(self, facts: Facts) -> Plan | None:
        if self.baseline is None:
            return None
        if facts not in self._plans:
            self._plans[facts] = Plan(self.baseline, facts.graph, loss_accepted=self.loss_accepted)
        return self._plans[facts]

    def stack(self, facts: Facts, policy: str) -> Stack:
        """What a rule of this evaluation is given."""

        def accepts(changed: Facts, types: frozenset[str]) -> bool:
            return self._accepts(policy, facts, changed, types)

        return Stack(
            facts=facts,
            stage=self.stage,
            spec=self.rules[policy].spec,
            settings=self.configured.get(policy, {}),
            stages=self.stages,
            accepts=accepts,
            plan=self._plan(facts),
            uncompared=self.uncompared,
        )

    def _findings(self, facts: Facts, policy: str, *, trial: bool) -> Iterator[Finding]:
        rule = self.rules[policy]
        try:
            stack = self.stack(facts, policy)
            yield from rule.judge(replace(stack, accepts=None, trial=True) if trial else stack)
        except SettingError as error:
            undecided = error.undecided
            where = f"{undecided.where} of the policy {policy}"
            yield Finding("", f"undecided: {where} {undecided.reason}. Fix the configuration of the pack.")
        except NotDecidedError as error:
            undecided = error.undecided
            cause = f"undecided: {undecided.where} {undecided.reason}"
            yield Finding("", f"{cause}. {advice(rule.spec)}", cause=cause)
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- a policy that fails must deny, whatever it fails on; sys.exit
            # would end the thread that answers, and the engine would wait
            yield Finding("", failure(rule.spec, error))

    def _accepts(self, policy: str, facts: Facts, changed: Facts, types: frozenset[str]) -> bool:
        """Whether a policy reports less about the stack as changed, and nothing anew, and no other policy more than before."""
        before, after = (self._counted(policy, self.findings(each, policy, trial=True)) for each in (facts, changed))
        if after.total() >= before.total() or after - before:
            return False
        return not any(
            self._counted(name, self.findings(changed, name, trial=True))
            - self._counted(name, self.findings(facts, name, trial=True))
            for name, rule in self.rules.items()
            if name != policy and rule.types & types and self._judges(rule.spec)
        )

    def _judges(self, spec: PolicySpec) -> bool:
        """Whether a policy is asked here, so that what it would report counts."""
        if self.active is not None:
            return spec.name in self.active
        return spec.level(self.stages.like(self.stage)) is not Level.DISABLED

    def _counted(self, policy: str, findings: Iterable[Finding]) -> Counter[str]:
        """By URN, how many findings no exception excuses."""
        return Counter(item.urn for item in findings if self.exceptions.excuse(policy, item.urn) is None)

    def _invalid(self, facts: Facts) -> Iterator[Finding]:
        for problem in self.exceptions.problems:
            yield _unlisted(problem)
        for entry in self.exceptions.expired(self.stage, _project(facts)):
            yield _unlisted(f"the exception {entry} has expired.")
        settings = self.configured.get(EXCEPTIONS_VALID.name, {})
        try:
            days = Stack(facts=facts, stage=self.stage, spec=EXCEPTIONS_VALID, settings=settings).number(MAXIMUM_DAYS)
        except SettingError as error:
            yield Finding(
                "", f"undecided: {error.undecided.where} {error.undecided.reason}. Fix the configuration of the pack."
            )
            return
        for entry in self.exceptions.too_long(self.stage, _project(facts), days):
            left = (entry.expires - self.exceptions.today).days
            yield Finding(
                "",
                f"the exception {entry} holds for {counted(left, 'day')}. Required: at most {days}. {advice(EXCEPTIONS_VALID)}",
            )

    def _shown(self, facts: Facts) -> Iterator[Finding]:
        for entry in self.exceptions.current(self.stage, _project(facts)):
            if entry.policy not in self.rules or entry.policy not in self.configured:
                continue  # a policy that is not judged here says nothing about its exceptions
            found = (facts.graph.get(item.urn) for item in self.findings(facts, entry.policy) if entry.covers(item.urn))
            used = sorted({resource.name for resource in found if resource is not None})
            critical = self.rules[entry.policy].spec.severity == "critical"
            if used and critical:
                yield Finding("", f"CRITICAL: the exception {entry} excuses {', '.join(used)} from a critical policy.")
            elif used:
                yield Finding("", f"the exception {entry} excuses {', '.join(used)}.")
            elif not entry.any_project:  # another project may need it
                yield Finding("", f"the exception {entry} excuses nothing: remove it.")


def _project(facts: Facts) -> str:
    """The project's name, empty where there is no resource to name it."""
    parts = next((resource.urn.split("::") for resource in facts.graph), [])
    return parts[1] if len(parts) > 3 else ""


def _unlisted(problem: str) -> Finding:
    """What is wrong with the list of exceptions, a whole sentence: of no resource."""
    return Finding("", f"{problem} {advice(EXCEPTIONS_VALID)}", parts=Parts(found=problem.removesuffix(".")))
