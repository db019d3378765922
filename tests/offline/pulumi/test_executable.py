"""Which CLI is taken: a new enough one on PATH, else the project's own build, else a sentence."""

from pathlib import Path

import pytest

from offline.engine.errors import EngineError
from offline.pulumi.build import build
from offline.pulumi.executable import Cli, find_cli
from offline.pulumi.versions import OLDEST_CLI, cli_to_build
from tests.offline.pulumi.fake_go import FakeGo

OLD = (
    f"The Pulumi CLI {{}} is too old: found 3.259.0, required {OLDEST_CLI} or newer. "
    "Update it (https://www.pulumi.com/docs/install/)."
)


@pytest.fixture
def own(root: Path, go: FakeGo) -> Path:
    """The project's own build."""
    build(root, environment=go.environment, report=lambda _: None, begins=lambda _: None, waits=lambda: None)
    return root / ".engine" / f"pulumi-{cli_to_build()}" / "bin" / "pulumi"


@pytest.mark.usefixtures("own")
def test_the_one_on_path_comes_first(root: Path, go: FakeGo) -> None:
    path = go.program("pulumi", f"echo v{OLDEST_CLI}")
    assert find_cli(go.environment, root=root) == Cli(path=path, version=OLDEST_CLI, source="PATH")


def test_without_one_on_path_the_own_build_is_taken(root: Path, go: FakeGo, own: Path) -> None:
    assert find_cli(go.environment, root=root) == Cli(path=own, version=cli_to_build(), source="this project's build")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo v3.259.0", OLD),
        ("echo hello", "`{} version` printed no version but 'hello' (exit status 0): install it anew."),
    ],
)
def test_one_that_will_not_do_is_passed_over_and_named(
    root: Path, go: FakeGo, own: Path, script: str, why: str
) -> None:
    path = go.program("pulumi", script)
    assert find_cli(go.environment, root=root) == Cli(
        path=own, version=cli_to_build(), source="this project's build", passed_over=why.format(path)
    )


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo v3.259.0", OLD),
        (None, f"No Pulumi CLI is on PATH. Install {OLDEST_CLI} or newer (https://www.pulumi.com/docs/install/)."),
    ],
)
def test_with_none_it_says_how_to_get_one(root: Path, go: FakeGo, script: str | None, why: str) -> None:
    path = go.program("pulumi", script) if script else None
    with pytest.raises(EngineError) as refused:
        find_cli(go.environment, root=root)
    assert str(refused.value) == f"{why.format(path)} Or build this project's own with Go: ./run engine."
