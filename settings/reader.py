"""The only reader of Pulumi's configuration: merges catalogue and stage, and reports every problem at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from components.calc.reserved import check_stage
from settings.api_docs import ApiDocs
from settings.assembly import Assembly
from settings.delivery import Delivery, Pipeline
from settings.documents import Documents
from settings.merged import Settings
from settings.nearest import nearest
from settings.origins import CATALOGUE, PROJECT_KEYS, Origin, Written, stage_origins
from settings.problems import SettingsError, refusal, shown
from settings.rules.cross_check import cross_check
from settings.rules.draft import Draft
from settings.stage import Cluster, Database, LoadBalancer, Logs, Network, Notifications, Platform, Stage

STAGE_KEYS = (
    "stage",
    "network",
    "loadBalancer",
    "cluster",
    "database",
    "logs",
    "notifications",
    "pipeline",
    "apiDocs",
    "serviceDefaults",
    "serviceOverrides",
    "jobDefaults",
    "jobOverrides",
)


def load(project_dir: Path | None = None) -> Settings:
    """Read the settings of the running Pulumi program.

    project_dir: the folder with env/; None: the one that the engine names, or the working directory where it names none
    (the inline programs of Pulumi's Automation API). Raises SettingsError with every problem found; no resource has been
    registered by then.
    """
    values = CONFIG.get()
    secret = {key for key in values if is_config_secret(key)}
    return read(
        values,
        project=pulumi.get_project(),
        stage=pulumi.get_stack(),
        project_dir=project_dir or Path(pulumi.runtime.get_root_directory() or Path.cwd()),
        secret_keys=secret,
    )


def read(
    values: Mapping[str, object],
    *,
    project: str,
    stage: str,
    project_dir: Path,
    secret_keys: Collection[str] = frozenset(),
) -> Settings:
    """Read settings from a stack's configuration: full keys (`project:key`) to strings or JSON documents.

    `project_dir` has the env files; `secret_keys` are the full keys that are encrypted in the stage file. Raises
    SettingsError with every problem found.
    """
    return _Reader(values, project, stage, project_dir, secret_keys).settings()


class _Reader:
    def __init__(
        self,
        values: Mapping[str, object],
        project: str,
        stage: str,
        project_dir: Path,
        secret_keys: Collection[str],
    ) -> None:
        self._values = values
        self._project = project
        self._stage = stage
        self._project_dir = project_dir
        self._secret_keys = secret_keys
        file = f"Pulumi.{stage}.yaml"
        self._documents = Documents(values, project, file, Written(project_dir, project, file))

    def settings(self) -> Settings:
        documents, problems = self._documents, self._documents.problems
        self._refuse_stage_name()
        self._refuse_another_project()
        self._refuse_unknown_keys()
        self._refuse_misplaced_secrets()
        platform = documents.model("platform", Platform)
        stage = documents.model("stage", Stage)
        network = documents.model("network", Network)
        load_balancer = documents.model("loadBalancer", LoadBalancer)
        cluster = documents.model("cluster", Cluster)
        database = documents.model("database", Database)
        logs = documents.model("logs", Logs, default=Logs())
        notifications = documents.model("notifications", Notifications, default=Notifications())
        delivery = documents.model("delivery", Delivery, default=Delivery())
        pipeline = documents.model("pipeline", Pipeline, default=Pipeline())
        api_docs = documents.model("apiDocs", ApiDocs, default=ApiDocs())
        assembly = Assembly(
            documents,
            self._stage,
            project_dir=self._project_dir,
            platform=platform,
            stage=stage,
            database=database,
        )
        services, jobs = assembly.workloads()
        draft = Draft(
            name=self._stage,
            written=documents.written,
            service_names=documents.service_names(),
            services=services,
            jobs=jobs,
            platform=platform,
            stage=stage,
            network=network,
            load_balancer=load_balancer,
            cluster=cluster,
            database=database,
            logs=logs,
            pipeline=pipeline,
            api_docs=api_docs,
        )
        problems.extend(cross_check(draft))
        if not (platform and stage and network and load_balancer and cluster and database):
            raise SettingsError(problems)
        if problems or not (logs and notifications and delivery and pipeline and api_docs):
            raise SettingsError(problems)
        settings = Settings(
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
            api_docs=api_docs,
            services=services,
            jobs=jobs,
            notifications_secret=f"{self._project}:notifications" in self._secret_keys,
        )
        return settings.model_copy(update={"origins": stage_origins(documents.written, settings)})

    def _refuse_stage_name(self) -> None:
        """At once: nearly every other rule makes names of it."""
        if why := refusal(lambda: check_stage(self._stage)):
            at = Origin(file=self._documents.stage_file, key="the stage's name")
            self._documents.add(at, shown(self._stage), why, "Pulumi.dev.yaml for a stage dev")
            raise SettingsError(self._documents.problems)

    def _refuse_another_project(self) -> None:
        """At once: keys of another project's name are none of this one's, and everything would be missing."""
        if any(
            full_key.partition(":")[0] == self._project and full_key.partition(":")[2] in STAGE_KEYS
            for full_key in self._values
        ):
            return
        other = self._documents.written.foreign(STAGE_KEYS)
        if other is not None:
            self._documents.add(
                Origin(file=self._documents.stage_file, key="config"),
                f"keys of {other}, such as {other}:stage",
                f"keys of {self._project}, which is the project's name in {CATALOGUE}",
                f"./run stage prefix, which writes {self._project}: before the keys of every stage file",
            )
            raise SettingsError(self._documents.problems)

    def _refuse_unknown_keys(self) -> None:
        known = (*PROJECT_KEYS, *STAGE_KEYS)
        for full_key in sorted(self._values):
            namespace, _, key = full_key.partition(":")
            if namespace == self._project and key not in known:
                near = nearest(key, known)
                free = near is not None and f"{namespace}:{near}" not in self._values
                self._documents.add(
                    replace(self._documents.written.at(key), key=full_key),
                    f"unknown key{f'; did you mean {namespace}:{near}?' if near else ''}",
                    f"in Pulumi.yaml {', '.join(PROJECT_KEYS)}; in a stage file {', '.join(STAGE_KEYS)}",
                    f"rename it to {namespace}:{near}" if free else f"remove {full_key}",
                )

    def _refuse_misplaced_secrets(self) -> None:
        """A secret in a container's plain environment would be readable by whoever may describe the task definition."""
        for full_key in sorted(self._secret_keys):
            namespace, _, key = full_key.partition(":")
            if namespace == self._project and key in (*PROJECT_KEYS, *STAGE_KEYS) and key != "notifications":
                self._documents.add(
                    self._documents.written.at(key),
                    "an encrypted value (secure:)",
                    "encrypted values under notifications only; a container's secret is an SSM SecureString that the "
                    "workload names under secrets, such as legacy-api: {secrets: [MSI_API_KEY]}",
                    f"remove {key}",
                )
