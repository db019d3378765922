"""Policies about tags, names, log retention and alarms: what is there can be found, paid for and heard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from policies.budget.words import counted
from policies.resources import tokens
from policies.resources.graph import Graph, Resource, grouped
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, NotDecidedError, Present, Undecided, is_unknown, unknown_at_preview
from policies.resources.reading import fields_of, items_of, optional, read, read_json, read_text, required
from policies.resources.references import belonging, made_here, references
from policies.resources.requested import asked_flag, asked_integer, asked_list, asked_map, asked_text
from policies.rules.policy import ADVISORY_ONLY, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, about, policy

_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
"""The values that CloudWatch Logs has (PutRetentionPolicy)."""
_TAGS_IN_A_LIST = frozenset({"aws:autoscaling/group:Group"})
_NAMED = {
    tokens.CLUSTER: "name", tokens.DB_CLUSTER: "clusterIdentifier", tokens.DB_INSTANCE: "identifier", tokens.LOAD_BALANCER: "name",
    tokens.LOG_GROUP: "name", tokens.PARAMETER: "name", tokens.QUEUE: "name", tokens.REPOSITORY: "name", tokens.ROLE: "name",
    tokens.SCHEDULE: "name", tokens.SECURITY_GROUP: "name", tokens.SERVICE: "name", tokens.TARGET_GROUP: "name",
    tokens.TASK_DEFINITION: "family", tokens.TOPIC: "name",
}  # fmt: skip


@policy(
    what="A resource carries the tags that people search and pay by.",
    why="What has no owner is never removed, and what has no stage is on nobody's bill.",
    severity="low",
    how_to_fix="Set the tags, or defaultTags on the provider; the setting tags changes the list.",
    url="https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
    settings=(
        setting("tags", ("Project", "Stage", "Service", "Owner", "ManagedBy"), "Tags that every resource carries."),
        setting("stageTag", "Stage", "The tag whose value is the stack's name; empty for none."),
        setting(
            "values",
            (),
            'Values that a tag may have, as "Owner=platform-team": a tag that is listed has one of its own.',
        ),
    ),
)
def required_tags(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if not resource.type.startswith("aws") or ("tagsAll" not in resource.props and "tags" not in resource.props):
        return  # a type without tags, or another provider's: an image's tags are no tags of AWS
    # tagsAll, where it is known, has the provider's default tags as well.
    found = {key: value for prop in ("tagsAll", "tags") for key, value in _tags(resource, prop).items()}
    missing = [tag for tag in stack.texts("tags") if found.get(tag) in (None, "")]
    if missing:
        yield Problem(f"tags are missing: {', '.join(missing)}", ", ".join(stack.texts("tags")))
    for tag in (*stack.texts("tags"), stack.text("stageTag")):
        if is_unknown(found.get(tag)):
            raise NotDecidedError(unknown_at_preview(f"tags.{tag}"))
    for tag, values in _allowed(stack).items():
        if is_unknown(found.get(tag)):
            raise NotDecidedError(unknown_at_preview(f"tags.{tag}"))
        if found.get(tag) not in (None, "", *values):
            yield Problem(f'tag {tag} is "{str(found[tag])[:40]}"', " or ".join(f'"{value}"' for value in values))
    stage = found.get(stack.text("stageTag"))
    if stage not in (None, "", stack.stage):
        yield Problem(f'tag {stack.text("stageTag")} is "{str(stage)[:40]}"', f'"{stack.stage}"')


def _tags(resource: Resource, prop: str) -> Mapping[str, object]:
    """Tags by key. An Auto Scaling group, and few others, have a list of objects with key and value."""
    if resource.type not in _TAGS_IN_A_LIST:
        return optional(asked_map(resource, prop), {})
    items = optional(asked_list(resource, prop), [])
    return {
        required(read_text(resource, prop, place, "key")): optional(read(resource, prop, place, "value"), None)
        for place in range(len(items))
    }


def _allowed(stack: Stack) -> dict[str, list[str]]:
    """The values that are configured, by tag."""
    allowed: dict[str, list[str]] = {}
    for item in stack.texts("values"):
        tag, equals, value = item.partition("=")
        if not (tag and equals and value):
            stack.refuse_setting(
                "values", f'has "{item[:40]}", which is not a tag and a value as in "Owner=platform-team"'
            )
        allowed.setdefault(tag, []).append(value)
    return allowed


@policy(
    what="A name that the program chooses holds its stage.",
    why="Stages share an account: without the stage in a name the second one collides with the first, or changes it.",
    severity="low",
    how_to_fix="Put the stack's name into it, as in prd-datalab-api or /prd/datalab-api, or leave the name to Pulumi.",
    url="https://www.pulumi.com/docs/iac/concepts/resources/names/",
    levels=ADVISORY_ONLY,
    settings=(
        setting("prefix", "", "What names begin with; empty for the stack's name, anywhere among the words of a name."),
    ),
    types=_NAMED,
    also=(tokens.SCHEDULE_GROUP,),
)
def names_carry_stage(stack: Stack, resource: Resource) -> Iterator[Problem]:
    prefix = stack.text("prefix")
    name = asked_text(resource, _NAMED[resource.type])
    if isinstance(name, Absent):
        return  # Pulumi or AWS makes one up
    text = required(name)
    if _automatic(resource, text):
        return
    if prefix and not re.match(rf"/?{re.escape(prefix)}(?:[-/_.]|$)", text):
        yield Problem(f'its name is "{text[:100]}"', f'a name that begins with "{prefix}-" or "/{prefix}/"')
    elif not prefix and not _has_stage(stack, text) and not _within_what_has_it(stack, resource):
        yield Problem(f'its name is "{text[:100]}"', f'a name with the word "{stack.stage}"')


def _has_stage(stack: Stack, text: str) -> bool:
    return re.search(rf"(?:^|[-/_.]){re.escape(stack.stage)}(?:[-/_.]|$)", text) is not None


_WITHIN = {tokens.SERVICE: ("cluster", tokens.CLUSTER), tokens.SCHEDULE: ("groupName", tokens.SCHEDULE_GROUP)}
"""Type whose name is one of its cluster's or group's (Amazon ECS API Reference, CreateService; EventBridge Scheduler, CreateSchedule)."""


def _within_what_has_it(stack: Stack, resource: Resource) -> bool:
    """Whether a name is one of something that is this stage's, so that no other stage's collides with it."""
    if resource.type not in _WITHIN:
        return False
    prop, kind = _WITHIN[resource.type]
    holders = stack.graph.held(references(stack.graph, resource, kind, prop).keys)
    names = [asked_text(holder, "name") for holder in holders]
    return bool(names) and all(not isinstance(name, Present) or _has_stage(stack, name.value) for name in names)


def _automatic(resource: Resource, text: str) -> bool:
    """Whether Pulumi made the name up: the logical name and seven hexadecimal digits."""
    logical, _, digits = text.rpartition("-")
    return logical == resource.name and re.fullmatch(r"[0-9a-f]{7}", digits) is not None


@policy(
    what="A log group keeps its events long enough, and not for ever.",
    why="CloudWatch keeps them for ever by default, and charges for it; too short a time ends before the incident is seen.",
    severity="medium",
    how_to_fix="Set retentionInDays to one of CloudWatch's values, such as 14 in dev and 90 in prd.",
    url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    references="CKV_AWS_66",
    settings=(setting("minimumDays", 30, "Days that logs are kept at least.", dev=1),),
    types=(tokens.LOG_GROUP,),
)
def log_retention(stack: Stack, group: Resource) -> Iterator[Problem]:
    least = stack.number("minimumDays")
    days = optional(asked_integer(group, "retentionInDays"), 0)
    if days == 0:
        yield Problem("retentionInDays is not set, which is for ever", f"at least {counted(least, 'day')}, and an end")
    elif days not in _DAYS:
        yield Problem(f"retentionInDays is {days}, which CloudWatch does not have", "one of its values, such as 90")
    elif days < least:
        yield Problem(f"retentionInDays is {days}", f"at least {least}")


@policy(
    what="A log group whose events others read, or make metrics of, is of the standard class.",
    why="The class for infrequent access makes no metrics, feeds no filters, and answers no GetLogEvents.",
    severity="medium",
    how_to_fix="Remove logGroupClass.",
    url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html",
    types=(tokens.LOG_GROUP,),
    also=(tokens.METRIC_FILTER, tokens.SUBSCRIPTION_FILTER, tokens.TASK_DEFINITION, tokens.ROLE_POLICY),
)
def log_class_fits(stack: Stack, group: Resource) -> Iterator[Problem]:
    kind = optional(asked_text(group, "logGroupClass"), "STANDARD")
    if kind == "STANDARD":
        return
    name = optional(asked_text(group, "name"), group.name)
    readers = [
        *belonging(stack.graph, group, tokens.METRIC_FILTER, "logGroupName"),
        *belonging(stack.graph, group, tokens.SUBSCRIPTION_FILTER, "logGroup"),
        *(item for item in stack.graph.of_type(tokens.TASK_DEFINITION) if _makes_metrics(item, name)),
        *(item for item in stack.graph.of_type(tokens.ROLE_POLICY) if _reads(item, name)),
    ]
    if readers:
        yield Problem(
            f"logGroupClass is {kind[:40]}, and {readers[0].name} reads its events or makes metrics of them", "STANDARD"
        )


def _makes_metrics(definition: Resource, name: str) -> bool:
    """Whether an OpenTelemetry collector writes metrics as log events into a group."""
    text = str(definition.props.get("containerDefinitions"))
    return "awsemf" in text and re.search(rf"log_group_name\W+{re.escape(name)}\W", text) is not None


def _reads(document: Resource, name: str) -> bool:
    text = str(document.props.get("policy"))
    return "logs:GetLogEvents" in text and f":log-group:{name}:" in text


@policy(
    what="A resource group finds something of the stack.",
    why="A search by tags that nothing has shows an empty page, in the night when somebody looks for what is broken.",
    severity="low",
    how_to_fix="Write the tags that the stack's resources have into resourceQuery.query.",
    url="https://docs.aws.amazon.com/ARG/latest/userguide/gettingstarted-query.html",
    types=(tokens.RESOURCE_GROUP,),
)
def search_group_finds(stack: Stack, group: Resource) -> Iterator[Problem]:
    query = read_json(group, "resourceQuery", "query")
    if not isinstance(query, Present) or not isinstance(query.value, dict):
        return
    filters = cast("dict[str, object]", query.value).get("TagFilters")
    wanted: dict[str, list[object]] = {}
    for item in items_of(filters):
        if isinstance(item, dict):
            test = cast("dict[str, object]", item)
            values = test.get("Values")
            wanted[str(test.get("Key"))] = items_of(values)
    if wanted and not any(_tagged(resource, wanted) for resource in _tagging(stack.graph).get(next(iter(wanted)), ())):
        shown = ", ".join(f"{key} {' or '.join(map(str, values))}" for key, values in wanted.items())
        yield Problem(f"nothing of the stack has the tags {shown[:150]}", "tags of its resources")


@per_graph
def _tagging(graph: Graph) -> Mapping[str, list[Resource]]:
    """The resources that have a tag, by its key."""
    return grouped((key, resource) for resource in graph for key in fields_of(resource.props.get("tags")))


def _tagged(resource: Resource, wanted: Mapping[str, list[object]]) -> bool:
    """Whether a resource has each of the tags, with one of its values where some are asked for."""
    tags = fields_of(resource.props.get("tags"))
    return all(tags.get(key) in values or (key in tags and not values) for key, values in wanted.items())


@policy(
    what="An alarm is reported to somebody.",
    why="An alarm without an action changes its colour in a console that nobody watches.",
    severity="medium",
    how_to_fix="Set alarmActions to a topic, and actionsEnabled not to false.",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-15",
    references="CKV_AWS_319 CloudWatch.15 CloudWatch.17",
    types=(tokens.ALARM, tokens.COMPOSITE_ALARM),
)
def alarms_heard(stack: Stack, alarm: Resource) -> Iterator[Problem]:
    problems = list(_unheard(stack, alarm))
    # Of alarms that make up another one, that one reports: what their own actions would report is its noise.
    if problems and not any(_of_it(composite, alarm) for composite in stack.graph.of_type(tokens.COMPOSITE_ALARM)):
        yield from problems


def _unheard(stack: Stack, alarm: Resource) -> Iterator[Problem]:
    if not optional(asked_flag(alarm, "actionsEnabled"), True):
        yield Problem("actionsEnabled is false", "true")
    # An ARN that is unknown at preview is an action all the same.
    actions = asked_list(alarm, "alarmActions")
    if isinstance(actions, Undecided) and made_here(stack.graph, alarm, "alarmActions"):
        return
    if not [item for item in optional(actions, []) if item]:
        yield Problem(stated("alarmActions", actions, "empty"), "a topic")


def _of_it(composite: Resource, alarm: Resource) -> bool:
    """Whether an alarm's rule names another alarm, by its name or ARN, or is made from it."""
    if alarm.urn in composite.property_dependencies.get("alarmRule", ()):
        return True
    prop = "alarmName" if alarm.type == tokens.COMPOSITE_ALARM else "name"
    name = optional(asked_text(alarm, prop), alarm.name)
    with about(composite):
        rule = required(read_text(composite, "alarmRule"))
    return re.search(rf"[(:\"'\s]{re.escape(name)}[\"'\s]*\)", rule) is not None
