"""What moto's KMS does on first use only: the making of a key pair."""

from typing import Any

from offline.aws.moto.kms import PrivateKey


def keys_of(cloud: Any) -> Any:
    """moto's keys of the account."""
    from moto.kms.models import kms_backends

    aws = cloud.provider.aws
    return kms_backends[aws.account_id][aws.region]


def made(cloud: Any) -> list[bool]:
    """Of every key, whether its pair has been made."""
    keys = list(keys_of(cloud).keys.values())
    assert all(isinstance(key.private_key, PrivateKey) for key in keys)
    return ["made" in vars(key.private_key) for key in keys]


def test_a_key_that_encrypts_has_no_pair_and_one_that_signs_makes_its_own(cloud: Any) -> None:
    aws = cloud.provider.aws
    with aws.operation("keys#1"):
        aws.call("kms", "create_key")
        assert made(cloud) == [False]
        signs = aws.call("kms", "create_key", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    backend = keys_of(cloud)
    signature = backend.sign(key_id=signs, message=b"hello", signing_algorithm="RSASSA_PSS_SHA_256")[1]
    assert backend.verify(signs, b"hello", signature, "RSASSA_PSS_SHA_256")[1] is True
    assert made(cloud) == [False, True]


def test_the_key_of_a_database_is_completed_though_another_service_makes_it(cloud: Any) -> None:
    aws = cloud.provider.aws
    with aws.operation("db#1"):
        aws.call(
            "rds",
            "create_db_instance",
            DBInstanceIdentifier="db",
            DBInstanceClass="db.t4g.micro",
            Engine="mysql",
            MasterUsername="root",
            ManageMasterUserPassword=True,
            AllocatedStorage=20,
        )
    assert made(cloud) == [False]
