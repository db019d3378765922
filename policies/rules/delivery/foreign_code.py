"""Policies about code that a build or a task fetches while it runs: what nobody has reviewed, and what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.ecs.container_addresses import texts_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Present, is_unknown
from policies.resources.reading import known_text, read_text
from policies.resources.references import references
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, policy

_GET = r"(?:curl|wget|iwr|Invoke-WebRequest)\b[^|;&\n)`]*?(https?://[^\s\"'|;&)`]+)[^|;&\n)`]*"
_SHELL = (
    r"(?:sudo\s+(?:-\S+\s+)*)?(?:/(?:usr/)?bin/)?(?:env\s+)?"
    r"(?:(?:ba|z|da|a|k)?sh|python[0-9.]*|node|perl|ruby|php|iex)\b"
)
_RUNS = re.compile(
    rf"{_GET}(?:\|\s*(?:tee\s+\S+|tr\s[^|]*|sed\s[^|]*|gunzip[^|]*)\s*)*\|\s*(?:{_SHELL})"
    rf"|(?:{_SHELL}|\bsource|(?:^|\s)\.)\s+(?:-\w+\s+)*<\(\s*{_GET}"
    rf"|(?:(?:{_SHELL})\s+-\w*c\s+|\beval\s+)[\"']?(?:\$\(|`)\s*{_GET}",
    re.MULTILINE,
)
"""A download that a shell or an interpreter runs as it comes."""

_HINTS = ("curl", "wget", "iwr", "Invoke-WebRequest")
"""Each text that downloads holds one of these: looking for them is quicker."""


@policy(
    what="No build and no task runs a script as somebody's server answers it.",
    why="Whoever has that server, or its name, runs code with the build's or the task's rights, and nothing says what it was.",
    severity="high",
    how_to_fix="Keep the script in the repository, or download it and hold it against its checksum before it runs.",
    url="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_appsec_manual_code_reviews.html",
    settings=(setting("hosts", (), "Hosts whose scripts may be run as they come."),),
    types=(tokens.BUILD_PROJECT, tokens.TASK_DEFINITION),
)
def no_remote_scripts(stack: Stack, resource: Resource) -> Iterator[Problem]:
    hosts = stack.texts("hosts")
    for where, text in _commands(stack, resource):
        if not any(hint in text for hint in _HINTS):
            continue
        for url in (*(next(filter(None, match.groups())) for match in _RUNS.finditer(text)), *_saved(text)):
            host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
            if host.partition(":")[0] not in hosts:
                path = url.partition("://")[2].partition("/")[2].partition("?")[0]
                yield Problem(
                    f"{where} runs what {url.partition('://')[0]}://{host[:80]}/{path[:80]} answers",
                    "a copy in the repository, or a download that is held against its checksum",
                )


_SAVES = re.compile(
    r"\b(?:curl|wget)\b(?=[^|;&\n]*?\s-(?:-output|-output-document|\w*[oO])[\s=]+[\"']?([\w./-]+))[^|;&\n]*?(https?://[^\s\"'|;&)`]+)"
)
_CHECKED = re.compile(r"sha(?:256|384|512)sum|shasum|gpgv?\b|cosign|minisign|Get-FileHash")


def _saved(text: str) -> Iterator[str]:
    """The downloads that are kept as a file and run from there, where nothing of the commands checks a download."""
    if _CHECKED.search(text):
        return
    for file, url in _SAVES.findall(text):
        name = re.escape(file.removeprefix("./"))
        if re.search(
            rf"(?:{_SHELL}|\bsource|(?:^|[\s;&])\.)\s+(?:-\w+\s+)*(?:\./)?{name}(?![\w./-])|(?:^|[\s;&])\./{name}(?![\w./-])",
            text,
        ):
            yield url


def _commands(stack: Stack, resource: Resource) -> Iterator[tuple[str, str]]:
    if resource.type == tokens.BUILD_PROJECT:
        text = known_text(resource, "source", "buildspec")
        yield "source.buildspec", _code(text) if any(hint in text for hint in _HINTS) else ""
        return
    for container, texts in stack.facts.by_container(resource, texts_of).items():
        for text in texts:
            if text.where.startswith("the "):
                yield f'{text.where} of container "{container}"', text.value.replace("\n", " ")


def _code(buildspec: str) -> str:
    return re.sub(r"(?m)^\s*#.*$", "", buildspec).replace("\\\n", " ")


_FETCHED = re.compile(
    r"\baws\s+s3\s+(?:cp|mv)\s+(?:--\S+\s+)*[\"']?s3://([a-z0-9][a-z0-9.-]{1,62})/([^\s\"'$*`{}]+)[\"']?(?=\s)"
)
"""The bucket and the key of an object that a command copies from S3, both written out."""


@policy(
    what="What a build fetches from a bucket of the stack is an object of the stack, where its name is written out.",
    why="The build fails at the first run, after the change of the name was merged, and nothing is deployed until somebody finds it.",
    severity="medium",
    how_to_fix="Write the key of the object, or list keys that others put there in the setting elsewhere.",
    url="https://docs.aws.amazon.com/cli/latest/reference/s3/cp.html",
    settings=(
        setting("elsewhere", (), "Keys, or beginnings of keys, of objects that others put into the stack's buckets."),
    ),
    types=(tokens.BUILD_PROJECT,),
    also=(tokens.BUCKET, tokens.BUCKET_OBJECT, tokens.BUCKET_OBJECT_V2),
)
def build_fetches_what_is_there(stack: Stack, project: Resource) -> Iterator[Problem]:
    buildspec = read_text(project, "source", "buildspec")
    text = _code(buildspec.value) if isinstance(buildspec, Present) and "s3://" in buildspec.value else ""
    for bucket, key in dict.fromkeys(_FETCHED.findall(text)):
        own = stack.graph.by_handle(tokens.BUCKET).get(bucket)
        if (
            own is None
            or key.endswith("/")
            or key.startswith(stack.texts("elsewhere"))
            or f"s3://{bucket}/{key}" in _written(text)
        ):
            continue
        if not _may_hold(stack, own, bucket, key):
            yield Problem(
                f"source.buildspec fetches {key[:120]} from {bucket}, which no object of the stack is",
                "an object's key",
            )


def _written(text: str) -> frozenset[str]:
    """What a build itself writes to S3."""
    return frozenset(re.findall(r"\baws\s+s3\s+(?:cp|mv)\s+(?:--\S+\s+)*[^\s-]\S*\s+[\"']?(s3://[^\s\"'$]+)", text))


def _may_hold(stack: Stack, bucket: Resource, name: str, key: str) -> bool:
    """Whether an object of the stack is, or of an unknown key may be, what stands in a bucket under a key."""
    for held in stack.graph.of_type(tokens.BUCKET_OBJECT, tokens.BUCKET_OBJECT_V2):
        found = held.props.get("key")
        if found == key or is_unknown(found):
            inside = references(stack.graph, held, tokens.BUCKET, "bucket")
            if bucket.urn in inside.keys or inside.undecided is not None or held.props.get("bucket") == name:
                return True
    return False
