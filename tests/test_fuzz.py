"""Hostile files: whatever is in a file that is read, it is taken or refused in a sentence, in 2 s and without a traceback."""

from __future__ import annotations

import json
import os
import random
import resource
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from delivery.image_definitions import ImageDefinitionsError, parse_image_definitions
from gate.stream import Listener
from offline.engine.errors import EngineError
from offline.engine.judging.pack_config import load_pack_config
from offline.engine.state import Journal
from offline.operation_log import OperationLog
from policies.resources.documents import DocumentError, read_yaml
from policies.serving.exceptions import parse_exceptions
from settings.files.errors import UsageError
from settings.files.json_text import read_json
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
    assert "" not in listener.told.problems


def state(folder: Path, content: bytes) -> None:
    (folder / "dev.jsonl").write_bytes(b'{"journal":1}\n' + content + b"\n")
    Journal(folder, "dev", mode="read").close()


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
    (lambda _folder, content: parse_image_definitions(content), JSON),
    (lambda _folder, content: read_json(content), JSON),
    (lambda _folder, content: read_yaml(content.decode(errors="replace")), YAML),
)
REFUSALS = (UsageError, EngineError, ImageDefinitionsError, DocumentError)


@pytest.mark.parametrize("number", range(len(READERS)))
def test_every_file_is_taken_or_refused(tmp_path: Path, number: int) -> None:
    read, seeds = READERS[number]
    refusals = (*REFUSALS, ValueError) if number == 8 else REFUSALS
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for case in range(CASES // len(READERS)):
        chance = random.Random(f"{number} {case}")
        content = mutated(chance, chance.choice(seeds))
        started = time.process_time()
        said = ""
        try:
            read(tmp_path, content)
        except refusals as error:
            said = str(error)
        except Exception as error:  # noqa: BLE001  # the case is shown, and the traceback with it
            pytest.fail(f"reader {number}, case {case}: {content[:300]!r}: {type(error).__name__}: {error}")
        assert time.process_time() - started < SECONDS, (number, case, content[:300])
        assert "Traceback" not in said
        said.encode()  # what is told can be printed
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES * 1024
