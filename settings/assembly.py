"""Assembles the services and jobs of a stage from their sources: settings of both files, and env files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from components.calc.names import database_zone
from policies.budget.declarations import HOST
from settings.base import NAME_PATTERN
from settings.documents import Documents
from settings.files.env_files import EnvFile, read_env_files
from settings.layers import Layer, Merged, file_layer, merge, settings_layer
from settings.nearest import nearest
from settings.origins import CATALOGUE, Places
from settings.platform_variables import Fixed, adopt
from settings.problems import shown
from settings.rules.name_rules import free_name
from settings.stage import Database, Platform, Stage
from settings.workloads import Job, JobFields, Service, ServiceFields, Workload

W = TypeVar("W", bound=Workload)


class Assembly:
    """The workloads of one stage; None stands for a key that already has a problem of its own."""

    def __init__(
        self,
        documents: Documents,
        name: str,
        *,
        project_dir: Path,
        platform: Platform | None,
        stage: Stage | None,
        database: Database | None,
    ) -> None:
        self._documents = documents
        self._name = name
        self._platform = platform
        self._stage = stage
        self._database = database
        self._files: Mapping[str, EnvFile] = {}
        if stage is not None:
            self._files, problems = read_env_files(project_dir, stage.environment, documents.service_names())
            documents.problems.extend(problems)

    def workloads(self) -> tuple[tuple[Service, ...], tuple[Job, ...]]:
        """Every service and every job without a problem of its own."""
        services = self._workloads("service", Service, ServiceFields)
        by_name = {service.name: service for service in services}
        jobs = self._workloads("job", Job, JobFields)
        return services, tuple(_with_image(job, by_name.get(job.image)) for job in jobs)

    def _workloads(self, kind: str, workload: type[W], fields: type[ServiceFields] | type[JobFields]) -> tuple[W, ...]:
        documents, plural, overrides_key = self._documents, f"{kind}s", f"{kind}Overrides"
        catalogue, overrides = documents.mapping(plural), documents.mapping(overrides_key)
        for name in sorted(set(overrides) - set(catalogue)):
            near = nearest(name, sorted(set(catalogue) - set(overrides)))
            documents.add(
                documents.written.at(overrides_key, name),
                f"no {kind} of that name{f'; did you mean {near}?' if near else ''}",
                f"a {kind} of the catalogue: {', '.join(sorted(catalogue))}; {name} is added under {plural} in {CATALOGUE}",
                f"rename it to {near}" if near else f"remove {name}",
            )
        defaults_key = f"{kind}Defaults"
        defaults = documents.validated((defaults_key,), fields, documents.document(defaults_key) or {})
        built: list[W] = []
        for name, entry in sorted(catalogue.items()):
            if not re.fullmatch(NAME_PATTERN, name):
                allowed = "lower-case letters, digits, single hyphens"
                example = f"rename it to {free_name(name, kind, catalogue)}"
                documents.add(documents.written.at(plural, name), shown(name), allowed, example)
                continue
            declared = documents.validated((plural, name), fields, entry)
            override = documents.validated((overrides_key, name), fields, overrides.get(name, {}))
            if defaults is None or declared is None or override is None:
                continue
            layers = (
                settings_layer(documents.written, (defaults_key,), defaults),
                *self._file_layers(name, declared),
                settings_layer(documents.written, (plural, name), declared),
                settings_layer(documents.written, (overrides_key, name), override),
            )
            values, merged = self._merged(name, layers, fields)
            result = documents.validated((plural, name), workload, values)
            if result is not None:
                own = documents.written.at(plural, name), documents.written.at(overrides_key, name)
                where = Places(settings=merged.places, variables=merged.variables, declared=own[0], override=own[1])
                built.append(result.model_copy(update={"places": where}))
        return tuple(built)

    def _file_layers(self, name: str, declared: ServiceFields | JobFields) -> tuple[Layer, ...]:
        """The env file: a service's own, and for a job that of the service whose image it runs."""
        owner = declared.image if isinstance(declared, JobFields) else name
        file = self._files.get(owner or "")
        return () if file is None else (file_layer(file),)

    def _merged(
        self, name: str, layers: tuple[Layer, ...], fields: type[ServiceFields] | type[JobFields]
    ) -> tuple[dict[str, object], Merged]:
        """Its values, and what they are merged from."""
        merged = merge(layers)
        # A stage's default is for the services that it fits: two tasks for no singleton, requests only behind the load balancer.
        unfit = {"tasks": merged.fields.get("singleton"), "requestsPerTarget": merged.fields.get("path") is None}
        for field in (field for field, is_unfit in unfit.items() if is_unfit):
            if field in merged.places and merged.places[field].shared:
                merged.drop(field)
        self._documents.problems.extend(adopt(merged, fields, self._fixed(name, merged.fields)))
        values = {
            "owner": self._platform.owner if self._platform else "",
            **merged.fields,
            "name": name,
            "environment": merged.environment,
        }
        return values, merged

    def _fixed(self, name: str, fields: Mapping[str, object]) -> dict[str, Fixed]:
        """The variables that the platform sets from other settings."""
        written = self._documents.written
        fixed = {
            "STAGE": Fixed(value=self._name, place="the stage's name"),
            "SERVICE": Fixed(value=name, place=f"the name of {name}"),
        }
        if self._stage is not None:
            fixed["ENVIRONMENT"] = Fixed(value=self._stage.environment, place=written.at("stage", "environment"))
        database = self._database
        if database is not None and self._platform is not None and fields.get("database"):
            zone = database_zone(self._name, self._platform.project)
            host = database.existing.host if database.existing else f"db.{zone}"
            fixed |= {
                HOST: Fixed(value=host, place="the stage's database"),
                "DB_NAME": Fixed(value=database.name, place=written.at("database", "name")),
                "DB_PORT": Fixed(value=str(database.port), place=written.at("database", "port")),
            }
        return fixed


def _with_image(job: Job, service: Service | None) -> Job:
    """The job with what it takes from the service whose image it runs; None for one that has a problem of its own."""
    secrets, name = ((), job.image) if service is None else (service.secrets, service.aws_name)
    return job.model_copy(update={"service_secrets": secrets, "image_aws_name": name})
