"""SNS, SQS and Cloud Map beside moto: attributes it drops, confirmations it skips, names it lets repeat."""

from __future__ import annotations

from typing import Any

from offline.aws.moto.services import add, after

_ATTRIBUTES = "attributes_kept"
_SHOWN_BY_MOTO = [
    "Owner",
    "Policy",
    "TopicArn",
    "DisplayName",
    "DeliveryPolicy",
    "KmsMasterKeyId",
    "FifoTopic",
    "ContentBasedDeduplication",
]
# Who receives by these must confirm by following a link; moto confirms everybody.
_CONFIRMED_BY_PEOPLE = ("email", "email-json", "http", "https")


def extend_sns() -> None:
    """Topic attributes that moto does not show, and subscriptions that wait for a confirmation."""
    from moto.core.responses import ActionResult
    from moto.sns.responses import SNSResponse

    def kept(response: Any, topic_arn: str) -> dict[str, str]:
        attributes: dict[str, str] = response.backend.get_topic(topic_arn).__dict__.setdefault(_ATTRIBUTES, {})
        return attributes

    create: Any = SNSResponse.create_topic
    show: Any = SNSResponse.get_topic_attributes

    def create_topic(self: Any) -> Any:
        answer = create(self)
        attributes = self._get_attributes() or {}
        hidden = {name: value for name, value in attributes.items() if name not in _SHOWN_BY_MOTO}
        kept(self, answer.result["TopicArn"]).update(hidden)
        return answer

    def attribute_set(response: Any) -> None:
        name, value = response._get_param("AttributeName"), response._get_param("AttributeValue")
        if name not in _SHOWN_BY_MOTO:
            kept(response, response._get_param("TopicArn"))[name] = value

    def get_topic_attributes(self: Any) -> Any:
        hidden = {name: value for name, value in kept(self, self._get_param("TopicArn")).items() if value}
        return ActionResult({"Attributes": {**show(self).result["Attributes"], **hidden}})

    def subscribed(response: Any) -> None:
        wanted = (response._get_param("TopicArn"), response._get_param("Endpoint"), response._get_param("Protocol"))
        subscription = response.backend._find_subscription(*wanted)
        if wanted[2] in _CONFIRMED_BY_PEOPLE:
            subscription.attributes.update(PendingConfirmation=True, ConfirmationWasAuthenticated=False)

    add(SNSResponse, create_topic, get_topic_attributes)
    after(SNSResponse, "set_topic_attributes", attribute_set)
    after(SNSResponse, "subscribe", subscribed)


def extend_sqs() -> None:
    """RedriveAllowPolicy, which moto takes and does not show."""
    from moto.sqs.models import Queue

    queue: Any = Queue
    queue.redrive_allow_policy = None
    queue.BASE_ATTRIBUTES.append("RedriveAllowPolicy")


def extend_servicediscovery() -> None:
    """Two HTTP namespaces of one name, which AWS refuses."""
    from moto.core.exceptions import JsonRESTError
    from moto.servicediscovery.models import ServiceDiscoveryBackend

    create = ServiceDiscoveryBackend.create_http_namespace

    def create_http_namespace(self: Any, name: str, *rest: Any, **more: Any) -> str:
        if any(namespace.name == name for namespace in self.namespaces.values()):
            raise JsonRESTError("NamespaceAlreadyExists", f"Namespace with name {name} already exists.")
        return create(self, name, *rest, **more)

    add(ServiceDiscoveryBackend, create_http_namespace)
