"""The real project as tests know it: its name, which no test has written down."""

from pathlib import Path
from typing import Final

from settings.files.yaml_file import read_mapping

PROJECT: Final = str(read_mapping(Path(__file__).parents[1] / "Pulumi.yaml")["name"])
"""`name:` of Pulumi.yaml, the namespace of its keys."""
