"""How tags change after creation."""

from typing import Any

from offline.aws.handler import Recorded
from offline.aws.tagging import Tagging


def test_tag_changes_are_two_requests_at_most(cloud: Any) -> None:
    url = cloud.make("aws:sqs/queue:Queue", "q", name="q", tags={"a": "1", "b": "2"}).id
    tagging = Tagging(service="sqs", tag="tag_queue", untag="untag_queue", resource="QueueUrl", pair=None, by="id")
    old = Recorded(id=url, inputs={"tags": {"a": "1", "b": "2"}}, outputs={})
    aws = cloud.provider.aws
    with aws.operation("same"):
        tagging.change(aws, old, {"tags": {"a": "1", "b": "2"}})
        assert aws.operation_calls == []
    with aws.operation("changed"):
        tagging.change(aws, old, {"tags": {"a": "3"}})
        assert [call["operation"] for call in aws.operation_calls] == ["untag_queue", "tag_queue"]
    assert cloud.ask("sqs", "list_queue_tags", QueueUrl=url)["Tags"] == {"a": "3"}
