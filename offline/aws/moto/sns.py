"""SNS beside moto: topic attributes it drops, confirmations it skips."""

from __future__ import annotations

from typing import Any

from offline.aws.moto.patching import add, after, kept

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


def extend() -> None:
    """Topic attributes that moto does not show, and subscriptions that wait for a confirmation."""
    from moto.core.responses import ActionResult
    from moto.sns.responses import SNSResponse

    def hidden_of(response: Any, topic_arn: str) -> dict[str, str]:
        return kept(response.backend.get_topic(topic_arn), _ATTRIBUTES)

    create: Any = SNSResponse.create_topic
    show: Any = SNSResponse.get_topic_attributes

    def create_topic(self: Any) -> Any:
        answer = create(self)
        attributes = self._get_attributes() or {}
        hidden = {name: value for name, value in attributes.items() if name not in _SHOWN_BY_MOTO}
        hidden_of(self, answer.result["TopicArn"]).update(hidden)
        return answer

    def attribute_set(response: Any) -> None:
        name, value = response._get_param("AttributeName"), response._get_param("AttributeValue")
        if name not in _SHOWN_BY_MOTO:
            hidden_of(response, response._get_param("TopicArn"))[name] = value

    def get_topic_attributes(self: Any) -> Any:
        hidden = {name: value for name, value in hidden_of(self, self._get_param("TopicArn")).items() if value}
        return ActionResult({"Attributes": {**show(self).result["Attributes"], **hidden}})

    def subscribed(response: Any) -> None:
        wanted = (response._get_param("TopicArn"), response._get_param("Endpoint"), response._get_param("Protocol"))
        subscription = response.backend._find_subscription(*wanted)
        if wanted[2] in _CONFIRMED_BY_PEOPLE:
            subscription.attributes.update(PendingConfirmation=True, ConfirmationWasAuthenticated=False)

    add(SNSResponse, create_topic, get_topic_attributes)
    after(SNSResponse, "set_topic_attributes", attribute_set)
    after(SNSResponse, "subscribe", subscribed)
