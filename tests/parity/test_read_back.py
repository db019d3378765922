"""The real engine with an AWS that answers as AWS's provider does, with much that nobody asked for: no policy is the wiser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from offline.aws.plugin import Plugin
from offline.engine.urn import type_of
from offline.properties import from_struct, to_struct
from tests.parity import plugins_here
from tests.parity.engines import ROOT, Stage
from tests.platform.renaming import made_small, project_to_edit
from tests.policies.read_back import ANSWERS, read_back

pytestmark = pytest.mark.slow


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
