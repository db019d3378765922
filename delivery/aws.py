"""AWS as the delivery sees it: one call for every API request, answered by an account or by the offline AWS."""

from __future__ import annotations

from typing import Any, Protocol


class RequestError(Exception):
    """A request that AWS did not carry out, as one sentence. `transient`: the same request may succeed later."""

    def __init__(self, message: str, *, code: str = "", transient: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.transient = transient


class Aws(Protocol):
    """One region of one account."""

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        """`call("ecs", "describe_services", cluster="dev-item", services=["dev-api"])`, as boto3. Raises RequestError."""
        ...


_TRANSIENT_CODES = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


class Account:
    """The account that the environment's credentials belong to. boto3 retries five times before a request fails."""

    def __init__(self, *, region: str, profile: str | None = None) -> None:
        self._region = region
        self._profile = profile
        self._session: Any = None
        self._clients: dict[str, Any] = {}

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        """One request. Raises RequestError."""
        from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

        where = f"{service}:{operation}"
        try:
            answer = getattr(self._client(service), operation)(**params)
        except ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            message = str(error.response["Error"].get("Message", "")).rstrip(".")
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            raise RequestError(
                f"AWS refused {where} with {code}: {message}.",
                code=code,
                transient=code in _TRANSIENT_CODES or status >= 500,
            ) from None
        except (ConnectionError, HTTPClientError) as error:
            raise RequestError(
                f"{where} did not reach AWS: {error}", code=type(error).__name__, transient=True
            ) from None
        except BotoCoreError as error:
            raise RequestError(f"{where} cannot be sent: {error}", code=type(error).__name__) from None
        answer.pop("ResponseMetadata", None)
        return dict(answer)

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            import boto3
            from botocore.config import Config

            if self._session is None:
                self._session = boto3.Session(region_name=self._region, profile_name=self._profile)
            config = Config(retries={"total_max_attempts": 5, "mode": "standard"})
            self._clients[service] = self._session.client(service, config=config)
        return self._clients[service]
