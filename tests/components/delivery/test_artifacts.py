"""The artifact bucket and the mirrors of the real stages, as the engine is asked for them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.calc.delivery.artifacts import scripts_key
from components.delivery.artifacts import delivery_scripts
from offline.engine.outcome import Outcome
from tests.project import PROJECT as P

Preview = Callable[..., Outcome]
ROOT = Path(__file__).parents[3]


def of_type(outcome: Outcome, kind: str) -> dict[str, dict[str, Any]]:
    """Logical name to inputs; `kind` is the last part of the type."""
    assert (outcome.result, outcome.errors) == ("succeeded", ())
    return {
        each.name: each.inputs for each in outcome.resources if each.custom and each.type.rpartition(":")[2] == kind
    }


@pytest.mark.parametrize(("stage", "force"), [("dev", True), ("prd", False)])
def test_the_bucket_is_encrypted_closed_and_versioned(preview: Preview, stage: str, force: bool) -> None:
    outcome = preview(stage)
    name = f"{stage}-artifacts-123456789012-ap-northeast-2"
    bucket = of_type(outcome, "Bucket")["artifacts"]
    assert (bucket["bucket"], bucket["forceDestroy"]) == (name, force)
    [rule] = of_type(outcome, "BucketServerSideEncryptionConfiguration")["artifacts"]["rules"]
    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}, "bucketKeyEnabled": True}
    block = of_type(outcome, "BucketPublicAccessBlock")["artifacts"]
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert [block[switch] for switch in switches] == [True] * 4
    assert of_type(outcome, "BucketVersioning")["artifacts"]["versioningConfiguration"] == {"status": "Enabled"}
    [statement] = json.loads(of_type(outcome, "BucketPolicy")["artifacts"]["policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Condition"], statement["Resource"]) == (
        "Deny",
        "*",
        {"Bool": {"aws:SecureTransport": "false"}},
        [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
    )


def test_artifacts_expire_and_the_scripts_do_not(preview: Preview) -> None:
    outcome = preview("dev")
    expiring, leftovers = of_type(outcome, "BucketLifecycleConfiguration")["artifacts"]["rules"]
    assert (expiring["filter"], expiring["expiration"], expiring["status"]) == (
        {"prefix": "dev-"},
        {"days": 400},
        "Enabled",
    )
    assert "expiration" not in leftovers
    assert leftovers["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    keys = [each["key"] for each in of_type(outcome, "BucketObjectv2").values()]
    assert not [key for key in keys if key.startswith(expiring["filter"]["prefix"])]
    names = [each["name"] for each in of_type(outcome, "Pipeline").values()]
    assert [name for name in names if not name.startswith(expiring["filter"]["prefix"])] == []


def test_the_delivery_scripts_lie_under_the_digest_of_their_content(preview: Preview) -> None:
    scripts = {f"delivery/{path.name}": path.read_text("utf-8") for path in (ROOT / "delivery").glob("*.py")}
    [archive] = of_type(preview("dev"), "BucketObjectv2").values()
    assert json.loads(archive["content"]) == scripts
    assert archive["key"] == scripts_key(archive["content"])
    buildspec = of_type(preview("dev"), "Project")["verify"]["source"]["buildspec"]
    assert f"/{archive['key']} delivery.json" in buildspec


def test_without_the_scripts_there_is_no_pipeline(tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_text("")
    with pytest.raises(ValueError) as caught:
        delivery_scripts(tmp_path)
    assert str(caught.value) == (
        f"The delivery scripts are missing: {tmp_path} has no __main__.py, and every pipeline runs it to verify its "
        "deployment. Restore the folder delivery/ beside components/."
    )


def test_a_mirror_has_a_user_of_its_own_with_https_credentials(preview: Preview) -> None:
    outcome = preview("dev")
    mirrors = [each for each in outcome.resources if each.type == "aws:codecommit/repository:Repository"]
    assert {each.inputs["repositoryName"] for each in mirrors} == {
        f"dev-{name}" for name in ("datalab-api", "gateway", "legacy-api", "tracking-api")
    }
    assert of_type(outcome, "User")["gateway-mirror"]["name"] == "dev-gateway-mirror"
    credential = of_type(outcome, "ServiceSpecificCredential")["gateway-mirror"]
    assert credential["serviceName"] == "codecommit.amazonaws.com"
    assert outcome.outputs["mirrors"]["gateway"]["url"] == (
        "https://git-codecommit.ap-northeast-2.amazonaws.com/v1/repos/dev-gateway"
    )


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_a_mirror_pushes_to_its_own_repository_and_to_no_other(preview: Preview, stage: str) -> None:
    """As IAM reads the group's one policy for each member: with the member's own tags, which only administrators write."""
    outcome = preview(stage)
    users = {each["name"]: each["tags"] for each in of_type(outcome, "User").values()}
    [group, membership, policy] = (
        next(each.inputs for each in outcome.resources if each.type == f"aws:iam/{kind[0].lower()}{kind[1:]}:{kind}")
        for kind in ("Group", "GroupMembership", "GroupPolicy")
    )
    assert membership["group"] == policy["group"] == group["name"] == f"{stage}-mirrors"
    assert sorted(membership["users"]) == sorted(users)
    [statement] = json.loads(policy["policy"])["Statement"]
    assert statement["Action"] == ["codecommit:GitPull", "codecommit:GitPush"]
    [pattern] = statement["Resource"]
    assert pattern.count("${") == 1
    assert "*" not in pattern
    repositories = {
        each["repositoryName"] for each in of_type(outcome, "Repository").values() if "repositoryName" in each
    }
    pushed = {
        user: {
            name
            for name in repositories
            if pattern.replace("${aws:PrincipalTag/Service}", tags["Service"])
            == f"arn:aws:codecommit:ap-northeast-2:123456789012:{name}"
        }
        for user, tags in users.items()
    }
    assert pushed == {f"{name}-mirror": {name} for name in repositories}
    assert not [kind for kind in ("UserPolicy", "UserPolicyAttachment") if of_type(outcome, kind)]


def test_services_of_one_repository_share_its_mirror(
    preview: Preview, stage_values: Callable[[str], dict[str, Any]]
) -> None:
    services = stage_values("dev")[f"{P}:services"]
    for name in ("datalab-api", "tracking-api"):
        services[name]["repository"] = "item.scout"
    outcome = preview("dev", {"services": services})
    mirrors = [each.name for each in outcome.resources if each.type == "aws:codecommit/repository:Repository"]
    assert sorted(mirrors) == ["gateway", "item.scout", "legacy-api"]
    sources = {
        name: each["stages"][0]["actions"][0]["configuration"]["RepositoryName"]
        for name, each in of_type(outcome, "Pipeline").items()
    }
    assert (sources["datalab-api"], sources["tracking-api"]) == ("dev-item.scout", "dev-item.scout")
