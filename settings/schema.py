"""JSON Schemas of Pulumi.yaml and Pulumi.<stage>.yaml, made from the models, so that editors complete and check them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from settings.api_docs import ApiDocs
from settings.base import ServiceName
from settings.delivery import Delivery, Pipeline
from settings.stage import Cluster, Database, LoadBalancer, Logs, Network, Notifications, Platform, Stage
from settings.workloads import JobFields, ServiceFields

PROJECT_MODELS: Mapping[str, Any] = {
    "platform": Platform,
    "delivery": Delivery,
    "services": dict[ServiceName, ServiceFields | None],
    "jobs": dict[ServiceName, JobFields | None],
}
STAGE_MODELS: Mapping[str, Any] = {
    "stage": Stage,
    "network": Network,
    "loadBalancer": LoadBalancer,
    "cluster": Cluster,
    "database": Database,
    "logs": Logs,
    "notifications": Notifications,
    "pipeline": Pipeline,
    "apiDocs": ApiDocs,
    "serviceDefaults": ServiceFields,
    "serviceOverrides": dict[ServiceName, ServiceFields | None],
    "jobDefaults": JobFields,
    "jobOverrides": dict[ServiceName, JobFields | None],
}
REQUIRED_STAGE_KEYS = ("stage", "network", "loadBalancer", "cluster", "database")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def project_schema() -> dict[str, Any]:
    """The schema of Pulumi.yaml: this program's catalogue keys; every other key is Pulumi's own."""
    keys, definitions = _properties(PROJECT_MODELS)
    values = {
        key: {"type": "object", "properties": {"value": schema}, "required": ["value"]} for key, schema in keys.items()
    }
    return {
        "$schema": _DIALECT,
        "title": "Pulumi.yaml of the container platform",
        "type": "object",
        "properties": {"config": {"type": "object", "properties": values, "required": ["platform", "services"]}},
        "required": ["name", "runtime", "config"],
        "$defs": definitions,
    }


def stage_schema(project: str) -> dict[str, Any]:
    """The schema of Pulumi.<stage>.yaml: keys of the project are checked, Pulumi's and the providers' keys stay allowed."""
    keys, definitions = _properties(STAGE_MODELS)
    return {
        "$schema": _DIALECT,
        "title": "A stage file of the container platform",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {f"{project}:{key}": schema for key, schema in keys.items()},
                "patternProperties": {f"^(?!{project}:)": True},
                "additionalProperties": False,
                "required": [f"{project}:{key}" for key in REQUIRED_STAGE_KEYS],
            },
            "encryptionsalt": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "secretsprovider": {"type": "string"},
            "environment": True,
        },
        "required": ["config"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _properties(models: Mapping[str, Any]) -> tuple[dict[str, object], dict[str, object]]:
    """Each key's schema, with the shared definitions lifted to the document's root."""
    schemas: dict[str, object] = {}
    definitions: dict[str, object] = {}
    for key, model in models.items():
        schema = TypeAdapter(model).json_schema(by_alias=True, ref_template="#/$defs/{model}")
        definitions |= schema.pop("$defs", {})
        schemas[key] = schema
    return schemas, definitions
