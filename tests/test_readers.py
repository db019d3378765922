"""Each format of a file has one reader, in bounds; who parses a text otherwise is listed here, with the reason."""

import re

from tests.test_architecture import ROOMS, relative, sources

READERS = {
    "policies/resources/json_text.py": "the reader of JSON",
    "delivery/json_text.py": "a link to it",
    "policies/resources/documents.py": "the reader of YAML",
    "settings/files/yaml_file.py": "the reader of YAML as Pulumi has it",
    "settings/files/key_lines.py": "lines alone, of a text that yaml_file.py gives",
    "cli/gate/previews.py": "pydantic, which nests no deeper than 200, on what the pack wrote",
    "cli/commands/project/version.py": "this project's own pyproject.toml",
    "components/calc/delivery/buildspec.py": "a script for CodeBuild, on what the buildspec beside it says",
    "components/delivery/buildspecs.py": "what it wrote itself, kept by its text",
    "components/calc/iam/statements.py": "documents that it wrote itself",
    "offline/aws/account.py": "a copy of what it wrote itself",
    "offline/aws/moto/iam.py": "moto's own data",
    "offline/aws/planned.py": "a file beside it",
    "offline/engine/program/child.py": "the engine's order to the process that it started",
    "offline/rehearse/aws.py": "a program of one file, on what the rehearsal answers",
    "offline/rehearse/docker.py": "a program of one file, on what the rehearsal wrote",
    "policies/credentials/shapes.py": "a part of a token: pure, and no text of many levels",
}
"""The files that parse a text themselves, and why."""
PARSES = re.compile(
    r"\bjson\.loads?\(|\bJSONDecoder\(|SafeLoader|\byaml\.(?:safe_load|load|compose|full_load)\w*\(|\btomllib\.loads?\(|\.validate_json\((?!json\.dumps)"
)


def test_each_format_has_one_reader() -> None:
    """A reader in bounds is of no use where another one is beside it."""
    rooms = [path for room in ROOMS if room != "tests" for path in sources(room)]
    found = {relative(path) for path in rooms if PARSES.search(path.read_text("utf-8"))}
    assert found == set(READERS)
