"""The placeholder is a node one-liner on the port asked for."""

import pytest

from components.calc.tasks.placeholder import placeholder_command


@pytest.mark.parametrize("port", [1, 65535])
def test_ports_at_the_ends_of_the_range(port: int) -> None:
    assert f"listen({port}, '0.0.0.0')" in placeholder_command(port)[2]


def test_command() -> None:
    program, flag, script = placeholder_command(3000)
    assert (program, flag) == ("node", "-e")
    assert "listen(3000, '0.0.0.0')" in script
    assert "writeHead(200" in script
    assert "process.on('SIGTERM', () => process.exit(0));" in script


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_ports_that_do_not_exist(port: int) -> None:
    with pytest.raises(ValueError) as caught:
        placeholder_command(port)
    assert str(caught.value) == (
        f"The port {port} does not exist: a port is a number from 1 to 65535, for example 3000."
    )
