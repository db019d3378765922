"""The places of a stage's numbers, as its components declare them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.stages.place import settings_of
from settings.budget_places import database_places, workload_places
from settings.merged import Settings


@pytest.fixture
def real(project_root: Path) -> Callable[[str], Settings]:
    return lambda stage: settings_of(project_root, stage)


def test_the_places_of_the_real_stages(real: Callable[[str], Settings]) -> None:
    dev, prd = real("dev"), real("prd")
    services = {service.name: workload_places(service) for service in dev.services}
    assert services["gateway"] == {}
    tracking = services["tracking-api"]
    assert tracking["DB_CONN_LIMIT"] == [
        {"least": 1, "change": "Pulumi.dev.yaml:35 serviceOverrides.tracking-api.dbConnLimit: {value}"}
    ]
    assert tracking["tasks"] == [
        {"least": 1, "change": "Pulumi.dev.yaml:34 serviceOverrides.tracking-api.tasks: { min: 1, max: {value} }"},
        {
            "least": 1,
            "change": "Pulumi.dev.yaml:34 serviceOverrides.tracking-api.tasks: { min: {value}, max: {value} }",
        },
    ]
    assert tracking["LOG_LEVEL"] == [{"least": 1, "change": "env/tracking-api/.env.development:2 LOG_LEVEL={value}"}]
    assert services["legacy-api"]["shared DB_CONN_LIMIT"] == [
        {"least": 1, "change": "Pulumi.dev.yaml:31 serviceDefaults.dbConnLimit: {value}"}
    ]
    assert services["legacy-api"]["shared tasks"] == [
        {"least": 2, "change": "Pulumi.dev.yaml:32 serviceDefaults.tasks.max: {value}"}
    ]
    assert "shared DB_CONN_LIMIT" not in tracking
    legacy = next(workload_places(service) for service in prd.services if service.name == "legacy-api")
    assert [place["least"] for place in legacy["tasks"]] == [2, 1]
    assert str(legacy["tasks"][0]["change"]).endswith(" serviceOverrides.legacy-api.tasks.max: {value}")
    assert [str(place["change"]).partition(" ")[2] for places in database_places(prd).values() for place in places] == [
        "database.maxConnections: {value}",
        "database.instanceClass: {value}",
    ]


def test_an_existing_database_has_no_place(real: Callable[[str], Settings]) -> None:
    dev = real("dev")
    database = dev.database.model_copy(update={"existing": object()})
    assert database_places(dev.model_copy(update={"database": database})) == {}
