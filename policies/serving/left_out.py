"""What Checkov, cdk-nag and AWS's Foundational Security Best Practices ask of these services and this pack does not, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_REASONS: Mapping[str, str] = {
    "A customer-managed key costs per key and request and is one more thing to lose; AWS's own keys encrypt everything here.": (
        "AwsSolutions-CB4 CKV2_AWS_73 CKV_AWS_136 CKV_AWS_145 CKV_AWS_147 CKV_AWS_158 CKV_AWS_219 CKV_AWS_224 "
        "CKV_AWS_149 CKV_AWS_297 CKV_AWS_327 CKV_AWS_337 CKV_AWS_354 ECR.5 S3.17"
    ),
    "CloudWatch alarms cannot publish to a topic under AWS's own key; messages hold no secrets.": ("CKV_AWS_26 SNS.1"),
    "Each workload has a MySQL account of its own with a connection limit, which IAM authentication would bypass.": (
        "AwsSolutions-RDS6 CKV_AWS_161 CKV_AWS_162 RDS.10 RDS.12"
    ),
    "A port nobody expects hides nothing: security groups and private subnets do.": ("AwsSolutions-RDS11 RDS.23"),
    "The administrator's name is no secret, and changing it replaces the database.": ("RDS.24 RDS.25"),
    "Backtrack suits Aurora MySQL only and doubles its writes; backups are required.": (
        "AwsSolutions-RDS14 CKV_AWS_326 RDS.14"
    ),
    "Audit logs are for regulated data and cost throughput; error logs are required.": (
        "AwsSolutions-RDS16 CKV_AWS_325 RDS.34 RDS.45"
    ),
    "Logging every statement writes customers' data into logs; slow queries are enough.": ("CKV2_AWS_27 CKV2_AWS_30"),
    "For versions that RDS no longer creates; database-engine-supported tells of old ones.": (
        "CKV_AWS_250 CKV_AWS_388"
    ),
    "AWS Backup beside RDS's own backups protects from losing the account, which is not this pack's matter.": (
        "CKV2_AWS_8 RDS.26"
    ),
    "Concerns resources that no program of this kind declares; they are listed as not looked at where one does.": (
        "AwsSolutions-EC26 AwsSolutions-EC28 AwsSolutions-EC29 AwsSolutions-S5 CKV2_AWS_7 CKV2_AWS_15 "
        "CKV2_AWS_16 CKV2_AWS_19 CKV2_AWS_44 CKV2_AWS_41 CKV2_AWS_68 CKV2_AWS_75 CKV_AWS_8 CKV_AWS_79 CKV_AWS_88 CKV_AWS_112 "
        "CKV_AWS_113 CKV_AWS_123 CKV_AWS_126 CKV_AWS_135 CKV_AWS_140 CKV_AWS_146 CKV_AWS_148 CKV_AWS_181 "
        "CKV_AWS_186 CKV_AWS_198 CKV_AWS_245 CKV_AWS_246 CKV_AWS_266 CKV_AWS_302 CKV_AWS_303 CKV_AWS_392 "
        "CKV_AWS_393 CodeBuild.7 EC2.1 EC2.3 EC2.4 EC2.8 EC2.9 EC2.17 EC2.20 EC2.23 EC2.24 EC2.25 EC2.51 "
        "EC2.170 EC2.171 EC2.173 EC2.180 EC2.181 RDS.18 RDS.19 RDS.20 RDS.21 RDS.22 RDS.40 RDS.41 RDS.43 "
        "RDS.47 RDS.48 S3.19 S3.24 S3.25 SSM.1 SSM.2 SSM.3 SSM.4 AwsSolutions-EFS1 CKV_AWS_42 CKV_AWS_184 CKV_AWS_210 CKV_AWS_386 "
        "ECS.19 EventBridge.3"
    ),
    "Concerns snapshots that exist, not what a program declares.": ("RDS.1 RDS.4"),
    "A web application firewall is bought per application; the pack does not decide that.": (
        "CKV2_AWS_28 CKV2_AWS_76 ELB.16"
    ),
    "Between the load balancer and the tasks HTTP stays inside the VPC; TLS ends at the listener (https-only).": (
        "CKV_AWS_378 ELB.21 ELB.22"
    ),
    "For network and gateway load balancers; an Application Load Balancer always spans its zones.": ("CKV_AWS_152"),
    "For Classic Load Balancers.": (
        "AwsSolutions-ELB1 AwsSolutions-ELB3 AwsSolutions-ELB4 AwsSolutions-ELB5 CKV_AWS_92 CKV_AWS_127 CKV_AWS_138 CKV_AWS_213 "
        "CKV_AWS_376 ELB.2 ELB.3 ELB.7 ELB.8 ELB.9 ELB.10 ELB.14"
    ),
    "Pulumi creates before it deletes, and ACM renews certificates by itself.": ("ACM.1 CKV_AWS_233 CKV_AWS_234"),
    "Network ACLs are left open on purpose: security groups decide.": (
        "AwsSolutions-VPC3 CKV2_AWS_1 CKV_AWS_352 EC2.16 EC2.21"
    ),
    "A group that is attached to nothing lets nobody in.": ("CKV2_AWS_5 EC2.22"),
    "Interface endpoints cost per hour and zone; NAT gateways are there.": (
        "EC2.10 EC2.55 EC2.56 EC2.57 EC2.58 EC2.60"
    ),
    "A setting of the account, which no stack of services decides.": (
        "CKV_AWS_9 CKV_AWS_10 CKV_AWS_11 CKV_AWS_12 CKV_AWS_13 CKV_AWS_14 CKV_AWS_15 CKV_AWS_348 EC2.7 "
        "EC2.172 IAM.4 IAM.5 IAM.6 IAM.7 IAM.8 S3.1 SSM.6 SSM.7"
    ),
    "Exec is off in prd (no-exec); in dev its sessions are logged by the container's log group.": ("CKV_AWS_223"),
    "A year of logs is a choice of cost; log-retention's number is a setting.": ("CKV_AWS_338 CloudWatch.16"),
    "Access logs of buckets that hold access logs and build artifacts only.": ("AwsSolutions-S1 CKV_AWS_18 S3.9"),
    "Logs and artifacts are not customers' data: they can be made again.": (
        "CKV_AWS_21 CKV_AWS_143 CKV_AWS_144 S3.7 S3.10 S3.14 S3.15 S3.20"
    ),
    "The bucket policies that this pack requires only deny; resource-policy-not-public covers the rest.": (
        "CKV_AWS_93 S3.6"
    ),
    "Nothing here uploads in parts for longer than a build.": ("CKV_AWS_300"),
    "Notifications that nobody reads.": ("CKV2_AWS_62 S3.11 SNS.2"),
    "Since April 2023 AWS disables ACLs on new buckets; resource-policy-not-public tells of public ones.": (
        "CKV2_AWS_65 S3.12"
    ),
    "Within one account a queue's owner may do all; other accounts fall under resource-policy-not-public.": (
        "CKV_AWS_72 CKV_AWS_385"
    ),
    "The only users are GitLab's for its mirrors, each with one policy of its own; no-access-keys keeps keys out.": (
        "CKV2_AWS_14 CKV2_AWS_21 CKV2_AWS_22 CKV_AWS_40 CKV_AWS_273 IAM.2"
    ),
    "AWS's default key policy is the account's; whether a key is about to be deleted no program declares.": (
        "CKV2_AWS_64 KMS.3"
    ),
    "Secrets are SSM SecureStrings set outside the program; RDS rotates its own.": (
        "AwsSolutions-SMG4 CKV2_AWS_57 CKV_AWS_304 SecretsManager.1 SecretsManager.2 SecretsManager.3 SecretsManager.4"
    ),
    "For Terraform's http data source.": ("CKV2_AWS_36"),
    "The CodeCommit repositories are mirrors; changes are approved in GitLab.": ("CKV2_AWS_37 CKV_AWS_257"),
    "Any build image may be used; builds are privileged for images only.": ("AwsSolutions-CB5"),
    "The public zone is not the program's; the records it adds name resources of the stack.": (
        "CKV2_AWS_23 CKV2_AWS_38"
    ),
    "A NAT instance is no NAT gateway, but private-subnets asks only that nothing leads in from the internet.": (
        "CKV2_AWS_35"
    ),
    "Logs of public DNS queries tell nothing about this platform.": ("CKV2_AWS_39 Route53.2"),
}
"""Reason to ids, separated by spaces."""

LEFT_OUT: Mapping[str, str] = {rule: reason for reason, rules in _REASONS.items() for rule in rules.split()}
"""Id to the reason."""
