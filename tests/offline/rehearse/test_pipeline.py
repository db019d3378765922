"""Reading a recorded pipeline: order of the actions, what they pass on, variables of the ones before."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.aws import RequestError
from offline.rehearse.errors import RehearsalError
from offline.rehearse.pipeline import Action, read_pipeline, resolved


def declared(name: str, order: int | None = None, **members: Any) -> dict[str, Any]:
    kind = {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}
    return {"name": name, "actionTypeId": kind, **({"runOrder": order} if order else {}), **members}


class Answers:
    """An AWS that answers one pipeline, or an error."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        assert (service, operation, params) == ("codepipeline", "get_pipeline", {"name": "dev-api"})
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"pipeline": self.answer}


def read(answer: Any) -> Any:
    stage: Any = Answers(answer)
    return read_pipeline(stage, "dev-api", stage_name="dev")


def test_actions_come_in_the_order_they_run() -> None:
    late = declared("Late", 3, inputArtifacts=[{"name": "B"}])
    source = declared(
        "Source", namespace="Src", outputArtifacts=[{"name": "S"}], configuration={"BranchName": "develop"}
    )
    pipeline = read(
        {
            "artifactStore": {"location": "bucket"},
            "stages": [
                {"name": "Source", "actions": [source]},
                {
                    "name": "Deploy",
                    "actions": [late, declared("First"), declared("Second", 2)],
                    "onFailure": {"result": "ROLLBACK"},
                },
            ],
        }
    )
    assert (pipeline.bucket, pipeline.rolled_back) == ("bucket", {"Deploy"})
    assert [action.title for action in pipeline.actions] == [
        "Source", "Deploy: First", "Deploy: Second", "Deploy: Late",
    ]  # fmt: skip
    assert pipeline.actions[0] == Action(
        stage="Source",
        name="Source",
        provider="CodeBuild",
        configuration={"BranchName": "develop"},
        namespace="Src",
        inputs=(),
        outputs=("S",),
    )
    assert pipeline.actions[3].inputs == ("B",)


def test_another_refusal_is_not_taken_for_a_missing_pipeline() -> None:
    with pytest.raises(RehearsalError, match="The recorded stage dev has no pipeline dev-api"):
        read(RequestError("gone", code="PipelineNotFoundException"))
    with pytest.raises(RequestError, match="broken"):
        read(RequestError("broken", code="StateMismatch"))


def test_variables_are_filled_in() -> None:
    variables = {"Source": {"CommitId": "abc", "BranchName": "develop"}}
    assert resolved("#{Source.CommitId} of #{Source.BranchName}: #5", variables) == "abc of develop: #5"
    with pytest.raises(RehearsalError) as failure:
        resolved("#{Build.Tag}", variables)
    assert str(failure.value) == "#{Build.Tag} is set by no action before it."
