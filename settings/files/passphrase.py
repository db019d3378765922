"""Decrypts `secure:` values of a stage file with the stack's passphrase.

The format is Pulumi's: `encryptionsalt: v1:<salt>:v1:<nonce>:<text>` holds the word "pulumi", a value is
`v1:<nonce>:<text>`; base64 parts, AES-256-GCM, the key from PBKDF2-SHA256 with 1,000,000 rounds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from settings.files.errors import UsageError

ROUNDS = 1_000_000
PASSPHRASE_VARIABLES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


class Decrypter:
    """Decrypts the values of one stage file."""

    def __init__(self, passphrase: str, encryption_salt: str, *, file: str) -> None:
        version, _, rest = encryption_salt.partition(":")
        salt, _, check = rest.partition(":")
        if version != "v1" or not check:
            raise UsageError(
                f"{file}: encryptionsalt must look like v1:<salt>:v1:<nonce>:<text>; keep what Pulumi wrote."
            )
        self._file = file
        self._key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), self._decode(salt, "encryptionsalt"), ROUNDS, 32)
        if self.decrypt(check, "encryptionsalt") != "pulumi":
            raise UsageError(f"{file}: encryptionsalt is not one that Pulumi wrote.")

    def decrypt(self, value: str, key: str) -> str:
        """The text of a `v1:<nonce>:<text>` value; `key` names it in errors."""
        # Imported late: only stage files with secrets need it.
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        parts = value.split(":")
        if len(parts) != 3 or parts[0] != "v1":
            raise UsageError(
                f"{self._file}: {key}: a secure value must look like v1:<nonce>:<text>, as Pulumi writes it."
            )
        nonce, text = self._decode(parts[1], key), self._decode(parts[2], key)
        try:
            return AESGCM(self._key).decrypt(nonce, text, None).decode()
        except (InvalidTag, ValueError) as error:
            raise UsageError(
                f"{self._file}: {key} cannot be decrypted: PULUMI_CONFIG_PASSPHRASE is not this stage's passphrase, "
                "or the value was changed by hand. Set the right passphrase, or unset it to run with placeholders."
            ) from error

    def _decode(self, text: str, key: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise UsageError(f"{self._file}: {key} holds a part that is not base64: {text!r}.") from error


def passphrase(environment: Mapping[str, str] = os.environ) -> str | None:
    """The passphrase from PULUMI_CONFIG_PASSPHRASE or the file PULUMI_CONFIG_PASSPHRASE_FILE; None when unset."""
    if (value := environment.get("PULUMI_CONFIG_PASSPHRASE")) is not None:
        return value
    if file := environment.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise UsageError(
                f"PULUMI_CONFIG_PASSPHRASE_FILE names {file}, which cannot be read: {error.strerror}."
            ) from error
    return None
