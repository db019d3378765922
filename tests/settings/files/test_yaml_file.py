"""What no file of settings can be: refused in a sentence, in two seconds and 200 MiB, without a traceback."""

import resource
import time
from pathlib import Path

import pytest

from settings.files import yaml_file
from settings.files.errors import UsageError
from settings.files.stack_config import load

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)
MERGED = "m0: &m0 {k: v}\n" + "".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}\n" for n in range(1, 12))
HOSTILE = {
    "aliases": (BOMB, "with its aliases this holds more than 250,000 values"),
    "merges": (MERGED, "with its aliases this holds more than 250,000 values"),
    "lists": ("[" * 500, "values nest deeper than 100 levels"),
    "lists beyond counting": ("[" * 20_000, "line 1 is not valid YAML: exceeded maximum nesting depth."),
    "mappings": ("{a: " * 20_000, "values nest deeper than 100 levels"),
    "blocks": ("- " * 20_000, "values nest deeper than 100 levels"),
    "a number": (f"a: {'9' * 400}", "an integer of 400 digits"),
    "a longer one": (f"a: -{'9' * 40_000}", "digits is not a number"),
    "an exponent": ("a: 1e999", "1e999 is not a number that a configuration can hold"),
    "NUL": ("a: \0", "is not YAML that a configuration can hold"),
    "half a character": ('a: "\\ud800"', "line 1 is not valid YAML: found invalid Unicode character escape code."),
    "half a character in a key": (
        '"\\udfff": 1',
        "line 1 is not valid YAML: found invalid Unicode character escape code.",
    ),
    "itself": ("&a [*a]", "is not YAML that a configuration can hold"),
    "twice": ("a: 1\na: 2", "the key 'a' is given twice"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_bounds(tmp_path: Path, name: str) -> None:
    text, reason = HOSTILE[name]
    path = tmp_path / "Pulumi.yaml"
    path.write_text(text, "utf-8")
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UsageError) as refused:
        yaml_file.read_mapping(path)
    assert reason in str(refused.value)
    assert len(str(refused.value)) < 400
    assert time.process_time() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_a_file_that_nobody_wrote_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.yaml"
    path.write_bytes(b"a" * (yaml_file.LARGEST + 1))
    with pytest.raises(UsageError, match="is larger than 4 MiB"):
        yaml_file.read_mapping(path)


def test_aliases_within_reason_are_read(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.yaml"
    path.write_text("a: &a {x: 1}\nb: *a\nc: {<<: *a, y: 2}\n")
    assert yaml_file.read_mapping(path) == {"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 1, "y": 2}}


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("confg", "Did you mean config?"),
        ("zzz", "Allowed are author, backend, config,"),
        ("Name", "Did you mean name?"),
    ],
)
def test_an_unknown_key_of_pulumi_yaml_is_refused(tmp_path: Path, key: str, told: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\n{key}: 1\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    with pytest.raises(UsageError, match="unknown key") as refused:
        load(tmp_path, "dev")
    assert told in str(refused.value)
