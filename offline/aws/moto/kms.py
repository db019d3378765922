"""KMS beside moto: a key pair is made when something is signed, not for every key that encrypts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any


def extend() -> None:
    """moto makes 2048 bits of RSA for each key, the account's default ones, too: 40 ms of each run, and hardly a key signs."""
    from moto.kms import models, utils

    make = utils.generate_private_key
    setattr(models, "generate_private_key", lambda key_spec: PrivateKey(make, key_spec))  # noqa: B010


class PrivateKey:
    """One of moto's private keys, made on first use."""

    def __init__(self, make: Callable[[str], Any], key_spec: str) -> None:
        self.make = make
        self.key_spec = key_spec

    @cached_property
    def made(self) -> Any:
        """The key itself."""
        return self.make(self.key_spec)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.made, name)
