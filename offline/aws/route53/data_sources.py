"""Route 53: a hosted zone, looked up."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.shapes import single


def _zone(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    if "zoneId" in args:
        answer = aws.call("route53", "get_hosted_zone", Id=args["zoneId"])
        zone, servers = answer["HostedZone"], answer.get("DelegationSet", {}).get("NameServers", [])
    else:
        name = args["name"].rstrip(".") + "."
        private = bool(args.get("privateZone", False))
        zone = single(
            "aws:route53/getZone:getZone",
            [
                item
                for item in aws.call("route53", "list_hosted_zones")["HostedZones"]
                if item["Name"] == name and bool(item["Config"].get("PrivateZone")) == private
            ],
        )
        servers = []
    zone_id = zone["Id"].removeprefix("/hostedzone/")
    return {
        **args,
        "arn": f"arn:{aws.partition}:route53:::hostedzone/{zone_id}",
        "callerReference": zone["CallerReference"],
        "comment": zone["Config"].get("Comment", ""),
        "id": zone_id,
        "name": zone["Name"].rstrip("."),
        "nameServers": servers,
        "primaryNameServer": next(iter(servers), ""),
        "privateZone": bool(zone["Config"].get("PrivateZone")),
        "resourceRecordSetCount": zone.get("ResourceRecordSetCount", 0),
        "tags": {},
        "zoneId": zone_id,
    }


DATA_SOURCES = {
    "aws:route53/getZone:getZone": _zone,
}
