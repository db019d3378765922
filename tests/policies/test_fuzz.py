"""Random graphs: whatever a program hands over, the pack answers; no policy fails and no answer is a traceback."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.graph import UNKNOWNS, Graph, PlainResource
from policies.rules.policy import Level
from policies.serving.evaluation import Evaluation
from policies.serving.exceptions import Exceptions
from policies.serving.pack import rules_by_name
from tests.policies.graphs import KINDS, PROPERTIES

GRAPHS = 500
A_BATCH = 50
UNKNOWN = sorted(UNKNOWNS)
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "s"}
DEEP: Any = "end"
for _ in range(100):
    DEEP = [DEEP]
HUGE = "dev-" * 25_000
JUNK: tuple[Any, ...] = (
    None, "", "x", " ", "*", 0, 1, -1, 3.5, 1e300, float("nan"), float("inf"), True, False, [], {}, [None], [[]], [{}],
    {"a": {}}, SECRET, DEEP, "[", "{}", "[]", '[{"name":1}]', '[{"name":"a"}]', "null", '"text"', "[1,2]", '{"Statement":3}',
    '{"Statement":[{"Effect":"Allow"}]}', '[{"name":"a","environment":{},"portMappings":3,"secrets":"x"}]', "0.0.0.0/0", "::/0",
    "arn:aws:iam::1:role/x", "rate(5 minutes)", "cron(", "mysql", "8.4", "\ud800", "é\u0000", {"wait": [UNKNOWN[0]]},
    [{"name": "x", "value": "1"}], [UNKNOWN[0]], {"type": "ECS"}, ["10.0.0.0/8"], "https://a:b@c/", *UNKNOWN,
)  # fmt: skip


def random_value(source: random.Random, depth: int = 0) -> Any:
    if depth < 3 and source.random() < 0.25:
        keys = source.sample(PROPERTIES, source.randint(1, 4))
        return {key: random_value(source, depth + 1) for key in keys}
    if depth < 3 and source.random() < 0.25:
        return [random_value(source, depth + 1) for _ in range(source.randint(0, 3))]
    value = HUGE if source.random() < 0.002 else source.choice(JUNK)
    if depth < 3 and source.random() < 0.1:
        container = {key: random_value(source, 3) for key in source.sample(PROPERTIES, 5)}
        try:
            return json.dumps([container])
        except (TypeError, ValueError):
            return value
    return value


def random_graph(seed: int) -> Graph:
    source = random.Random(seed)
    kinds = [source.choice(KINDS) for _ in range(source.randint(1, 40))]
    urns = [f"urn:pulumi:prd::p::{kind}::r{number}" for number, kind in enumerate(kinds)]
    return Graph(
        PlainResource(
            type=kind,
            urn=urn,
            name=urn.rpartition("::")[2],
            props={key: random_value(source) for key in source.sample(PROPERTIES, source.randint(0, 40))},
            property_dependencies={
                key: tuple(source.choices([*urns, "urn:nobody"], k=2)) for key in source.sample(PROPERTIES, 8)
            },
        )
        for kind, urn in zip(kinds, urns, strict=True)
    )


def failures(graph: Graph, stage: str) -> list[str]:
    """What policies report about themselves."""
    rules = rules_by_name()
    facts, evaluation = (
        Facts(graph),
        Evaluation(stage=stage, rules=rules, exceptions=Exceptions(today=date(2026, 1, 1))),
    )
    messages = [
        finding.message
        for name, rule in rules.items()
        if rule.spec.level(stage) is not Level.DISABLED
        for finding in evaluation.verdict(facts, name, {})
    ]
    assert all(len(message) < 20_000 for message in messages)
    return [message for message in messages if " failed: " in message]


@pytest.mark.parametrize("first", range(0, GRAPHS, A_BATCH))
def test_there_is_always_an_answer(first: int) -> None:
    failed = [
        message
        for seed in range(first, first + A_BATCH)
        for message in failures(random_graph(seed), "dev" if seed % 5 == 0 else "prd")
    ]
    assert sorted(set(failed)) == []


def holders(value: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """(container, key) of every place in a value, JSON inside strings parsed in passing."""
    if depth > 8 or not isinstance(value, (dict, list)):
        return
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        yield from holders(item, depth + 1)


def damaged(records: list[dict[str, Any]], seed: int) -> Graph:
    """The platform with junk in forty places, half of them inside JSON documents."""
    source = random.Random(seed)
    records = list(records)
    by_type: dict[str, list[int]] = {}
    for position, record in enumerate(records):
        by_type.setdefault(record["type"], []).append(position)
    for kind in source.choices(sorted(by_type), k=40):
        position = source.choice(by_type[kind])
        record = copy.deepcopy(records[position])
        outputs = record["outputs"]
        documents = {
            key: json.loads(value)
            for key, value in outputs.items()
            if isinstance(value, str) and value[:1] in ("[", "{") and value[-1:] in ("]", "}")
        }
        target = source.choice([outputs, *documents.values()])
        places = list(holders(target))
        if places:
            container, key = source.choice(places)
            container[key] = source.choice(JUNK)
        for key, document in documents.items():
            if outputs.get(key) is not None and document is target:
                outputs[key] = json.dumps(document)
        records[position] = record
    return Graph.from_records(records)


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_a_damaged_platform_gets_an_answer(platform: Callable[[str], list[dict[str, Any]]], first: int) -> None:
    failed = [
        message for seed in range(first, first + 20) for message in failures(damaged(platform("prd"), seed), "prd")
    ]
    assert sorted(set(failed)) == []


def test_the_types_of_the_fuzz_are_those_that_policies_read() -> None:
    named = {value for key, value in vars(tokens).items() if key.isupper() and isinstance(value, str)}
    assert named - {tokens.DATABASE_COMPONENT} <= set(KINDS)
