"""`--set`: effects on the real stages, ways out that really are, and mistakes answered with the nearest right name."""

from collections.abc import Callable
from typing import Any

import pytest

from cli.connections.changes import apply_changes, workload_named
from cli.connections.stage import Stage
from offline.engine.errors import UsageError
from policies.budget.solve import largest_limit, largest_tasks
from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget
from policies.resources.tokens import DB_INSTANCE, PARAMETER_GROUP

StageOf = Callable[[str], Stage]


def _after(stage: Stage, *texts: str) -> tuple[DatabaseBudget, tuple[str, ...]]:
    _, changed = apply_changes(stage, texts)
    [entry] = changed.entries
    assert isinstance(entry, DatabaseBudget)
    return entry, changed.effects


@pytest.mark.parametrize(
    ("text", "effect", "used", "fits"),
    [
        ("tracking-api.limit=200", "service prd-tracking-api: limit 32 -> 200, demand 384 -> 2400", 3188, False),
        ("prd-tracking-api.tasks=60", "service prd-tracking-api: tasks 6 -> 60, demand 384 -> 3840", 4628, False),
        ("tracking-api.tasks=0", "service prd-tracking-api: tasks 6 -> 0, demand 384 -> 0", 788, True),
        ("legacy-api.processes=4", "service prd-legacy-api: processes 1 -> 4, demand 256 -> 1024", 1940, True),
        ("legacy-api.pools=2", "service prd-legacy-api: pools 1 -> 2, demand 256 -> 512", 1428, True),
        ("legacy-api.outside=1", "service prd-legacy-api: outside 0 -> 1, demand 256 -> 264", 1180, True),
        ("ranking-batch.tasks=3", "job prd-ranking-batch: tasks 1 -> 3, demand 64 -> 192", 1300, True),
        ("db.reserve=1388", "prd-db: reserve 20 -> 1388", 2540, True),
        ("prd-db.reserve=1389", "prd-db: reserve 20 -> 1389", 2541, False),
        ("db.max-connections=1171", "prd-db: max_connections 2540 -> 1171", 1172, False),
    ],
)
def test_one_change(text: str, effect: str, used: int, fits: bool, stage: StageOf) -> None:
    """What is asked for is shown with the stage's name in front; the only database need not be named."""
    changes, changed = apply_changes(stage("prd"), [text.removeprefix("db.")])
    [entry] = changed.entries
    assert isinstance(entry, DatabaseBudget)
    assert [str(change) for change in changes] == [f"prd-{text.removeprefix('prd-')}"]
    assert changed.effects == (effect,)
    assert (entry.budget.used, entry.budget.fits) == (used, fits)


def test_changes_add_up_in_order(stage: StageOf) -> None:
    entry, effects = _after(stage("dev"), "tracking-api.limit=20", "tracking-api.tasks=2", "max-connections=113")
    assert effects == (
        "service dev-tracking-api: limit 10 -> 20, demand 20 -> 40",
        "service dev-tracking-api: tasks 1 -> 2, demand 40 -> 80",
        "dev-db: max_connections 60 -> 113",
    )
    assert (entry.budget.used, entry.budget.headroom, entry.budget.supply.source) == (
        113,
        0,
        "literal given with --set",
    )


def test_what_was_declared_stays_as_it_was(stage: StageOf) -> None:
    before = stage("prd").entries
    apply_changes(stage("prd"), ["tracking-api.limit=200", "class=db.r5.2xlarge"])
    assert stage("prd").entries == before


@pytest.mark.parametrize("name", ["datalab-api", "legacy-api", "tracking-api"])
def test_the_largest_value_that_fits_is_the_largest(name: str, stage: StageOf) -> None:
    budget, workload = (found := workload_named(stage("prd"), name))[0].budget, found[1]
    for field, largest in (("limit", largest_limit(budget, workload)), ("tasks", largest_tasks(budget, workload))):
        assert largest is not None
        assert _after(stage("prd"), f"{name}.{field}={largest}")[0].budget.fits
        assert not _after(stage("prd"), f"{name}.{field}={largest + 1}")[0].budget.fits


def test_a_class_leaves_a_literal_alone(stage: StageOf) -> None:
    entry, [effect] = _after(stage("prd"), "class=db.r5.2xlarge")
    assert effect == (
        "prd-db: class db.r5.xlarge -> db.r5.2xlarge, max_connections stays 2540, a literal in prd-db-mysql8-4; "
        "by itself the class admits at least 4915"
    )
    assert (entry.budget.supply.instance_class, entry.budget.supply.max_connections) == ("db.r5.2xlarge", 2540)


def test_a_class_moves_an_estimate(altered: Callable[..., Stage]) -> None:
    estimated = altered("prd", PARAMETER_GROUP, "prd", parameters=[{"name": "wait_timeout", "value": "60"}])
    entry, [effect] = _after(estimated, "class=db.r5.2xlarge")
    assert effect == "prd-db: class db.r5.xlarge -> db.r5.2xlarge, max_connections 2457 -> 4915 (estimated low)"
    assert entry.budget.supply.estimated


def test_a_formula_is_evaluated_for_the_new_class(altered: Callable[..., Stage]) -> None:
    formula = [{"name": "max_connections", "value": "{DBInstanceClassMemory/25165760}"}]
    entry, [effect] = _after(altered("prd", PARAMETER_GROUP, "prd", parameters=formula), "class=db.r5.2xlarge")
    assert effect == "prd-db: class db.r5.xlarge -> db.r5.2xlarge, max_connections 1228 -> 2457 (estimated low)"
    assert entry.budget.fits


def test_an_undecided_budget_stays_undecided(altered: Callable[..., Stage]) -> None:
    unknown = altered("dev", DB_INSTANCE, "dev", tags=None)
    with pytest.raises(UsageError, match="stage dev has no database whose budget is known"):
        apply_changes(unknown, ["reserve=5"])
    [entry] = apply_changes(unknown, [])[1].entries
    assert isinstance(entry, UndecidedBudget)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "trackng-api.limit=5",
            'There is no workload with a known budget "trackng-api". Did you mean dev-tracking-api? There are: '
            "dev-datalab-api, dev-legacy-api, dev-tracking-api, dev-category-batch, dev-ranking-batch.",
        ),
        (
            "dev-trackng-api.limit=5",
            'There is no workload with a known budget "dev-trackng-api". Did you mean dev-tracking-api? There are: '
            "dev-datalab-api, dev-legacy-api, dev-tracking-api, dev-category-batch, dev-ranking-batch.",
        ),
        (
            "tracking-api.limits=5",
            'There is no field of a workload "limits". Did you mean limit? There are: limit, tasks, processes, pools, outside.',
        ),
        (
            "dev-db.clas=db.t4g.small",
            'There is no field of a database "clas". Did you mean class? There are: class, max-connections, reserve.',
        ),
        (
            "max_connections=5",
            'There is no field "max_connections". Did you mean max-connections? There are: class, max-connections, '
            "reserve, WORKLOAD.limit, WORKLOAD.tasks, WORKLOAD.processes, WORKLOAD.pools, WORKLOAD.outside.",
        ),
        (
            "class=db.t4g.smal",
            'There is no class in the table of memory sizes "db.t4g.smal". Did you mean db.t4g.small? There are: '
            "db.t4g.micro, db.t4g.small, db.t4g.medium, db.t4g.large, db.t4g.xlarge, db.t4g.2xlarge.",
        ),
        ("tracking-api.limit=0", '--set tracking-api.limit=0: "0" is not an integer from 1 to 1000000.'),
        ("tracking-api.limit=-1", '--set tracking-api.limit=-1: "-1" is not an integer from 1 to 1000000.'),
        ("tracking-api.limit=٣", '--set tracking-api.limit=٣: "٣" is not an integer from 1 to 1000000.'),
        ("reserve=many", '--set reserve=many: "many" is not an integer from 0 to 1000000.'),
        (
            "tracking-api.limit",
            '--set tracking-api.limit: NAME.FIELD=VALUE is required, such as "tracking-api.limit=20" or "max-connections=120".',
        ),
    ],
)
def test_mistakes(text: str, message: str, stage: StageOf) -> None:
    with pytest.raises(UsageError) as refused:
        apply_changes(stage("dev"), [text])
    assert str(refused.value) == message


def test_two_workloads_of_one_name_are_not_told_apart(altered: Callable[..., Stage]) -> None:
    props: dict[str, Any] = {"name": "dev-tracking-api"}
    twice = altered("dev", "aws:ecs/service:Service", "legacy-api", **props)
    with pytest.raises(UsageError, match='"tracking-api" names 2 workloads of stage dev'):
        apply_changes(twice, ["tracking-api.limit=5"])
