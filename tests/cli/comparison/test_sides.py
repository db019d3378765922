"""Which two stages are compared."""

from dataclasses import replace

import pytest

from cli.comparison.sides import pair_of
from cli.stages.place import Place
from offline.engine.errors import UsageError


def test_the_other_stage_is_taken_where_there_is_one_and_asked_for_where_not(place: Place) -> None:
    assert pair_of(place, None).right == "prd"
    (place.project_dir / "Pulumi.stg.yaml").write_text("config: {}\n")
    with pytest.raises(UsageError) as caught:
        pair_of(place, None)
    assert str(caught.value) == "Which stage to compare dev with? Say --with STAGE; other stages: prd, stg."
    assert pair_of(replace(place, stage="prd"), "stg").right == "stg"
    with pytest.raises(UsageError, match="--with dev: there is no other stage of that name; there are: prd, stg"):
        pair_of(place, "dev")
