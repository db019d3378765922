"""The endpoint on loopback."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from offline.aws.handler import AwsError
from offline.aws.provider import AwsProvider
from offline.aws.serve import Served, serve


@pytest.fixture
def served(cloud: Any) -> Iterator[Served]:
    endpoint = serve(cloud.provider)
    yield endpoint
    endpoint.stop()


@pytest.fixture
def sdk(served: Served) -> Any:
    """Makes a client of the endpoint, as a user would."""
    import boto3

    def client(service: str, region: str = "ap-northeast-2") -> Any:
        return boto3.client(
            service,
            endpoint_url=served.url,
            region_name=region,
            aws_access_key_id="anything",
            aws_secret_access_key="anything",
        )

    return client


def test_it_listens_on_loopback_only(served: Served) -> None:
    assert served.url.startswith("http://127.0.0.1:")


def test_every_service_sees_what_was_made(cloud: Any, sdk: Any, vpc_id: str) -> None:
    cloud.make("aws:s3/bucket:Bucket", "logs", bucket="dev-logs")
    cloud.make("aws:iam/user:User", "git", name="git")
    cloud.make("aws:cloudwatch/logGroup:LogGroup", "api", name="/dev/api")
    cloud.make("aws:kms/key:Key", "data")
    cloud.make("aws:route53/zone:Zone", "internal", name="dev.internal", vpcs=[{"vpcId": vpc_id}])
    assert vpc_id in [vpc["VpcId"] for vpc in sdk("ec2").describe_vpcs()["Vpcs"]]
    assert [bucket["Name"] for bucket in sdk("s3").list_buckets()["Buckets"]] == ["dev-logs"]
    assert [user["UserName"] for user in sdk("iam").list_users()["Users"]] == ["git"]
    assert sdk("iam").list_service_specific_credentials(UserName="git")["ServiceSpecificCredentials"] == []
    assert sdk("logs").describe_log_groups()["logGroups"][0]["logGroupName"] == "/dev/api"
    assert len(sdk("kms").list_keys()["Keys"]) == 1
    assert sdk("route53").list_hosted_zones()["HostedZones"][0]["Name"] == "dev.internal."
    assert sdk("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert sdk("ecs").list_clusters()["clusterArns"] == []
    assert sdk("rds").describe_db_instances()["DBInstances"] == []
    assert sdk("sts").get_caller_identity()["Account"] == "123456789012"


def test_a_bucket_can_be_read_and_asked_for(cloud: Any, sdk: Any) -> None:
    cloud.make("aws:s3/bucket:Bucket", "logs", bucket="dev-logs")
    cloud.leave()
    s3 = sdk("s3")
    s3.put_object(Bucket="dev-logs", Key="a/b c.txt", Body=b"hello")
    assert s3.get_object(Bucket="dev-logs", Key="a/b c.txt")["Body"].read() == b"hello"
    assert s3.head_bucket(Bucket="dev-logs")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_other_regions_are_empty(cloud: Any, sdk: Any, vpc_id: str) -> None:
    assert vpc_id not in [vpc["VpcId"] for vpc in sdk("ec2", "eu-west-1").describe_vpcs()["Vpcs"]]


def test_a_restored_cloud_is_served(cloud: Any, vpc_id: str) -> None:
    import boto3

    later = AwsProvider(region="ap-northeast-2")
    later.replay(cloud.operations)
    endpoint = serve(later)
    try:
        ec2 = boto3.client(
            "ec2",
            endpoint_url=endpoint.url,
            region_name="ap-northeast-2",
            aws_access_key_id="anything",
            aws_secret_access_key="anything",
        )
        assert ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]["CidrBlock"] == "10.0.0.0/16"
    finally:
        endpoint.stop()


def test_an_unsigned_request_is_refused(served: Served) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(served.url)
    assert caught.value.code == 403
    assert b"not signed" in caught.value.read()


def test_a_taken_port_is_an_error_for_people(cloud: Any, served: Served) -> None:
    port = int(served.url.rsplit(":", 1)[1])
    with pytest.raises(AwsError, match=rf"^The offline AWS cannot be served on 127\.0\.0\.1:{port}: .*another port\.$"):
        serve(cloud.provider, port)


SIGNED = "Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/ap-northeast-2/s3/aws4_request, SignedHeaders=host, Signature=0"


def raw(served: Served, *lines: str, body: bytes = b"") -> bytes:
    """The answer to a request as it is written on the wire; HOST stands for the endpoint's own name."""
    host = served.url.removeprefix("http://")
    name, port = host.split(":")
    with socket.create_connection((name, int(port)), timeout=20) as connection:
        text = "\r\n".join([*lines, "Connection: close", "", ""]).replace("HOST", host).replace("PORT", port)
        connection.sendall(text.encode("latin-1") + body)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["Host: HOST"], 200),
        (["Host: localhost:PORT"], 200),
        (["Host: HOST", "Origin: http://localhost:PORT"], 200),
        (["Host: evil.example:PORT"], 400),
        (["Host: 127.0.0.1"], 400),
        (["Host: 127.0.0.1.evil.example:PORT"], 400),
        (["Host: HOST", "Host: evil.example"], 400),
        ([], 400),
        (["Host: HOST", "Origin: https://evil.example"], 400),
        (["Host: HOST", "Origin: null"], 400),
        (["Host: HOST", "Content-Length: many"], 400),
        (["Host: HOST", "Content-Length: -1"], 400),
        (["Host: HOST", "Content-Length: " + "9" * 400], 400),
        (["Host: HOST", "Transfer-Encoding: chunked"], 400),
    ],
)
def test_who_is_answered(served: Served, headers: list[str], status: int, capfd: pytest.CaptureFixture[str]) -> None:
    answer = raw(served, "GET / HTTP/1.1", *headers, SIGNED)
    assert answer.split()[1] == str(status).encode()
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "lines",
    [
        ["\x00\xff\xfe"],
        ["GET"],
        ["GET / HTTP/9.9.9"],
        ["PATCH \x00 HTTP/1.1", "Host: HOST", SIGNED],
        ["POST / HTTP/1.1", "Host: HOST", SIGNED.replace("/s3/", "/ecs/"), "X-Amz-Target: \xff", "Content-Length: 1"],
        ["POST / HTTP/1.1", "Host: HOST", SIGNED.replace("/s3/", "/../../")],
        ["GET //evil HTTP/1.1", "Host: HOST", SIGNED.replace("/s3/", "/nothing/")],
    ],
)
def test_a_bad_request_is_answered_without_a_traceback(
    served: Served, lines: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    answer = raw(served, *lines, body=b"\xff")
    assert b"Traceback" not in answer
    assert answer[:12] != b"HTTP/1.1 200"
    assert capfd.readouterr().err == ""
    assert raw(served, "GET / HTTP/1.1", "Host: HOST", SIGNED).split()[1] == b"200"
