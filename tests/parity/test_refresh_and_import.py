"""What others changed or made, and what AWS answers unasked; import is the real engine's alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from offline.aws.plugin import Plugin
from offline.engine.urn import name_of, type_of
from offline.properties import from_struct, to_struct
from offline.stage import offline_stage
from tests import plugins_here
from tests.parity.compare import unlike, unordered
from tests.parity.engines import ENGINES, ROOT, Pair, Run, Stage, pair
from tests.platform.renaming import made_small, project_to_edit
from tests.policies.mutations.read_back import ANSWERS, read_back
from tests.project import PROJECT

pytestmark = pytest.mark.slow

SERVICE = """
cluster = aws.ecs.Cluster("cluster", name="cluster")
task = aws.ecs.TaskDefinition("task", family="task", container_definitions='[{"name": "app", "image": "app", "memory": 64}]')
aws.ecs.Service("service", name="service", cluster=cluster.arn, task_definition=task.arn, desired_count=1)
"""
FOREIGN = {
    "import": 'aws.ec2.Vpc("taken", cidr_block="10.0.0.0/16", opts=Opts(import_="vpc-0a1b2c3d4e5f60718"))',
    "get": 'pulumi.export("cidr", aws.ec2.Vpc.get("taken", "vpc-0a1b2c3d4e5f60718").cidr_block)',
}
"""Programs that take over, or read, what another program made."""
OPTIONS = """
aws.sns.Topic("retained", display_name="a", opts=Opts(retain_on_delete=True))
aws.sns.Topic("replaced", display_name="a", opts=Opts(replace_on_changes=["displayName"]))
"""
OPTIONS_EDITED = """
aws.sns.Topic("replaced", display_name="b", opts=Opts(replace_on_changes=["displayName"]))
"""


def scaled_from_outside(both: Pair, *, tasks: int) -> None:
    """The same request to the offline AWS of both, recorded as a pipeline's."""
    for stage in (both.embedded, both.real):
        where = {"project_dir": stage.project, "state_dir": stage.state, "stage": stage.name}
        with offline_stage(**where, mode="write") as aws, aws.change("pipeline"):
            aws.call("ecs", "update_service", cluster="cluster", service="service", desiredCount=tasks)


@pytest.fixture(scope="module")
def refreshed(cli: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """A service whose number of tasks somebody changed, brought up again."""
    both = pair(tmp_path_factory.mktemp("refresh"), cli, more="options:\n  refresh: always\n").program(SERVICE)
    both.run("up", skip_preview=True)
    scaled_from_outside(both, tasks=3)
    return both.run("up", skip_preview=True)


def test_a_refresh_finds_what_others_changed_and_the_run_sets_it_back(refreshed: tuple[Run, Run]) -> None:
    for run in refreshed:
        steps = {name_of(urn): [op for op in ops if op != "refresh"] for urn, ops in run.steps.items()}
        assert steps == {"cluster": ["same"], "service": ["update"], "shop-dev": ["same"], "task": ["same"]}
        [service] = [item for urn, item in run.made.items() if name_of(urn) == "service"]
        assert service["outputs"]["desiredCount"] == 1


def test_a_refresh_leaves_the_same_on_both(refreshed: tuple[Run, Run]) -> None:
    embedded, real = refreshed
    assert unlike(embedded.made, real.made) == []
    assert unlike(unordered(embedded.stack()), unordered(real.stack())) == []


def test_an_existing_vpc_is_used_by_its_ids_on_both(cli: Path, tmp_path: Path) -> None:
    project = project_to_edit(tmp_path / "project")
    made_small(project)
    path = project / "Pulumi.dev.yaml"
    settings = yaml.safe_load(path.read_text("utf-8"))
    settings["config"][f"{PROJECT}:network"] = {
        "existing": {
            "vpcId": "vpc-0a1b2c3d4e5f60718",
            "publicSubnetIds": ["subnet-0aa1b2c3", "subnet-0ab1b2c3"],
            "privateSubnetIds": ["subnet-0ba1b2c3", "subnet-0bb1b2c3"],
            "databaseSubnetIds": ["subnet-0ca1b2c3", "subnet-0cb1b2c3"],
        }
    }
    path.write_text(yaml.safe_dump(settings), "utf-8")
    runs: list[Run] = []
    for engine in ENGINES:
        state, pack = tmp_path / engine, ROOT / "policies"
        stage = Stage(engine=engine, cli=cli, project=project, state=state, pack=pack, recorded=True)
        runs.append(stage.run("preview"))
    embedded, real = runs
    assert {resource["type"] for resource in real.stack().values()} & {
        "aws:ec2/vpc:Vpc",
        "aws:ec2/subnet:Subnet",
    } == set()
    assert embedded.outcome.result == real.outcome.result
    assert unlike(embedded.steps, real.steps) == []
    assert unlike(unordered(embedded.stack()), unordered(real.stack())) == []


@pytest.mark.parametrize("program", FOREIGN.values(), ids=FOREIGN)
def test_what_another_program_made_is_refused_by_name_on_both(both: Pair, program: str) -> None:
    for run in both.program(program).run("preview"):
        assert run.outcome.result == "failed"
        assert "is not supported by th" in " ".join(run.outcome.errors)


def test_options_are_followed_or_refused_by_name(both: Pair) -> None:
    """The real engine has every option; the embedded one never ignores one."""
    both.program(OPTIONS)
    embedded, real = both.run("up", skip_preview=True)
    assert real.outcome.result == "succeeded"
    refused = " ".join(embedded.outcome.errors)
    assert embedded.outcome.result == "succeeded" or "option retain_on_delete is not supported" in refused
    both.program(OPTIONS_EDITED)
    again = both.real.run("up", skip_preview=True)
    assert (again.outcome.result, again.outcome.errors) == ("succeeded", ())
    steps = {name_of(urn): ops for urn, ops in again.steps.items()}
    assert steps == {
        "replaced": ["create-replacement", "delete-replaced", "replace"],
        "retained": ["delete"],
        "shop-dev": ["same"],
    }
    if embedded.outcome.result == "succeeded":
        assert unlike(both.embedded.run("up", skip_preview=True).steps, again.steps) == []
    with offline_stage(project_dir=both.real.project, state_dir=both.real.state, stage="dev") as aws:
        topics = sorted(
            topic["TopicArn"].rpartition(":")[2].partition("-")[0] for topic in aws.call("sns", "list_topics")["Topics"]
        )
    assert topics == ["replaced", "retained"]


class Answering(Plugin):
    """The offline AWS, which by itself answers little beside what it was asked."""

    def Create(self, request: Any, context: Any) -> Any:
        """With the rest that AWS answers."""
        return self._answered(request, super().Create(request, context))

    def Update(self, request: Any, context: Any) -> Any:
        """The same."""
        return self._answered(request, super().Update(request, context))

    def _answered(self, request: Any, response: Any) -> Any:
        if not request.preview:
            kind, outputs = type_of(request.urn), from_struct(response.properties)
            record = {"type": kind, "outputs": outputs, "property_dependencies": {}}
            response.properties.CopyFrom(to_struct(read_back(record)["outputs"]))
        return response


def test_a_stage_is_as_quiet_after_up_as_before(cli: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins_here, "Plugin", Answering)
    project = project_to_edit(tmp_path / "project")
    made_small(project)
    dev = Stage(engine="pulumi", cli=cli, project=project, state=tmp_path / "state", pack=ROOT / "policies")
    for kind in ("up", "preview"):
        run = dev.run(kind, skip_preview=True)
        assert (kind, run.outcome.result, run.outcome.errors, run.outcome.violations) == (kind, "succeeded", (), ())
    [bucket] = (made for urn, made in dev.runs[-1].made.items() if urn.endswith("Bucket::artifacts"))
    assert bucket["outputs"]["versioning"] == ANSWERS["aws:s3/bucket:Bucket"]["versioning"]
    assert dev.runs[-1].outcome.changes["same"] == sum(dev.runs[-1].outcome.changes.values())
