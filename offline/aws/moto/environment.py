"""An environment without the user's AWS settings, for boto3 and moto: they read it whenever they import or start a part."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator

ACCESS_KEY = "AKIAOFFLINEEXAMPLE00"
_FOREIGN_PREFIXES = ("AWS_", "BOTO_", "MOTO_", "TEST_SERVER_MODE", "TEST_PROXY_MODE")
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": "offline",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
}


@contextlib.contextmanager
def isolated_environment() -> Generator[None]:
    """Hide the user's AWS credentials, profile, configuration files and endpoints, and moto's own switches."""
    hidden = {name: os.environ[name] for name in os.environ if name.startswith(_FOREIGN_PREFIXES)}
    for name in hidden:
        del os.environ[name]
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name in _ENVIRONMENT:
            os.environ.pop(name, None)
        os.environ.update(hidden)
