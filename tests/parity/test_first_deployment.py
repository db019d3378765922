"""The first deployment by the real CLI, in the order and with the commands that the documents give, from nothing to stored secrets."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline.aws.serve import serve
from offline.stage import offline_stage
from settings.files.yaml_file import read_mapping
from tests.parity.terminal import Terminal, exports, shown_in
from tests.platform.renaming import edit

pytestmark = pytest.mark.slow

READMES = ("README.md", "README.ko.md")
OPERATIONS = "docs/operations.md"
HINT = re.compile(r"(?P<command>\./run secrets \S.* --put \w+)$", re.MULTILINE)
CREATED, UNCHANGED = (re.compile(rf"^ +{said}$", re.MULTILINE) for said in (r"\+ \d+ created", r"\d+ unchanged"))
SECRETS = 4
"""What the catalogue of the terminal's project asks for: three accounts and MSI_API_KEY."""


@pytest.fixture
def terminal(cli: Path, tmp_path: Path) -> Terminal:
    """A terminal beside an empty folder, which stands for the bucket of the state."""
    (tmp_path / "state").mkdir()
    return Terminal(folder=tmp_path, cli=cli)


@contextlib.contextmanager
def account(terminal: Terminal) -> Iterator[dict[str, str]]:
    """The variables by which `--target aws` finds the dev that `pulumi up` made."""
    with offline_stage(project_dir=terminal.project, state_dir=terminal.project / ".state", stage="dev") as recorded:
        served = serve(recorded.provider)
        try:
            yield {
                "AWS_ENDPOINT_URL": served.url,
                "AWS_ACCESS_KEY_ID": "offline",
                "AWS_SECRET_ACCESS_KEY": "offline",
                "AWS_EC2_METADATA_DISABLED": "true",
            }
        finally:
            served.stop()


def missing(said: str) -> int:
    """How many secrets a command says are missing, and not needed before there is an image."""
    return len(re.findall(r"^(?:secret )?/dev/\S+\s+MISSING, needed with the first image of ", said, re.MULTILINE))


def test_as_the_readme_has_it(terminal: Terminal) -> None:
    lines, korean = (shown_in(name, about="pulumi stack init") for name in READMES)
    assert lines == korean
    assert lines[0].startswith("export PULUMI_BACKEND_URL='s3://")
    lines[0] = f"export PULUMI_BACKEND_URL='file://{terminal.folder / 'state'}'"
    *deployment, secrets = lines
    [up] = (line for line in lines if "pulumi up" in line)

    settings = terminal.project / "Pulumi.dev.yaml"
    before = settings.read_text("utf-8").splitlines()
    assert CREATED.search(terminal.done(*deployment))
    after = settings.read_text("utf-8").splitlines()
    assert after[: len(before)] == before
    assert [line.partition(":")[0] for line in after[len(before) :]] == ["encryptionsalt"]
    assert read_mapping(settings).keys() == {"config", "encryptionsalt"}
    terminal.exported = exports(lines)
    assert UNCHANGED.search(terminal.done(f"{up} --skip-preview --expect-no-changes"))

    with account(terminal) as variables:  # the file as the CLI wrote it is read
        listed = terminal.type(secrets, **variables)
        assert (listed.returncode, missing(listed.stdout)) == (1, SECRETS)
        for command in ("secrets --check", "verify", "doctor"):
            assert (command, missing(terminal.done(f"./run {command} -s dev --target aws", **variables))) == (
                command,
                SECRETS,
            )
        while hint := HINT.search(listed.stdout):
            assert terminal.type(hint["command"], said="a value\n", **variables).returncode == 0
            listed = terminal.type(secrets, **variables)
        assert (listed.returncode, listed.stdout.splitlines()[-1]) == (0, f"{SECRETS} of {SECRETS} secrets are stored")
        for command in ("secrets --check", "verify", "doctor"):
            assert "MISSING" not in terminal.done(f"./run {command} -s dev --target aws", **variables)


def test_another_stage_as_its_guide_has_it_and_that_nobody_takes_it_down_by_a_slip(terminal: Terminal) -> None:
    """docs/guides/staging.md: the steps of operations.md, with `staging` in place of `dev`; it is protected as prd is."""
    terminal.done(shown_in("docs/guides/staging.md", about="stage new")[0], stage="staging")
    passphrase, deployment = (
        [line.replace("dev", "staging") for line in shown_in(OPERATIONS, about=about)]
        for about in ("pulumi-passphrase-dev", "pulumi install")
    )
    terminal.exported = [f"export PULUMI_BACKEND_URL='file://{terminal.folder / 'state'}'", *exports(passphrase)]
    assert CREATED.search(terminal.done(*passphrase, *deployment, stage="staging"))
    terminal.exported += exports(deployment)

    refused = terminal.type("pulumi destroy -s staging", stage="staging")
    assert refused.returncode != 0
    assert 'aws:rds/instance:Instance::staging" cannot be deleted\n    because it is protected.' in refused.stdout
    up = deployment[-1]
    # A setting alone does not open the way either: the policies judge every stage but dev as prd.
    edit(terminal.project / "Pulumi.staging.yaml", ("deletionProtection: true", "deletionProtection: false"))
    refused = terminal.type(up, stage="staging")
    assert refused.returncode != 0
    assert "[mandatory] [severity: high]  database-deletion-protection" in refused.stdout
