"""The only reader of Pulumi's configuration: merges catalogue and stage, and reports every problem at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic.alias_generators import to_camel

from components.calc.reserved import check_stage
from settings.api_docs import ApiDocs
from settings.assembly import Assembly
from settings.base import SettingsModel
from settings.delivery import Delivery, Pipeline
from settings.documents import Documents
from settings.merged import Settings
from settings.nearest import nearest
from settings.origins import CATALOGUE, PROJECT_KEYS, Origin, Written, stage_origins
from settings.problems import SettingsError, refusal, shown
from settings.rules.cross_check import cross_check
from settings.rules.draft import Draft
from settings.stage import Cluster, Database, LoadBalancer, Logs, Network, Notifications, Platform, Stage

_REQUIRED: Mapping[str, type[SettingsModel]] = {
    "platform": Platform,
    "stage": Stage,
    "network": Network,
    "load_balancer": LoadBalancer,
    "cluster": Cluster,
    "database": Database,
}
_BUILT_IN: Mapping[str, type[SettingsModel]] = {
    "logs": Logs,
    "notifications": Notifications,
    "delivery": Delivery,
    "pipeline": Pipeline,
    "api_docs": ApiDocs,
}
"""Those that a stage may leave out, for what they say by themselves."""
_WITHOUT_RULES = ("notifications", "delivery")
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
    # A program has loaded the SDK; the commands read settings without one, and without the third of a second that it takes.
    import pulumi
    from pulumi.runtime.config import CONFIG, is_config_secret

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
    file = f"Pulumi.{stage}.yaml"
    documents = Documents(values, project, file, Written(project_dir, project, file))
    return _Reader(values, project, stage, project_dir, secret_keys, documents).settings()


@dataclass(frozen=True, slots=True)
class _Reader:
    values: Mapping[str, object]
    project: str
    stage: str
    project_dir: Path
    secret_keys: Collection[str]
    documents: Documents

    def settings(self) -> Settings:
        documents, problems = self.documents, self.documents.problems
        self._refuse_stage_name()
        self._refuse_another_project()
        self._refuse_unknown_keys()
        self._refuse_misplaced_secrets()
        found: dict[str, Any] = {name: documents.model(to_camel(name), model) for name, model in _REQUIRED.items()}
        found |= {name: documents.model(to_camel(name), model, default=model()) for name, model in _BUILT_IN.items()}
        assembly = Assembly(
            documents,
            self.stage,
            project_dir=self.project_dir,
            platform=found["platform"],
            stage=found["stage"],
            database=found["database"],
        )
        services, jobs = assembly.workloads()
        draft = Draft(
            name=self.stage,
            written=documents.written,
            service_names=documents.service_names(),
            services=services,
            jobs=jobs,
            **{name: model for name, model in found.items() if name not in _WITHOUT_RULES},
        )
        problems.extend(cross_check(draft))
        if problems:
            raise SettingsError(problems)
        secret = f"{self.project}:notifications" in self.secret_keys
        settings = Settings(name=self.stage, services=services, jobs=jobs, notifications_secret=secret, **found)
        return settings.model_copy(update={"origins": stage_origins(documents.written, settings)})

    def _refuse_stage_name(self) -> None:
        """At once: nearly every other rule makes names of it."""
        if why := refusal(lambda: check_stage(self.stage)):
            at = Origin(file=self.documents.stage_file, key="the stage's name")
            self.documents.add(at, shown(self.stage), why, "Pulumi.dev.yaml for a stage dev")
            raise SettingsError(self.documents.problems)

    def _refuse_another_project(self) -> None:
        """At once: keys of another project's name are none of this one's, and everything would be missing."""
        if any(f"{self.project}:{key}" in self.values for key in STAGE_KEYS):
            return
        other = self.documents.written.foreign(STAGE_KEYS)
        if other is not None:
            self.documents.add(
                Origin(file=self.documents.stage_file, key="config"),
                f"keys of {other}, such as {other}:stage",
                f"keys of {self.project}, which is the project's name in {CATALOGUE}",
                f"./run stage prefix, which writes {self.project}: before the keys of every stage file",
            )
            raise SettingsError(self.documents.problems)

    def _refuse_unknown_keys(self) -> None:
        known = (*PROJECT_KEYS, *STAGE_KEYS)
        for full_key in sorted(self.values):
            namespace, _, key = full_key.partition(":")
            if namespace == self.project and key not in known:
                near = nearest(key, known)
                free = near is not None and f"{namespace}:{near}" not in self.values
                self.documents.add(
                    replace(self.documents.written.at(key), key=full_key),
                    f"unknown key{f'; did you mean {namespace}:{near}?' if near else ''}",
                    f"in Pulumi.yaml {', '.join(PROJECT_KEYS)}; in a stage file {', '.join(STAGE_KEYS)}",
                    f"rename it to {namespace}:{near}" if free else f"remove {full_key}",
                )

    def _refuse_misplaced_secrets(self) -> None:
        """A secret in a container's plain environment would be readable by whoever may describe the task definition."""
        for full_key in sorted(self.secret_keys):
            namespace, _, key = full_key.partition(":")
            if namespace == self.project and key in (*PROJECT_KEYS, *STAGE_KEYS) and key != "notifications":
                self.documents.add(
                    self.documents.written.at(key),
                    "an encrypted value (secure:)",
                    "encrypted values under notifications only; a container's secret is an SSM SecureString that the "
                    "workload names under secrets, such as legacy-api: {secrets: [MSI_API_KEY]}",
                    f"remove {key}",
                )
