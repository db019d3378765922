"""The journal: what is written is read back, torn and corrupt files, compaction."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offline.aws.handler import RecordedOperation
from offline.engine.errors import StateError, UsageError
from offline.engine.record import ResourceRecord, record_from_json, record_to_json
from offline.engine.state import Journal

URN = "urn:pulumi:dev::shop::aws:sns/topic:Topic::"


def record(serial: int, name: str, **fields) -> ResourceRecord:
    return ResourceRecord(serial=serial, urn=URN + name, type="aws:sns/topic:Topic", custom=True, id=name, **fields)


def operation(seed: str) -> RecordedOperation:
    return RecordedOperation(
        seed=seed, calls=[{"service": "sns", "operation": "create_topic", "params": {"Name": seed}}]
    )


def fill(directory) -> None:
    journal = Journal(directory, "dev", mode="write")
    first = record(journal.next_serial(), "a", inputs={"name": "a"})
    journal.put(first, operation=operation(journal.next_seed(first.urn)))
    second = record(journal.next_serial(), "a", inputs={"name": "b"}, dependencies=(URN + "x",))
    journal.put(second, operation=operation(journal.next_seed(second.urn)), supersedes=first.serial)
    third = record(journal.next_serial(), "c", protect=True, property_dependencies={"k": (URN + "a",)})
    journal.put(third)
    journal.close()


def test_round_trip(tmp_path):
    fill(tmp_path)
    journal = Journal(tmp_path, "dev", mode="read")
    old, new, third = journal.live()
    assert (old.serial, old.pending_delete, new.serial, new.pending_delete) == (1, True, 2, False)
    assert third == record(3, "c", protect=True, property_dependencies={"k": (URN + "a",)})
    assert journal.operations() == [operation(f"{URN}a#0"), operation(f"{URN}a#1")]
    assert (journal.next_seed(URN + "a"), journal.next_seed(URN + "z")) == (f"{URN}a#2", f"{URN}z#0")
    journal.close()


def test_dropped_resources_are_gone_and_their_calls_are_kept(tmp_path):
    fill(tmp_path)
    journal = Journal(tmp_path, "dev", mode="write")
    journal.drop(1, operation=operation(journal.next_seed(URN + "a")))
    journal.close()
    journal = Journal(tmp_path, "dev", mode="read")
    assert [item.serial for item in journal.live()] == [2, 3]
    assert [item.seed for item in journal.operations()] == [f"{URN}a#{number}" for number in range(3)]
    journal.close()


def test_reading_writes_nothing(tmp_path):
    journal = Journal(tmp_path / "absent", "dev", mode="read")
    assert journal.live() == []
    with pytest.raises(StateError, match="open for reading only"):
        journal.drop(1)
    journal.close()
    assert not (tmp_path / "absent").exists()


def test_a_run_that_records_nothing_leaves_nothing(tmp_path):
    Journal(tmp_path / "state", "dev", mode="write").close()
    assert not (tmp_path / "state").exists()


def test_the_state_is_private(tmp_path):
    fill(tmp_path)
    assert (tmp_path / "dev.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_torn_last_line_is_dropped_with_a_notice(tmp_path):
    fill(tmp_path)
    path = tmp_path / "dev.jsonl"
    whole = path.read_bytes()
    for cut in (whole[:-1], whole + b'{"put": {"ser', whole + b'{"drop":3}'):
        path.write_bytes(cut)
        reader = Journal(tmp_path, "dev", mode="read")
        assert reader.notices == [
            "dev.jsonl: the last line was cut off by an interrupted run and is dropped; its operation never took effect."
        ]
        reader.close()
        assert path.read_bytes() == cut
    Journal(tmp_path, "dev", mode="write").close()
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("number", "line", "reason"),
    [
        (1, '{"journal":7}', "it must start with a journal header of version 1"),
        (2, "garbage", "Expecting value: line 1 column 1 (char 0)"),
        (2, '{"put":{"serial":1,"urn":"u","colour":1}}', "unknown field 'colour'"),
        (2, '{"put":{"serial":"1","urn":"u"}}', "serial is not a int"),
        (2, '{"drop":9}', "it names resource 9, which is not recorded"),
        (2, '{"seed":"x"}', "an operation has a seed and its calls"),
        (2, "{}", "a line is an object that is not empty"),
        (2, '{"put":{},"drop":1}', "a line is a put, a drop or an operation"),
        (2, '{"pot":{}}', "a line is a put, a drop or an operation"),
    ],
)
def test_a_corrupt_journal_is_refused_and_kept(tmp_path, number, line, reason):
    lines = ['{"journal":1}', '{"put":' + json.dumps(record_to_json(record(1, "a"))) + "}"]
    lines[number - 1] = line
    content = "\n".join(lines) + "\n"
    path = tmp_path / "dev.jsonl"
    path.write_text(content)
    for mode in ("read", "write"):
        with pytest.raises(StateError) as raised:
            Journal(tmp_path, "dev", mode=mode)
        assert str(raised.value) == (
            f"{path}, line {number} is not what this engine wrote ({reason}). Nothing was started and the file is kept. "
            "Restore it from a copy, or move it away to start stage 'dev' from nothing: the offline platform is then "
            "created anew, with other ids."
        )
        assert path.read_text() == content


@pytest.mark.parametrize(
    ("error", "reason"), [(OSError(28, "No space left on device"), "the disk is full"), (OSError(5, "I/O error"), "I/O error")]
)  # fmt: skip
def test_what_cannot_be_written_is_reported(tmp_path, monkeypatch, error, reason):
    journal = Journal(tmp_path, "dev", mode="write")
    journal.put(record(1, "a"))

    def write(file, text):
        raise error

    monkeypatch.setattr("offline.operation_log.os.write", write)
    with pytest.raises(StateError) as raised:
        journal.put(record(2, "b"))
    assert str(raised.value) == (
        f"{tmp_path}/dev.jsonl: {reason}; the last operation is not recorded. Make room and run again."
    )
    monkeypatch.undo()
    journal.close()
    assert [item.name for item in Journal(tmp_path, "dev", mode="read").live()] == ["a"]


def test_a_journal_that_cannot_be_compacted_stays_as_it_is(tmp_path, monkeypatch):
    journal = Journal(tmp_path, "dev", mode="write")
    for number in range(30):
        journal.put(record(1, "a", inputs={"n": number}))

    def replace(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("offline.operation_log.os.replace", replace)
    journal.close()
    assert [path.name for path in tmp_path.iterdir()] == ["dev.jsonl"]
    assert (tmp_path / "dev.jsonl").read_text().count('"put"') == 30


def test_a_folder_that_takes_no_record_is_refused_before_anything_starts(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError) as raised:
        Journal(tmp_path / "file", "dev", mode="write")
    assert str(raised.value) == (
        f"The folder {tmp_path}/file cannot be used for what `up` records (File exists). Nothing was started. "
        "Fix its rights, or name another one with --state."
    )
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_read_without_a_lock(tmp_path, monkeypatch):
    journal = Journal(tmp_path, "dev", mode="write")
    journal.put(record(1, "a"))
    journal.close()
    opened = os.open

    def refuse(path, flags, *mode):
        if str(path).endswith(".lock"):
            raise OSError(30, "Read-only file system")
        return opened(path, flags, *mode)

    monkeypatch.setattr("offline.operation_log.os.open", refuse)
    assert [item.name for item in Journal(tmp_path, "dev", mode="read").live()] == ["a"]
    with pytest.raises(UsageError, match=r"cannot be used for what `up` records \(Read-only file system\)"):
        Journal(tmp_path, "dev", mode="write")


def test_compaction_keeps_records_and_operations(tmp_path):
    journal = Journal(tmp_path, "dev", mode="write")
    for number in range(30):
        journal.put(record(1, "a", inputs={"n": number}), operation=operation(str(number)))
    live, operations = journal.live(), journal.operations()
    journal.close()
    lines = (tmp_path / "dev.jsonl").read_text().splitlines()
    assert sum('"put"' in line for line in lines) == 1
    journal = Journal(tmp_path, "dev", mode="read")
    assert (journal.live(), journal.operations()) == (live, operations)
    journal.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dev.jsonl", "dev.lock"]


def test_an_empty_platform_forgets_its_operations(tmp_path):
    journal = Journal(tmp_path, "dev", mode="write")
    journal.put(record(1, "a"), operation=operation("1"))
    journal.drop(1, operation=operation("2"))
    journal.close()
    assert (tmp_path / "dev.jsonl").read_text() == '{"journal":1}\n'


names = st.text(min_size=1, max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # nested values take long to draw on a busy machine
@given(
    inputs=st.dictionaries(names, values),
    protect=st.booleans(),
    first=st.none() | st.booleans(),
    dependencies=st.lists(names).map(tuple),
    by_property=st.dictionaries(names, st.lists(names, min_size=1).map(tuple)),
)
def test_any_record_survives_json(inputs, protect, first, dependencies, by_property):
    before = record(
        3, "a", inputs=inputs, protect=protect, delete_before_replace=first, dependencies=dependencies,
        property_dependencies=by_property,
    )  # fmt: skip
    assert record_from_json(json.loads(json.dumps(record_to_json(before)))) == before
