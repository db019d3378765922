"""The options of `./run connections`: exact rates, and values that cannot be read."""

from fractions import Fraction

import pytest

from cli import main
from cli.connections.options import rate


@pytest.mark.parametrize(
    ("text", "a_second"),
    [("100/s", Fraction(100)), ("6000/min", Fraction(100)), ("90/h", Fraction(1, 40)), ("0.5", Fraction(1, 2))],
)
def test_rates_are_exact(text: str, a_second: Fraction) -> None:
    assert rate(text) == a_second


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--burst", "0"], "'0' is not an integer from 1 to 999999999"),
        (["--rate", "100/d"], '"100/d" has no unit of time that is known: N/s, N/min or N/h'),
        (["--rate", "-1/s"], "expected one argument"),
        (["--rate", "1e3"], '"1e3" is not a number above 0, such as 200 or 0.5'),
        (["--hold-ms", "0"], '"0" is not a number above 0, such as 200 or 0.5'),
        (["--hold-ms", "nan"], '"nan" is not a number above 0, such as 200 or 0.5'),
        (["--target", "gcp"], "invalid choice: 'gcp'"),
    ],
)
def test_values_that_cannot_be_read(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["connections", *arguments])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
