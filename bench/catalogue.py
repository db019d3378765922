"""A project with as many services as asked for, made from the real one: its program, its stage, a longer catalogue."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from settings.files.yaml_file import read_mapping

# Far above what the generated services ask for: the benchmark measures, the budget is not its subject.
MAX_CONNECTIONS = 100_000


_BARE = """import pulumi
import pulumi_aws as aws

for service in {services}:  # a service's modules are loaded as soon as one is asked for
    hasattr(getattr(aws, service), "any")


async def register():
    for number in range({resources}):
        plain = aws.ssm.Parameter(f"plain-{{number}}", name=f"/dev/plain-{{number}}", type="String", value="x", tags={{"Stage": "dev"}})
        if number % 30 == 29:  # as this project's components do: ADR 23
            await plain.urn.future()


pulumi.run(register)
"""


def named_services(root: Path) -> int:
    """How many services the real catalogue has."""
    return len(read_mapping(root / "Pulumi.yaml")["config"]["services"]["value"])


def write_project(root: Path, target: Path, *, services: int) -> None:
    """Write Pulumi.yaml, Pulumi.dev.yaml, the env files and __main__.py to `target`; a third of the services use the database."""
    project = read_mapping(root / "Pulumi.yaml")
    catalogue = project["config"]["services"]["value"]
    for number in range(len(catalogue), services):
        name = f"generated-{number:03}"
        catalogue[name] = {"path": f"/{name}*", "priority": 1000 + number, "database": number % 3 == 0}
    stage = read_mapping(root / "Pulumi.dev.yaml")
    stage["config"][f"{project['name']}:database"]["maxConnections"] = MAX_CONNECTIONS
    (target / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False), "utf-8")
    (target / "Pulumi.dev.yaml").write_text(yaml.safe_dump(stage, sort_keys=False), "utf-8")
    shutil.copyfile(root / "__main__.py", target / "__main__.py")
    shutil.copytree(root / "env", target / "env")


def write_bare_program(root: Path, project: Path, target: Path, *, resources: int) -> None:
    """A program beside that of `write_project` that only registers: as many plain resources, no settings and no components.

    It loads the modules of pulumi_aws that the components of `root` are made of, as a program that registers their resources has to.
    """
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        shutil.copyfile(project / name, target / name)
    (target / "__main__.py").write_text(_BARE.format(resources=resources, services=used_services(root)), "utf-8")


def used_services(root: Path) -> list[str]:
    """The modules of pulumi_aws that components import, as they are named there: cloudwatch, ec2, …"""
    imports = (
        line.partition(" import ")[2]
        for path in (root / "components").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("from pulumi_aws import ")
    )
    names = {name.strip() for line in imports for name in line.split(",")}
    return sorted(name for name in names if name.isalnum() and name.islower())
