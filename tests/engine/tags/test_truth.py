"""Whether an expression holds now: what is not known is never taken for true."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.alarms.expression import compiled
from engine.tags.truth import Truth, truth
from engine.types.expressions import Expression, Node, parse, with_states


def ask(text: str, **values: float | None) -> Truth:
    def look(path: str) -> tuple[float | None, str]:
        value = values[path]
        return (value, "") if value is not None else (None, "no news from the source")

    return truth(parse(text), look)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("{a} > 5", True),
        ("{a} > 10", False),
        ("{a} - 4 == 2 * 3", True),
        ("not {b}", True),
        ("{a} / {b} > 1", False),
        ("abs(-{a}) == 10 and max({a}, 3) == 10 and min({a}, 3, 7) == 3", True),
        ("1 < {a} < 11", True),
        ("{b} or {a} != 10", False),
        ("+{a}", True),
    ],
)
def test_an_expression_over_good_values_says_yes_or_no(text: str, holds: bool) -> None:
    assert ask(text, a=10.0, b=0.0).holds is holds


def test_what_does_not_hold_says_what_was_found() -> None:
    assert ask("{a} > 20", a=10.0) == Truth(False, "a is 10")


@pytest.mark.parametrize("text", ["{a} > 5", "not {a}", "{a} != 3", "{a} or {b}", "not ({a} and {c})"])
def test_an_expression_that_hangs_on_an_unknown_value_does_not_hold(text: str) -> None:
    verdict = ask(text, a=None, b=0.0, c=1.0)
    assert not verdict.holds and "a: no news from the source" in verdict.why


def test_what_is_true_whatever_the_unknown_value_may_be_holds() -> None:
    assert ask("{a} or {b}", a=None, b=1.0).holds
    assert ask("not ({a} and {b})", a=None, b=0.0).holds


def test_a_value_that_is_no_number_is_unknown() -> None:
    assert not ask("not {a}", a=math.nan).holds
    assert not ask("{a} > 0", a=math.inf).holds


def test_dividing_by_zero_is_unknown_and_told() -> None:
    assert ask("1 / {a} < 5", a=0.0) == Truth(False, "it divides by zero")


def test_states_are_compared_by_their_numbers_and_a_word_alone_never_holds() -> None:
    expression = parse('{a} == "running"')
    assert not truth(expression, lambda path: (1.0, "")).holds
    assert truth(with_states(expression, {"a": {1: "running"}}), lambda path: (1.0, "")).holds


NUMBERS = st.sampled_from((-2.0, -1.0, 0.0, 0.5, 1.0, 3.0))
LEAVES = st.one_of(
    NUMBERS.map(lambda number: Node("number", number=number)),
    st.sampled_from((0.0, 1.0, 2.0)).map(lambda place: Node("tag", number=place)),
)


def _grown(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    pairs = ("+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "and", "or", "min", "max")
    return st.one_of(
        st.builds(
            lambda what, part: Node(what, (part,)), st.sampled_from(("neg", "abs", "not", "pos")), parts
        ),
        st.builds(lambda what, a, b: Node(what, (a, b)), st.sampled_from(pairs), parts, parts),
    )


@given(
    st.recursive(LEAVES, _grown, max_leaves=12),
    st.lists(st.one_of(NUMBERS, st.none()), min_size=3, max_size=3),
)
def test_it_says_the_same_as_the_expressions_of_alarms(root: Node, values: list[float | None]) -> None:
    expression = Expression(root, ("a", "b", "c"))
    known = dict(zip(expression.tags, values, strict=True))
    arrays = [np.array([np.nan if value is None else value]) for value in values]
    alarm = compiled(root)(arrays)[0]
    assert truth(expression, lambda path: (known[path], "")).holds == bool(alarm != 0 and not np.isnan(alarm))
