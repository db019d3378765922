"""LoadBalancer: the stage's public ALB with HTTPS under a domain, or plain HTTP for a dev without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions
from pulumi_aws import acm, ec2, lb, route53, s3

from settings.stage import LoadBalancer as LoadBalancerSettings

from ..calc.iam.resource_policies import alb_access_logs_bucket_policy
from ..calc.names import check_name
from ..scope import COMPONENT_PACKAGE, StageScope
from .security_groups import SecurityGroups

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.2 and 1.3 only: AWS's recommended policy for HTTPS listeners (ELB User Guide, security policies)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerArgs:
    """Where the world reaches the stage."""

    scope: StageScope
    settings: LoadBalancerSettings
    vpc_id: Input[str]
    public_subnet_ids: Input[Sequence[str]]
    target_ports: Sequence[int]
    """Container ports of the services behind the load balancer."""

    def __post_init__(self) -> None:
        arn, region = self.settings.certificate_arn, self.scope.location.region
        if arn is not None and arn.split(":")[3] != region:
            raise ValueError(
                f"The load balancer's certificate {arn} is in {arn.split(':')[3]}, and a load balancer in {region} takes "
                f"certificates of its own region: give loadBalancer.certificateArn one of {region}."
            )


class LoadBalancer(ComponentResource):
    """Application Load Balancer, its listeners, certificate, DNS name and access logs."""

    idle_timeout_s: int
    arn_suffix: Output[str]
    dns_name: Output[str]
    url: Output[str]
    listener_arn: Output[str]
    """Listener that services attach their rules to."""
    target_security_group_id: Output[str]
    """Group of the tasks behind the load balancer: it lets the load balancer in."""
    ready: Sequence[Resource]
    """What must be there before a target answers: the rules between the load balancer and its targets."""

    def __init__(self, name: str, args: LoadBalancerArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:LoadBalancer", name, None, opts)
        self._args = args
        self._scope = args.scope
        check_name("load-balancer", args.scope.name("alb"))
        group = self._security_group()
        targets, self.ready = self._targets(group)
        balancer = self._balancer(name, group, self._access_logs())
        listener = self._listeners(balancer)
        domain = args.settings.domain
        if domain is not None:
            route53.Record(
                "alias",
                zone_id=args.settings.hosted_zone_id or "",
                name=domain,
                type="A",
                aliases=[
                    route53.RecordAliasArgs(
                        name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=True
                    )
                ],
                opts=ResourceOptions(parent=self),
            )
        self.idle_timeout_s = args.settings.idle_timeout_seconds
        self.arn_suffix = balancer.arn_suffix
        self.dns_name = balancer.dns_name
        self.listener_arn = listener.arn
        self.target_security_group_id = targets.id
        scheme = "http" if args.settings.http_only else "https"
        self.url = (
            Output.from_input(f"{scheme}://{domain}") if domain else Output.concat(f"{scheme}://", balancer.dns_name)
        )
        self.register_outputs(
            {
                "arnSuffix": self.arn_suffix,
                "dnsName": self.dns_name,
                "url": self.url,
                "listenerArn": self.listener_arn,
                "targetSecurityGroupId": self.target_security_group_id,
            }
        )

    @property
    def _groups(self) -> SecurityGroups:
        return SecurityGroups(parent=self, scope=self._scope, component="load-balancer", vpc_id=self._args.vpc_id)

    def _security_group(self) -> ec2.SecurityGroup:
        group = self._groups.group("alb", "The public load balancer: the only door the world has")
        for port, name in ((80, "HTTP"),) if self._args.settings.http_only else ((80, "HTTP"), (443, "HTTPS")):
            self._groups.from_world(f"world-{port}", group.id, port, name)
        return group

    def _targets(self, balancer: ec2.SecurityGroup) -> tuple[ec2.SecurityGroup, Sequence[Resource]]:
        """The group that the tasks behind the load balancer wear, and the rules on both sides of the way to them."""
        targets = self._groups.group("targets", "Tasks behind the load balancer")
        rules = [
            rule
            for port in sorted(set(self._args.target_ports))
            for rule in self._groups.way(
                f"targets-{port}",
                balancer.id,
                targets.id,
                port,
                out=f"Targets on container port {port}",
                into=f"Requests from the load balancer on container port {port}",
            )
        ]
        return targets, rules

    def _access_logs(self) -> s3.BucketPolicy:
        """The bucket of the access logs; its policy is what the load balancer has to wait for."""
        scope, settings = self._scope, self._args.settings
        location = scope.location
        child = ResourceOptions(parent=self)
        name = check_name("s3-bucket", scope.name(f"alb-logs-{location.account_id}-{location.region}"))
        bucket = s3.Bucket(
            "access-logs", bucket=name, force_destroy=False, tags=scope.tags("load-balancer", name=name), opts=child
        )
        closed = s3.BucketPublicAccessBlock(
            "access-logs",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        # Encrypted by S3's own keys, AWS's default: access logs can be written to no other bucket (ELB User Guide).
        s3.BucketLifecycleConfiguration(
            "access-logs",
            bucket=bucket.id,
            rules=[
                s3.BucketLifecycleConfigurationRuleArgs(
                    id="expire",
                    status="Enabled",
                    filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(
                        days=settings.access_log_retention_days
                    ),
                )
            ],
            opts=child,
        )
        return s3.BucketPolicy(
            "access-logs",
            bucket=bucket.id,
            policy=alb_access_logs_bucket_policy(location, name, scope.stage),
            opts=ResourceOptions(parent=self, depends_on=[closed]),
        )

    def _balancer(self, name: str, group: ec2.SecurityGroup, logs: s3.BucketPolicy) -> lb.LoadBalancer:
        scope, settings = self._scope, self._args.settings
        location = scope.location
        return lb.LoadBalancer(
            name,
            name=scope.name("alb"),
            load_balancer_type="application",
            internal=False,
            security_groups=[group.id],
            subnets=self._args.public_subnet_ids,
            idle_timeout=settings.idle_timeout_seconds,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            enable_deletion_protection=settings.deletion_protection,
            access_logs=lb.LoadBalancerAccessLogsArgs(
                bucket=scope.name(f"alb-logs-{location.account_id}-{location.region}"), prefix=scope.stage, enabled=True
            ),
            tags=scope.tags("load-balancer", name=scope.name("alb")),
            opts=ResourceOptions(parent=self, depends_on=[logs]),
        )

    def _listeners(self, balancer: lb.LoadBalancer) -> lb.Listener:
        """The listener that services attach to; what no rule matches gets a plain 404."""
        settings = self._args.settings
        not_found = lb.ListenerDefaultActionArgs(
            type="fixed-response",
            fixed_response=lb.ListenerDefaultActionFixedResponseArgs(
                content_type="text/plain", message_body="Not found\n", status_code="404"
            ),
        )
        if settings.http_only:
            return self._listener("http", balancer, 80, "HTTP", not_found)
        redirect = lb.ListenerDefaultActionArgs(
            type="redirect",
            redirect=lb.ListenerDefaultActionRedirectArgs(port="443", protocol="HTTPS", status_code="HTTP_301"),
        )
        self._listener("http", balancer, 80, "HTTP", redirect)
        return self._listener("https", balancer, 443, "HTTPS", not_found, self._certificate_arn())

    def _listener(
        self,
        name: str,
        balancer: lb.LoadBalancer,
        port: int,
        protocol: str,
        action: lb.ListenerDefaultActionArgs,
        certificate_arn: Input[str] | None = None,
    ) -> lb.Listener:
        return lb.Listener(
            name,
            load_balancer_arn=balancer.arn,
            port=port,
            protocol=protocol,
            certificate_arn=certificate_arn,
            ssl_policy=TLS_POLICY if certificate_arn is not None else None,
            default_actions=[action],
            tags=self._scope.tags("load-balancer"),
            opts=ResourceOptions(parent=self),
        )

    def _certificate_arn(self) -> Input[str]:
        """An existing certificate, or a new one whose ownership Route 53 proves."""
        settings, scope = self._args.settings, self._scope
        if settings.certificate_arn is not None:
            return settings.certificate_arn
        domain = settings.domain or ""
        certificate = acm.Certificate(
            "certificate",
            domain_name=domain,
            validation_method="DNS",
            tags=scope.tags("load-balancer", name=domain),
            opts=ResourceOptions(parent=self),
        )
        proof = certificate.domain_validation_options[0]
        record = route53.Record(
            "certificate-proof",
            zone_id=settings.hosted_zone_id or "",
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=60,
            allow_overwrite=True,
            opts=ResourceOptions(parent=self),
        )
        validated = acm.CertificateValidation(
            "certificate",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=ResourceOptions(parent=self),
        )
        return validated.certificate_arn
