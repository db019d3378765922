"""The lines of keys, through lists, merges and files that cannot be read."""

from pathlib import Path

import pytest

from settings.files.key_lines import KeyLines

TEXT = """\
base: &base
  cpu: 256
  tasks: { min: 1,
           max: 2 }
config:
  a:
    <<: *base
    memory: 512
  b: *base
  c: [ONE, TWO,
      THREE]
  "d e": &self
    <<: *self
    none:
"""


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (("config", "a", "memory"), (3, 8)),
        (("config", "a", "cpu"), (3, 2)),
        (("config", "b"), (2, 9)),
        (("config", "b", "tasks", "max"), (4, 4)),
        (("config", "a", "tasks", "none"), (3, 3)),
        (("config", "c", "THREE"), (3, 11)),
        (("config", "c", "1"), (3, 10)),
        (("config", "c", "FOUR"), (2, 10)),
        (("config", "d e", "none", "deeper"), (3, 14)),
        (("nothing",), (0, None)),
        ((), (0, None)),
    ],
)
def test_the_line_of_the_innermost_key_that_is_there(
    tmp_path: Path, keys: tuple[str, ...], found: tuple[int, int | None]
) -> None:
    (tmp_path / "f.yaml").write_text(TEXT)
    assert KeyLines(tmp_path / "f.yaml").found(keys) == found


@pytest.mark.parametrize(
    "content", [b"a: [", b"\xff\xfe\x00", b"", b"- b", b"just text", b"a: *nobody", b"[" * 5_000, b"? {a: 1}\n: 2\n"]
)
def test_a_file_without_keys_has_no_lines(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.yaml").write_bytes(content)
    assert KeyLines(tmp_path / "f.yaml").found(("a",)) == (0, None)
    assert KeyLines(tmp_path / "absent.yaml").found(("a",)) == (0, None)
