"""The offline AWS for the programs of a build: an endpoint on loopback whose changes the stage records.

It takes AWS's JSON protocols, which every service of the delivery scripts speaks, and the command lines of `aws`.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import json
import re
import secrets
import threading
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from delivery.aws import RequestError
from offline.rehearse.command_line import answer
from offline.rehearse.registry import Registry
from offline.stage import OfflineStage
from policies.resources.json_text import read_json

_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d+/[^/]+/(?P<service>[^/]+)/aws4_request")
_REFUSAL = re.compile(r"AWS refused \S+ with \S+: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A running endpoint, as the variables that an AWS client reads."""

    url: str
    key: str

    def variables(self) -> dict[str, str]:
        """What leads boto3 and `aws` here, and to nothing of the user's."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.key,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextlib.contextmanager
def running_endpoint(stage: OfflineStage, registry: Registry, *, actor: str) -> Generator[Endpoint]:
    """Answer requests that carry the endpoint's own key; `actor` is who changes AWS, for the stage's record."""
    key = secrets.token_hex(16)

    class Handler(_Handler):
        def requested(self, body: bytes) -> tuple[int, Mapping[str, Any]]:
            if self.path == "/command-line":
                return _command_line(read_json(body), key, stage, registry)
            return _request(self.headers, read_json(body or b"{}"), key, stage, actor)

    # One request at a time: the stage's record has one order.
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="rehearsal-endpoint", daemon=True)
    thread.start()
    try:
        yield Endpoint(url=f"http://127.0.0.1:{server.server_port}", key=key)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _command_line(
    question: Mapping[str, Any], key: str, stage: OfflineStage, registry: Registry
) -> tuple[int, Mapping[str, Any]]:
    if question["key"] != key:
        return 403, {"message": "this key is not the rehearsal's"}
    return 200, asdict(answer(question["arguments"], folder=Path(question["folder"]), stage=stage, registry=registry))


def _request(
    headers: Message, params: dict[str, Any], key: str, stage: OfflineStage, actor: str
) -> tuple[int, Mapping[str, Any]]:
    from botocore import xform_name

    scope = _SCOPE.search(headers.get("Authorization", ""))
    target = headers.get("X-Amz-Target", "")
    if scope is None or scope["key"] != key:
        return 403, {"__type": "UnrecognizedClientException", "message": "The request is not signed by this rehearsal."}
    if not target:
        return 501, {"__type": "NotImplemented", "message": "Only AWS's JSON protocols are rehearsed here."}
    try:
        with stage.change(actor):
            found = stage.call(scope["service"], xform_name(target.rsplit(".", 1)[-1]), **params)
    except RequestError as error:
        return 400, {"__type": error.code or "OfflineLimit", "message": _REFUSAL.sub("", str(error))}
    return 200, found


def _wire(value: Any) -> Any:
    """Values that JSON lacks, as AWS's JSON protocols write them."""
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no place in an answer")


class _Handler(BaseHTTPRequestHandler):
    """One request a connection."""

    def requested(self, body: bytes) -> tuple[int, Mapping[str, Any]]:
        """Status and answer."""
        raise NotImplementedError

    def do_POST(self) -> None:
        """Answer, whatever happens: a client that waits for ever would keep the build waiting."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, found = self.requested(body)
            content = json.dumps(found, default=_wire).encode()
        except Exception as error:  # noqa: BLE001  (the client gets it as an answer)
            status = 500
            content = json.dumps({"__type": "InternalFailure", "message": f"{type(error).__name__}: {error}"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """No line for every request."""
