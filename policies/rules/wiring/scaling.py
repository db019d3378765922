"""Policies about Application Auto Scaling: bounds that fit each other, and policies that have a target."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.ecs.autoscaling import scaling_targets
from policies.facts.ecs.deployments import desired_count
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Undecided
from policies.resources.reading import optional, read, read_integer, read_list, read_text, required
from policies.resources.references import depended_on, in_stack
from policies.resources.requested import asked_flag, asked_integer, asked_map, asked_text
from policies.resources.tokens import SCALING_POLICY, SCALING_TARGET, SCHEDULED_ACTION, SERVICE
from policies.rules.policy import ADVISORY_ONLY, setting
from policies.rules.property_checks import between, each
from policies.rules.rule import Problem, Stack, about, policy

_SCALING = "https://docs.aws.amazon.com/autoscaling/application/userguide/"


def _target_of(stack: Stack, resource: Resource) -> list[Resource]:
    """The scaling targets of the stack that have a policy's or action's resource id."""
    made_from = depended_on(stack.graph, resource, "resourceId", SCALING_TARGET)
    own = read_text(resource, "resourceId")
    if not isinstance(own, Present):
        return list(made_from)
    return list(stack.graph.by_text(SCALING_TARGET, "resourceId").get(own.value, ()))


@policy(
    what="A scaling target's minimum and maximum, and those of its scheduled actions, fit each other.",
    why="AWS refuses a minimum above the maximum, that of a schedule only when its time comes, at night.",
    severity="medium",
    how_to_fix="Set minCapacity up to maxCapacity, in scheduled actions both of them.",
    url=_SCALING + "scheduled-scaling-additional-cli-commands.html",
    types=(SCALING_TARGET, SCHEDULED_ACTION),
)
def scaling_bounds(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type == SCALING_TARGET:
        least, most = required(read_integer(resource, "minCapacity")), required(read_integer(resource, "maxCapacity"))
        if least > most:
            yield Problem(f"minCapacity is {least} and maxCapacity {most}", "a minimum up to the maximum")
    else:
        yield from _scheduled(stack, resource)


def _scheduled(stack: Stack, action: Resource) -> Iterator[Problem]:
    least = read_integer(action, "scalableTargetAction", "minCapacity")
    most = read_integer(action, "scalableTargetAction", "maxCapacity")
    if isinstance(least, Absent) and isinstance(most, Absent):
        yield Problem("scalableTargetAction changes neither minCapacity nor maxCapacity", "one of them")
        return
    bounds: list[tuple[str, int, int]] = []
    if not isinstance(least, Absent) and not isinstance(most, Absent):
        bounds.append(("its own", required(least), required(most)))
    for target in _target_of(stack, action):
        with about(target):
            standing = required(read_integer(target, "minCapacity")), required(read_integer(target, "maxCapacity"))
        if isinstance(least, Absent) or isinstance(most, Absent):
            whose = "with the target's other bound"
            bounds.append((whose, optional(least, standing[0]), optional(most, standing[1])))
    for whose, low, high in bounds:
        if low > high:
            yield Problem(f"minCapacity is {low} and maxCapacity {high}, {whose}", "a minimum up to the maximum")


@policy(
    what="A service's own count of tasks is within its scaling target's bounds.",
    why="Auto Scaling changes a count outside at once, and the next deployment changes it back.",
    severity="low",
    how_to_fix="Set desiredCount from minCapacity to maxCapacity, or leave it to the scaling target.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html",
    levels=ADVISORY_ONLY,
    types=(SERVICE,),
    also=(SCALING_TARGET,),
)
def scaling_count_within(stack: Stack, service: Resource) -> Iterator[Problem]:
    count = desired_count(service)
    if isinstance(count, Absent):
        return
    for target in scaling_targets(stack.facts.scalers, service):
        with about(target):
            least, most = read_integer(target, "minCapacity"), read_integer(target, "maxCapacity")
            low, high = required(least), required(most)
        if low <= high and not low <= required(count) <= high:
            yield Problem(
                f"desiredCount is {required(count)}, and the scaling target {target.name} keeps {low} to {high}",
                f"{low} to {high}",
            )


@policy(
    what="A scaling policy or scheduled action scales what a scaling target of the stack registers, by the same dimension.",
    why="AWS refuses a policy without a target; one for another service leaves its own at the minimum.",
    severity="medium",
    how_to_fix="Take resourceId, scalableDimension and serviceNamespace from the scaling target.",
    url=_SCALING + "application-auto-scaling-target-tracking.html",
    types=(SCALING_POLICY, SCHEDULED_ACTION),
    also=(SCALING_TARGET,),
)
def scaling_policy_has_target(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if not stack.graph.of_type(SCALING_TARGET):
        return  # registered by another stack
    targets = _target_of(stack, resource)
    own = read_text(resource, "resourceId")
    if not targets and not in_stack(stack.graph, SCALING_TARGET, required(own), "resourceId"):
        yield Problem(
            f"resourceId is {required(own)[:150]}, which no scaling target of the stack has", "that of a scaling target"
        )
    for target in targets:
        for prop in ("scalableDimension", "serviceNamespace"):
            found, registered = read_text(resource, prop), read_text(target, prop)
            if isinstance(found, Undecided) and target in depended_on(stack.graph, resource, prop, SCALING_TARGET):
                continue  # what it is made of is the target's own
            asked = required(found)
            if isinstance(registered, Present) and asked != registered.value:
                yield Problem(f"{prop} is {asked[:60]}, and the target registers {registered.value[:60]}", "the same")


@policy(
    what="A service is scaled before its tasks are at their end, soon, and down again.",
    why="A target near 100 percent is reached when requests already wait; a suspended one never scales.",
    severity="medium",
    how_to_fix="Set targetValue to 50 to 75 percent, scaleOutCooldown to a minute or two, disableScaleIn false, and nothing suspended.",
    url=_SCALING + "target-tracking-scaling-policy-overview.html",
    settings=(
        setting("minimumPercent", 20, "Percent of CPU or memory at which tasks are added, at least.", maximum=100),
        setting("maximumPercent", 85, "Percent of CPU or memory at which tasks are added, at most.", maximum=100),
        setting("minimumRequests", 20, "Requests of a minute for one task at which tasks are added, at least."),
        setting("maximumRequests", 60_000, "Requests of a minute for one task at which tasks are added, at most."),
        setting("maximumCooldown", 600, "Seconds between two steps up at most."),
        setting("minimumScaleIn", 30, "Seconds between two steps down at least."),
    ),
    types=(SCALING_POLICY, SCALING_TARGET),
)
def scaling_reacts(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type == SCALING_TARGET:
        for key in ("dynamicScalingInSuspended", "dynamicScalingOutSuspended", "scheduledScalingSuspended"):
            if optional(asked_flag(resource, "suspendedState", key), False):
                yield Problem(f"suspendedState.{key} is true", "false")
        return
    yield from _forecast(stack, resource)
    tracking = "targetTrackingScalingPolicyConfiguration"
    if isinstance(asked_map(resource, tracking), Absent):
        return
    metric = (
        optional(asked_text(resource, tracking, "predefinedMetricSpecification", "predefinedMetricType"), "")
        if not isinstance(read(resource, tracking, "predefinedMetricSpecification"), Absent)
        else ""
    )
    bounds = {
        "ECSServiceAverageCPUUtilization": (stack.number("minimumPercent"), stack.number("maximumPercent")),
        "ECSServiceAverageMemoryUtilization": (stack.number("minimumPercent"), stack.number("maximumPercent")),
        "ALBRequestCountPerTarget": (stack.number("minimumRequests"), stack.number("maximumRequests")),
    }
    if metric in bounds:
        (least, most), value = bounds[metric], read(resource, tracking, "targetValue")
        number = required(value)
        if not isinstance(number, (int, float)) or isinstance(number, bool):
            number = required(asked_integer(resource, tracking, "targetValue"))
        if not least <= number <= most:
            yield Problem(f"targetValue of {metric} is {number:g}", f"{least} to {most}")
    if optional(asked_flag(resource, tracking, "disableScaleIn"), False):
        yield Problem("disableScaleIn is true: what was added stays", "false")
    yield from _COOLDOWNS(stack, resource)


def _forecast(stack: Stack, resource: Resource) -> Iterator[Problem]:
    """The percent of CPU or memory that tasks are added ahead for, which the provider takes as a text."""
    at = ("predictiveScalingPolicyConfiguration", "metricSpecifications")
    if isinstance(asked_map(resource, at[0]), Absent):
        return
    least, most = stack.number("minimumPercent"), stack.number("maximumPercent")
    for position in range(len(optional(read_list(resource, *at), []))):
        pair = (*at, position, "predefinedMetricPairSpecification", "predefinedMetricType")
        metric = optional(read_text(resource, *pair), "")
        value = str(required(read(resource, *at, position, "targetValue")))
        of_percent = metric.endswith(("CPUUtilization", "MemoryUtilization"))
        number = float(value) if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]+)?", value) else least
        if of_percent and not least <= number <= most:
            yield Problem(f"targetValue of {metric[:60]} is {value}", f"{least} to {most}")


_COOLDOWNS = each(
    between(
        "targetTrackingScalingPolicyConfiguration",
        "scaleOutCooldown",
        most="maximumCooldown",
        unit="seconds",
        default=300,
    ),
    between(
        "targetTrackingScalingPolicyConfiguration",
        "scaleInCooldown",
        least="minimumScaleIn",
        unit="seconds",
        default=300,
    ),
)
