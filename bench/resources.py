"""How many resources a stage has, and a further service with its pipeline."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.catalogue import named_services, write_project

TARGET_DEV, TARGET_SERVICE = 230, 30


def print_counts(root: Path) -> None:
    """Print a line for each stage as shipped, and one for what a further service adds. Raises RuntimeError for a failed preview."""
    print(
        f"  resources                        dev {counted(root, 'dev')} (target {TARGET_DEV}), prd {counted(root, 'prd')}"
    )
    plain, database = further_service(root)
    print(f"  a further service with pipeline  {plain}, {database} with a database (target {TARGET_SERVICE})")


def further_service(root: Path) -> tuple[int, int]:
    """Resources that one more service brings to dev: without a database, and with one."""
    first = named_services(root)
    found: dict[int, int] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for services in range(first, first + 4):
            project = Path(folder) / str(services)
            project.mkdir()
            write_project(root, project, services=services)
            found[services] = counted(project, "dev")
    # Of three services in a row one uses the database.
    added = {found[number + 1] - found[number] for number in range(first, first + 3)}
    return min(added), max(added)


def counted(project: Path, stage: str) -> int:
    """Resources of a project's stage, components and the stack itself among them."""
    from offline.engine.deployment import run

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        outcome = run(
            kind="preview",
            stage=stage,
            project_dir=project,
            state_dir=Path(folder),
            pack_dir=None,
            on_event=lambda event: None,
        )
    if outcome.result == "failed":
        raise RuntimeError(f"the preview of {stage} in {project} failed: {'; '.join(outcome.errors)}")
    return outcome.changes["create"]
