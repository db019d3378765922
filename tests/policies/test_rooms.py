"""The pack's rooms: one import name, imports that run one way, folders that can be taken in at a glance."""

import pytest

from tests.test_architecture import ROOMS, ROOT, imports, relative, sources, under


def test_the_policy_pack_has_one_import_name() -> None:
    """Its folder stands on the path of its own process: a second name would make a second module of each file."""
    rooms = {path.stem for path in (ROOT / "policies").iterdir() if path.is_dir()} | {"pack"}
    found = [
        f"{relative(path)} imports {module}"
        for path in sources(*ROOMS)
        for module in imports(path)
        if under(module, *(rooms - {"__pycache__"})) and not (ROOT / module.split(".")[0]).exists()
    ]
    assert found == []


FLOORS = ("budget", "credentials", "resources", "facts", "rules", "serving")


@pytest.mark.parametrize("room", FLOORS)
def test_the_policy_packs_imports_run_one_way(room: str) -> None:
    """resources < facts < rules < serving; the budget's arithmetic and what a secret looks like by themselves, for everybody."""
    below = {f"policies.{floor}" for floor in FLOORS[: FLOORS.index(room) + 1]}
    if room in ("credentials", "resources"):
        below = {f"policies.{room}"}
    found = [
        f"{relative(path)} imports {module}"
        for path in sources(f"policies/{room}")
        for module in imports(path)
        # `from policies import rules` names the package beside what is taken from it.
        if under(module, "policies") and module != "policies" and not under(module, *below)
    ]
    assert found == []


def test_its_tests_mirror_its_tree() -> None:
    """tests/policies/facts/network/test_subnets.py is about policies/facts/network/subnets.py; what is about all of it stands above."""
    lost = [
        relative(path)
        for path in sources("tests/policies")
        if path.stem.startswith("test_") and path.parent != ROOT / "tests/policies"
        if not (ROOT / path.relative_to(ROOT / "tests").with_name(f"{path.stem.removeprefix('test_')}.py")).is_file()
    ]
    assert lost == ["tests/policies/budget/test_incidents.py"]  # old incidents, judged by the arithmetic as a whole
