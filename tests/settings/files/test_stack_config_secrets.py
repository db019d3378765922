"""`secure:` values of a stage file: decrypted with the passphrase, else known placeholders."""

import base64
import hashlib
import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from offline.engine.errors import UsageError
from settings.files.stack_config import PLACEHOLDER, load
from settings.stage import Notifications


class Encrypter:
    """Encrypts as Pulumi's passphrase provider does."""

    def __init__(self, passphrase: str) -> None:
        salt = b"eight by"
        self._key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, 1_000_000, 32)
        self.salt = f"v1:{base64.b64encode(salt).decode()}:{self.encrypt('pulumi')}"

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(12)
        sealed = AESGCM(self._key).encrypt(nonce, text.encode(), None)
        return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


@pytest.fixture(scope="module")
def encrypter():
    return Encrypter("correct horse")


def secure_stage(encrypter: Encrypter) -> str:
    return (
        f"encryptionsalt: {encrypter.salt}\nconfig:\n"
        f"  shop:plain:\n    secure: {encrypter.encrypt('s3cret')}\n"
        f"  shop:nested:\n    list:\n      - a: {{secure: {encrypter.encrypt('inner')}}}\n    open: 1\n"
    )


def test_secure_values_are_decrypted(files, encrypter, tmp_path):
    directory = files(secure_stage(encrypter))
    for environment in (
        {"PULUMI_CONFIG_PASSPHRASE": "correct horse"},
        {"PULUMI_CONFIG_PASSPHRASE_FILE": str(tmp_path / "p")},
    ):
        (tmp_path / "p").write_text("correct horse\n")
        config = load(directory, "dev", environment=environment)
        assert config.values["shop:plain"] == "s3cret"
        assert config.values["shop:nested"] == '{"list":[{"a":"inner"}],"open":1}'
        assert config.secret_keys == {"shop:plain", "shop:nested", "shop:token"}


def test_secure_values_without_a_passphrase_are_known_placeholders(files, encrypter):
    config = load(files(secure_stage(encrypter)), "dev", environment={})
    assert config.values["shop:plain"] == "secret@not-decrypted.invalid"
    assert config.values["shop:nested"] == '{"list":[{"a":"secret@not-decrypted.invalid"}],"open":1}'
    assert config.blinded()["shop:plain"] == "[secret]"
    assert "shop:plain" in config.secret_keys


def test_a_placeholder_is_valid_where_a_setting_may_be_encrypted():
    assert Notifications(email=PLACEHOLDER).email == "secret@not-decrypted.invalid"


def test_the_wrong_passphrase(files, encrypter):
    with pytest.raises(UsageError) as raised:
        load(files(secure_stage(encrypter)), "dev", environment={"PULUMI_CONFIG_PASSPHRASE": "battery staple"})
    assert str(raised.value) == (
        "Pulumi.dev.yaml: encryptionsalt cannot be decrypted: PULUMI_CONFIG_PASSPHRASE is not this stage's passphrase, or "
        "the value was changed by hand. Set the right passphrase, or unset it to run with placeholders."
    )


def test_a_passphrase_file_that_is_not_there(files, encrypter):
    with pytest.raises(UsageError) as raised:
        load(files(secure_stage(encrypter)), "dev", environment={"PULUMI_CONFIG_PASSPHRASE_FILE": "/nowhere/at/all"})
    assert str(raised.value) == (
        "PULUMI_CONFIG_PASSPHRASE_FILE names /nowhere/at/all, which cannot be read: No such file or directory."
    )


def test_a_secure_value_needs_a_salt(files, encrypter):
    stage = f"config:\n  shop:plain:\n    secure: {encrypter.encrypt('x')}\n"
    with pytest.raises(UsageError, match="shop:plain is encrypted, but the file has no encryptionsalt"):
        load(files(stage), "dev", environment={"PULUMI_CONFIG_PASSPHRASE": "correct horse"})
