"""Policies about containers: least privilege, fixed images, logs, health and telemetry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from policies.facts.ecs.containers import collects_telemetry, essential, image_of, known_variables
from policies.facts.ecs.definitions import is_for_fargate, is_for_windows
from policies.facts.ecs.parts.health_checks import health_check
from policies.facts.ecs.parts.logs import LogConfiguration, log_configuration
from policies.facts.ecs.parts.port_mappings import port_mappings
from policies.facts.naming import COMMIT_TAG
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import optional, read_flag, read_list, read_map, read_text, required
from policies.resources.references import in_stack
from policies.resources.requested import asked_flag
from policies.resources.tokens import LOG_GROUP, SERVICE
from policies.rules.policy import ECS_GUIDE
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, about, container_policy

_DIGEST = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")
_COMMIT = re.compile(rf"[^@\s]+:{COMMIT_TAG}")
_ROOT = re.compile(r"(?:root|\+?0+|)(?::.*)?", re.DOTALL)
_NOTHING = re.compile(r"(?:.*(?:\|\||;)\s*)?(?:exit 0|true|/bin/true|:|echo\b[^|;&]*)\s*", re.DOTALL)
"""A command line whose last word succeeds whatever came before."""


@container_policy(
    what="A container runs as a user that is not root.",
    why="Who breaks out of a container that runs as root is root outside, too.",
    severity="high",
    how_to_fix="Set user in the container definition to a name or number of the image, such as node or 1000.",
    url=ECS_GUIDE + "security-tasks-containers.html",
    references="ECS.1 ECS.20 ECS.21",
)
def container_user(_: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    user = read_text(container, "user")
    with about(definition):
        windows = is_for_windows(definition)
    if windows:
        if optional(user, "").strip().lower() in ("", "containeradministrator"):
            yield Problem("user is the administrator, or not set", "a user that is none, such as ContainerUser")
    elif isinstance(user, Absent) or not required(user).strip():
        yield Problem("user is not set, which is root in most images", "a user that is not root")
    elif _ROOT.fullmatch(required(user).strip()):
        yield Problem("user is root", "a user that is not root")


def _exec(service: Resource) -> bool:
    """Whether shells may be opened in its tasks: the agent writes to the root filesystem, so it cannot be read-only (ECS Exec)."""
    return asked_flag(service, "enableExecuteCommand") == Present(True)


@container_policy(
    also=(SERVICE,),
    what="A container cannot write to its own root filesystem, unless ECS Exec is on, whose agent has to.",
    why="What cannot write leaves no tools behind and changes no code.",
    severity="medium",
    how_to_fix="Set readonlyRootFilesystem to true and mount volumes where the application writes.",
    references="CKV_AWS_336 ECS.5",
)
def container_read_only(stack: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    if any(_exec(service) for service in stack.facts.services.get(definition.urn, ())):
        return  # no-exec judges whether it may be on
    read_only = read_flag(container, "readonlyRootFilesystem")
    with about(definition):
        windows = is_for_windows(definition)
    if not windows and not optional(read_only, False):
        yield Problem(stated("readonlyRootFilesystem", read_only, "false"), "true")


@container_policy(
    what="A container has no rights of its host.",
    why="A privileged container is root on the host and reads every other task there.",
    severity="critical",
    how_to_fix="Remove privileged, devices, dockerSecurityOptions and the added kernel capabilities.",
    references="CKV_AWS_334 ECS.4",
)
def container_unprivileged(_: Stack, __: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    if optional(read_flag(container, "privileged"), False):
        yield Problem("privileged is true", "false")
    added = optional(read_list(container, "linuxParameters", "capabilities", "add"), [])
    # SYS_PTRACE is the one that Fargate takes, for debuggers and profilers; it reaches the task's own processes only.
    if optional(read_list(container, "linuxParameters", "devices"), []):
        yield Problem("devices of the host are mapped into it", "none")
    options = [str(item) for item in optional(read_list(container, "dockerSecurityOptions"), [])]
    if loose := sorted(item[:40] for item in options if item.endswith((":disable", "unconfined"))):
        yield Problem(f"dockerSecurityOptions switch protection off: {', '.join(loose)}", "none")
    if wrong := sorted(str(name)[:30] for name in added if name != "SYS_PTRACE"):
        yield Problem(f"kernel capabilities are added: {', '.join(wrong)}", "none")


_ADDRESS = {"fluentd": "fluentd-address", "gelf": "gelf-address", "syslog": "syslog-address"}
"""Docker's log drivers that send to a server, to the option with its address; without it, it is the host itself."""
_OF_THE_HOST = re.compile(
    r"(?:[a-z+]+://)?(?:localhost|127\.[0-9.]+|\[?::1\]?)(?::[0-9]+)?/?|unix(?:gram)?://.*", re.IGNORECASE
)


def _sent_away(logs: LogConfiguration) -> bool:
    """Whether a driver of Docker sends what a container logs to another host."""
    address = logs.options.get(_ADDRESS.get(logs.driver, ""), "")
    return bool(address) and _OF_THE_HOST.fullmatch(address.strip()) is None


def _routes(container: Mapping[str, object]) -> bool:
    """Whether a container is the log router of its task (FireLens)."""
    return not isinstance(read_map(container, "firelensConfiguration"), Absent)


@container_policy(
    what="A container logs to a log group of the stack that has a retention, and does not wait for it.",
    why="Without logs a failure cannot be explained; groups that ECS makes by itself keep them for ever.",
    severity="high",
    how_to_fix="Set logConfiguration to awslogs with its region, group and stream prefix, and declare that aws.cloudwatch.LogGroup.",
    references="AwsSolutions-ECS7 ECS.9",
    also=(LOG_GROUP,),
)
def container_logs(stack: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    logs = log_configuration(container)
    if logs is None:
        yield Problem("logConfiguration is not set", "awslogs, with a log group of the stack")
        return
    if logs.driver == "awsfirelens" and not any(_routes(item) for item in stack.facts.documents(definition)):
        yield Problem(
            "logDriver is awsfirelens, and no container of the task has a firelensConfiguration",
            "a log router beside it",
        )
    with about(definition):
        fargate = is_for_fargate(definition)
    if logs.driver not in ("awslogs", "awsfirelens", "splunk") and (fargate or not _sent_away(logs)):
        where = "which Fargate does not take" if fargate and logs.driver in _ADDRESS else "whose logs stay on the host"
        yield Problem(f"logDriver is {logs.driver[:30]}, {where}", "awslogs, awsfirelens or splunk")
    if logs.options.get("mode") == "blocking":
        yield Problem(
            "its log is written in blocking mode: where CloudWatch is slow the application stands still", "non-blocking"
        )
    if logs.driver == "awslogs":
        if not in_stack(stack.graph, LOG_GROUP, logs.group):
            yield Problem(
                f"awslogs-group is {logs.group[:100]}, which is no log group of the stack", "one with a retention"
            )
        for option, wanted in (
            ("awslogs-region", "the stack's region"),
            ("awslogs-stream-prefix", "such as the container's name"),
        ):
            if (fargate or option == "awslogs-region") and not logs.options.get(option):
                yield Problem(
                    f"{option} is not set, without which {'Fargate' if fargate else 'ECS'} refuses it", wanted
                )


@container_policy(
    what="An image is named by its digest or by a commit.",
    why="Behind a tag that moves, a restart runs other code than the one that was tested, and a rollback rolls nothing back.",
    severity="high",
    how_to_fix="Use repository@sha256:…, or a tag with the commit (7 to 40 hexadecimal digits).",
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
)
def image_pinned(_: Stack, __: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    image = image_of(container)
    if not _DIGEST.fullmatch(image) and not _COMMIT.fullmatch(image):
        yield Problem(f'image is "{image[:150]}"', "a digest or the tag of a commit")


@container_policy(
    what="A container that listens on a port has a health check.",
    why="A process that hangs still runs: without a check nobody replaces it.",
    severity="medium",
    how_to_fix="Set healthCheck with a command, which the image must hold.",
    url=ECS_GUIDE + "healthcheck.html",
)
def container_health_check(_: Stack, __: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    if not port_mappings(container):
        return
    if not essential(container) and collects_telemetry(container):
        return  # a task is as healthy as its essential containers: nobody replaces one for another's check
    check = health_check(container)
    if check is None:
        yield Problem("healthCheck is not set", "a command that asks the application")
        return
    words = check.command
    line = " ".join(words[1:])
    if words[:1] == ("NONE",) or len(words) < 2 or _NOTHING.fullmatch(line.strip()):
        yield Problem("healthCheck.command asks nothing", "a command that asks the application")
    elif words[0] not in ("CMD", "CMD-SHELL"):
        yield Problem(
            f'healthCheck.command begins with "{words[0][:40]}", which ECS refuses', "CMD or CMD-SHELL before it"
        )


@container_policy(
    what="A container that only collects telemetry does not take the task with it when it ends.",
    why="A collector that runs out of memory would end every request of its task.",
    severity="medium",
    how_to_fix="Set essential to false in its container definition.",
    url=ECS_GUIDE + "application_architecture.html",
)
def telemetry_not_essential(stack: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    if collects_telemetry(container) and essential(container) and len(stack.facts.documents(definition)) > 1:
        yield Problem("essential is true, or not set", "false")


_PREFIX: Final = "OTEL_EXPORTER_OTLP_"
_SIGNALS: Final = ("", "TRACES_", "METRICS_", "LOGS_")
_PORTS: Final = {"4317": "grpc", "4318": "http"}
"""OpenTelemetry Protocol specification, default ports: 4317 for OTLP/gRPC, 4318 for OTLP/HTTP."""
_PORT: Final = re.compile(r"^[a-z]+://[^/\s]*:([0-9]{1,5})(?:/|$)|^[^/\s]*:([0-9]{1,5})$", re.IGNORECASE)


@container_policy(
    what="Telemetry is sent in the protocol that the collector's port speaks.",
    why="The exporter drops every batch and the application goes on: traces and metrics are missing on the day they are needed.",
    severity="medium",
    how_to_fix="Send grpc to port 4317, and http/protobuf or http/json to port 4318.",
    url="https://opentelemetry.io/docs/specs/otel/protocol/exporter/",
)
def telemetry_protocol(_: Stack, __: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    variables = dict(known_variables(container))
    for signal in _SIGNALS:
        endpoint, name = variables.get(f"{_PREFIX}{signal}ENDPOINT"), f"{_PREFIX}{signal}PROTOCOL"
        if name not in variables:
            name = f"{_PREFIX}PROTOCOL"
        protocol, port = variables.get(name), _PORT.match((endpoint or "").strip())
        if protocol is None:
            continue  # the default is the SDK's own, and not the same in every language
        sent = protocol.strip().partition("/")[0]
        if protocol.strip() not in ("grpc", "http/protobuf", "http/json"):
            yield Problem(f"{name} is {protocol[:40]!r}", "grpc, http/protobuf or http/json")
        elif port is not None and _PORTS.get(port[1] or port[2], sent) != sent:
            yield Problem(
                f"{_PREFIX}{signal}ENDPOINT is {(endpoint or '')[:80]}, a port of {_PORTS[port[1] or port[2]]}, and {name} is {protocol}",
                "one and the same",
            )
