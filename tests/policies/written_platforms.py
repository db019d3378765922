"""Small platforms written as a project's files, made up by hypothesis, and a way out applied to them."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from cli.stages.place import settings_of
from policies.facts.facts import Facts
from policies.resources.graph import Graph
from settings.merged import Settings
from tests.policies.budget_records import budget_in, records_of

ROOT = Path(__file__).parents[2]
Files = dict[str, str]
"""By path below the project, what stands in a file."""
_ENVIRONMENT = {"dev": "development", "prd": "production"}
_CHANGE = re.compile(r"(?:^| and )((?:Pulumi|env/)\S*?)(?::([0-9]+))? (\S+?)(?:: |=)(.*?)(?=$| and (?:Pulumi|env/))")

_limits = st.integers(1, 60)
_tasks = st.tuples(st.integers(1, 6), st.integers(0, 6)).map(lambda pair: {"min": pair[0], "max": sum(pair)})


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


_own = st.fixed_dictionaries(
    {},
    optional={
        "dbConnLimit": _limits,
        "processes": st.integers(1, 3),
        "poolsPerProcess": st.integers(1, 2),
        "connectionsOutsidePool": st.integers(0, 4),
    },
)
_service = st.fixed_dictionaries(
    {
        "override": _own,
        "tasks": _maybe(_tasks),
        "in_catalogue": st.booleans(),
        "requests": st.booleans(),
        "overlapping": st.booleans(),
        "singleton": st.booleans(),
        "env": st.sampled_from(["", "", "limit", "workers", "pool"]),
        "number": st.integers(2, 40),
    }
)
_job = st.fixed_dictionaries(
    {"override": _own, "count": st.integers(1, 3), "minutes": st.integers(1, 200), "every": st.integers(5, 120)}
)
plans = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(["dev", "prd"]),
        "services": st.lists(_service, min_size=1, max_size=3),
        "jobs": st.lists(_job, max_size=2),
        "defaults": st.fixed_dictionaries({"dbConnLimit": _limits, "tasks": _tasks}),
        "class": st.sampled_from(["db.t4g.micro", "db.t4g.medium", "db.m7g.large", "db.r6g.xlarge"]),
        "missing": st.integers(1, 400),
        "reserve": st.integers(0, 20),
    }
)
"""What a platform is made of. missing: how many connections it lacks, at most all but some."""


def files_of(plan: dict[str, Any]) -> Files:
    """The project's files, with a max_connections that lacks what the plan says."""
    most = 100_000  # what MySQL takes
    files = _files(plan, most)
    used = budget_in(Facts(Graph(records_of(settings_in(files, plan["stage"]))))).budget.used
    return _files(plan, min(most, max(10, plan["reserve"] + 1, used - plan["missing"])))


def _files(plan: dict[str, Any], max_connections: int) -> Files:
    stage = plan["stage"]
    catalogue: dict[str, Any] = _loaded((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    config: dict[str, Any] = _loaded((ROOT / f"Pulumi.{stage}.yaml").read_text(encoding="utf-8"))["config"]
    services, jobs, env = dict[str, Any](), dict[str, Any](), dict[str, str]()
    overrides, job_overrides = dict[str, Any](), dict[str, Any]()
    for number, drawn in enumerate(plan["services"]):
        name = f"api-{number}"
        own = dict(drawn["override"])
        services[name] = {"database": True, "path": f"/{name}*", "priority": 100 + number}
        if drawn["singleton"]:
            services[name]["singleton"] = True
        elif drawn["tasks"]:
            (services[name] if drawn["in_catalogue"] else own)["tasks"] = drawn["tasks"]
            if drawn["requests"] and drawn["tasks"]["min"] < drawn["tasks"]["max"]:
                own["requestsPerTarget"] = 500
        if drawn["overlapping"]:
            own["overlappingDeployments"] = True
        if drawn["env"] == "limit":  # the same as in the settings, or it would be a problem of them
            env[name] = f"DB_CONN_LIMIT={own.get('dbConnLimit', plan['defaults']['dbConnLimit'])}"
        elif drawn["env"] == "workers":
            env[name] = f"WEB_CONCURRENCY={drawn['number']}"
        elif drawn["env"] == "pool":
            own["environment"] = {"DB_POOL_SIZE": str(drawn["number"])}
        overrides[name] = own
    for number, drawn in enumerate(plan["jobs"]):
        jobs[f"job-{number}"] = {
            "image": "api-0",
            "database": True,
            "schedule": f"rate({drawn['every']} minutes)",
            "longestRunMinutes": drawn["minutes"],
            "taskCount": drawn["count"],
        }
        job_overrides[f"job-{number}"] = drawn["override"]
    catalogue["config"]["services"]["value"] = services
    catalogue["config"]["jobs"]["value"] = jobs
    database = {**config["category-analyzer:database"], "instanceClass": plan["class"], "reserve": plan["reserve"]}
    database.pop("performanceInsights", None)
    config |= {
        "category-analyzer:database": {**database, "maxConnections": max_connections},
        "category-analyzer:serviceDefaults": {"cpu": 512, "memory": 1024, **plan["defaults"]},
        "category-analyzer:serviceOverrides": {name: own for name, own in overrides.items() if own},
        "category-analyzer:jobDefaults": {"cpu": 512, "memory": 1024, "dbConnLimit": plan["defaults"]["dbConnLimit"]},
        "category-analyzer:jobOverrides": {name: own for name, own in job_overrides.items() if own},
    }
    return {
        "Pulumi.yaml": _dumped(catalogue),
        f"Pulumi.{stage}.yaml": _dumped({"config": config}),
        **{f"env/{name}/.env.{_ENVIRONMENT[stage]}": f"{line}\n" for name, line in env.items()},
    }


def _dumped(value: object) -> str:
    return yaml.dump(value, sort_keys=False, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper))


def _loaded(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def write(files: Files, project: Path) -> None:
    """The files in a folder, beside nothing else of the stage."""
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")


def settings_in(files: Files, stage: str) -> Settings:
    """The settings as the program reads them. Raises SettingsError."""
    with tempfile.TemporaryDirectory() as folder:
        write(files, Path(folder))
        return settings_of(Path(folder), stage)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of a way: what to write where."""

    file: str
    line: int | None
    key: str
    value: str


def changes_in(way: str) -> list[Change]:
    """The changes that a way names, with their files."""
    texts = way[re.search(r"(?:Pulumi\.|env/)\S* ", way).start() :]  # type: ignore[union-attr]
    return [
        Change(file=file, line=int(line) if line else None, key=key, value=value)
        for file, line, key, value in _CHANGE.findall(texts)
    ]


def applied(files: Files, way: str) -> Files:
    """The files with one way taken, as a person would write it."""
    files = dict(files)
    for change in changes_in(way):
        text = files[change.file]
        if change.file.startswith("env/"):
            files[change.file] = re.sub(rf"(?m)^{change.key}=.*$", f"{change.key}={change.value}", text)
            continue
        document = _loaded(text)
        first, *rest = change.key.split(".")
        holder = document["config"]
        if change.file == "Pulumi.yaml":
            holder, first = holder[first], "value"
        else:
            first = f"category-analyzer:{first}"
        for key in rest:
            holder, first = holder.setdefault(first, {}), key
        holder[first] = yaml.safe_load(change.value)
        files[change.file] = _dumped(document)
    return files
