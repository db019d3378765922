"""`./run env` on previews of the real stages and of a copy with mistakes."""

import pytest

from cli.comparison.env import env
from cli.main import main
from cli.stages.place import Place


def test_every_variable_has_its_value_and_its_place_and_secrets_are_masked(place: Place) -> None:
    lines: list[str] = []
    assert env(place, "legacy-api", write=lines.append) == 0
    assert lines[0] == "offline AWS, nothing deployed: variables of legacy-api in stage dev, as previewed"
    rows = {line.split()[0]: line.split(maxsplit=2)[1:] for line in lines[2:]}
    assert rows["MSI_API_URL"] == ['"https://msi-api.dev.example.com"', "env/legacy-api/.env.development:3 MSI_API_URL"]
    assert rows["MSI_API_KEY"] == ["(secret)", "/dev/legacy-api/MSI_API_KEY"]
    assert rows["DB_CONN_LIMIT"] == ['"5"', "Pulumi.dev.yaml:31 serviceDefaults.dbConnLimit"]
    assert rows["STAGE"] == ['"dev"', "the platform"]


def test_a_missing_key_and_a_dev_name_in_prd_are_accidents(place: Place) -> None:
    path = place.project_dir / "env/gateway/.env.production"
    text = path.read_text().replace("datalab-api.prd-itemscout-ns", "datalab-api.dev-itemscout-ns")
    path.write_text(text.replace("LOG_LEVEL=info\n", ""))
    lines: list[str] = []
    assert env(place, "gateway", diff=True, write=lines.append) == 1
    assert [line.split()[:2] for line in lines if line.startswith("ACCIDENT")] == [
        ["ACCIDENT", "DATALAB_API_URL"],
        ["ACCIDENT", "LOG_LEVEL"],
    ]
    assert lines[2].endswith("the value in prd names dev")
    assert lines[3].endswith("missing in prd; written in env/gateway/.env.development:2 LOG_LEVEL")
    assert lines[-1].endswith(" differ, 2 by accident")


def test_an_unknown_service_is_a_sentence(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "gatway", "--project", str(place.project_dir)]) == 2
    assert capsys.readouterr().err == (
        "error: There is no service or job 'gatway' in Pulumi.yaml; there are: category-batch, datalab-api, gateway, "
        "legacy-api, ranking-batch, tracking-api. Did you mean gateway?\n"
    )


def test_a_stage_to_compare_with_is_compared_with(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "gateway", "--with", "dev", "--project", str(place.project_dir)]) == 2
    assert capsys.readouterr().err == ("error: --with dev: there is no other stage of that name; there are: prd.\n")
