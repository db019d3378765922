"""The offline AWS as an HTTP endpoint on loopback, for `aws --endpoint-url` and for looking around with any SDK."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from offline.aws.handler import AwsError
from offline.aws.moto.runtime import LOCK, Runtime
from offline.aws.provider import AwsProvider

# The service a request is for stands in its signature alone: all share one endpoint.
_LARGEST = 64 * 1024 * 1024
_NAME = re.compile(r"[a-z0-9-]{1,64}")
_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running endpoint; `stop` ends it. What is changed through it is not recorded and ends with it."""

    url: str
    stop: Callable[[], None]


def serve(provider: AwsProvider, port: int = 0) -> Served:
    """Answer AWS requests on 127.0.0.1 from what the provider holds; port 0 takes a free one.

    Every request holds the process's lock, as moto is not thread-safe. Raises AwsError when the port cannot be had.
    """

    class Endpoint(_Endpoint):
        aws = provider.aws

    with LOCK:
        provider.aws.open()
    try:
        server = _Server(("127.0.0.1", port), Endpoint)
    except OSError as error:
        raise AwsError(
            f"The offline AWS cannot be served on 127.0.0.1:{port}: {error.strerror}. Choose another port."
        ) from None
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="offline-aws", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return Served(url=f"http://127.0.0.1:{server.server_port}", stop=stop)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is nobody's business."""


class _Endpoint(BaseHTTPRequestHandler):
    """One connection: a request is handed to moto under the address it would have on AWS."""

    protocol_version = "HTTP/1.1"
    aws: Any

    def _respond(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not re.fullmatch(r"[0-9]{1,9}", length) or int(length) > _LARGEST or self.headers.get("Transfer-Encoding"):
            self._refuse(400, f"The request's body is not one of 0 to {_LARGEST} bytes with a Content-Length.\n")
            return
        if refusal := self._foreign():
            self._refuse(400, refusal)
            return
        body = self.rfile.read(int(length))
        scope = _SCOPE.search(self.headers.get("Authorization", ""))
        if scope is None:
            self._send(403, {}, "The request is not signed: give any access key, secret key and region.\n")
            return
        from botocore.awsrequest import AWSPreparedRequest, HTTPHeaders

        if (
            not _NAME.fullmatch(scope["service"])
            or not _NAME.fullmatch(scope["region"])
            or not self.path.startswith("/")
        ):
            self._refuse(400, "The request's signature names no service and region, or its path is none.\n")
            return
        headers: Any = HTTPHeaders()
        for name, value in self.headers.items():
            headers[name] = value
        url = f"https://{scope['service']}.{scope['region']}.amazonaws.com{self.path}"
        headers.replace_header("Host", url.split("/")[2])
        request = AWSPreparedRequest(self.command, url, headers, body, False)
        with LOCK:
            runtime: Runtime = self.aws.open()
            try:
                status, answered, content = runtime.respond(request)
            except (UnicodeError, ValueError) as error:
                status, answered, content = 400, {}, f"The request cannot be read: {error}\n"
            except Exception as error:  # noqa: BLE001  (moto's own failures: the client gets them as an answer)
                status, answered, content = 501, {}, f"The offline AWS cannot answer: {type(error).__name__}: {error}\n"
        self._send(status, dict(answered), content)

    def _foreign(self) -> str:
        """Why the request is not answered; empty where it is. A web page that finds this port has another name or origin.

        Source: the DNS rebinding attack, by which a page's own name comes to mean 127.0.0.1.
        """
        port: int = self.server.server_port  # type: ignore[attr-defined]
        here = {f"127.0.0.1:{port}", f"localhost:{port}"}
        hosts, origins = self.headers.get_all("Host") or [], self.headers.get_all("Origin") or []
        if len(hosts) != 1 or hosts[0].lower() not in here:
            return f"This endpoint is {' or '.join(sorted(here))}, and answers to no other name.\n"
        if any(origin.lower() not in {f"http://{host}" for host in here} for origin in origins):
            return "This endpoint answers no page of another origin.\n"
        return ""

    def _refuse(self, status: int, reason: str) -> None:
        """Answer without having read the body: the connection cannot go on."""
        self.close_connection = True
        self._send(status, {"Connection": "close"}, reason)

    def _send(self, status: int, headers: dict[str, Any], content: str | bytes) -> None:
        body = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "date", "server"):
                self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = _respond

    def log_message(self, format: str, *args: object) -> None:
        """No line for every request."""
