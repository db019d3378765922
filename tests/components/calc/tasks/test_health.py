"""The container agent asks the container itself, within the times ECS takes."""

import pytest

from components.calc.tasks.health import http_check


def test_the_check_asks_the_container_itself() -> None:
    check = http_check(3000, "/health", 60)
    assert check.command == ("CMD-SHELL", "wget -q -T 4 -O /dev/null http://127.0.0.1:3000/health || exit 1")
    assert (check.interval, check.timeout, check.retries) == (15, 5, 3)


def test_a_path_is_no_shell_text() -> None:
    command = http_check(3000, "/health&id;$(id)", 60).command[1]
    assert command == "wget -q -T 4 -O /dev/null 'http://127.0.0.1:3000/health&id;$(id)' || exit 1"


@pytest.mark.parametrize(("grace", "start_period"), [(0, 0), (300, 300), (301, 300), (7200, 300)])
def test_the_grace_period_ends_where_ecs_ends_it(grace: int, start_period: int) -> None:
    assert http_check(80, "/", grace).start_period == start_period
