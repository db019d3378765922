"""State holds no secret in clear, and what was damaged in it is refused and kept."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.aws.handler import RecordedOperation
from offline.engine.errors import StateError
from offline.engine.record import ResourceRecord
from offline.engine.state import Journal
from offline.operation_log import OperationLog
from offline.properties import secret

URN = "urn:pulumi:dev::shop::aws:sns/topic:Topic::"
PASSWORD = "correct horse battery staple"


def operation(number: int = 0) -> RecordedOperation:
    params = {"Name": "a", "Password": PASSWORD}
    return RecordedOperation(
        seed=f"{URN}a#{number}", calls=[{"service": "sns", "operation": "create_topic", "params": params}]
    )


def journal(folder: Path, *, mode: str = "write") -> Journal:
    return Journal(folder, "dev", mode=mode)  # type: ignore[arg-type]


def fill(folder: Path) -> Path:
    """A journal with one line that holds a secret and one that does not."""
    opened = journal(folder)
    fields = {"inputs": {"password": secret(PASSWORD)}, "outputs": {"nested": [{"p": secret(PASSWORD)}]}}
    opened.put(
        ResourceRecord(serial=1, urn=URN + "a", type="aws:sns/topic:Topic", custom=True, id="a", **fields),
        operation=operation(),
    )
    opened.put(ResourceRecord(serial=2, urn=URN + "b", type="aws:sns/topic:Topic", custom=True, id="b"))
    opened.close()
    return folder / "dev.jsonl"


@pytest.mark.parametrize("phrase", [None, "open sesame", ""])
def test_a_secret_is_not_in_clear_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phrase: str | None
) -> None:
    if phrase is not None:
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", phrase)
    state = tmp_path / "state"
    path = fill(state)
    assert PASSWORD.encode() not in b"".join(found.read_bytes() for found in state.iterdir())
    assert state.stat().st_mode & 0o777 == 0o700
    assert {found.name: found.stat().st_mode & 0o777 for found in state.iterdir()} == (
        {"dev.jsonl": 0o600} if phrase is not None else {"dev.jsonl": 0o600, "dev.key": 0o600}
    )
    assert [next(iter(json.loads(line))) for line in path.read_text().splitlines()] == ["journal", "sealed", "put"]
    read = journal(state, mode="read")
    assert read.operations() == [operation()]
    assert read.live()[0].inputs == {"password": secret(PASSWORD)}
    read.close()


@pytest.mark.parametrize(
    ("written", "read", "told"),
    [
        ("a", "b", "PULUMI_CONFIG_PASSPHRASE is another one than when it was written"),
        ("a", None, "PULUMI_CONFIG_PASSPHRASE is not set. Nothing was started and the file is kept."),
        (None, None, "dev.key is gone"),
    ],
)
def test_without_its_key_a_state_is_refused_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str | None, read: str | None, told: str
) -> None:
    if written is not None:
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", written)
    path = fill(tmp_path)
    content = path.read_bytes()
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    if read is not None:
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", read)
    path.with_suffix(".key").unlink(missing_ok=True)
    for mode in ("read", "write"):
        with pytest.raises(StateError) as refused:
            journal(tmp_path, mode=mode)
        assert told in str(refused.value)
    assert path.read_bytes() == content


def test_requests_of_the_real_engines_provider_are_sealed(tmp_path: Path) -> None:
    log = OperationLog(tmp_path / "aws.jsonl", stage="dev", mode="write")
    log.note(operation())
    log.close()
    assert PASSWORD not in (tmp_path / "aws.jsonl").read_text()
    read = OperationLog(tmp_path / "aws.jsonl", stage="dev", mode="read")
    assert read.operations() == [operation()]
    read.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("whole"))


@given(data=st.data())
def test_whatever_is_changed_in_a_line_is_found(whole: Path, data: st.DataObject) -> None:
    content = whole.read_bytes()
    place = data.draw(st.integers(0, len(content) - 2))
    other = data.draw(st.integers(0, 255).filter(lambda value: value not in (content[place], 10)))
    if content[place] == 10:
        return
    folder = whole.parent.parent / "damaged"
    folder.mkdir(exist_ok=True)
    (folder / "dev.key").write_bytes(whole.with_suffix(".key").read_bytes())
    damaged = content[:place] + bytes([other]) + content[place + 1 :]
    (folder / "dev.jsonl").write_bytes(damaged)
    with pytest.raises(StateError, match=r"is not what this engine wrote|holds secrets under a passphrase"):
        journal(folder, mode="write").close()
    assert (folder / "dev.jsonl").read_bytes() == damaged


CALL = {"service": "sns", "operation": "create_topic", "params": {}}


@pytest.mark.parametrize(
    "line",
    [
        '{"seed":"x","calls":[' + "[" * 20_000,
        '{"seed":"x","calls":[' + '{"a":' * 20_000,
        '{"seed":"x","calls":[],"calls":[]}',
        '{"seed":' + "9" * 400 + ',"calls":[]}',
        '{"seed":"x","calls":[7]}',
        '{"seed":7,"calls":[]}',
        '{"seed":"\\ud800","calls":[]}',
        *(json.dumps({"seed": "x", "calls": [{**CALL, **change}]}) for change in (
            {"service": 7}, {"operation": None}, {"params": []}, {"answer": 1}, {"revision": "1"}, {"revision": True}, {"more": 1},
        )),
        *(json.dumps({"seed": "x", "calls": [{k: v for k, v in CALL.items() if k != left}]}) for left in CALL),
        '{"sealed":"k::AAAA:AAAA"}',
        '{"sealed":7}',
        '{"sealed":"p:x:y:z"}',
    ],
)  # fmt: skip
def test_calls_that_nobody_recorded_are_refused(tmp_path: Path, line: str) -> None:
    def log() -> OperationLog:
        return OperationLog(tmp_path / "aws.jsonl", stage="dev", mode="read")

    text = '{"journal":1}\n' + line + "\n"
    for name, opened in (("dev.jsonl", lambda: journal(tmp_path)), ("aws.jsonl", log)):
        (tmp_path / name).write_text(text)
        with pytest.raises(StateError):
            opened()
        assert (tmp_path / name).read_text() == text
