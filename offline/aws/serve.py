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
        server = ThreadingHTTPServer(("127.0.0.1", port), Endpoint)
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


class _Endpoint(BaseHTTPRequestHandler):
    """One connection: a request is handed to moto under the address it would have on AWS."""

    protocol_version = "HTTP/1.1"
    aws: Any

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        scope = _SCOPE.search(self.headers.get("Authorization", ""))
        if scope is None:
            self._send(403, {}, "The request is not signed: give any access key, secret key and region.\n")
            return
        from botocore.awsrequest import AWSPreparedRequest, HTTPHeaders

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
            except Exception as error:  # noqa: BLE001  (moto's own failures: the client gets them as an answer)
                status, answered, content = 501, {}, f"The offline AWS cannot answer: {type(error).__name__}: {error}\n"
        self._send(status, dict(answered), content)

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
