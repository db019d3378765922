"""Setting it up as docs/gate.md says: the workflow fits GitHub's schema, asks for no more than it needs, and every file is there."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from gate.document import Document
from gate.note.note import drafted
from gate.written import forms


def test_the_workflow_fits_githubs_schema_and_asks_for_the_least(project_root: Path) -> None:
    path = project_root / "examples/github/gate.yml"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write", "security-events": "write"}
    steps = workflow["jobs"]["gate"]["steps"]
    assert "${{" not in "".join(step.get("run", "") for step in steps)  # nothing of a request becomes shell
    # `on` is YAML's true. pull_request_target would give a fork's code the repository's token.
    assert workflow[True] == {"pull_request": None}


def test_every_file_that_the_document_names_is_written(project_root: Path, example: Document) -> None:
    text = (project_root / "docs/gate.md").read_text("utf-8")
    table = text.partition("| file |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-zA-Z-]+\.(?:json|md|html|sarif|xml))`", table))
    written = {re.sub(r"terraform-\w+", "terraform-STAGE", name) for name in forms(example, drafted(example))}
    assert named == written


def test_the_variables_and_options_of_the_document_are_read(project_root: Path) -> None:
    text = (project_root / "docs/gate.md").read_text("utf-8")
    assert "GITLAB_TOKEN" in text
    read = (project_root / "gate/hosts/ci.py").read_text("utf-8")
    assert '"GITLAB_TOKEN"' in read
    command = [sys.executable, "cli/__main__.py", "verify", "--help"]
    told = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=True).stdout
    assert "--note" in told
