"""Load balancers."""

from typing import Any

BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def _lb_attributes(cloud: Any, arn: str) -> dict[str, str]:
    answer = cloud.ask("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=arn)
    return {item["Key"]: item["Value"] for item in answer["Attributes"]}


def test_a_load_balancer_and_its_outputs(cloud: Any, balancer: Any, vpc_id: str) -> None:
    outputs = balancer.outputs
    assert outputs["arn"] == balancer.id
    assert balancer.id.endswith(f":loadbalancer/{outputs['arnSuffix']}")
    assert outputs["arnSuffix"].startswith("app/dev-alb/")
    assert outputs["dnsName"] == "dev-alb-1.ap-northeast-2.elb.amazonaws.com"
    assert (outputs["vpcId"], outputs["internal"]) == (vpc_id, False)
    assert outputs["zoneId"]
    attributes = _lb_attributes(cloud, balancer.id)
    assert attributes["idle_timeout.timeout_seconds"] == "65"
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert [attributes[f"access_logs.s3.{part}"] for part in ("enabled", "bucket", "prefix")] == [
        "true",
        "dev-logs",
        "dev",
    ]


def test_a_load_balancer_changes_in_place(cloud: Any, balancer: Any, vpc_id: str, group_id: str) -> None:
    other = cloud.make("aws:ec2/securityGroup:SecurityGroup", "other", name="other", vpcId=vpc_id).id
    cloud.change(
        BALANCER, "alb", securityGroups=[group_id, other], idleTimeout=120, accessLogs=None, tags={"Stage": "prd"}
    )
    assert cloud.operations_of_last() == ["set_security_groups", "modify_load_balancer_attributes", "add_tags"]
    (found,) = cloud.ask("elbv2", "describe_load_balancers", LoadBalancerArns=[balancer.id])["LoadBalancers"]
    assert set(found["SecurityGroups"]) == {group_id, other}
    attributes = _lb_attributes(cloud, balancer.id)
    assert (attributes["idle_timeout.timeout_seconds"], attributes["access_logs.s3.enabled"]) == ("120", "false")
