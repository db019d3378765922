"""Small programs of others, each judged for the one thing that it shows: policy, resource and figures."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from policies.facts.facts import Facts
from policies.resources.graph import Graph
from policies.serving.evaluation import Evaluation
from policies.serving.exceptions import Exceptions
from policies.serving.pack import rules_by_name
from tests.policies.cases import programs
from tests.policies.graphs import foreign_records
from tests.policies.test_foreign_programs import Messages, reported


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., Messages]:
    """What the pack says of a program in a stack."""

    def judge(
        program: Callable[[], None], stage: str = "dev", settings: Mapping[str, Mapping[str, object]] | None = None
    ) -> Messages:
        return reported(foreign_records(program, stage, tmp_path, None), stage, settings)

    return judge


def test_the_processes_of_celery_count(judged: Callable[..., Messages]) -> None:
    [(resource, message)] = judged(programs.celery_concurrency)["connection-budget"]
    assert resource == "db"
    assert message.startswith("dev-db: 325 of 100 connections, 225 too many.")
    assert "10 x 8 x 4 320 at most 2, rolling 200 %; --concurrency 8" in " ".join(message.split())
    assert message.partition("alone is enough:\n")[2].splitlines() == [
        '  - dev-worker: --concurrency of container "worker" at most 2 (now 8)',
        '  - dev-worker: DB_CONN_LIMIT of container "worker" at most 2 (now 10)',
        "  - dev-db: max_connections 325 in dev-pg (now 100)",
    ]


def test_a_larger_pool_beside_the_limit_counts(judged: Callable[..., Messages]) -> None:
    [(resource, message)] = judged(programs.pool_size_variable_beside_limit)["connection-budget"]
    assert resource == "db"
    assert message.startswith("dev-db: 525 of 100 connections, 425 too many.")
    stated = "SQLALCHEMY_POOL_SIZE 100 + SQLALCHEMY_MAX_OVERFLOW 30"
    assert f"130 x 1 x 4 520 at most 2, rolling 200 %; {stated}" in " ".join(message.split())
    assert (
        '  - dev-api: SQLALCHEMY_POOL_SIZE of container "api" at most 18 (now 100) and SQLALCHEMY_MAX_OVERFLOW of container "api" '
        "at most 5 (now 30)\n"
    ) in message


def test_a_task_definition_that_is_built_inside_apply_is_undecided_without_a_database(
    judged: Callable[..., Messages],
) -> None:
    [(resource, message)] = judged(programs.task_definition_in_apply_no_database)["connection-budget"]
    assert resource == "api"
    assert message.startswith("dev-api: undecided at preview: taskDefinition of urn:pulumi:dev::acme::")
    assert "made from what aws:ecs/cluster:Cluster c gives only once it exists" in message
    assert "one that is built inside apply, or by a library that does so, is not there at preview" in message
    assert "Build the task definition outside of apply, from names and ARNs that the program chooses" in message


def test_a_scheduler_is_not_told_to_run_two_but_how_to_declare_itself(judged: Callable[..., Messages]) -> None:
    found = judged(programs.singleton_scheduler, "prd")
    assert not {"service-enough-tasks", "service-full-strength", "connection-budget"} & set(found)
    [(resource, message)] = found["singleton-alone"]
    assert resource == "beat"
    assert message.startswith(
        'dev-beat: container "beat" starts "celery beat", and nothing declares whether only one may run. Required: the tag '
        '"budget:singleton" on its task definition: "true" where a second one does harm'
    )


def test_nothing_is_reported_of_a_declared_scheduler(judged: Callable[..., Messages]) -> None:
    found = judged(programs.declared_scheduler, "prd")
    assert not {"service-enough-tasks", "service-full-strength", "singleton-alone"} & set(found)


def test_nothing_is_said_to_be_spare_beside_a_refusal(tmp_path: Path) -> None:
    facts = Facts(Graph.from_records(foreign_records(programs.one_known_and_one_unknown, "dev", tmp_path, None)))
    lines: list[str] = []
    evaluation = Evaluation(
        stage="dev", rules=rules_by_name(report=lines.append), exceptions=Exceptions(today=date(2026, 11, 22))
    )
    [refusal] = evaluation.verdict(facts, "connection-budget", {})
    assert refusal.urn.endswith("::worker")
    assert lines == []


def test_an_address_with_a_public_key_is_no_secret(judged: Callable[..., Messages]) -> None:
    found = judged(programs.sentry_dsn_as_secret)
    assert not {"no-plaintext-secrets", "no-credentials-in-program", "secret-parameters-encrypted"} & set(found)


def test_the_same_address_with_its_old_secret_part_is_one(judged: Callable[..., Messages]) -> None:
    found = judged(programs.sentry_dsn_with_secret_part)
    assert {
        policy: resources for policy, [(resources, _)] in found.items() if "secret" in policy or "cred" in policy
    } == {"no-plaintext-secrets": "api", "no-credentials-in-program": "api"}


def test_a_database_in_another_network_and_tasks_without_a_way_out(judged: Callable[..., Messages]) -> None:
    found = judged(programs.database_without_group_and_no_way_out)
    [(resource, message)] = found["database-same-network"]
    assert resource == "db"
    assert message.startswith(
        "dev-db: it stands in the default VPC (dbSubnetGroupName is not set), and dev-api in a VPC of the stack. Required: one VPC "
        "for both."
    )
    [(resource, message)] = found["tasks-reach-images"]
    assert resource == "api"
    assert message.startswith(
        "dev-api: its subnets s0, s1 have no way out for the image. Required: a NAT gateway, or endpoints"
    )
