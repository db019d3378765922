"""A real image registry on loopback for the time of a rehearsal: Debian's docker-registry, with a password."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import json
import re
import secrets
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from offline.rehearse.errors import MissingProgramError, RehearsalError

USER = "AWS"
"""The user name of every ECR login."""
_LISTENING = re.compile(r"listening on 127\.0\.0\.1:(?P<port>\d+)")
_START_S = 15.0
_ACCEPT = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A running registry; `address` is host and port."""

    address: str
    password: str
    process: subprocess.Popen[bytes]

    def digest(self, repository: str, reference: str) -> str | None:
        """The digest that the registry answers for a tag or digest, None where it has none. Raises RehearsalError."""
        request = urllib.request.Request(
            f"http://{self.address}/v2/{repository}/manifests/{reference}",
            method="HEAD",
            headers={"Accept": ", ".join(_ACCEPT), "Authorization": f"Basic {self._credentials()}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return str(answer.headers["Docker-Content-Digest"])
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise RehearsalError(f"The registry on {self.address} answers {error.code} for {repository}.") from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise RehearsalError(f"The registry on {self.address} cannot be reached: {reason}.") from None

    def holds(self, image: str) -> bool:
        """Whether it has an image by digest, under whatever host the image is named. Raises RehearsalError."""
        repository, _, digest = image.partition("@")
        return self.digest(repository.partition("/")[2], digest) == digest

    def _credentials(self) -> str:
        return base64.b64encode(f"{USER}:{self.password}".encode()).decode()


@contextlib.contextmanager
def running_registry(folder: Path) -> Generator[Registry]:
    """Start a registry that keeps its images in the folder, and stop it. Raises RehearsalError."""
    program = shutil.which("docker-registry")
    if program is None:
        raise MissingProgramError("docker-registry", package="docker-registry", purpose="stands for ECR")
    folder.mkdir(parents=True)
    password = secrets.token_urlsafe(24)
    (folder / "htpasswd").write_text(f"{USER}:{_bcrypt(password)}\n")
    configuration = {
        "version": 0.1,
        "log": {"level": "info", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        # Port 0: the system gives a free one, and the log says which.
        "http": {"addr": "127.0.0.1:0", "secret": secrets.token_hex(16)},
        "auth": {"htpasswd": {"realm": "rehearsal", "path": str(folder / "htpasswd")}},
    }
    (folder / "config.yml").write_text(json.dumps(configuration))  # JSON is YAML
    log = folder / "log"
    # Should this process be killed, the registry goes with it.
    leash = [setpriv, "--pdeathsig", "TERM"] if (setpriv := shutil.which("setpriv")) else []
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*leash, program, "serve", str(folder / "config.yml")],
            env={"PATH": "/usr/bin:/bin", "OTEL_TRACES_EXPORTER": "none"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Registry(address=f"127.0.0.1:{_port(process, log)}", password=password, process=process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        text = log.read_text(errors="replace")
        if match := _LISTENING.search(text):
            return int(match["port"])
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RehearsalError(f"docker-registry did not start:\n{log.read_text(errors='replace').strip()[-2000:]}")


def _bcrypt(password: str) -> str:
    """A password's bcrypt hash, the only one docker-registry takes, by the system's libcrypt."""
    try:
        library = ctypes.CDLL("libcrypt.so.1")
    except OSError:
        raise MissingProgramError("libcrypt.so.1", package="libcrypt1", purpose="hashes a password") from None
    library.crypt.restype = ctypes.c_char_p
    alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    # The last of the 22 characters carries two bits only.
    salt = "".join(secrets.choice(alphabet) for _ in range(21)) + secrets.choice(".Oeu")
    hashed: bytes | None = library.crypt(password.encode(), f"$2b$05${salt}".encode())
    if hashed is None or not hashed.startswith(b"$2b$05$"):
        raise RehearsalError("libcrypt.so.1 of this system has no bcrypt, which docker-registry needs.")
    return hashed.decode()
