"""RDS's parameter formulas: their values on documented classes, and where a malformed one is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.budget.formula import FormulaError, evaluate

GIB = 2**30
AURORA = "GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000})"


@pytest.mark.parametrize(
    ("gib", "documented"),
    [(2, 45), (4, 90), (8, 135), (16, 1000), (32, 2000), (64, 3000), (256, 5000), (384, 6000), (768, 7000)],
)
def test_aurora_mysqls_documented_table(gib: int, documented: int) -> None:
    assert evaluate(AURORA, {"DBInstanceClassMemory": gib * GIB}) == documented


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("60", 60),
        (" 60 ", 60),
        ("{DBInstanceClassMemory/12582880}", 85),
        ("{ DBInstanceClassMemory / 12582880 }", 85),
        ("{DBInstanceClassMemory*3/12582880}", 256),
        ("{DBInstanceVCPU*4}", 8),
        ("{EndPointPort}", 3306),
        ("{TrueIfReplica*7}", 0),
        ("LEAST({DBInstanceClassMemory/9531392},5000)", 112),
        ("least({DBInstanceClassMemory/9531392}, 50)", 50),
        ("Greatest(1,2,SUM(3,4))", 7),
        ("{log(DBInstanceClassMemory/268435456)*10}", 20),
        ("{log(DBInstanceClassMemory/4294967296)*10}", -20),
    ],
)
def test_values(text: str, value: int) -> None:
    variables = {"DBInstanceClassMemory": GIB, "DBInstanceVCPU": 2, "EndPointPort": 3306, "TrueIfReplica": 0}
    assert evaluate(text, variables) == value


VARIABLES = "one of the variables AllocatedStorage, DBInstanceClassMemory, DBInstanceVCPU, EndPointPort, TrueIfReplica"
START = 'an integer, "{" or one of GREATEST, LEAST, SUM'


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("", 1, f"found the end, {START} is required"),
        ("ten", 1, f'found "ten", {START} is required'),
        ("{dbinstanceclassmemory/2}", 2, f'found "dbinstanceclassmemory", {VARIABLES} is required'),
        ("{DBInstanceClassMemory/2", 25, 'found the end, "}" is required'),
        ("{DBInstanceClassMemory/0}", 24, "division by zero"),
        ("{DBInstanceClassMemory/x}", 24, 'found "x", an integer is required'),
        ("{DBInstanceClassMemory+1}", 23, "'+' has no meaning here"),
        ("{AllocatedStorage}", 2, "AllocatedStorage is not known before the instance exists"),
        ("LEAST(1,)", 9, f'found ")", {START} is required'),
        ("LEAST(1", 8, 'found the end, ")" is required'),
        ("LEAST 1", 7, 'found "1", "(" is required'),
        ("60 61", 4, 'found "61", the end is required'),
        ("{log(EndPointPort)*1}", 18, 'found ")", "/" is required'),
        ("{log(TrueIfReplica/2)*1}", 6, "the logarithm of 0 does not exist"),
        ("9" * 20, 1, "an integer of 20 digits, 19 are the most"),
        ("SUM(" * 20 + "1", 69, "functions are nested more than 16 deep"),
    ],
)
def test_a_malformed_formula_says_where_it_is_wrong(text: str, position: int, problem: str) -> None:
    variables = {"DBInstanceClassMemory": GIB, "EndPointPort": 3306, "TrueIfReplica": 0}
    assert evaluate(text, variables) == FormulaError(text=text, position=position, problem=problem)


def test_an_error_reads_as_a_sentence() -> None:
    assert str(evaluate("{EndPointPort", {"EndPointPort": 1})) == (
        '"{EndPointPort" is wrong at character 14: found the end, "}" is required'
    )


pieces = st.sampled_from(
    [
        "{", "}", "(", ")", ",", "*", "/", "log", "LEAST", "SUM", "DBInstanceClassMemory", "12582880", "0", " ", "x",
        "-", "\n",
    ]
)  # fmt: skip


@given(st.lists(pieces, max_size=25).map("".join) | st.text(max_size=40), st.integers(0, 2**45))
def test_it_never_raises_and_points_into_the_text(text: str, memory: int) -> None:
    found = evaluate(text, {"DBInstanceClassMemory": memory})
    assert isinstance(found, int) or 1 <= found.position <= len(text) + 1
