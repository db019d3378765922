"""The only reader of Pulumi's configuration: merges catalogue and stage, and reports every problem at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TypeVar

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret
from pydantic import BaseModel, TypeAdapter, ValidationError

from .base import ServiceName
from .delivery import Delivery, Pipeline
from .merged import Settings
from .problems import Problem, SettingsError, explain, shown
from .rules import Draft, cross_check
from .stage import Cluster, Database, LoadBalancer, Logs, Network, Notifications, Platform, Stage
from .workloads import Job, JobFields, Service, ServiceFields, Workload, WorkloadFields

PROJECT_KEYS = ("platform", "delivery", "services", "jobs")
STAGE_KEYS = (
    "stage",
    "network",
    "loadBalancer",
    "cluster",
    "database",
    "logs",
    "notifications",
    "pipeline",
    "serviceDefaults",
    "serviceOverrides",
    "jobDefaults",
    "jobOverrides",
)

M = TypeVar("M", bound=BaseModel)
W = TypeVar("W", bound=Workload)
_NAME = TypeAdapter[str](ServiceName)


def load() -> Settings:
    """Read the settings of the running Pulumi program.

    Raises SettingsError with every problem found; no resource has been registered by then.
    """
    values = CONFIG.get()
    secret = {key for key in values if is_config_secret(key)}
    return read(values, project=pulumi.get_project(), stage=pulumi.get_stack(), secret_keys=secret)


def read(
    values: Mapping[str, object], *, project: str, stage: str, secret_keys: Collection[str] = frozenset()
) -> Settings:
    """Read settings from a stack's configuration: full keys (`project:key`) to strings or JSON documents.

    `secret_keys` are the full keys that are encrypted in the stage file. Raises SettingsError with every problem found.
    """
    return _Reader(values, project, stage, secret_keys).settings()


class _Reader:
    def __init__(self, values: Mapping[str, object], project: str, stage: str, secret_keys: Collection[str]) -> None:
        self._values = values
        self._project = project
        self._stage = stage
        self._secret_keys = secret_keys
        self._stage_file = f"Pulumi.{stage}.yaml"
        self._problems: list[Problem] = []

    def settings(self) -> Settings:
        self._refuse_unknown_keys()
        self._refuse_misplaced_secrets()
        platform = self._model("platform", Platform)
        stage = self._model("stage", Stage)
        network = self._model("network", Network)
        load_balancer = self._model("loadBalancer", LoadBalancer)
        cluster = self._model("cluster", Cluster)
        database = self._model("database", Database)
        logs = self._model("logs", Logs, default=Logs())
        notifications = self._model("notifications", Notifications, default=Notifications())
        delivery = self._model("delivery", Delivery, default=Delivery())
        pipeline = self._model("pipeline", Pipeline, default=Pipeline())
        owner = platform.owner if platform else ""
        services = self._workloads("service", Service, ServiceFields, owner)
        jobs = self._workloads("job", Job, JobFields, owner)
        draft = Draft(
            name=self._stage,
            service_names=self._service_names(),
            services=services,
            jobs=jobs,
            network=network,
            logs=logs,
            database=database,
            cluster=cluster,
            pipeline=pipeline,
        )
        self._problems.extend(cross_check(draft, self._stage_file))
        if not (platform and stage and network and load_balancer and cluster and database):
            raise SettingsError(self._problems)
        if self._problems or not (logs and notifications and delivery and pipeline):
            raise SettingsError(self._problems)
        return Settings(
            name=self._stage,
            stage=stage,
            platform=platform,
            network=network,
            load_balancer=load_balancer,
            cluster=cluster,
            database=database,
            logs=logs,
            notifications=notifications,
            delivery=delivery,
            pipeline=pipeline,
            services=services,
            jobs=jobs,
            notifications_secret=f"{self._project}:notifications" in self._secret_keys,
        )

    def _file(self, key: str) -> str:
        return "Pulumi.yaml" if key in PROJECT_KEYS else self._stage_file

    def _refuse_unknown_keys(self) -> None:
        known = (*PROJECT_KEYS, *STAGE_KEYS)
        for full_key in sorted(self._values):
            namespace, _, key = full_key.partition(":")
            if namespace == self._project and key not in known:
                self._problems.append(
                    Problem(
                        file=self._stage_file,
                        key=full_key,
                        found="unknown key",
                        allowed=f"in Pulumi.yaml {', '.join(PROJECT_KEYS)}; in a stage file {', '.join(STAGE_KEYS)}",
                        example=f"remove {full_key}",
                    )
                )

    def _refuse_misplaced_secrets(self) -> None:
        """A secret in a container's plain environment would be readable by whoever may describe the task definition."""
        for full_key in sorted(self._secret_keys):
            namespace, _, key = full_key.partition(":")
            if namespace == self._project and key in STAGE_KEYS and key != "notifications":
                self._problem(
                    self._stage_file,
                    key,
                    "an encrypted value (secure:)",
                    "encrypted values under notifications only; a container's secret is an SSM SecureString that the "
                    "workload names under secrets",
                    "legacy-api: {secrets: [MSI_API_KEY]}",
                )

    def _document(self, key: str) -> object:
        """The value of a key as parsed JSON; None where it is absent."""
        value = self._values.get(f"{self._project}:{key}")
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value

    def _model(self, key: str, model: type[M], default: M | None = None) -> M | None:
        document = self._document(key)
        if document is None:
            if default is None:
                self._problems.append(
                    Problem(
                        file=self._file(key),
                        key=key,
                        found="nothing",
                        allowed=f"required: {(model.__doc__ or '').splitlines()[0]}",
                        example=f"{key}: {shown(_required_example(model))}",
                    )
                )
            return default
        return self._validated(key, model, document)

    def _validated(self, key: str, model: type[M], document: object, file: str | None = None) -> M | None:
        try:
            return model.model_validate_json(json.dumps(document))
        except ValidationError as error:
            self._problems.extend(explain(error, file=file or self._file(key), key=key, model=model))
            return None

    def _mapping(self, key: str) -> dict[str, object]:
        document = self._document(key)
        if document is None:
            return {}
        if isinstance(document, dict):
            return {str(name): {} if entry is None else entry for name, entry in document.items()}
        self._problem(self._file(key), key, shown(document), "a mapping from names to their settings", f"{key}: {{}}")
        return {}

    def _service_names(self) -> tuple[str, ...]:
        document = self._document("services")
        return tuple(str(name) for name in document) if isinstance(document, dict) else ()

    def _workloads(self, kind: str, workload: type[W], fields: type[WorkloadFields], owner: str) -> tuple[W, ...]:
        """Every workload of a kind: built-in defaults < stage defaults < catalogue < stage overrides."""
        plural, defaults_key, overrides_key = f"{kind}s", f"{kind}Defaults", f"{kind}Overrides"
        catalogue = self._mapping(plural)
        overrides = self._mapping(overrides_key)
        for name in sorted(set(overrides) - set(catalogue)):
            self._problem(
                self._stage_file,
                f"{overrides_key}.{name}",
                f"no {kind} of that name",
                f"a {kind} of the catalogue: {', '.join(sorted(catalogue))}",
                f"add {name} under {plural} in Pulumi.yaml",
            )
        defaults = self._validated(defaults_key, fields, self._document(defaults_key) or {})
        built: list[W] = []
        for name, entry in sorted(catalogue.items()):
            try:
                _NAME.validate_python(name)
            except ValidationError:
                self._problem(
                    "Pulumi.yaml",
                    f"{plural}.{name}",
                    shown(name),
                    "lower-case letters, digits, single hyphens",
                    "datalab-api",
                )
                continue
            layers = [
                defaults,
                self._validated(f"{plural}.{name}", fields, entry, "Pulumi.yaml"),
                self._validated(f"{overrides_key}.{name}", fields, overrides.get(name, {}), self._stage_file),
            ]
            if any(layer is None for layer in layers):
                continue
            merged = _merge([layer for layer in layers if layer is not None])
            merged.setdefault("owner", owner)
            result = self._validated(f"{plural}.{name}", workload, {"name": name, **merged}, "Pulumi.yaml")
            if result is not None:
                built.append(result)
        return tuple(built)

    def _problem(self, file: str, key: str, found: str, allowed: str, example: str) -> None:
        self._problems.append(Problem(file=file, key=key, found=found, allowed=allowed, example=example))


def _merge(layers: list[WorkloadFields]) -> dict[str, object]:
    """Later layers win key by key; `environment` merges by variable and the lists of names add up."""
    merged: dict[str, object] = {}
    for layer in layers:
        for key, value in layer.model_dump(mode="json", by_alias=True, exclude_none=True).items():
            before = merged.get(key)
            if key == "environment" and isinstance(before, dict):
                merged[key] = {**before, **value}
            elif key in ("secrets", "requires") and isinstance(before, list):
                merged[key] = sorted({*before, *value})
            else:
                merged[key] = value
    return merged


def _required_example(model: type[BaseModel]) -> dict[str, object]:
    return {
        info.alias or name: info.examples[0]
        for name, info in model.model_fields.items()
        if info.examples and info.is_required()
    }
