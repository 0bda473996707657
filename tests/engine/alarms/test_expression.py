"""What an expression says of arrays, and that nothing but an expression is ever read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alarms.expression import compiled
from engine.types.expressions import DEEPEST, ExpressionError, parse, with_states, written_with

STATES = {"S": {1: "running", 4: "not running"}}
NAN = math.nan


def said(text: str, **values: float) -> float:
    """What the expression says where its tags have these values."""
    expression = with_states(parse(text), STATES)
    arrays = [np.array([[values[tag]]]) for tag in expression.tags] or [np.zeros((1, 1))]
    with np.errstate(all="ignore"):
        return float(compiled(expression.root)(arrays)[0, 0])


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        ("{a} > 180 and not {b} == 3", {"a": 181, "b": 2}, 1),
        ("{a} > 180 and not {b} == 3", {"a": 181, "b": 3}, 0),
        ("1 + 2 * 3 - 4 / 2 == {a}", {"a": 5}, 1),
        ("-{a} < -1 <= {b}", {"a": 2, "b": -1}, 1),
        ("abs({a} - {b}) >= max({a}, {b}, 10) - min(1, 2)", {"a": 1, "b": -8}, 1),
        ("({a} > 0) + ({b} > 0) + ({c} > 0) >= 2", {"a": 1, "b": 0, "c": 2}, 1),
        ('{S} == "running" or "not running" != {S}', {"S": 4}, 0),
        ("not {a}", {"a": 0}, 1),
        (" {a}!=.5e1 ", {"a": 5}, 0),
        ("{a and not (b) > 1} > 1", {"a and not (b) > 1": 2}, 1),
    ],
)
def test_an_expression_says_what_it_reads_like(text: str, values: dict[str, float], answer: float) -> None:
    assert said(text, **values) == answer


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{a} / {b} > 1", {"a": 1, "b": 0}),
        ("{a} > 1", {"a": NAN}),
        ("not {a} > 1", {"a": NAN}),
        ("{a} > 1 or {b} > 1", {"a": NAN, "b": 0}),
        ("{a} > 1 and {b} > 1", {"a": NAN, "b": 2}),
        ("min({a}, {b}) < 1", {"a": NAN, "b": 0}),
        ("{a} != {b}", {"a": NAN, "b": 0}),
    ],
)
def test_what_cannot_be_known_is_not_known(text: str, values: dict[str, float]) -> None:
    assert math.isnan(said(text, **values))


def test_a_part_that_decides_needs_no_others() -> None:
    assert said("{b} != 0 and {a} / {b} > 1", a=1, b=0) == 0
    assert said("{b} == 0 or {a} / {b} > 1", a=1, b=0) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it is empty"),
        ("{a} = 3", "column 5: write == to compare"),
        ("{a} > 1 && {b}", "column 9: write and"),
        ("{a > 1", "column 1: a brace is opened and not closed"),
        ("{} > 1", "column 1: the braces are empty"),
        ('{a} == "on', "column 8: a quote is opened and not closed"),
        ("{a} > ", "column 6: something is missing"),
        ("pressure > 1", 'column 1: "pressure" is not known: write tags in braces'),
        ("{a} ** 2 > 1", "column 1: this cannot be used"),
        ("{a} // 2 > 1", "column 1: this cannot be used"),
        ("abs({a}, {b}) > 1", "column 1: abs takes one value"),
        ("min({a}) > 1", "column 1: min takes 2 values or more"),
        ("{a} > 1) or (1 > 2", "column 8: a parenthesis is closed that was not opened"),
        ("{a}.real > 1", "column 4: this is not a number"),
        ("{a}[0] > 1", 'column 4: "[" cannot be used here'),
        ("{a}(1) > 1", "column 1: this cannot be used"),
        ("{a}, {b}", "column 1: this cannot be used"),
        ("{a} > 1.2.3", "column 7: this is not a number"),
        ("{a} > 1 # no", 'column 9: "#" cannot be used here'),
        ("x" * 1001, "it has 1001 characters: use at most 1000"),
        ("-" * (DEEPEST + 2) + "{a}", f"column {DEEPEST + 2}: it is nested too deeply"),
        ('{S} == "stopped"', 'column 8: "stopped" is no state of "S": use "running", "not running"'),
        ('{a} == "stopped"', 'column 8: "stopped" is no state of "a": it has no states in tags.csv'),
        ('{S} > "running"', 'column 7: "running" is compared with no tag'),
    ],
)
def test_a_mistake_is_told_with_its_column(text: str, sentence: str) -> None:
    with pytest.raises(ExpressionError) as error:
        with_states(parse(text), STATES)
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')",
        "().__class__ == 1",
        "lambda: {a}",
        "[{a} for x in {b}]",
        "{a} if {b} else {c}",
        "(x := {a}) > 1",
        "print({a})",
        "abs.__globals__ == 1",
        "f'{a}' > 1",
        "{a} is {b}",
        "{a} in ({b}, {c})",
        "~{a} > 1",
        "await {a}",
        "max(*{a})",
        "min({a}, key={b})",
        "{a}\x00 > 1",
        "True",
        "9 ** 9 ** 9 > {a}",
    ],
)
def test_nothing_of_python_but_expressions_is_let_through(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='{}ab"1.5eE+-*/<>=!() ,andortminxs\\\n#[]é', max_size=40))
def test_any_text_is_an_expression_or_told_as_none(text: str) -> None:
    try:
        expression = with_states(parse(text), {})
    except ExpressionError as error:
        assert str(error)
        return
    with np.errstate(all="ignore"):
        answer = compiled(expression.root)([np.zeros(3)] * max(len(expression.tags), 1))
    assert answer.shape == (3,)


def trees() -> st.SearchStrategy[tuple[str, str]]:
    """Expressions, and the same as Python has them: its own ``and`` gives one of the two."""
    leaf = st.sampled_from([("{a}", "a"), ("{b}", "b"), ("2", "2"), ("0.5", "0.5")])

    def grown(inner: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
        sign = st.sampled_from(["+", "-", "*", "<", ">=", "==", "!="])
        word = st.sampled_from(["and", "or"])
        return st.one_of(
            st.tuples(inner, sign, inner).map(lambda x: _both(x[0], x[2], f"({{}} {x[1]} {{}})")),
            st.tuples(inner, word, inner).map(
                lambda x: (f"({x[0][0]} {x[1]} {x[2][0]})", f"(bool({x[0][1]}) {x[1]} bool({x[2][1]}))")
            ),
            inner.map(lambda x: (f"(not {x[0]})", f"(not {x[1]})")),
            inner.map(lambda x: (f"abs(-{x[0]})", f"abs(-{x[1]})")),
            st.tuples(inner, inner).map(lambda x: _both(x[0], x[1], "max({}, {})")),
        )

    return st.recursive(leaf, grown, max_leaves=8)


def _both(a: tuple[str, str], b: tuple[str, str], pattern: str) -> tuple[str, str]:
    return pattern.format(a[0], b[0]), pattern.format(a[1], b[1])


@settings(max_examples=150, deadline=None)
@given(trees(), st.sampled_from([-1.0, 0.0, 0.5, 2.0]), st.sampled_from([0.0, 1.0, 3.0]))
def test_precedence_and_answers_are_those_of_arithmetic(text: tuple[str, str], a: float, b: float) -> None:
    names: dict[str, Any] = {"a": a, "b": b, "abs": abs, "max": max, "bool": bool, "__builtins__": {}}
    assert said(text[0], a=a, b=b) == float(eval(text[1], names))


def test_names_are_replaced_in_their_braces_alone() -> None:
    written = written_with('{./A} > 1 and {B} == "./A"', {"./A": "X/A"})
    assert written == '{X/A} > 1 and {B} == "./A"'
