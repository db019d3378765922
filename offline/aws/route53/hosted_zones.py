"""Route 53 hosted zones, public and private, and their records."""

from __future__ import annotations

import hashlib
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import each, pascal
from offline.aws.shapes import changed, present
from offline.aws.tagging import tag_changes, tag_list

_ALIAS = pascal("evaluateTargetHealth", name="DNSName", zoneId="HostedZoneId")
_RECORD = pascal(
    "healthCheckId name setIdentifier type",
    aliases=("AliasTarget", lambda where, value: _ALIAS(f"{where}[0]", value[0]) if value else None),
    multivalueAnswerRoutingPolicy="MultiValueAnswer",
    ttl="TTL",
)


def _vpcs(aws: Aws, inputs: dict[str, Any]) -> list[dict[str, str]]:
    found = each(pascal(vpcId="VPCId", vpcRegion="VPCRegion"))("aws:route53/zone:Zone vpcs", inputs.get("vpcs", []))
    return [{"VPCRegion": aws.region, **vpc} for vpc in found]


def _create_zone(aws: Aws, inputs: dict[str, Any]) -> Applied:
    vpcs = _vpcs(aws, inputs)
    comment = inputs.get("comment", "Managed by Pulumi")
    answer = aws.call(
        "route53",
        "create_hosted_zone",
        **present(
            Name=inputs["name"],
            # Route 53 wants it unique; the same declaration gives the same one.
            CallerReference=hashlib.sha256(f"{inputs['name']}{vpcs}".encode()).hexdigest()[:32],
            HostedZoneConfig={"Comment": comment, "PrivateZone": bool(vpcs)},
            VPC=vpcs[0] if vpcs else None,
            DelegationSetId=inputs.get("delegationSetId"),
        ),
    )
    zone_id = answer["HostedZone"]["Id"].removeprefix("/hostedzone/")
    for vpc in vpcs[1:]:
        aws.call("route53", "associate_vpc_with_hosted_zone", HostedZoneId=zone_id, VPC=vpc)
    if inputs.get("tags"):
        _tag(aws, zone_id, AddTags=tag_list(inputs["tags"]))
    servers = answer.get("DelegationSet", {}).get("NameServers", [])
    computed = {
        "arn": f"arn:{aws.partition}:route53:::hostedzone/{zone_id}",
        "nameServers": sorted(servers),
        "primaryNameServer": next(iter(servers), ""),
        "zoneId": zone_id,
    }
    return Applied(id=zone_id, outputs=computed)


def _tag(aws: Aws, zone_id: str, **change: Any) -> None:
    aws.call("route53", "change_tags_for_resource", ResourceType="hostedzone", ResourceId=zone_id, **change)


def _update_zone(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    if changed(old.inputs, inputs, "comment"):
        comment = inputs.get("comment", "Managed by Pulumi")
        aws.call("route53", "update_hosted_zone_comment", Id=old.id, Comment=comment)
    before, after = _vpcs(aws, old.inputs), _vpcs(aws, inputs)
    for vpc in after:
        if vpc not in before:
            aws.call("route53", "associate_vpc_with_hosted_zone", HostedZoneId=old.id, VPC=vpc)
    for vpc in before:
        if vpc not in after:
            aws.call("route53", "disassociate_vpc_from_hosted_zone", HostedZoneId=old.id, VPC=vpc)
    put, removed = tag_changes(old.inputs.get("tags"), inputs.get("tags"))
    if put or removed:
        _tag(aws, old.id, **present(AddTags=tag_list(put) or None, RemoveTagKeys=removed or None))


def _delete_zone(aws: Aws, old: Recorded) -> None:
    if old.inputs.get("forceDestroy"):
        own = old.inputs["name"].rstrip(".") + "."
        records = aws.call("route53", "list_resource_record_sets", HostedZoneId=old.id)["ResourceRecordSets"]
        # The zone's own SOA and NS records go with it.
        foreign = [item for item in records if not (item["Name"] == own and item["Type"] in ("SOA", "NS"))]
        for record in foreign:
            _change(aws, old.id, "DELETE", record)
    aws.call("route53", "delete_hosted_zone", Id=old.id)


def _record(inputs: dict[str, Any]) -> dict[str, Any]:
    aliases = inputs.get("aliases", [])
    if bool(aliases) == ("records" in inputs) or len(aliases) > 1:
        raise AwsInputError(
            [f"aws:route53/record:Record {inputs['name']}: give either one alias or records with a ttl."]
        )
    record = _RECORD.of("aws:route53/record:Record", inputs)
    values = [{"Value": _quoted(inputs["type"], value)} for value in inputs.get("records", [])]
    return {**record, **present(ResourceRecords=values or None)}


def _quoted(kind: str, value: str) -> str:
    """TXT and SPF values travel in quotes, which programs leave to the provider."""
    return f'"{value}"' if kind in ("TXT", "SPF") and not value.startswith('"') else value


def _change(aws: Aws, zone_id: str, action: str, record: dict[str, Any]) -> None:
    aws.call(
        "route53",
        "change_resource_record_sets",
        HostedZoneId=zone_id,
        ChangeBatch={"Comment": "Managed by Pulumi", "Changes": [{"Action": action, "ResourceRecordSet": record}]},
    )


def _put_record(aws: Aws, inputs: dict[str, Any], action: str) -> Applied:
    _change(aws, inputs["zoneId"], action, _record(inputs))
    parts = (inputs["zoneId"], inputs["name"].rstrip("."), inputs["type"], inputs.get("setIdentifier"))
    return Applied(id="_".join(part for part in parts if part), outputs={"fqdn": inputs["name"].rstrip(".")})


def _create_record(aws: Aws, inputs: dict[str, Any]) -> Applied:
    return _put_record(aws, inputs, "UPSERT" if inputs.get("allowOverwrite") else "CREATE")


def _update_record(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    return _put_record(aws, inputs, "UPSERT")


def _delete_record(aws: Aws, old: Recorded) -> None:
    _change(aws, old.inputs["zoneId"], "DELETE", _record(old.inputs))


HANDLERS = (
    Handler(
        type_token="aws:route53/zone:Zone",
        inputs=frozenset({"name", "comment", "vpcs", "delegationSetId", "forceDestroy", "tags"}),
        required=frozenset({"name"}),
        create=_create_zone,
        update=_update_zone,
        delete=_delete_zone,
        replace_on=frozenset({"name", "delegationSetId"}),
        defaults={"comment": "Managed by Pulumi", "forceDestroy": False},
    ),
    Handler(
        type_token="aws:route53/record:Record",
        inputs=_RECORD.names | {"allowOverwrite", "records", "zoneId"},
        required=frozenset({"zoneId", "name", "type"}),
        create=_create_record,
        update=_update_record,
        delete=_delete_record,
        replace_on=frozenset({"zoneId", "name", "type", "setIdentifier"}),
        delete_before_replace=True,
    ),
)
