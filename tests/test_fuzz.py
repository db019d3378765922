"""Hostile files: whatever is in a file that is read, it is taken or refused in a sentence, in 2 s and without a traceback."""

import contextlib
import io
import json
import os
import random
import resource
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bench.history import last
from cli.main import find, main
from delivery.image_definitions import ImageDefinitionsError, parse_image_definitions
from delivery.task_definition import SECRETS_LABEL, secrets_of
from gate.diff import changes
from gate.hosts.ci import board_of
from gate.stream import Listener
from offline.engine.errors import EngineError
from offline.engine.judging.pack_config import load_pack_config
from offline.engine.state import Journal
from offline.operation_log import OperationLog
from policies.resources.baseline import BASELINE_VARIABLE, BaselineError, load_baseline
from policies.resources.documents import DocumentError, read_yaml
from policies.resources.graph import PlainResource
from policies.resources.json_text import read_json
from policies.resources.outcomes import Present, Undecided
from policies.resources.reading import read_json as read_document
from policies.serving.exceptions import parse_exceptions
from settings.files.env_files import parse_env_file
from settings.files.errors import UsageError
from settings.files.key_lines import KeyLines
from settings.files.stack_config import load

CASES = int(os.environ.get("FUZZ_CASES", "2000"))
"""`./run test --fuzz` asks for 20,000."""
SECONDS, MEBIBYTES = 2.0, 200
YAML = (
    "name: shop\nruntime: python\nconfig:\n  aws:region: ap-northeast-2\n  services: {value: {a: {cpu: 256, path: /a}}}\n",
    "exceptions:\n  - {policy: rds-backups, resource: 'urn:pulumi:dev::*::*a', reason: r, owner: o, expires: 2027-01-31}\n",
)
JSON = (
    '[{"name":"a","imageUri":"1.dkr.ecr.x/a@sha256:' + "0" * 64 + '"}]',
    '{"all":"advisory","required-tags":{"enforcementLevel":"mandatory","tags":["Team"]}}',
    '{"sequence":1,"timestamp":2,"summaryEvent":{"resourceChanges":{"create":1},"isPreview":true}}',
    '{"seed":"urn:x#0","calls":[{"service":"sns","operation":"create_topic","params":{"Name":"a"}}]}',
    '{"put":{"serial":1,"urn":"urn:pulumi:dev::a::t::n","type":"t","custom":true,"inputs":{"a":[1,null]}}}',
)
ENV = ("# of dev\nDB_CONN_LIMIT=5\nexport NAME='a b'\nURL=\"http://a/${NAME}\"\n",)
FRAGMENTS = (
    "\0", "\x85", "\ufeff", "\\ud800", '"\\udc00"', "9" * 400, "-" + "9" * 5000, "1e999", "NaN", "-.inf", "null", "~", "[" * 300,
    "]" * 300, "{" * 300, '{"a":' * 20_000, "[" * 20_000, "- " * 20_000, "&a [*a, *a]", "*a", "<<: *a", "? [a]\n: b", "!!binary x",
    "!!python/object:os.system x", "%YAML 9.9\n---", "---\n---", "\t", "\r", '"', "'", "|\n", ">\n", "{", "}", "[", "]", ":", ",", "#",
    '"a":1,"a":2', "a: 1\na: 2", "2027-01-31T25:61:61Z", "9999-99-99", "0x" + "f" * 300, "1_000", "0o9", "1:2:3", "\U0001f600",
    "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" if n else "a0: &a0 [x]\n" for n in range(12)),
)  # fmt: skip


def mutated(chance: random.Random, text: str) -> bytes:
    """The text after a few cuts, copies, swaps, fragments and flipped bytes."""
    for _ in range(chance.randint(1, 4)):
        place, other = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
        match chance.randint(0, 5):
            case 0:
                text = text[:place] + text[other:]
            case 1:
                text = text[:other] + text[place:other] * chance.randint(1, 3) + text[other:]
            case 2 | 3:
                text = text[:place] + chance.choice(FRAGMENTS) + text[place:]
            case 4:
                text = text[:place] + chance.choice(FRAGMENTS) + text[other:]
            case _:
                text = (
                    text[:place]
                    + chr(chance.choice((0, 10, 34, 39, 58, 91, 123, 0x7F, 0x2028, 0x10FFFF)))
                    + text[place + 1 :]
                )
    data = bytearray(text.encode())
    if data and chance.random() < 0.2:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def stage(folder: Path, content: bytes) -> None:
    (folder / "Pulumi.yaml").write_bytes(content)
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    load(folder, "dev")


def stage_file(folder: Path, content: bytes) -> None:
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_bytes(content)
    load(folder, "dev")


def exceptions(folder: Path, content: bytes) -> None:
    found = parse_exceptions(
        content.decode(errors="replace"), name="e", known=frozenset({"rds-backups"}), today=date(2026, 1, 1)
    )
    json.dumps(found.problems, ensure_ascii=False).encode()


def pack_config(folder: Path, content: bytes) -> None:
    (folder / "levels.json").write_bytes(content)
    load_pack_config(folder / "levels.json")


def events(folder: Path, content: bytes) -> None:
    listener = Listener()
    listener.read(content.split(b"\n"))
    assert "" not in listener.reported.problems


def state(folder: Path, content: bytes) -> None:
    (folder / "dev.jsonl").write_bytes(b'{"journal":1}\n' + content + b"\n")
    Journal(folder, "dev", mode="read").close()


def baseline(folder: Path, content: bytes) -> None:
    (folder / "export.json").write_bytes(content)
    load_baseline({BASELINE_VARIABLE: str(folder / "export.json")}, stage="dev")


def key_lines(folder: Path, content: bytes) -> None:
    (folder / "Pulumi.yaml").write_bytes(content)
    KeyLines(folder / "Pulumi.yaml").found(["config", "services", "value", "a", "cpu"])


def env_file(folder: Path, content: bytes) -> None:
    (folder / ".env.development").write_bytes(content)
    parse_env_file((folder / ".env.development").read_bytes(), ".env.development")


def github_event(folder: Path, content: bytes) -> None:
    (folder / "event.json").write_bytes(content)
    board_of({"GITHUB_EVENT_PATH": str(folder / "event.json"), "GITHUB_ACTIONS": "true"})


def history(folder: Path, content: bytes) -> None:
    (folder / "history.jsonl").write_bytes(content)
    last(folder / "history.jsonl", "here")


def document(_folder: Path, content: bytes) -> None:
    text = content.decode(errors="replace")
    resource = PlainResource(type="t", urn="urn:pulumi:dev::a::t::n", name="n", props={"it": text})
    reading = read_document(resource, "it")
    assert isinstance(reading, (Present, Undecided)), reading
    changes({"it": text}, {"it": "[]"})


def label(_folder: Path, content: bytes) -> None:
    labels = {SECRETS_LABEL: content.decode(errors="replace")}
    secrets_of({"name": "a", "dockerLabels": labels})


def image_definitions(_folder: Path, content: bytes) -> None:
    parse_image_definitions(content)


def yaml_alone(_folder: Path, content: bytes) -> None:
    read_yaml(content.decode(errors="replace"))


def json_alone(_folder: Path, content: bytes) -> None:
    with contextlib.suppress(ValueError):  # the sentence of whoever has the file is built around it
        read_json(content)


def record(folder: Path, content: bytes) -> None:
    (folder / "aws.jsonl").write_bytes(b'{"journal":1}\n' + content + b"\n")
    OperationLog(folder / "aws.jsonl", stage="dev", mode="read").close()


READERS: tuple[tuple[Callable[[Path, bytes], object], tuple[str, ...]], ...] = (
    (stage, YAML),
    (stage_file, YAML),
    (exceptions, YAML),
    (pack_config, JSON),
    (events, JSON),
    (state, JSON),
    (record, JSON),
    (baseline, JSON),
    (key_lines, YAML),
    (env_file, ENV),
    (github_event, JSON),
    (history, JSON),
    (document, JSON),
    (label, JSON),
    (image_definitions, JSON),
    (json_alone, JSON),
    (yaml_alone, YAML),
)
REFUSALS = (UsageError, EngineError, ImageDefinitionsError, DocumentError, BaselineError)


@pytest.mark.parametrize("number", range(len(READERS)), ids=[read.__name__ for read, _ in READERS])
def test_every_file_is_taken_or_refused(tmp_path: Path, number: int) -> None:
    read, seeds = READERS[number]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for case in range(CASES // len(READERS)):
        chance = random.Random(f"{number} {case}")
        content = mutated(chance, chance.choice(seeds))
        started = time.process_time()
        said = ""
        try:
            read(tmp_path, content)
        except REFUSALS as error:
            said = str(error)
        except Exception as error:  # noqa: BLE001  # the case is shown, and the traceback with it
            pytest.fail(f"reader {number}, case {case}: {content[:300]!r}: {type(error).__name__}: {error}")
        assert time.process_time() - started < SECONDS, (number, case, content[:300])
        assert "Traceback" not in said
        said.encode()  # what is told can be printed
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES * 1024


NAMES = (
    "a\0b", "\udc80x", "a" * 10_000, "-s", "../../etc", "/etc/passwd", "", ".", "..", "a/b", "a\nb", "\x1b[31m", "\u202e", "%s%n", "$(id)",
    "\U0001f600", "dev.", "DEV", "\uff19", "-1", "1e999", "9" * 400, "nul", "*", "[", "urn:x", "dev --yes", "nobody",
)  # fmt: skip
PLACES = (
    ("-s", "{}"), ("{}",), ("{}", "-s", "nowhere"), ("--project", "{}", "-s", "{}"), ("-s", "dev", "--state", "{}", "{}"),
    ("--stack={}",), ("-s=--",),
)  # fmt: skip
NOT_ASKED = {"bench", "engine", "lint", "test", "help"}
"""Commands whose arguments are another program's, and the one that only tells."""


@pytest.mark.parametrize("verb", sorted(set(find()) - NOT_ASKED))
def test_every_name_is_refused_in_a_sentence(verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(SystemExit):
        main([verb, "-s", "nobody"])  # what a command imports takes longer than any refusal
    for name in NAMES:
        for place in PLACES:
            argv = [verb, *(part.format(name) for part in place)]
            said, started = io.StringIO(), time.process_time()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                try:
                    code: object = main(argv)
                except SystemExit as ended:
                    code = ended.code
            assert code in (1, 2), argv
            assert 0 < len(said.getvalue().encode()) < 20_000, argv
            assert time.process_time() - started < SECONDS, argv
    assert list(tmp_path.iterdir()) == []
