"""`./run secrets`: what is stored, what is missing, how one is stored; a value is never shown or kept in a record."""

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli import main
from cli.ended import ended
from cli.stages.place import Place, settings_of
from cli.stages.secrets import Secret, secrets, secrets_of, states_of
from delivery.aws import RequestError
from offline.engine.errors import UsageError
from offline.engine.state import Journal
from tests.project import PROJECT

WHEN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ALL = (
    "/dev/category-batch/DB_PASSWORD",
    "/dev/datalab-api/DB_PASSWORD",
    "/dev/legacy-api/DB_PASSWORD",
    "/dev/legacy-api/MSI_API_KEY",
    "/dev/ranking-batch/DB_PASSWORD",
    "/dev/tracking-api/DB_PASSWORD",
)


class Ssm:
    """Parameters as SSM describes them, one page a name, and every request that was made."""

    def __init__(self, **types: str) -> None:
        self.types = {f"/dev/{path.replace('__', '/')}": kind for path, kind in types.items()}
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        assert service == "ssm"
        self.requests.append((operation, params))
        if operation == "put_parameter":
            return {"Version": 1}
        assert operation == "describe_parameters"
        [asked] = params["ParameterFilters"]
        known = [name for name in asked["Values"] if name in self.types]
        page = int(params.get("NextToken", 0))
        answer: dict[str, Any] = {
            "Parameters": [
                {"Name": name, "Type": self.types[name], "LastModifiedDate": WHEN} for name in known[page : page + 1]
            ]
        }
        return {**answer, "NextToken": str(page + 1)} if page + 1 < len(known) else answer


@pytest.fixture
def place(project_root: Path, tmp_path: Path) -> Callable[[Ssm], Place]:
    def make(ssm: Ssm) -> Place:
        return Place(
            stage="dev", project_dir=project_root, state_dir=tmp_path, target="aws", account=lambda config: ssm
        )

    return make


def test_the_real_stage_has_a_password_for_every_client_and_the_legacy_servers_key(project_root: Path) -> None:
    found = secrets_of(settings_of(project_root, "dev"))
    assert tuple(secret.path for secret in found) == ALL
    assert Secret(path=ALL[3], readers=("legacy-api",), images=("legacy-api",)) in found
    assert found[0].images == ("datalab-api",)


def test_stored_missing_and_plain_are_told_apart_and_no_value_is_asked_for(place: Callable[[Ssm], Place]) -> None:
    ssm = Ssm(**{"legacy-api__DB_PASSWORD": "SecureString", "legacy-api__MSI_API_KEY": "String"})
    lines: list[str] = []
    assert secrets(place(ssm), only="legacy-api", write=lines.append) == 1
    assert lines == [
        "AWS: secrets of stage dev",
        "/dev/legacy-api/DB_PASSWORD  stored 2026-11-22 09:30; read by legacy-api",
        "/dev/legacy-api/MSI_API_KEY  WRONG: a String, which is stored in plain text; delete it and store it again; "
        "read by legacy-api",
        "1 of 2 secrets are stored; tasks without theirs do not start. "
        "Store one: ./run secrets legacy-api -s dev --target aws --put MSI_API_KEY",
    ]
    assert {operation for operation, _ in ssm.requests} == {"describe_parameters"}


@pytest.mark.parametrize(
    ("deployed", "code", "state"),
    [
        ((), 0, "MISSING, needed with the first image of legacy-api"),
        (("images__gateway",), 0, "MISSING, needed with the first image of legacy-api"),
        (("images__legacy-api",), 1, "MISSING"),
    ],
)
def test_a_check_fails_only_for_what_a_deployed_image_needs(
    place: Callable[[Ssm], Place], deployed: tuple[str, ...], code: int, state: str
) -> None:
    ssm = Ssm(**{"legacy-api__DB_PASSWORD": "SecureString"}, **dict.fromkeys(deployed, "String"))
    lines: list[str] = []
    assert secrets(place(ssm), only="legacy-api", check=True, write=lines.append) == code
    assert lines[1:] == [
        f"/dev/legacy-api/MSI_API_KEY  {state}; read by legacy-api",
        "1 of 2 secrets are stored; tasks without theirs do not start. "
        "Store one: ./run secrets legacy-api -s dev --target aws --put MSI_API_KEY",
    ]


def test_a_job_reads_with_the_image_of_its_service(place: Callable[[Ssm], Place]) -> None:
    ssm = Ssm(**{"images__datalab-api": "String"})
    states = states_of(ssm, place(ssm).settings())
    needed = [state.secret.path for state in states if state.needed]
    assert needed == [path for path in ALL if path.split("/")[2] in ("category-batch", "datalab-api")]


def test_all_stored_is_success(place: Callable[[Ssm], Place]) -> None:
    ssm = Ssm(**{path.removeprefix("/dev/").replace("/", "__"): "SecureString" for path in ALL})
    lines: list[str] = []
    assert secrets(place(ssm), write=lines.append) == 0
    assert lines[-1] == "6 of 6 secrets are stored"


def test_a_value_is_stored_as_secure_string_and_told_to_nobody(place: Callable[[Ssm], Place]) -> None:
    lines: list[str] = []
    ssm = Ssm(**{"legacy-api__MSI_API_KEY": "SecureString"})
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return "hunter2"

    assert secrets(place(ssm), put="MSI_API_KEY", write=lines.append, ask=ask) == 0
    assert ssm.requests[-1] == (
        "put_parameter",
        {
            "Name": "/dev/legacy-api/MSI_API_KEY",
            "Type": "SecureString",
            "Value": "hunter2",
            "Overwrite": True,
            "Description": "MSI_API_KEY of legacy-api",
        },
    )
    assert prompts == ["Value of /dev/legacy-api/MSI_API_KEY (not shown): "]
    assert lines == [
        "AWS: secrets of stage dev",
        "/dev/legacy-api/MSI_API_KEY is changed. Tasks read it when they start: legacy-api",
    ]


@pytest.mark.parametrize(
    ("asked", "value", "message"),
    [
        (
            {"put": "DB_PASSWORD"},
            "x",
            "DB_PASSWORD is a secret of category-batch, datalab-api, legacy-api, ranking-batch, tracking-api: name one, "
            "like ./run secrets category-batch -s dev --put DB_PASSWORD.",
        ),
        (
            {"put": "MSI_API_KEI"},
            "x",
            "No workload lists MSI_API_KEI under secrets, so no task would read it; there are: DB_PASSWORD, MSI_API_KEY. "
            "List it in Pulumi.yaml first. Did you mean MSI_API_KEY?",
        ),
        (
            {"put": "MSI_API_KEY"},
            "",
            "The value is empty, and SSM stores none that is: give it at the prompt or on standard input.",
        ),
        ({"put": "MSI_API_KEY"}, "é" * 2049, "The value has 4,098 bytes, and a standard parameter of SSM holds 4,096."),
        (
            {"only": "legacy"},
            "",
            "There is no service or job 'legacy' in Pulumi.yaml; there are: category-batch, datalab-api, gateway, "
            "legacy-api, ranking-batch, tracking-api. Did you mean legacy-api?",
        ),
    ],
)
def test_mistakes_are_sentences(place: Callable[[Ssm], Place], asked: dict[str, str], value: str, message: str) -> None:
    ssm = Ssm()
    with pytest.raises(UsageError) as caught:
        secrets(place(ssm), only=asked.get("only"), put=asked.get("put"), ask=lambda prompt: value)
    assert str(caught.value) == message
    assert "put_parameter" not in {operation for operation, _ in ssm.requests}


def test_a_plain_parameter_is_not_written_over(place: Callable[[Ssm], Place]) -> None:
    ssm = Ssm(**{"legacy-api__MSI_API_KEY": "String"})
    with pytest.raises(UsageError, match="exists as a String, and SSM changes no type"):
        secrets(place(ssm), put="MSI_API_KEY", ask=lambda prompt: "hunter2")
    assert [operation for operation, _ in ssm.requests] == ["describe_parameters"]


def test_offline_it_is_recorded_that_a_secret_is_stored_and_not_its_value(
    project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from offline.engine.record import ResourceRecord

    journal = Journal(tmp_path, "dev", mode="write")
    urn = f"urn:pulumi:dev::{PROJECT}::pulumi:pulumi:Stack::{PROJECT}-dev"
    journal.put(ResourceRecord(serial=1, urn=urn, type="pulumi:pulumi:Stack", custom=False))
    journal.close()
    arguments = ["secrets", "legacy-api", "-s", "dev", "--state", str(tmp_path), "--project", str(project_root)]
    monkeypatch.setattr(sys, "stdin", io.StringIO("hunter2\n"))
    assert main.main([*arguments, "--put", "MSI_API_KEY"]) == 0
    assert "its value is not kept offline" in capsys.readouterr().out
    assert "hunter2" not in (tmp_path / "dev.jsonl").read_text()
    assert main.main(arguments) == 1
    listed = capsys.readouterr().out
    assert (
        "/dev/legacy-api/DB_PASSWORD  MISSING, needed with the first image of legacy-api; read by legacy-api\n"
        in listed
    )
    assert "/dev/legacy-api/MSI_API_KEY  stored 20" in listed


def test_a_stage_that_is_not_up_and_a_refused_request_are_sentences(
    project_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(stage="dev", project_dir=project_root, state_dir=tmp_path)
    assert ended(lambda: secrets(place)) == 1
    assert capsys.readouterr().err == "error: Stage dev is not up: run ./run up -s dev first.\n"

    def refuse() -> int:
        raise RequestError("AWS refused ssm:describe_parameters with AccessDenied: no.")

    assert ended(refuse) == 1
    assert capsys.readouterr().err == "error: AWS refused ssm:describe_parameters with AccessDenied: no.\n"
