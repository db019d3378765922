"""VPC endpoints, gateway and interface, and flow logs."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.ec2.tags import retag, tagged
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import delete_by, joined, pascal, text, unchanged
from offline.aws.shapes import document, only, present

_FLOW_SOURCES = {
    "vpcId": "VPC",
    "subnetId": "Subnet",
    "eniId": "NetworkInterface",
    "transitGatewayId": "TransitGateway",
    "transitGatewayAttachmentId": "TransitGatewayAttachment",
}
_ENDPOINT_SETS = {"routeTableIds": "RouteTableIds", "subnetIds": "SubnetIds", "securityGroupIds": "SecurityGroupIds"}
_ENDPOINT = pascal(
    "ipAddressType privateDnsEnabled routeTableIds securityGroupIds serviceName subnetIds vpcEndpointType vpcId",
    policy=("PolicyDocument", text),
    tags=tagged("vpc-endpoint"),
)
_FLOW_LOG = pascal(
    "logDestination logDestinationType logFormat maxAggregationInterval trafficType",
    destinationOptions=pascal("fileFormat hiveCompatiblePartitions perHourPartition"),
    iamRoleArn="DeliverLogsPermissionArn",
)
_FLOW_LOG_TAGS = pascal(tags=tagged("vpc-flow-log"))


def _create_endpoint(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = _ENDPOINT.of("aws:ec2/vpcEndpoint:VpcEndpoint", {"vpcEndpointType": "Gateway", **inputs})
    answer = aws.call("ec2", "create_vpc_endpoint", **request)
    return _endpoint(aws, answer["VpcEndpoint"]["VpcEndpointId"], inputs)


def _endpoint(aws: Aws, endpoint_id: str, inputs: dict[str, Any]) -> Applied:
    found = only(aws.call("ec2", "describe_vpc_endpoints", VpcEndpointIds=[endpoint_id])["VpcEndpoints"])
    return Applied(
        id=endpoint_id,
        outputs={
            "policy": inputs.get("policy", found.get("PolicyDocument", "")),
            "dnsEntries": [
                {"dnsName": entry.get("DnsName", ""), "hostedZoneId": entry.get("HostedZoneId", "")}
                for entry in found.get("DnsEntries", [])
            ],
            "networkInterfaceIds": found.get("NetworkInterfaceIds", []),
            "state": found["State"],
        },
    )


def _update_endpoint(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    changes: dict[str, Any] = {}
    for name, member in _ENDPOINT_SETS.items():
        before, after = old.inputs.get(name, []), inputs.get(name, [])
        changes[f"Add{member}"] = [item for item in after if item not in before] or None
        changes[f"Remove{member}"] = [item for item in before if item not in after] or None
    if inputs.get("policy") != old.inputs.get("policy"):
        changes.update({"PolicyDocument": document(inputs["policy"])} if "policy" in inputs else {"ResetPolicy": True})
    if inputs.get("privateDnsEnabled") != old.inputs.get("privateDnsEnabled"):
        changes["PrivateDnsEnabled"] = bool(inputs.get("privateDnsEnabled"))
    if inputs.get("ipAddressType") != old.inputs.get("ipAddressType"):
        changes["IpAddressType"] = inputs.get("ipAddressType", "ipv4")
    if present(**changes):
        aws.call("ec2", "modify_vpc_endpoint", VpcEndpointId=old.id, **present(**changes))
    return _endpoint(aws, old.id, inputs)


def _create_flow_log(aws: Aws, inputs: dict[str, Any]) -> Applied:
    sources = [name for name in _FLOW_SOURCES if inputs.get(name)]
    if len(sources) != 1:
        raise AwsInputError(
            [f"aws:ec2/flowLog:FlowLog needs exactly one of {', '.join(_FLOW_SOURCES)}; found {sources}."]
        )
    (source,) = sources
    given = {"logDestinationType": "cloud-watch-logs", **inputs}
    request = joined(_FLOW_LOG, _FLOW_LOG_TAGS).of("aws:ec2/flowLog:FlowLog", given)
    kind = _FLOW_SOURCES[source]
    answer = aws.call("ec2", "create_flow_logs", ResourceIds=[inputs[source]], ResourceType=kind, **request)
    # EC2 answers 200 to a flow log that it could not create.
    if answer.get("Unsuccessful"):
        error = answer["Unsuccessful"][0]["Error"]
        raise AwsInputError([f"EC2 did not create the flow log: {error.get('Code')}: {error.get('Message')}"])
    (log_id,) = answer["FlowLogIds"]
    return Applied(id=log_id, outputs={})


HANDLERS = (
    Handler(
        type_token="aws:ec2/vpcEndpoint:VpcEndpoint",
        inputs=_ENDPOINT.names,
        required=frozenset({"vpcId", "serviceName"}),
        create=_create_endpoint,
        update=_update_endpoint,
        delete=delete_by("ec2", "delete_vpc_endpoints", "VpcEndpointIds", many=True),
        replace_on=frozenset({"vpcId", "serviceName", "vpcEndpointType"}),
        defaults={
            "vpcEndpointType": "Gateway",
            "privateDnsEnabled": False,
            "requesterManaged": False,
            **{name: [] for name in _ENDPOINT_SETS},
        },
        arn="ec2:vpc-endpoint/{id}",
        account="ownerId",
        retag=retag,
    ),
    Handler(
        type_token="aws:ec2/flowLog:FlowLog",
        inputs=joined(_FLOW_LOG, _FLOW_LOG_TAGS).names | {*_FLOW_SOURCES},
        create=_create_flow_log,
        update=unchanged,
        delete=delete_by("ec2", "delete_flow_logs", "FlowLogIds", many=True),
        replace_on=_FLOW_LOG.names | {*_FLOW_SOURCES},
        defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
        arn="ec2:vpc-flow-log/{id}",
        retag=retag,
    ),
)
