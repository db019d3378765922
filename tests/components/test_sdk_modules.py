"""The modules of pulumi_aws that are loaded one by one are pulumi_aws, name by name."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components.sdk_modules import imports

START = """
import importlib, json, pathlib, sys
sys.path.insert(0, sys.argv[1])
import components, pulumi_aws
"""

COMPARED = f"""{START}
from components.sdk_modules import imports
other = {{}}
for service in sys.argv[2:]:
    package = importlib.import_module(f"pulumi_aws.{{service}}")
    names = {{}}
    for module, takes_names in imports(pathlib.Path(package.__file__).read_text()).items():
        loaded = importlib.import_module(f"pulumi_aws.{{service}}.{{module}}")
        names |= {{name: getattr(loaded, name) for name in loaded.__all__}} if takes_names else {{module: loaded}}
    other[service] = [name for name, value in names.items() if getattr(package, name) is not value]
print(json.dumps(other))
"""

LOADED = f"""{START}
ecr = pulumi_aws.ecr
exec(sys.argv[2])
value = eval(sys.argv[3])
loaded = sorted(name.rpartition(".")[2] for name in sys.modules if name.startswith("pulumi_aws.ecr."))
print(json.dumps([value, "all" if "repository_policy" in loaded else loaded]))
"""


def run(program: str, project_root: Path, *arguments: str) -> Any:
    command = [sys.executable, "-c", program, str(project_root), *arguments]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120, check=True).stdout)


def test_every_name_is_that_of_the_sdk(project_root: Path) -> None:
    services = ["acm", "cloudwatch", "ecr", "lb", "scheduler", "sns", "ssm"]
    assert run(COMPARED, project_root, *services) == {service: [] for service in services}


@pytest.mark.parametrize(
    ("statement", "expression", "value", "loaded"),
    [
        ("", "ecr.Repository.__name__", "Repository", ["_enums", "_inputs", "outputs", "repository"]),
        ("", "ecr.LifecyclePolicyArgs.__name__", "LifecyclePolicyArgs", ["_enums", "_inputs", "lifecycle_policy"]),
        ("", "ecr.get_image.__name__", "get_image", ["get_image"]),
        (
            "ecr.get_image; import pulumi_aws.ecr.get_images",
            "ecr.get_images.__name__",
            "get_images",
            ["_enums", "get_image", "get_images", "outputs"],
        ),
        ("from pulumi_aws.ecr import outputs", "outputs is ecr.outputs", True, ["_enums", "outputs"]),
        ("", "hasattr(ecr, '__wrapped__')", False, []),
        (
            "from pulumi_aws.ecr import *",
            "[Repository.__name__, get_image.__name__]",
            ["Repository", "get_image"],
            "all",
        ),
        ("ecr.Repository", "{'get_image', 'outputs'} <= set(dir(ecr))", True, "all"),
        ("", "hasattr(ecr, 'Repositry')", False, "all"),
    ],
)
def test_only_what_a_name_needs_is_loaded(
    statement: str, expression: str, value: object, loaded: object, project_root: Path
) -> None:
    assert run(LOADED, project_root, statement, expression) == [value, loaded]


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        (
            "# a comment\nimport typing\n\nfrom .b import *\nfrom .a import *\nfrom . import outputs\n",
            {"b": True, "a": True, "outputs": False},
        ),
        ("from .b import *\nprint('more')\n", None),
        ("from .b import *\nfrom .c import One\n", None),
        ("if True:\n    from .b import *\n", None),
    ],
)
def test_an_init_that_does_more_is_left_alone(text: str, modules: dict[str, bool] | None) -> None:
    assert imports(text) == modules
