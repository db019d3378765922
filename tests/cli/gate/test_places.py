"""The lines that lead to a violation: an override, a stage's default, the catalogue, an item of a list, an env file."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.gate.edited_lines import EditedLines
from cli.gate.places import Places
from cli.stages.place import settings_of
from gate.document import Budget, DatabaseBudget, Place, Workload
from tests.parity.engines import ROOT, project_copy

DB = "urn:pulumi:prd::category-analyzer::aws:rds/instance:Instance::prd-db"
STACK = "urn:pulumi:prd::category-analyzer::pulumi:pulumi:Stack::category-analyzer-prd"


@dataclass
class Project:
    """This project, edited."""

    folder: Path

    def edit(self, file: str, old: str, new: str) -> int:
        """Write `new` for `old`; the line of the last line of it."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert old in text
        before = text.partition(old)[0]
        path.write_text(text.replace(old, new, 1), "utf-8")
        return before.count("\n") + new.rstrip("\n").count("\n") + 1

    def places(self, policy: str, urn: str, message: str, *budgets: DatabaseBudget, base: bool = False) -> list[str]:
        edited = EditedLines(project=self.folder, base=ROOT if base else None)
        found = Places(settings=settings_of(self.folder, "prd"), edited=edited, budgets=budgets)
        return [shown(place) for place in found(policy, urn, message)]


def shown(place: Place) -> str:
    return f"{place.file}:{place.line} {place.key}"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = project_copy(tmp_path / "project")
    (folder / "env").unlink()
    shutil.copytree(ROOT / "env", folder / "env")
    return Project(folder)


def workload(name: str, demand: int, *, limit: int = 32, tasks: int = 4, why: str = "rolling 200 %") -> Workload:
    return Workload(
        name=f"prd-{name}", urn=f"urn:{name}", kind="service", limit=limit, processes=1, pools=1, outside_pool=0,
        tasks=tasks, tasks_alive=tasks * 2, alive_percent=200, demand=demand, steady=demand, why=why,
    )  # fmt: skip


def budget(*workloads: Workload, most: int = 2540, reserve: int = 20, size: str = "db.r5.xlarge") -> Budget:
    demand = sum(item.demand for item in workloads)
    return Budget(
        max_connections=most, estimated=False, source="literal", engine="mysql8.4", instance_class=size, reserve=reserve,
        demand=demand, used=demand + reserve, headroom=most - demand - reserve, workloads=workloads,
    )  # fmt: skip


def broken(after: Budget, before: Budget | None = None) -> DatabaseBudget:
    return DatabaseBudget(database="prd-db", urn=DB, verdict="broken", after=after, before=before)


def test_an_override_that_raised_the_demand(project: Project) -> None:
    line = project.edit("Pulumi.prd.yaml", "tasks: {min: 2, max: 4}", "tasks: {min: 2, max: 90}")
    entry = broken(budget(workload("legacy-api", 5760, tasks=90)), budget(workload("legacy-api", 256)))
    assert project.places("connection-budget", DB, "broken", entry)[0] == (
        f"Pulumi.prd.yaml:{line} serviceOverrides.legacy-api.tasks.max"
    )


def test_a_default_of_the_stage(project: Project) -> None:
    line = project.edit("Pulumi.prd.yaml", "dbConnLimit: 32\n    tasks", "dbConnLimit: 400\n    tasks") - 1
    then = budget(workload("tracking-api", 384), workload("datalab-api", 384))
    now = budget(workload("tracking-api", 4800, limit=400), workload("datalab-api", 4800, limit=400))
    assert project.places("connection-budget", DB, "broken", broken(now, then))[0] == (
        f"Pulumi.prd.yaml:{line} serviceDefaults.dbConnLimit"
    )


def test_a_default_over_several_lines(project: Project) -> None:
    line = project.edit("Pulumi.prd.yaml", "    tasks: {min: 2, max: 6}", "    tasks:\n      min: 2\n      max: 90")
    entry = broken(budget(workload("tracking-api", 5760, tasks=90)), budget(workload("tracking-api", 384)))
    assert project.places("connection-budget", DB, "broken", entry)[0] == (
        f"Pulumi.prd.yaml:{line} serviceDefaults.tasks.max"
    )


@pytest.mark.parametrize("variable", ["DB_POOL_SIZE", "WEB_CONCURRENCY"])
def test_a_variable_of_an_env_file(project: Project, variable: str) -> None:
    file = "env/tracking-api/.env.production"
    line = project.edit(file, "LOG_LEVEL=info\n", f"LOG_LEVEL=info\n{variable}=64\n")
    now = workload("tracking-api", 5760, limit=64, why=f"rolling 200 %, {variable} says 64")
    entry = broken(budget(now), budget(workload("tracking-api", 384)))
    assert project.places("connection-budget", DB, "broken", entry)[0] == f"{file}:{line} {variable}"
    urn = STACK.replace("pulumi:pulumi:Stack::category-analyzer-prd", "aws:ecs/service:Service::prd-tracking-api")
    assert project.places("pool-agrees", urn, f"{variable} is 64") == [f"{file}:{line} {variable}"]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("maxConnections: 2540", "maxConnections: 900", "maxConnections"),
        ("instanceClass: db.r5.xlarge", "instanceClass: db.r5.large", "instanceClass"),
        ("reserve: 20", "reserve: 2000", "reserve"),
    ],
)
def test_a_smaller_database(project: Project, old: str, new: str, key: str) -> None:
    line = project.edit("Pulumi.prd.yaml", old, new)
    changed = {"maxConnections": {"most": 900}, "instanceClass": {"size": "db.r5.large"}, "reserve": {"reserve": 2000}}[
        key
    ]
    same = workload("legacy-api", 1000)
    entry = broken(budget(same, **changed), budget(same))  # type: ignore[arg-type]
    assert project.places("connection-budget", DB, "broken", entry)[0] == f"Pulumi.prd.yaml:{line} database.{key}"
    # Without what ran before, the line that the change has written stands before the largest workload's.
    assert project.places("connection-budget", DB, "broken", broken(budget(same, **changed)), base=True)[0] == (  # type: ignore[arg-type]
        f"Pulumi.prd.yaml:{line} database.{key}"
    )


def test_without_a_before_and_a_target_branch_the_largest_workload_stands_first(project: Project) -> None:
    entry = broken(budget(workload("datalab-api", 300), workload("legacy-api", 5000)))
    found = project.places("connection-budget", DB, "broken", entry)
    assert [place.partition(" ")[2] for place in found] == [
        "serviceOverrides.legacy-api.tasks.max",
        "serviceDefaults.dbConnLimit",
        "database.maxConnections",
        "serviceDefaults.tasks.max",
    ]


def test_the_smallest_workload_stands_first_where_the_change_has_written_it(project: Project) -> None:
    line = project.edit(
        "Pulumi.prd.yaml", "    legacy-api:\n", "    datalab-api:\n      tasks: {min: 1, max: 3}\n    legacy-api:\n"
    )
    entry = broken(budget(workload("datalab-api", 300), workload("legacy-api", 5000)))
    assert project.places("connection-budget", DB, "broken", entry, base=True)[0] == (
        f"Pulumi.prd.yaml:{line - 1} serviceOverrides.datalab-api.tasks.max"
    )


def test_an_item_of_a_list_in_the_catalogue(project: Project) -> None:
    line = project.edit("Pulumi.yaml", "secrets: [MSI_API_KEY]", "secrets:\n          - OTHER\n          - MSI_API_KEY")
    urn = STACK.replace(
        "pulumi:pulumi:Stack::category-analyzer-prd", "aws:ecs/taskDefinition:TaskDefinition::prd-legacy-api"
    )
    found = project.places("secret-names", urn, "MSI_API_KEY is shared")
    assert found[0] == f"Pulumi.yaml:{line} services.legacy-api.secrets.MSI_API_KEY"


GROUPED = """What must hold.
- LOG_LEVEL is wrong. Required: another.
  aws:ecs:TaskDefinition: prd-datalab-api, prd-tracking-api
- cpu is wrong. Required: another.
  aws:ecs:Service: prd-legacy-api
Why: because.
Fix: this."""


@pytest.mark.parametrize("urn", ["", STACK])
def test_every_workload_of_a_grouped_message(project: Project, urn: str) -> None:
    found = project.places("p", urn, GROUPED)
    assert {place.partition(" ")[0].rpartition(":")[0] for place in found} == {
        "Pulumi.prd.yaml",
        "env/datalab-api/.env.production",
        "env/tracking-api/.env.production",
    }


def test_the_name_of_a_resource_is_no_setting(project: Project) -> None:
    """api-docs has the word of services.*.docs, and each cause speaks of its own resources."""
    message = GROUPED.replace("LOG_LEVEL is wrong", "readonlyRootFilesystem is not true").replace(
        "prd-datalab-api,", "api-docs, prd-datalab-api,"
    )
    assert project.places("p", STACK, message)[:2] == [
        "Pulumi.yaml:29 services.datalab-api",
        "Pulumi.yaml:34 services.tracking-api",
    ]


@pytest.mark.parametrize(
    ("urn", "message", "place"),
    [
        (DB, "backupRetentionPeriod is 1", "Pulumi.prd.yaml:25 database.backupRetentionDays"),
        (STACK, "prd-legacy-api has no such thing", "Pulumi.yaml:41 services.legacy-api"),
        (STACK, "retentionDays is short", "Pulumi.prd.yaml:30 logs.retentionDays"),
    ],
)
def test_what_a_message_names(project: Project, urn: str, message: str, place: str) -> None:
    assert project.places("p", urn, message)[0] == place


@pytest.mark.parametrize("message", ["", "nothing that a setting says", "What.\n- x.\n  aws:x:Y: other\nWhy: y"])
def test_what_no_setting_leads_to_has_no_place(project: Project, message: str) -> None:
    assert project.places("p", STACK, message) == []
