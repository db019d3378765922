"""Every description of a real stage is one that AWS takes: each service has characters and a length of its own."""

import re
from collections.abc import Callable

import pytest

from offline.engine.outcome import Outcome

Preview = Callable[..., Outcome]

# EC2 API Reference, IpRange and UserIdGroupPair: an apostrophe is refused, for example.
_EC2 = r"[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{0,255}"
ALLOWED = {
    "aws:ec2/securityGroup:SecurityGroup": _EC2,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _EC2,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _EC2,
    "aws:resourcegroups/group:Group": r"[\sa-zA-Z0-9_.-]{0,1024}",  # Resource Groups API Reference, CreateGroup
    "aws:scheduler/schedule:Schedule": r".{0,512}",  # EventBridge Scheduler API Reference, CreateSchedule
    "aws:cloudwatch/eventRule:EventRule": r".{0,512}",  # EventBridge API Reference, PutRule
    "aws:codebuild/project:Project": r".{0,255}",  # CodeBuild API Reference, CreateProject
    "aws:codecommit/repository:Repository": r".{0,1000}",  # CodeCommit API Reference, CreateRepository
    "aws:servicediscovery/httpNamespace:HttpNamespace": r".{0,1024}",  # Cloud Map API Reference, CreateHttpNamespace
}


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_every_description_is_taken(preview: Preview, stage: str) -> None:
    described = [
        (resource.type, resource.name, str(resource.inputs["description"]))
        for resource in preview(stage).resources
        if resource.type in ALLOWED and "description" in resource.inputs
    ]
    assert {kind for kind, _, _ in described} == set(ALLOWED)
    assert [found for found in described if not re.fullmatch(ALLOWED[found[0]], found[2])] == []
