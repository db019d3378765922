"""Policies about encryption of what this pack knows little else of: stores, caches, streams and disks at rest, and the ways to them."""

from __future__ import annotations

from policies.rules.policy import hub
from policies.rules.property_tables import Table, by_table, never, on, only, where
from policies.rules.rule import policy

_DISKS = (on("rootBlockDevice", "encrypted", within=("rootBlockDevice",)), on("ebsBlockDevices", "*", "encrypted"))

AT_REST: Table = {
    "aws:efs/fileSystem:FileSystem": (on("encrypted"),),
    "aws:ebs/volume:Volume": (on("encrypted"),),
    "aws:ebs/snapshotCopy:SnapshotCopy": (on("encrypted"),),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": (on("enabled", default="true"),),
    "aws:ec2/amiCopy:AmiCopy": (on("encrypted"),),
    "aws:ec2/instance:Instance": _DISKS,
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": _DISKS,
    "aws:ec2/launchConfiguration:LaunchConfiguration": _DISKS,
    "aws:ecs/service:Service": (on("volumeConfiguration", "managedEbsVolume", "encrypted", default=None),),
    "aws:ec2/launchTemplate:LaunchTemplate": (on("blockDeviceMappings", "*", "ebs", "encrypted"),),
    "aws:elasticache/replicationGroup:ReplicationGroup": (on("atRestEncryptionEnabled"),),
    "aws:opensearch/domain:Domain": (on("encryptAtRest", "enabled"),),
    "aws:elasticsearch/domain:Domain": (on("encryptAtRest", "enabled"),),
    "aws:docdb/cluster:Cluster": (on("storageEncrypted"),),
    "aws:neptune/cluster:Cluster": (on("storageEncrypted"),),
    "aws:redshift/cluster:Cluster": (on("encrypted", default="true"),),
    "aws:kinesis/stream:Stream": (only("encryptionType", "kms", default="none"),),
    # Of a source that is a stream the stream encrypts, and Firehose refuses to (Firehose Developer Guide, Data protection).
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (
        on("serverSideEncryption", "enabled", unless=("kinesisSourceConfiguration", "mskSourceConfiguration")),
    ),
    "aws:dax/cluster:Cluster": (on("serverSideEncryption", "enabled"),),
    "aws:workspaces/workspace:Workspace": (on("rootVolumeEncryptionEnabled"), on("userVolumeEncryptionEnabled")),
    "aws:athena/workgroup:Workgroup": (
        only(
            "configuration.resultConfiguration.encryptionConfiguration.encryptionOption",
            "sse_s3 sse_kms cse_kms",
            default="none",
            required="SSE_S3 or SSE_KMS",
            within="configuration.resultConfiguration",
        ),
    ),
}
"""What AWS leaves in the clear where nothing is said, or may be set to; what it always encrypts, as DynamoDB and MSK, is not here."""

_SEARCH = (
    on("nodeToNodeEncryption", "enabled"),
    on("domainEndpointOptions", "enforceHttps", default=None),
    never(
        "domainEndpointOptions.tlsSecurityPolicy",
        "policy-min-tls-1-0-2019-07",
        required="Policy-Min-TLS-1-2-PFS-2023-10",
    ),
)

IN_TRANSIT: Table = {
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        on("transitEncryptionEnabled"),
        never("transitEncryptionMode", "preferred", required="required"),
    ),
    "aws:memorydb/cluster:Cluster": (on("tlsEnabled", default="true"),),
    "aws:dax/cluster:Cluster": (only("clusterEndpointEncryptionType", "tls", default="none"),),
    "aws:opensearch/domain:Domain": _SEARCH,
    "aws:elasticsearch/domain:Domain": _SEARCH,
    "aws:msk/cluster:Cluster": (
        never("encryptionInfo.encryptionInTransit.clientBroker", "plaintext tls_plaintext", required="TLS"),
        on("encryptionInfo", "encryptionInTransit", "inCluster", default=None),
    ),
    "aws:dms/endpoint:Endpoint": (
        where(
            "engineName",
            "aurora aurora-postgresql aurora-postgresql-serverless aurora-serverless db2 db2-zos docdb mariadb mongodb mysql oracle "
            "postgres sqlserver sybase",
            never("sslMode", "none", default="none", required="require, verify-ca or verify-full"),
        ),
    ),
    "aws:elasticache/cluster:Cluster": (where("engine", "memcached", on("transitEncryptionEnabled")),),
    "aws:rds/proxy:Proxy": (on("requireTls"),),
    "aws:cloudfront/distribution:Distribution": (
        never("defaultCacheBehavior.viewerProtocolPolicy", "allow-all", required="redirect-to-https"),
        never("orderedCacheBehaviors.*.viewerProtocolPolicy", "allow-all", required="redirect-to-https"),
        never("origins.*.customOriginConfig.originProtocolPolicy", "http-only match-viewer", required="https-only"),
        never("origins.*.customOriginConfig.originSslProtocols.*", "sslv3 tlsv1 tlsv1.1", required="TLSv1.2"),
        *(
            never(
                "viewerCertificate.minimumProtocolVersion",
                "sslv3 tlsv1 tlsv1_2016 tlsv1.1_2016",
                default="tlsv1",
                required="TLSv1.2_2021",
                within=f"viewerCertificate.{own}",
            )
            for own in ("acmCertificateArn", "iamCertificateId")
        ),
    ),
    "aws:apigateway/domainName:DomainName": (never("securityPolicy", "tls_1_0", required="TLS_1_2"),),
    "aws:apigatewayv2/domainName:DomainName": (
        never("domainNameConfiguration.securityPolicy", "tls_1_0", required="TLS_1_2"),
    ),
    "aws:transfer/server:Server": (never("protocols.*", "ftp", required="SFTP or FTPS"),),
}
"""From each service's user guide: what lets clients in without TLS, or with versions of it that are broken."""

encrypted_at_rest = policy(
    name="encrypted-at-rest",
    what="Disks, files, caches, streams and search domains are encrypted.",
    why="A snapshot, a copy or a disk that is given back holds all that was on it; most of it can be encrypted at creation only.",
    severity="high",
    how_to_fix="Switch encryption on; AWS's own key costs nothing.",
    url=hub("EFS.1"),
    references="CKV_AWS_8 CKV_AWS_42 EC2.3 AwsSolutions-EC26 AwsSolutions-EFS1",
    types=AT_REST,
)(by_table(AT_REST))

encrypted_in_transit = policy(
    name="encrypted-in-transit",
    what="Caches, brokers, search domains, proxies and distributions take requests by TLS alone.",
    why="Between a client and its store passwords and customers' data pass as they are typed.",
    severity="high",
    how_to_fix="Require TLS 1.2 or newer, and redirect plain HTTP.",
    url="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/protecting-data-in-transit.html",
    types=IN_TRANSIT,
)(by_table(IN_TRANSIT))
