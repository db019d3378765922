"""The tests mirror the tree, file by file."""

import pytest

from tests.test_architecture import ROOMS, ROOT, relative, sources

WHOLE_ROOMS = (
    "tests/cli/test_eighty_columns.py",
    "tests/components/test_constructors.py",
    "tests/components/test_descriptions.py",
    "tests/components/test_growth.py",
    "tests/components/test_iam_documents.py",
    "tests/components/test_known_at_preview.py",
    "tests/delivery/test_main.py",
    "tests/delivery/test_ownership.py",
    "tests/offline/aws/moto/test_moto.py",
    "tests/offline/aws/moto/test_moto_lacks.py",
    "tests/offline/engine/test_interruption.py",
    "tests/offline/engine/test_nothing_to_do.py",
    "tests/offline/engine/test_program_view.py",
    "tests/offline/engine/test_refresh.py",
    "tests/offline/rehearse/test_faults.py",
    "tests/offline/rehearse/test_interruptions.py",
    "tests/policies/budget/test_incidents.py",
    "tests/policies/test_adoption.py",
    "tests/policies/test_alone.py",
    "tests/policies/test_cases.py",
    "tests/policies/test_foreign_budgets.py",
    "tests/policies/test_foreign_programs.py",
    "tests/policies/test_fuzz.py",
    "tests/policies/test_mutations.py",
    "tests/policies/test_pack_process.py",
    "tests/policies/test_properties.py",
    "tests/policies/test_rooms.py",
    "tests/policies/test_settings.py",
    "tests/policies/test_unknowns.py",
    "tests/policies/test_unset.py",
    "tests/policies/test_writing_policies.py",
    "tests/settings/test_examples.py",
)
"""Tests of a room as a whole, which are about no one of its files."""


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "tests"])
def test_each_test_names_the_file_that_it_is_about(room: str) -> None:
    """tests/cli/stages/test_job.py is about cli/stages/job.py, as test_job_schedules.py would be; a test of a whole room is on the list."""
    lost: list[str] = []
    for path in sources(f"tests/{room}"):
        folder = ROOT / path.parent.relative_to(ROOT / "tests")
        words = path.stem.removeprefix("test_").split("_")
        names = ("_".join(words[:count]) for count in range(1, len(words) + 1))
        if path.stem.startswith("test_") and not any((folder / f"{name}.py").is_file() for name in names):
            lost.append(relative(path))
    assert lost == [path for path in WHOLE_ROOMS if path.startswith(f"tests/{room}/")]


def test_the_tests_mirror_the_tree() -> None:
    """tests/offline/engine/test_urn.py is about offline/engine: the folder exists outside tests/ too."""
    # Storms put the budget to the test on a real server.
    places = {
        "storms": "policies/budget",
        "platform": ".",
        "parity": "offline",
        # A real Nginx and a real browser in front of what components/workloads/api_docs.py configures.
        "docs_site": "components",
    }
    lost: list[str] = []
    for path in sources("tests"):
        folder = path.parent.relative_to(ROOT / "tests").as_posix()
        if path.stem.startswith("test_") and not (ROOT / places.get(folder, folder)).is_dir():
            lost.append(relative(path))
    assert lost == []
