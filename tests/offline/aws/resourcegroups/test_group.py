"""Resource groups."""

import json
from typing import Any

GROUP = "aws:resourcegroups/group:Group"


def _query(stage: str) -> dict[str, str]:
    return {
        "query": json.dumps(
            {"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": [{"Key": "Stage", "Values": [stage]}]}
        )
    }


def test_resource_group(cloud: Any) -> None:
    made = cloud.make(GROUP, "dev", name="dev", description="All", resourceQuery=_query("dev"), tags={"Stage": "dev"})
    assert made.outputs["arn"] == "arn:aws:resource-groups:ap-northeast-2:123456789012:group/dev"
    cloud.change(GROUP, "dev", description="Everything", resourceQuery=_query("prd"), tags={"Owner": "team"})
    found = cloud.ask("resource-groups", "get_group", GroupName="dev")["Group"]
    assert found["Description"] == "Everything"
    query = cloud.ask("resource-groups", "get_group_query", GroupName="dev")["GroupQuery"]["ResourceQuery"]
    assert query["Type"] == "TAG_FILTERS_1_0"
    assert json.loads(query["Query"])["TagFilters"] == [{"Key": "Stage", "Values": ["prd"]}]
    tags = cloud.ask("resource-groups", "get_tags", Arn=made.outputs["arn"])["Tags"]
    assert tags == {"Owner": "team"}
    cloud.delete(GROUP, "dev")
    assert cloud.ask("resource-groups", "list_groups")["Groups"] == []
