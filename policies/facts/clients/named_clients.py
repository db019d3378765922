"""Services of AWS that open connections to what they are given an address or identifier of, and may stand in no group of the stack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from policies.budget.declarations import ELSEWHERE_TAG
from policies.facts.database.databases import Database
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, is_unknown
from policies.resources.reading import read

_SERVICES = (
    "appflow|appsync|athena|bedrock|cleanrooms|datapipeline|datasync|datazone|dms|emr|emrserverless|glue|grafana|kendra|kinesis|"
    "kinesisanalyticsv2|lakeformation|mskconnect|mwaa|opensearchingest|osis|pipes|qbusiness|quicksight|redshift|redshiftserverless|"
    "sagemaker"
)
_READS_DATABASES = re.compile(rf"aws(?:-native)?:(?:{_SERVICES})[/:]")
"""Services that move, query or show data: what of theirs names a database connects to it."""
_OPENS_NONE = re.compile(
    r"aws:(?:backup|cfg|cloudformation|cloudfront|codebuild|codepipeline|codestarnotifications|dlm|docdb|ec2|ecs|fis|globalaccelerator|"
    r"guardduty|lambda|lb|rds|resourcegroups|scheduler|servicediscovery|sfn)/"
)
"""What names a database's address and opens no connection by that, or is judged by the groups that it stands in."""
_WITHOUT_TAGS = frozenset({"aws:appflow/connectorProfile:ConnectorProfile", "aws:appsync/dataSource:DataSource"})
_ABOUT = frozenset({"tags", "tagsAll", "name", "description", "id", "arn"})
"""Properties that say what a resource is called, and not what it connects to."""
_DEEPEST = 12


def databases_named(
    graph: Graph, resource: Resource, databases: tuple[Database, ...]
) -> tuple[tuple[Database, ...], str]:
    """(the databases that a resource names to connect to, the property that does); nothing where their tag counts it already."""
    reads = _READS_DATABASES.match(resource.type) is not None
    if not databases or (not reads and _OPENS_NONE.match(resource.type)):
        return (), ""
    found: dict[str, Database] = {}
    where = ""
    for prop, value in resource.props.items():
        texts = list(_texts(value, 0)) if prop not in _ABOUT else []
        made_from = resource.property_dependencies.get(prop, ()) if reads and prop not in _ABOUT else ()
        for database in databases:
            if database.urn in made_from or any(_names(database, text, identifiers=reads) for text in texts):
                if resource.type in _WITHOUT_TAGS and elsewhere_declared(graph, database):
                    continue
                found[database.urn] = database
                where = where or prop
    return tuple(found.values()), where


def _names(database: Database, text: str, *, identifiers: bool) -> bool:
    lowered = text.lower()
    if any("." in host and _holds(lowered, host) for host in database.hosts):
        return True
    return identifiers and any(
        text == name or text.endswith((f":db:{name}", f":cluster:{name}")) for name in database.called
    )


def _holds(text: str, host: str) -> bool:
    return host in text and re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", text) is not None


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if not is_unknown(value):
            yield value
    elif isinstance(value, Mapping) and depth < _DEEPEST:
        for inner in cast("Mapping[str, object]", value).values():
            yield from _texts(inner, depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for item in cast("list[object]", value):
            yield from _texts(item, depth + 1)


def elsewhere_declared(graph: Graph, database: Database) -> bool:
    """Whether a database's own tag says what clients that can have no tag open."""
    resource = graph.get(database.urn)
    if resource is None or resource.type == tokens.DATABASE_COMPONENT:
        return False
    return not isinstance(read(resource, "tags", ELSEWHERE_TAG), Absent)
