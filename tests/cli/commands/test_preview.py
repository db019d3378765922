"""`--policy-pack` and `--policy-pack-config`: another pack judges, with other levels and numbers, seen from the command line."""

from pathlib import Path

import pytest

from cli import main

PACK = """
from pulumi_policy import *

def judge(args, report):
    report(f"at least {args.get_config()['days']:.0f} days")

schema = PolicyConfigSchema({"days": {"type": "integer", "minimum": 0, "default": 7}})
PolicyPack("%s", [StackValidationPolicy("backups", "Backups.", judge, EnforcementLevel.%s, schema)])
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project whose own pack is lenient, and beside it `target` with a strict one."""
    project = tmp_path / "shop"
    for folder, name, level in (
        (project / "policies", "own", "ADVISORY"),
        (tmp_path / "target", "strict", "MANDATORY"),
    ):
        folder.mkdir(parents=True)
        (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.3\n")
        (folder / "__main__.py").write_text(PACK % (name, level))
    (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig:\n  aws:region: ap-northeast-2\n")
    (project / "Pulumi.dev.yaml").write_text("config: {}\n")
    (project / "__main__.py").write_text("")
    return project


@pytest.mark.parametrize(
    ("pack", "file", "code", "verdict"),
    [
        (None, None, 0, "  [advisory] backups  (own)\n    Backups.\n      at least 7 days\n"),
        ("target", None, 1, "  [mandatory] backups  (strict)\n    Backups.\n      at least 7 days\n"),
        (
            "target",
            '{"backups": {"enforcementLevel": "advisory", "days": 3}}',
            0,
            "  [advisory] backups  (strict)\n    Backups.\n      at least 3 days\n",
        ),
        (None, '{"all": "mandatory"}', 1, "  [mandatory] backups  (own)\n    Backups.\n      at least 7 days\n"),
    ],
)
def test_pack_level_and_number_are_those_asked_for(
    shop: Path, capsys: pytest.CaptureFixture[str], pack: str | None, file: str | None, code: int, verdict: str
) -> None:
    arguments = ["preview", "--project", str(shop)]
    if pack is not None:
        arguments += ["--policy-pack", str(shop.parent / pack)]
    if file is not None:
        (shop / "levels.json").write_text(file)
        arguments += ["--policy-pack-config", str(shop / "levels.json")]
    assert main.main(arguments) == code
    assert verdict in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ('{"backup": "disabled"}', 'levels.json: "backup" is no policy of the pack. Did you mean "backups"?'),
        ('{"backups": {"day": 3}}', 'levels.json: "day" is no setting of the policy "backups". Did you mean "days"?'),
        (
            '{"backups": {"days": "3"}}',
            'levels.json: the setting "days" of the policy "backups" is "3". Required: {"minimum": 0, "type": "integer"}.',
        ),
        (
            '{"backups": "off"}',
            'levels.json: the level of "backups" is "off". Required: one of advisory, mandatory, remediate, disabled.',
        ),
    ],
)
@pytest.mark.parametrize("verb", ["preview", "up"])
def test_a_wrong_configuration_is_exit_code_2_with_a_sentence(
    shop: Path, capsys: pytest.CaptureFixture[str], verb: str, file: str, message: str
) -> None:
    (shop / "levels.json").write_text(file)
    arguments = [verb, "-s", "dev", "--project", str(shop), "--policy-pack-config", str(shop / "levels.json")]
    assert main.main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.err == f"error: {message}\n"
    assert printed.out == f"offline AWS, nothing deployed: {verb} of stage dev\n"


def test_a_folder_without_a_pack_is_refused(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["preview", "--project", str(shop), "--policy-pack", str(shop / "none")]) == 2
    message = f"error: There is no policy pack in {shop / 'none'}: it has no PulumiPolicy.yaml."
    assert " ".join(capsys.readouterr().err.split()) == message
