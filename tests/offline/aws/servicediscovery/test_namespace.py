"""Cloud Map namespaces."""

from typing import Any

import pytest

from offline.aws.handler import AwsError

NAMESPACE = "aws:servicediscovery/httpNamespace:HttpNamespace"


def test_namespace(cloud: Any) -> None:
    made = cloud.make(NAMESPACE, "ns", name="dev-itemscout-ns", description="Service Connect", tags={"Stage": "dev"})
    assert made.outputs["arn"] == f"arn:aws:servicediscovery:ap-northeast-2:123456789012:namespace/{made.id}"
    assert made.outputs["httpName"] == "dev-itemscout-ns"
    cloud.change(NAMESPACE, "ns", description="Names", tags={"Owner": "team"})
    found = cloud.ask("servicediscovery", "get_namespace", Id=made.id)["Namespace"]
    assert (found["Name"], found["Type"], found["Description"]) == ("dev-itemscout-ns", "HTTP", "Names")
    tags = cloud.ask("servicediscovery", "list_tags_for_resource", ResourceARN=made.outputs["arn"])["Tags"]
    assert tags == [{"Key": "Owner", "Value": "team"}]
    with pytest.raises(AwsError, match="NamespaceAlreadyExists"):
        cloud.make(NAMESPACE, "again", name="dev-itemscout-ns")
    cloud.delete(NAMESPACE, "ns")
    assert cloud.ask("servicediscovery", "list_namespaces")["Namespaces"] == []
