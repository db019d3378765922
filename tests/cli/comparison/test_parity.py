"""`./run parity` on previews of the real stages."""

from cli.comparison.parity import parity
from cli.stages.place import Place


def test_the_real_stages_differ_by_intent_alone(place: Place) -> None:
    lines: list[str] = []
    assert parity(place, write=lines.append) == 0
    assert [line for line in lines if "ACCIDENT" in line] == []
    assert lines[-1].endswith(" differences by intent, 0 by accident")
    titles = {line.partition(":")[0] for line in lines if " by intent, 0 by accident" in line}
    assert {"the stage itself", "datalab-api", "gateway", "legacy-api", "tracking-api", "ranking-batch"} <= titles
