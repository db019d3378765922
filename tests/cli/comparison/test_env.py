"""`./run env` on previews of the real stages and of a copy with mistakes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.comparison.env import Env, env, pair_of
from cli.main import main
from cli.stages.place import Place
from offline.engine.errors import UsageError


def test_every_variable_has_its_value_and_its_place_and_secrets_are_masked(place: Place) -> None:
    told: list[str] = []
    assert env(Env(place=place, service="legacy-api"), tell=told.append) == 0
    assert told[0] == "offline AWS, nothing deployed: variables of legacy-api in stage dev, as previewed"
    rows = {line.split()[0]: line.split(maxsplit=2)[1:] for line in told[2:]}
    assert rows["MSI_API_URL"] == ['"https://msi-api.dev.example.com"', "env/legacy-api/.env.development:3"]
    assert rows["MSI_API_KEY"] == ["(secret)", "/dev/legacy-api/MSI_API_KEY"]
    assert rows["DB_CONN_LIMIT"] == ['"5"', "Pulumi.dev.yaml: serviceDefaults.dbConnLimit"]
    assert rows["STAGE"] == ['"dev"', "the platform"]


def test_a_missing_key_and_a_dev_name_in_prd_are_accidents(place: Place) -> None:
    path = place.project_dir / "env/gateway/.env.production"
    text = path.read_text().replace("datalab-api.prd-itemscout-ns", "datalab-api.dev-itemscout-ns")
    path.write_text(text.replace("LOG_LEVEL=info\n", ""))
    told: list[str] = []
    assert env(Env(place=place, service="gateway", diff=True), tell=told.append) == 1
    assert [line.split()[:2] for line in told if line.startswith("ACCIDENT")] == [
        ["ACCIDENT", "DATALAB_API_URL"],
        ["ACCIDENT", "LOG_LEVEL"],
    ]
    assert told[2].endswith("the value in prd names dev")
    assert told[3].endswith("missing in prd; written in env/gateway/.env.development:2")
    assert told[-1].endswith(" differ, 2 by accident")


def test_the_other_stage_is_taken_where_there_is_one_and_asked_for_where_not(place: Place) -> None:
    assert pair_of(place, None).right == "prd"
    (place.project_dir / "Pulumi.stg.yaml").write_text("config: {}\n")
    with pytest.raises(UsageError) as caught:
        pair_of(place, None)
    assert str(caught.value) == "Which stage to compare dev with? Say --with STAGE; other stages: prd, stg."
    assert pair_of(replace(place, stage="prd"), "stg").right == "stg"
    with pytest.raises(UsageError, match="--with dev: there is no other stage of that name; there are: prd, stg"):
        pair_of(place, "dev")


def test_an_unknown_service_is_a_sentence(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "gatway", "--project", str(place.project_dir)]) == 2
    assert capsys.readouterr().err == (
        "error: There is no service or job 'gatway' in Pulumi.yaml; there are: category-batch, datalab-api, gateway, "
        "legacy-api, ranking-batch, tracking-api.\n"
    )


def test_a_stage_to_compare_with_is_compared_with(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "gateway", "--with", "dev", "--project", str(place.project_dir)]) == 2
    assert capsys.readouterr().err == ("error: --with dev: there is no other stage of that name; there are: prd.\n")
