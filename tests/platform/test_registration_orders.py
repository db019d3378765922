"""Item 7 under random legal registration orders, without a preview: no request that AWS got ever breaks the budget.

Updates with `skip_preview`, as `pulumi up --yes --skip-preview` runs them: 100 orders judged by the pack's judges in this process,
some more by the pack as a process of its own. Every mutating request in the offline AWS's call log is added up by the ledger,
which counts old tasks until the operation has ended; the base platform is one state, copied for each order.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from offline.aws.provider import AwsProvider
from offline.engine import deployment
from offline.engine.outcome import Outcome
from tests.function_program import FunctionProgram
from tests.platform.registration_ledger import Ledger
from tests.platform.registration_pack import InProcessPack
from tests.platform.registration_program import App, Shop, program

POLICIES = Path(__file__).parents[2] / "policies"
BASE = Shop()
REFUSAL = "was not touched: a mandatory policy refuses it."

pytestmark = pytest.mark.slow


def with_services(shop: Shop, **changed: App) -> Shop:
    return replace(shop, services={**shop.services, **changed})


class Account:
    """One state, the AWS behind it, and the ledger of all its requests."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ledger = Ledger()

    def up(self, shop: Shop, seed: int, *, pack: bool = True, kind: Any = "up") -> tuple[Outcome, list[str]]:
        """An update in the order of the seed, without a preview, and the requests that broke the budget."""
        provider = AwsProvider(region="ap-northeast-2")
        outcome = deployment.run(
            kind=kind,
            stage="dev",
            project_dir=self.directory,
            state_dir=self.directory / "state",
            pack_dir=POLICIES if pack else None,
            on_event=lambda event: None,
            provider=provider,
            program=FunctionProgram(program(shop, seed)),
            skip_preview=True,
        )
        self.ledger.begin()
        return outcome, self.ledger.broken(provider.call_log)

    def refused(self, shop: Shop, seed: int) -> str:
        """The message of the one violation; everything that a refusal must leave alone is asserted."""
        outcome, broken = self.up(shop, seed)
        assert (outcome.result, broken) == ("failed", [])
        [violation] = outcome.violations
        [error] = outcome.errors
        assert (violation["policyName"], error.endswith(REFUSAL)) == ("connection-budget-at-registration", True)
        return str(violation["message"])

    def accepted(self, shop: Shop, seed: int) -> None:
        outcome, broken = self.up(shop, seed)
        assert (outcome.result, outcome.errors, outcome.violations, broken) == ("succeeded", (), (), [])
        assert (self.ledger.admitted, self._settled()) == (
            shop.max_connections - shop.reserve,
            shop.used - shop.reserve,
        )

    def _settled(self) -> int:
        """Demand once the roll-outs have ended."""
        self.ledger.begin()
        return self.ledger.used


@pytest.fixture
def empty(tmp_path: Path) -> Account:
    """A project on which nothing has run yet."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig:\n  aws:region: ap-northeast-2\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    return Account(tmp_path)


@pytest.fixture(scope="module")
def base_state(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """The base platform's folder and the calls that made it."""
    directory = tmp_path_factory.mktemp("base")
    (directory / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig:\n  aws:region: ap-northeast-2\n")
    (directory / "Pulumi.dev.yaml").write_text("config: {}\n")
    account, calls = Account(directory), list[Any]()
    account.ledger.broken = lambda log: calls.extend(log) or []  # type: ignore[method-assign]
    outcome, _ = account.up(BASE, 0, pack=False)
    assert outcome.result == "succeeded"
    return directory, calls


@pytest.fixture
def running(base_state: tuple[Path, list[Any]], tmp_path: Path) -> Account:
    """The base platform: 53 of 60 connections."""
    shutil.copytree(base_state[0], tmp_path, dirs_exist_ok=True)
    account = Account(tmp_path)
    assert account.ledger.broken(base_state[1]) == []
    return account


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "PackProcess", InProcessPack)


BREAKING: Mapping[str, Shop] = {
    "limit raised": with_services(BASE, tracking=App(limit=20)),
    "maximum raised": with_services(BASE, datalab=App(limit=5, maximum=2)),
    "max_connections lowered": replace(BASE, max_connections=52),
    "lowered further than services shrink": replace(
        with_services(BASE, tracking=App(limit=8), legacy=App(limit=4)), max_connections=46
    ),
    "raised less than services grow": replace(with_services(BASE, legacy=App(limit=20)), max_connections=70),
}
FITTING_AT_BOTH_ENDS: Mapping[str, Shop] = {
    "max_connections lowered while services shrink": replace(
        with_services(BASE, tracking=App(limit=5), legacy=App(limit=3)), max_connections=40
    ),
    "connections moved": with_services(BASE, tracking=App(limit=5), datalab=App(limit=10)),
    "more tasks with smaller pools": with_services(BASE, tracking=App(limit=5, maximum=2)),
}
"""Both ends fit, the way does not: 53 of 60 before."""


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("seed", range(30))
def test_a_first_deployment_beyond_the_budget_never_exists(empty: Account, seed: int) -> None:
    name, shop = list(BREAKING.items())[seed % len(BREAKING)]
    assert shop.used > shop.max_connections, name
    assert "breaks the connection budget of db with what is registered so far" in empty.refused(shop, seed)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("seed", range(30))
def test_an_update_beyond_the_budget_never_exists(running: Account, seed: int) -> None:
    running.refused(list(BREAKING.values())[seed % len(BREAKING)], seed)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("seed", range(20))
def test_an_update_that_fits_only_at_its_end_is_refused_and_passes_in_two(running: Account, seed: int) -> None:
    shop = list(FITTING_AT_BOTH_ENDS.values())[seed % len(FITTING_AT_BOTH_ENDS)]
    assert shop.used <= shop.max_connections
    assert "while the deployment runs.\n\nworkload" in running.refused(shop, seed)
    lower = {
        name: App(limit=min(app.limit, before.limit), maximum=min(app.maximum, before.maximum))
        for (name, app), before in zip(shop.services.items(), BASE.services.values(), strict=True)
    }
    running.accepted(replace(shop, services=lower, max_connections=BASE.max_connections), seed)
    running.accepted(shop, seed + 1)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("seed", range(20))
def test_raising_both_passes_where_max_connections_comes_first(running: Account, seed: int) -> None:
    shop = replace(with_services(BASE, tracking=App(limit=20)), max_connections=80)
    outcome, broken = running.up(shop, seed)
    assert broken == []
    if outcome.result == "succeeded":
        assert running.ledger.admitted == 75
        return
    assert running.ledger.admitted == 55
    [violation] = outcome.violations
    assert "while the deployment runs" in violation["message"]
    running.accepted(replace(BASE, max_connections=80), seed)
    running.accepted(shop, seed)


@pytest.mark.usefixtures("in_process")
def test_a_platform_that_fits_passes_in_orders_that_differ_and_then_stays(empty: Account, tmp_path: Path) -> None:
    orders = set[tuple[str, ...]]()
    for seed in range(10):
        shutil.rmtree(tmp_path / "state", ignore_errors=True)
        account = Account(tmp_path)
        account.accepted(BASE, seed)
        outcome, broken = account.up(BASE, seed + 1)
        assert (outcome.changes["same"], broken) == (sum(outcome.changes.values()), [])
        orders.add(tuple(resource.urn for resource in outcome.resources))
    assert len(orders) == 10


@pytest.mark.usefixtures("in_process")
def test_a_platform_broken_before_can_be_mended_step_by_step(running: Account) -> None:
    broken_shop = with_services(BASE, tracking=App(limit=20))
    outcome, broken = running.up(broken_shop, 1, pack=False)
    assert (outcome.result, bool(broken)) == ("succeeded", True)
    outcome, _ = running.up(BASE, 2)
    assert (outcome.result, outcome.violations) == ("succeeded", ())


def test_without_what_runs_before_only_new_values_are_judged(running: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of a pack that is given no baseline, as registration.py states it, and why CI gives one."""

    def blind(directory: Path, **told: Any) -> InProcessPack:
        return InProcessPack(directory, **{**told, "baseline": None})

    monkeypatch.setattr(deployment, "PackProcess", blind)
    shop = FITTING_AT_BOTH_ENDS["max_connections lowered while services shrink"]
    outcome, broken = running.up(shop, 4)
    assert outcome.result == "succeeded"
    assert "modify_db_parameter_group: 48 of 35" in broken


@pytest.mark.parametrize("change", BREAKING)
def test_the_packs_own_process_refuses_as_its_judges_do(running: Account, change: str) -> None:
    running.refused(BREAKING[change], 7)


@pytest.mark.parametrize("change", FITTING_AT_BOTH_ENDS)
def test_the_packs_own_process_refuses_what_fits_only_at_its_end(running: Account, change: str) -> None:
    assert "while the deployment runs" in running.refused(FITTING_AT_BOTH_ENDS[change], 8)


def test_the_packs_own_process_refuses_a_first_deployment(empty: Account) -> None:
    empty.refused(BREAKING["limit raised"], 9)


def test_a_preview_shows_the_whole_table_and_no_single_registration(running: Account) -> None:
    outcome, requests = running.up(BREAKING["limit raised"], 3, kind="preview")
    assert (outcome.result, outcome.errors, requests) == ("failed", (), [])
    [violation] = (found for found in outcome.violations if found["policyName"] == "connection-budget")
    assert violation["policyName"] == "connection-budget"
    assert "db: 73 of 60 connections, 13 too many" in violation["message"]
    for workload in ("datalab", "legacy", "nightly", "tracking"):
        assert f"\n    {workload} " in violation["message"]


def test_a_preview_tells_of_a_way_that_does_not_fit(running: Account) -> None:
    outcome, _ = running.up(FITTING_AT_BOTH_ENDS["connections moved"], 3, kind="preview")
    [violation] = (found for found in outcome.violations if found["policyName"] == "connection-budget")
    assert (outcome.result, violation["policyName"]) == ("failed", "connection-budget")
    assert "db: 63 of 60 connections, 3 too many, while the deployment runs." in violation["message"]
    assert (
        "  Fix: Take two deployments: first lower what shrinks (tracking) and raise max_connections, where it rises; "
        in violation["message"]
    )
    assert "raise what grows (datalab) and lower max_connections, where it falls." in violation["message"]
