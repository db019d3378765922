"""TLS that AWS's own default requires of an engine from a version on is required of nobody."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources.tokens import DB_INSTANCE, PARAMETER_GROUP
from policies.rules.database.parameters import database_tls_required
from policies.rules.rule import Stack


@pytest.mark.parametrize(
    ("engine", "version", "value", "told"),
    [
        ("mariadb", "11.4.5", None, True),
        ("mariadb", "11.8.3", None, False),
        ("mariadb", "12.3.1", None, False),
        ("mariadb", "11.8.3", "OFF", True),
        ("mysql", "8.4.5", None, True),
        ("mysql", "9.7.0", None, False),
        ("postgres", "14.12", None, True),
        ("postgres", "17.4", None, False),
        ("aurora-postgresql", "16.6", None, True),
    ],
)
def test_what_the_engine_requires_by_itself(
    stack: Any, engine: str, version: str, value: str | None, told: bool
) -> None:
    listed = [] if value is None else [{"name": "require_secure_transport", "value": value}]
    group = stack.add(PARAMETER_GROUP, "g", {"name": "g", "family": f"{engine}1", "parameters": listed})
    props = {"engine": engine, "engineVersion": version, "parameterGroupName": "g"}
    stack.add(DB_INSTANCE, "db", props, parameterGroupName=(group,))
    judged = database_tls_required.judge(
        Stack(facts=Facts(stack.graph()), stage="prd", spec=database_tls_required.spec)
    )
    assert bool(list(judged)) is told
