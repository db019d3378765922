"""The decorators that make a policy of a function, what it is given, and what it answers; undecided and failed are violations."""

from __future__ import annotations

import contextlib
import functools
import traceback
from collections.abc import Callable, Container, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn, Unpack, cast

from policies.budget.verdict import Budget
from policies.facts.change.plan import Plan
from policies.facts.facts import Facts
from policies.facts.finding import Finding, Parts
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import NotDecidedError, Undecided, is_unknown
from policies.resources.tokens import TASK_DEFINITION
from policies.rules.policy import LENIENT_STAGE, Description, PolicySpec, page_of
from policies.rules.stages import Stages

_LABELS = ("name", "identifier", "clusterIdentifier", "family", "bucket", "dashboardName", "resourceId")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What a rule judges: what the stack says, the stage's name, the settings of its policy, and the team's stages as configured.

    before: what ran before the deployment, plan: the way from there, on_the_way: by database, the budget of a stack while it is
    deployed; None where no baseline is given. uncompared: why there is none where there should be one. accepts: whether no policy of
    the run reports more about the stack as changed, given the types of what is changed; None where no other policy can be asked.
    trial: it is such a changed stack, of which only counts how much is reported.
    """

    facts: Facts
    stage: str
    spec: PolicySpec
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    stages: Stages = field(default_factory=Stages)
    before: Facts | None = None
    on_the_way: Callable[[Facts], Mapping[str, Budget]] | None = None
    accepts: Callable[[Facts, frozenset[str]], bool] | None = None
    plan: Plan | None = None
    uncompared: str = ""
    trial: bool = False
    _texts: dict[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]], init=False, repr=False, compare=False
    )

    @property
    def lenient(self) -> bool:
        """Whether the stage is judged as dev is."""
        return self.stages.like(self.stage) == LENIENT_STAGE

    @property
    def graph(self) -> Graph:
        """The resources themselves."""
        return self.facts.graph

    def number(self, name: str) -> int:
        """A setting that is an integer. Raises NotDecidedError where it is configured as anything else."""
        value = self._setting(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
            self.refuse_setting(name, "is not an integer")
        return int(value)

    def span(self, lowest: str, highest: str) -> tuple[int, int]:
        """Two integers that bound a range. Raises NotDecidedError where the first is configured above the second."""
        low, high = self.number(lowest), self.number(highest)
        if low > high:
            self.refuse_setting(lowest, f"is {low}, above {highest}, which is {high}")
        return low, high

    def text(self, name: str) -> str:
        """A setting that is a string. Raises NotDecidedError where it is configured as anything else."""
        value = self._setting(name)
        if not isinstance(value, str):
            self.refuse_setting(name, "is not a string")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A setting that is a list of strings. Raises NotDecidedError where it is configured as anything else."""
        if name not in self._texts:
            value = self._setting(name)
            if not isinstance(value, (list, tuple)):
                self.refuse_setting(name, "is not a list of strings")
            self._texts[name] = tuple(str(item) for item in cast("Iterable[object]", value))
        return self._texts[name]

    def refuse_setting(self, name: str, reason: str) -> NoReturn:
        """Gives up on a setting. Raises NotDecidedError: the policy decides nothing, about no resource."""
        raise SettingError(Undecided(f"setting {name}", reason))

    def _setting(self, name: str) -> object:
        declared = next(setting for setting in self.spec.settings if setting.name == name)
        return self.settings[name] if name in self.settings else declared.default(self.stages.like(self.stage))


class SettingError(NotDecidedError):
    """A setting of a policy is not what it has to be: a matter of the policy, and of no resource."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one resource. found, required: halves of sentences, without secrets. inside: the part it is wrong with."""

    found: str
    required: str
    inside: str = ""


Judge = Callable[[Stack], Iterable[Finding]]
Check = Callable[[Stack, Resource], Iterable[Problem]]
ContainerCheck = Callable[[Stack, Resource, Mapping[str, object]], Iterable[Problem]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A policy that can judge. types: the resource types it looks at; empty for every type."""

    spec: PolicySpec
    judge: Judge
    types: frozenset[str]


def stack_policy(*, types: Iterable[str], **description: Unpack[Description]) -> Callable[[Judge], Rule]:
    """Makes a policy of a function that judges the whole stack. types: those it looks at."""
    return lambda judge: Rule(spec=_described(judge, description), judge=judge, types=frozenset(types))


def policy(
    *,
    types: Iterable[str] = (),
    also: Iterable[str] = (),
    among: Callable[[Stack], Container[str]] | None = None,
    **description: Unpack[Description],
) -> Callable[[Check], Rule]:
    """Makes a policy of a check of one resource; without types it sees every resource. also: types it looks at beside them.

    among: URNs of the resources that the check may say anything of, where that is quicker to find out.
    """
    checked_types = tuple(types)

    def rule(check: Check) -> Rule:
        spec = _described(check, description)

        def judge(stack: Stack) -> Iterator[Finding]:
            resources = stack.graph.of_type(*checked_types) if checked_types else stack.graph
            if among is not None:
                urns = among(stack)
                resources = (resource for resource in resources if resource.urn in urns)
            yield from checked(spec, resources, functools.partial(check, stack))

        return Rule(spec=spec, judge=judge, types=frozenset((*checked_types, *also)))

    return rule


def container_policy(
    *, also: Iterable[str] = (), **description: Unpack[Description]
) -> Callable[[ContainerCheck], Rule]:
    """Makes a policy of a check of one container of a task definition."""

    def rule(check: ContainerCheck) -> Rule:
        return policy(types=(TASK_DEFINITION,), also=also, **_named(check, description))(each_container(check))

    return rule


def _described(function: Callable[..., object], description: Description) -> PolicySpec:
    return PolicySpec(**_named(function, description))


def _named(function: Callable[..., object], description: Description) -> Description:
    # The check that one of property_checks.py makes is called "check" in all of them: those are named by hand.
    named: Description = {"name": function.__name__.replace("_", "-"), **description}
    return named if "url" in named else {**named, "url": page_of(named.get("references", ""))}


def each_container(check: ContainerCheck) -> Check:
    """The check of a task definition that checks each of its containers and names it."""

    def problems(stack: Stack, definition: Resource) -> Iterator[Problem]:
        for position, container in enumerate(stack.facts.documents(definition)):
            name = container.get("name")
            try:
                for problem in check(stack, definition, container):
                    yield replace(problem, inside=f'container "{name}"')
            except SettingError:
                raise
            except NotDecidedError as error:
                if error.undecided.owner is not None:
                    raise  # another resource's property
                where = f"containerDefinitions[{position}].{error.undecided.where}"
                raise NotDecidedError(replace(error.undecided, where=where)) from None

    return problems


def only_in(setting: str) -> Callable[[Rule], Rule]:
    """Keeps a policy silent in every stage that the list of stages in one of its settings does not name."""

    def limited(rule: Rule) -> Rule:
        def judge(stack: Stack) -> Iterable[Finding]:
            named = stack.texts(setting)
            return rule.judge(stack) if stack.stage in named or (stack.lenient and LENIENT_STAGE in named) else ()

        return replace(rule, judge=judge)

    return limited


def checked(
    spec: PolicySpec, resources: Iterable[Resource], check: Callable[[Resource], Iterable[Problem]]
) -> Iterator[Finding]:
    """The findings of a check of each resource: what it reports, what it cannot decide, and that it failed."""
    for resource in resources:
        try:
            for problem in check(resource):
                inside = f"{problem.inside}: " if problem.inside else ""
                yield Finding(
                    resource.urn,
                    f"{label(resource)}: {inside}{problem.found}. Required: {problem.required}. {advice(spec)}",
                    parts=Parts(found=problem.found, required=problem.required, inside=problem.inside),
                )
        except SettingError:
            raise
        except NotDecidedError as error:
            cause = error.undecided.of(resource)
            yield Finding(resource.urn, f"{label(resource)}: {cause}. {advice(spec)}", cause=cause)
        except Exception as error:  # noqa: BLE001 -- a policy that fails must deny, whatever it fails on
            yield Finding(resource.urn, failure(spec, error))


@contextlib.contextmanager
def about(other: Resource) -> Generator[None]:
    """What cannot be decided within is another resource's property than that of the one being checked: says whose."""
    try:
        yield
    except SettingError:
        raise
    except NotDecidedError as error:
        found = error.undecided
        raise NotDecidedError(replace(found, owner=found.owner or other)) from None


def advice(spec: PolicySpec) -> str:
    """Why, and how to fix it: the end of every message."""
    return f"{spec.why} {spec.how_to_fix}"


def failure(spec: PolicySpec, error: BaseException) -> str:
    """The message for a policy that raised: where, and never the error's text, which may quote a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return (
        f"policy {spec.name} failed: {type(error).__name__}{place}. Nothing is known to be wrong with the stack, but "
        "nothing was judged either: fix the policy."
    )


def label(resource: Resource) -> str:
    """What people call a resource: its name in AWS where that is known, else its name in the program."""
    for key in _LABELS:
        value = resource.props.get(key)
        if isinstance(value, str) and value and not is_unknown(value) and len(value) <= 255:
            return value
    return resource.name
