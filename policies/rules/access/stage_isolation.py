"""The policy that keeps stages apart: nothing of one stage names another's cluster, namespace, database, secret or repository."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from policies.facts.finding import Finding, Parts
from policies.resources.graph import Resource
from policies.resources.outcomes import Present
from policies.resources.reading import read_text, refuse
from policies.resources.texts import DEEPEST
from policies.resources.tokens import CERTIFICATE, DNS_RECORD, DNS_ZONE, TASK_DEFINITION
from policies.rules.policy import EVERYWHERE, setting
from policies.rules.rule import Problem, Stack, advice, checked, stack_policy
from policies.rules.stages import USUAL, alike

_PROSE = frozenset(
    {"alarmDescription", "command", "comment", "content", "description", "entryPoint", "healthCheck", "tags", "tagsAll"}
)
"""Properties that are for people, commands of a program, or a file's text: what they name is no resource of AWS."""
_DEVICE = re.compile(
    r"(?<![\w.-])/dev/(?:(?:null|zero|u?random|std(?:in|out|err)|fd|shm|tty|kvm|fuse|net|tcp|udp|disk/by-[a-z]+)\b"
    r"|(?:(?:h|s|v|xv)d[a-z]{1,2}\d{0,3}|nvme\d+(?:n\d+(?:p\d+)?)?|(?:loop|md|ttyS)\d+|dri/\w+\d+|pts/\d+|full|log|ptmx)(?![\w/-]))"
)
"""Files and disks of an operating system, which are no stage's."""
_OF_AWS = re.compile(
    r"(?<![\w.-])prod(?:-[a-z]{2}(?:-[a-z]+){1,2}-\d-starport-layer-bucket|\.[a-z0-9-]+\.appinfo\.src)(?![\w-])"
)
"""Buckets of AWS's own, the same in every stage: ECR's layers (ECR User Guide, Interface VPC endpoints), and EMR's applications."""


def _words(stack: Stack) -> tuple[frozenset[str], frozenset[str]]:
    """(words for this stage, words for others); the first is empty where the stack's name names no stage."""
    configured, named = stack.text("stage"), frozenset(name.lower() for name in stack.stages.named)
    name = (configured or stack.stage).lower()
    own = alike({name, *re.split(r"[^a-z0-9]+", name)})
    if configured or name in named:
        own |= {name}
    others = frozenset(stack.texts("otherStages")) or named | alike(named or USUAL) - {"stage", "develop"}
    return own, others - own


@lru_cache(maxsize=8)
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    """Another stage's word as a part of a name, which is what references are: the word alone is a mode, such as NODE_ENV."""
    either = "|".join(re.escape(word) for word in sorted(words))
    return re.compile(
        rf"(?:(?<=[-_./:])(?:{either})(?![A-Za-z0-9])|(?<![A-Za-z0-9])(?:{either})(?=[-_./]))", re.IGNORECASE
    )


_URL = re.compile(
    r"(?<![\w.@+-])(?:[a-z][a-z0-9+.-]{0,40}://)?(?:[^\s/@,;]{1,200}@)?((?:[a-z0-9_-]{1,63}\.)+[a-z]{2,63})(?![\w-])(?::[0-9]+)?"
    r"(?:/[^\s,;\"']*)?",
    re.IGNORECASE,
)
"""A host with a domain, and what belongs to it in a URL; bounded, and begun where a word begins, so that a long text takes no longer."""
_INSIDE = (
    ".amazonaws.com", ".amazonaws.com.cn", ".internal", ".local", ".lan", ".private", ".corp", ".intranet", ".svc",
)  # fmt: skip
"""Ends of hosts that may be the team's own, whatever the stack says of its domains."""
_TOKEN, _TOKEN_END, _FAR = re.compile(r"[\w./:@-]+"), re.compile(r"[\w./:@-]+$"), 300
_RESOURCE = re.compile(
    r"(?:^|_)(?:BUCKET|QUEUE|TABLE|TOPIC|HOST|HOSTNAME|UR[IL]|ENDPOINT|ARN|CLUSTER|NAMESPACE|DATABASE|DB|SECRET|PARAM|PARAMETER|REPO"
    r"|REPOSITORY|STREAM|GROUP|ROLE|KEY|DOMAIN|ADDR|ADDRESS|SERVER|SERVICE|CACHE|REDIS|INDEX|DSN|PREFIX|STORE|STORAGE|FUNCTION|SCHEMA"
    r"|USER|POOL)S?(?:_|$)",
    re.IGNORECASE,
)
"""What variables that name a resource are called."""


def _isolated(stack: Stack, resource: Resource, words: frozenset[str], domains: frozenset[str]) -> Iterator[Problem]:
    pattern, parsed = _pattern(words), dict[str, object]()
    if resource.type == TASK_DEFINITION:
        parsed["containerDefinitions"] = list(stack.facts.documents(resource))
    for where, variable, text in _texts({**resource.props, **parsed}, "", "", 0):
        if not _holds(words, text):
            continue
        ours = _OF_AWS.sub("", _DEVICE.sub("", text))
        own = _URL.sub(lambda url: url[0] if _may_be_own(url[1], domains, pattern) else " ", ours)
        for match in pattern.finditer(own):
            if not variable or _names_resource(stack, variable, own, match.start()):
                yield Problem(f'{where} names "{match[0]}", another stage', "a resource of this stage")
                break


def _holds(words: frozenset[str], text: str) -> bool:
    lower = text.lower()
    for word in words:  # noqa: SIM110 -- each word is looked for in each text of the stack, and any() takes twice as long
        if word in lower:
            return True
    return False


def _may_be_own(host: str, domains: frozenset[str], pattern: re.Pattern[str]) -> bool:
    """Whether a host may be of the team: within, at AWS, or under a domain of the stack. Nobody else's host is one of its stages.

    Where the stack has no domain, a stage's word at the beginning, as in dev.azure.com, is more often the name of somebody's site.
    """
    if f".{host.lower()}".endswith(_INSIDE) or domain_of(host) in domains:
        return True
    return not domains and pattern.match(host) is None


def _names_resource(stack: Stack, variable: str, text: str, position: int) -> bool:
    """Whether a variable's value names a resource where another stage's word stands: by its form, the variable, or the stack's names."""
    before = _TOKEN_END.search(text, max(0, position - _FAR), position)
    after = _TOKEN.match(text, position, position + _FAR)
    token = (before[0] if before else "") + (after[0] if after else "")
    return (
        any(mark in token for mark in "/:.")
        or _RESOURCE.search(variable) is not None
        or bool(stack.facts.names.within(token))
    )


def domain_of(host: str) -> str:
    """The last two labels of a host."""
    return ".".join(host.lower().rstrip(".").rsplit(".", 2)[-2:])


def _domains(stack: Stack) -> frozenset[str]:
    """The domains that certificates, records and zones of the stack have, those of the inside excepted."""
    named = [read_text(item, "domainName") for item in stack.graph.of_type(CERTIFICATE)]
    named += [read_text(item, "name") for item in stack.graph.of_type(DNS_RECORD, DNS_ZONE)]
    return frozenset(
        domain_of(found.value)
        for found in named
        if isinstance(found, Present)
        and "." in found.value
        and not f".{found.value.lower().rstrip('.')}".endswith(_INSIDE)
    )


def _texts(value: object, where: str, variable: str, depth: int) -> Iterator[tuple[str, str, str]]:
    """(top-level property, variable where it is one's value, text) of every string that may name a resource."""
    if depth > DEEPEST:
        refuse(where, "is nested too deep to be read")
    if isinstance(value, str):
        yield where, variable, value
    elif isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        named = fields.get("name") if where in _VARIABLES and "value" in fields else None
        for key, item in fields.items():
            if key not in _PROSE:
                yield from _texts(
                    item, where or str(key), str(named) if named and key == "value" else variable, depth + 1
                )
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _texts(item, where, variable, depth + 1)


_VARIABLES = frozenset({"containerDefinitions", "environment"})
"""Properties with lists of variables, each with name and value."""


@stack_policy(
    what="Nothing of one stage names another stage's resources.",
    why="A development task with production's database or secrets changes what customers see.",
    severity="critical",
    how_to_fix="Name this stage's own resource; name the stages in the settings of stage-names where they are called otherwise.",
    url="https://docs.aws.amazon.com/wellarchitected/latest/devops-guidance/ag.sad.1-organize-workloads-into-distinct-accounts.html",
    levels=EVERYWHERE,
    settings=(
        setting("stage", "", "The stage's name, where it is not the stack's."),
        setting(
            "otherStages",
            (),
            "Words that name other stages; empty for those that stage-names has, or else the usual ones.",
        ),
    ),
    types=(),
)
def stage_isolation(stack: Stack) -> Iterator[Finding]:
    if all(resource.type.startswith("pulumi:") for resource in stack.graph):
        return  # nothing that could name anything
    own, others = _words(stack)
    if not own and not stack.texts("otherStages"):
        found = (
            f'undecided: the stack\'s name "{stack.stage}" names no stage, so what belongs to another one is not known'
        )
        needed = "the team's stages in the settings lenient and strict of the policy stage-names"
        parts = Parts(found=found, required=needed)
        yield Finding("", f"{found}. Required: {needed}. {advice(stack.spec)}", parts=parts)
        return
    domains = _domains(stack)
    held = stack.facts.texts.holders(lambda text: _holds(others, text))
    asked = [resource for resource in stack.graph if resource.urn in held or resource.type == TASK_DEFINITION]
    yield from checked(stack.spec, asked, lambda resource: _isolated(stack, resource, others, domains))
