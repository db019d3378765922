"""moto inside this process: imported late, cut off from the network and the user's AWS settings, with seeded ids."""

from __future__ import annotations

import functools
import importlib.util
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from offline.aws.moto.environment import ACCESS_KEY, isolated_environment

# moto keeps its backends in module globals and is not thread-safe: one lock for the process, held for a request or,
# by an operation, for all of its requests.
LOCK = threading.RLock()


@dataclass(slots=True, eq=False)
class World:
    """Everything one offline AWS holds: moto's backends while another world is the active one."""

    account_id: str
    backends: list[tuple[Any, dict[str, Any], dict[str, Any]]] = field(default_factory=list)


class Runtime:
    """boto3 clients whose requests moto answers in this process. One exists, made on first use by `runtime()`."""

    def __init__(self) -> None:
        with isolated_environment():
            import boto3
            import botocore.session
            from moto import settings
            from moto.core import base_backend, loaders, responses, utils
            from moto.moto_api._internal import mock_random

            # moto leaves a certificate pending for a minute of wall time otherwise.
            settings.ACM_VALIDATION_WAIT = 0
            # moto opens session after session while it is imported, each of which reads AWS's large models again.
            botocore.session.create_loader = functools.cache(botocore.session.create_loader)
            # moto lists AWS's hundreds of services anew for each of which it reads the model.
            setattr(utils, "create_loader", functools.cache(loaders.create_loader))  # noqa: B010
            # moto lists a response class's methods anew for each request.
            setattr(responses, "method_names_from_class", functools.cache(utils.method_names_from_class))  # noqa: B010
            # moto asks for the list of regions later, when the user's environment is back.
            base_backend.AccountSpecificBackend.get_session()
            self._session = boto3.Session(ACCESS_KEY, "offline")
        self._random = mock_random
        self._backend_dict: Any = base_backend.BackendDict
        self._clients: dict[tuple[str, str], Any] = {}
        self._routes: dict[str, list[tuple[re.Pattern[str], Callable[..., Any]]]] = {}
        self._world: World | None = None
        self._seed_backends(base_backend.AccountSpecificBackend)

        response_class: Any = responses.BaseResponse
        response_class.get_current_account = lambda _response: self._active().account_id

    def client(self, service: str, region: str) -> Any:
        """The boto3 client of a service: validates parameters, never retries, never leaves the process."""
        if (service, region) not in self._clients:
            from botocore import UNSIGNED
            from botocore.config import Config

            # To sign is a tenth of a request, and only S3 answers an unsigned one otherwise: as to somebody unknown.
            config = Config(
                signature_version=None if service == "s3" else UNSIGNED,
                retries={"total_max_attempts": 1, "mode": "standard"},
                parameter_validation=True,
                ignore_configured_endpoint_urls=True,
                s3={"addressing_style": "path"},
                user_agent_extra=f"region/{region}",
            )
            with isolated_environment():
                client = self._session.client(service, region_name=region, config=config)
            client.meta.events.register_first("before-send", self._answer)
            self._clients[service, region] = client
        return self._clients[service, region]

    def seed(self, seed: str) -> None:
        """Start the sequence that moto draws ids from."""
        self._random.seed(seed)

    def activate(self, world: World) -> None:
        """Make moto's globals hold this world; the one they held is put away."""
        if self._world is world:
            return
        if self._world is not None:
            self._world.backends = [
                (service, dict(service), dict(getattr(service, "bucket_accounts", {})))
                for service in self._backend_dict._instances
            ]
        for service in self._backend_dict._instances:
            service.clear()
            getattr(service, "bucket_accounts", {}).clear()
        self._backend_dict._instances.clear()
        for service, accounts, buckets in world.backends:
            service.update(accounts)
            if buckets:
                service.bucket_accounts.update(buckets)
            self._backend_dict._instances.append(service)
        self._world = world

    def _active(self) -> World:
        assert self._world is not None, "a request was made before a world was activated"
        return self._world

    def _seed_backends(self, accounts: Any) -> None:
        """A backend draws ids when it starts (a default VPC, say): from a seed of its own, whoever touches it first."""
        start, random = accounts.__getitem__, self._random

        def getitem(self: Any, region: str) -> Any:
            if dict.__contains__(self, region):
                return dict.__getitem__(self, region)
            state = random.getstate()
            random.seed(f"{self.service_name}:{self.account_id}:{region}")
            try:
                with isolated_environment():
                    _extend(self.service_name)  # another service may touch it first
                    return start(self, region)
            finally:
                random.setstate(state)

        accounts.__getitem__ = getitem

    def respond(self, request: Any) -> tuple[int, Any, str | bytes]:
        """moto's status, headers and body for a prepared request. Raises NotImplementedError where it has no route."""
        from moto.core.request import normalize_request
        from werkzeug.exceptions import HTTPException

        url = urlsplit(request.url)
        clean = f"{url.scheme}://{url.netloc}{url.path}"
        for pattern, method in self._routes_of(url.netloc, clean):
            if pattern.match(clean):
                normal = normalize_request(request)
                try:
                    status, headers, body = method(normal, normal.raw_url, normal.headers)
                except HTTPException as error:
                    return error.code or 500, error.get_headers(), error.get_body()
                return status, headers, body
        raise NotImplementedError(f"moto has no route for {request.method} {clean}")

    def _answer(self, request: Any, **_: Any) -> Any:
        """Answer boto3. It never returns None, which would let botocore open a connection."""
        from botocore.awsrequest import AWSResponse
        from moto.core.botocore_stubber import MockRawResponse

        status, headers, body = self.respond(request)
        return AWSResponse(request.url, status, headers, MockRawResponse(body))  # type: ignore[arg-type]

    def _routes_of(self, host: str, url: str) -> list[tuple[re.Pattern[str], Callable[..., Any]]]:
        """moto's routes of the service behind a host, without starting that service's backend in a region unasked for."""
        if host not in self._routes:
            from moto.backends import get_service_from_url

            service = get_service_from_url(url)
            if service is None:
                raise NotImplementedError(f"moto has no service behind {host}")
            with isolated_environment():
                urls = importlib.import_module(f"moto.{service}.urls")
                _extend(service)
            self._routes[host] = [
                (re.compile(path.format(base)), method)
                for base in urls.url_bases
                for path, method in urls.url_paths.items()
            ]
        return self._routes[host]


@functools.cache
def _extend(service: str) -> None:
    """Complete moto's classes by the module here that has moto's name of the service; once a process.

    Such a module says what moto lacks or drops; a test fails when moto learns it, and the entry can go.
    """
    module = f"offline.aws.moto.{service}"
    if importlib.util.find_spec(module):
        importlib.import_module(module).extend()


_runtime: Runtime | None = None


def runtime() -> Runtime:
    """The process's runtime; the caller holds LOCK."""
    global _runtime
    if _runtime is None:
        _runtime = Runtime()
    return _runtime
