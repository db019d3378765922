"""A real Nginx in front of real HTTP servers, on loopback addresses of their own, started as the container starts it."""

import http.client
import json
import os
import random
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from components.calc.web.nginx import Login, Page, nginx_configuration
from components.calc.web.nginx_start import list_page, start_script, start_variables
from tests.lacking import lacking

NAMESPACE = "dev-itemscout-ns"
PORT = 3000
SITE_PORT = 8080
NOBODY = 65534
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: str

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an upstream was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str


@dataclass(slots=True, kw_only=True)
class Upstream:
    """A project's HTTP server: says who it is and what it was asked, unless a path has an answer of its own."""

    name: str
    address: str
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://{self.name}.{NAMESPACE}:{PORT}"

    def start(self) -> None:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length).decode()
                request = Request(
                    method=self.command,
                    path=self.path,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=body,
                )
                upstream.asked.append(request)
                own = {"content-type": "application/json", "x-powered-by": "Express"}
                said = json.dumps({"from": upstream.name, "path": self.path, "cookie": self.headers.get("cookie")})
                status, headers, content = upstream.answers.get(self.path.partition("?")[0], (200, own, said.encode()))
                self.send_response(status)
                for name, value in headers.items():
                    for each in value.split("\n"):
                        self.send_header(name, each)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = handle_any

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test's output to itself."""

        self._server = ThreadingHTTPServer((self.address, PORT), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running Nginx."""

    address: str
    directory: Path

    def get(self, path: str, *, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.address, SITE_PORT, timeout=20)
        try:
            sent = None if body is None else body.encode()
            connection.request(method, path, body=sent, headers={k.replace("_", "-"): v for k, v in headers.items()})
            response = connection.getresponse()
            return Answer(status=response.status, headers=response.getheaders(), body=response.read().decode())
        finally:
            connection.close()

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text()


class Loopback:
    """Loopback addresses that no other run on the machine uses, every upstream on one of its own, all on port 3000."""

    def __init__(self) -> None:
        self._block = f"127.{random.randint(16, 250)}.{random.randint(1, 250)}"
        self.site = f"{self._block}.254"
        self.upstreams: dict[str, Upstream] = {}

    def upstream(self, name: str, *, start: bool = True) -> Upstream:
        upstream = Upstream(name=name, address=f"{self._block}.{len(self.upstreams) + 1}")
        self.upstreams[name] = upstream
        if start:
            upstream.start()
        return upstream

    def hosts(self, *, without: tuple[str, ...] = ()) -> str:
        """The file as Service Connect writes it: an IPv4 and an IPv6 line for each name that is announced."""
        lines = ["127.0.0.1 localhost", "10.10.3.17 ip-10-10-3-17.ap-northeast-2.compute.internal # this task"]
        for number, upstream in enumerate(self.upstreams.values(), start=1):
            if upstream.name not in without:
                name = f"{upstream.name}.{NAMESPACE}"
                lines += [f"2600:f0f0:0:0:0:0:0:{number} {name}", f"{upstream.address} {name}"]
        return "\n".join(lines) + "\n"

    def pages(self) -> list[Page]:
        """The documentation of the real platform's projects."""
        url = {name: upstream.url for name, upstream in self.upstreams.items()}
        return [
            Page(service="datalab-api", path="/api-docs/datalab", upstream=url["datalab-api"]),
            Page(service="legacy-api", path="/api-docs/legacy", upstream=url["legacy-api"]),
            Page(
                service="tracking-api",
                path="/api-docs/tracking",
                upstream=url["tracking-api"],
                login=Login(upstream=url["legacy-api"], path="/legacy/login"),
            ),
        ]


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """Addresses, and the servers on them until the test ends."""
    net = Loopback()
    yield net
    for upstream in net.upstreams.values():
        upstream.stop()


@pytest.fixture
def projects(loopback: Loopback) -> Loopback:
    """The three projects with documentation, all running."""
    for name in ("datalab-api", "legacy-api", "tracking-api"):
        loopback.upstream(name)
    return loopback


@pytest.fixture
def serve(loopback: Loopback) -> Iterator[Callable[..., Site]]:
    """Start Nginx by the container's own script: `serve(without=..., configuration=..., secure_cookies=...)`."""
    if NGINX is None:
        lacking("nginx is not installed (Debian: apt-get install nginx-light)")
    nginx = NGINX
    running: list[subprocess.Popen[bytes]] = []
    directories: list[Path] = []

    def start(
        *,
        without: tuple[str, ...] = (),
        configuration: str | None = None,
        secure_cookies: bool = False,
        read_timeout_s: int = 60,
    ) -> Site:
        pages = loopback.pages()
        configuration = configuration or nginx_configuration(
            pages,
            read_timeout_s=read_timeout_s,
            idle_timeout_s=60,
            secure_cookies=secure_cookies,
            address=loopback.site,
            port=SITE_PORT,
        )
        directory = Path(tempfile.mkdtemp(prefix="api-docs-"))
        directories.append(directory)
        root = os.geteuid() == 0
        if root:
            # The container runs without root, and so does Nginx here.
            os.chown(directory, NOBODY, NOBODY)
        hosts = directory / "hosts"
        hosts.write_text(loopback.hosts(without=without))
        hosts.chmod(0o644)
        script = start_script(directory=str(directory / "run"), hosts=str(hosts))
        environment = {
            "PATH": f"{Path(nginx).parent}:/usr/bin:/bin",
            **start_variables(configuration, list_page("dev", pages)),
        }
        # Not by Popen's own `user`: it forks this process, and with gRPC at work in it the child may abort before it is the shell.
        user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if root else []
        with (directory / "log").open("wb") as log:
            if root:
                # So does a container runtime with the output of a container that has a user.
                os.fchown(log.fileno(), NOBODY, NOBODY)
            running.append(
                subprocess.Popen([*user, "/bin/sh", "-c", script], env=environment, stdout=log, stderr=log, cwd="/")
            )
        site = Site(address=loopback.site, directory=directory)
        _wait(site, running[-1])
        return site

    yield start
    for process in running:
        process.terminate()
        process.wait(timeout=20)
    for directory in directories:
        shutil.rmtree(directory)


def _wait(site: Site, process: subprocess.Popen[bytes]) -> None:
    """Until it answers; a start that fails tells why."""
    for _ in range(400):
        try:
            if site.get("/healthz").status == 200:
                return
        except OSError:
            pass
        try:
            code = process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"nginx left with {code}: {site.log}")
    pytest.fail(f"nginx does not answer: {site.log}")
