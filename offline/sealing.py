"""Seals lines of a record that hold secrets: AES-256-GCM, the key from the stack's passphrase, or from a file beside the record.

The passphrase's key is made as Pulumi makes its own (settings/files/passphrase.py). Without a passphrase the key is random and in
a file of mode 0600, so that a copy of the record alone discloses nothing.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
from pathlib import Path

from offline.engine.errors import StateError
from settings.files.passphrase import ROUNDS

_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 8, 12, 32


class Sealing:
    """The keys of one record. passphrase: the stack's; None: the key is in a file beside the record."""

    def __init__(self, path: Path, passphrase: str | None) -> None:
        self._record = path
        self._file = path.with_suffix(".key")
        self._passphrase = passphrase
        self._salt = ""

    def seal(self, text: bytes) -> str:
        """`p:<salt>:<nonce>:<text>` by the passphrase, `k::<nonce>:<text>` by the file; base64 parts."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # imported late: most runs record no secret

        nonce = os.urandom(_NONCE_BYTES)
        if self._passphrase is not None:
            self._salt = self._salt or _text(os.urandom(_SALT_BYTES))
            kind, key = "p", _derived(self._passphrase, self._salt)
        else:
            kind, key = "k", self._own_key(make=True)
        salt = self._salt if kind == "p" else ""
        return f"{kind}:{salt}:{_text(nonce)}:{_text(AESGCM(key).encrypt(nonce, text, None))}"

    def open(self, sealed: object) -> bytes:
        """What was sealed. Raises ValueError for what is damaged, StateError where the key is missing or another."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        kind, salt, nonce, text = sealed.split(":") if isinstance(sealed, str) and sealed.count(":") == 3 else [""] * 4
        if kind not in ("p", "k"):
            raise ValueError("it is not sealed as this engine seals")
        if kind == "p" and self._passphrase is None:
            raise StateError(
                f"{self._record} holds secrets under a passphrase, and PULUMI_CONFIG_PASSPHRASE is not set. Nothing was "
                "started and the file is kept. Set the passphrase that was set when the stage was brought up."
            )
        key = _derived(self._passphrase or "", salt) if kind == "p" else self._own_key(make=False)
        self._salt = self._salt or salt
        try:
            return AESGCM(key).decrypt(
                base64.b64decode(nonce, validate=True), base64.b64decode(text, validate=True), None
            )
        except InvalidTag:
            whose = (
                "PULUMI_CONFIG_PASSPHRASE is another one than when it was written"
                if kind == "p"
                else f"{self._file} is another one"
            )
            raise ValueError(f"its secrets cannot be read: {whose}, or it was changed") from None

    def _own_key(self, *, make: bool) -> bytes:
        if not self._file.exists():
            if not make:
                raise ValueError(f"its secrets cannot be read: {self._file} is gone")
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, os.urandom(_KEY_BYTES))
            finally:
                os.close(descriptor)
        key = self._file.read_bytes()
        if len(key) != _KEY_BYTES:
            raise ValueError(f"its secrets cannot be read: {self._file} is damaged")
        return key


@functools.lru_cache(maxsize=16)
def _derived(passphrase: str, salt: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), base64.b64decode(salt, validate=True), ROUNDS, _KEY_BYTES)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
