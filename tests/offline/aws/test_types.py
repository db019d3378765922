"""Every type of the table has one handler, whose properties exist in pulumi-aws."""

import inspect
from importlib import import_module
from pathlib import Path

import pulumi_aws
import pytest

from offline.aws.handler import Handler
from offline.aws.types import MODULE_OF


def _handler(token: str) -> Handler:
    handlers: tuple[Handler, ...] = import_module(f"offline.aws.{MODULE_OF[token]}").HANDLERS
    (handler,) = [handler for handler in handlers if handler.type_token == token]
    return handler


def _pulumi_inputs(token: str) -> set[str]:
    """Names under which pulumi-aws's own class sends its inputs to the engine."""
    _, module, name = token.split(":")
    resource = getattr(getattr(pulumi_aws, module.split("/")[0]), name)
    parameters = set(inspect.signature(resource._internal_init).parameters) - {
        "__self__",
        "resource_name",
        "opts",
        "__props__",
    }
    return {getattr(getattr(resource, name).fget, "_pulumi_name", name) for name in parameters}


@pytest.mark.parametrize("token", sorted(MODULE_OF))
def test_the_properties_of_a_handler_are_those_of_pulumi_aws(token: str) -> None:
    handler = _handler(token)
    assert handler.inputs <= _pulumi_inputs(token)
    assert handler.required <= handler.inputs
    assert handler.replace_on <= handler.inputs | {"*"}
    assert "region" not in handler.inputs
    assert handler.name_property in {None, *handler.inputs}


@pytest.mark.parametrize("token", sorted(MODULE_OF))
def test_every_type_is_made_in_a_test_of_its_service(token: str) -> None:
    """And so it is replayed and deleted: the fixture `cloud` does that at the end of each test."""
    tests = Path(__file__).parent / MODULE_OF[token].partition(".")[0]
    assert any(token in path.read_text("utf-8") for path in tests.glob("*.py"))
