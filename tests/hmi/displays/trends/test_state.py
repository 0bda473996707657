"""Which pens are drawn, and how: without a window."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.types import Project
from hmi.displays.trends import state as trends
from hmi.displays.trends.state import Trends
from hmi.model import build
from hmi.pens import MOST_PENS
from hmi.theme import load_theme
from tests.hmi.displays.trends.plant import (
    FORCE,
    MANY,
    MODEL,
    OIL,
    PRESS,
    PRESSURE,
    PUMP,
    SERIAL,
    STATE,
    TAGS,
)
from tests.hmi.plant import PLANT

COLOURS = load_theme("light").pens
EMPTY = Trends(MODEL)


def with_pens(*paths: str) -> Trends:
    """A state with these pens."""
    return trends.added(EMPTY, paths).state


def test_unit_stands_for_the_tags_worth_drawing_in_it() -> None:
    assert trends.tags_of(MODEL, PRESS) == (PRESSURE, OIL)
    assert trends.tags_of(MODEL, FORCE) == (FORCE,)
    assert trends.tags_of(MODEL, "nowhere") == ()


def test_pen_keeps_its_colour_when_another_goes_and_the_colour_is_given_again() -> None:
    state = with_pens(PRESSURE, OIL, FORCE)
    left = trends.removed(state, OIL)
    before = {pen.path: pen.colour for pen in trends.pens(state, COLOURS)}
    after = {pen.path: pen.colour for pen in trends.pens(left, COLOURS)}
    assert after == {path: before[path] for path in (PRESSURE, FORCE)}
    again = trends.pens(trends.added(left, [PUMP]).state, COLOURS)
    assert again[-1].colour == before[OIL]


def test_same_tag_is_not_drawn_twice() -> None:
    assert trends.added(with_pens(PRESSURE), [PRESSURE, OIL]).state.paths == (PRESSURE, OIL)


def test_text_and_unknown_tags_are_refused_in_words() -> None:
    text, unknown = trends.added(EMPTY, [SERIAL]), trends.added(EMPTY, ["nowhere"])
    assert text.state.drawn == unknown.state.drawn == ()
    assert "text" in text.note and "nowhere" in unknown.note


def test_thirty_third_pen_is_refused_in_words() -> None:
    done = trends.added(EMPTY, MANY[: MOST_PENS + 1])
    assert len(done.state.drawn) == MOST_PENS and str(MOST_PENS) in done.note
    looks = {(pen.colour, pen.dash) for pen in trends.pens(done.state, COLOURS)}
    assert len(looks) == MOST_PENS


def test_hidden_pen_stays_in_the_list_and_leaves_the_plot() -> None:
    state = trends.hidden(with_pens(PRESSURE, OIL), PRESSURE)
    made = trends.pens(state, COLOURS)
    assert [pen.path for pen in made] == [PRESSURE, OIL]
    assert [pen.path for pen in trends.visible(state, made)] == [OIL]
    assert trends.hidden(state, PRESSURE) == with_pens(PRESSURE, OIL)


def test_axis_of_a_pen_can_be_its_own_or_its_range_and_a_state_has_no_choice() -> None:
    state = with_pens(PRESSURE, STATE)
    assert trends.axis_choices(state, PRESSURE) == ("shared", "own", "range")
    assert trends.axis_choices(state, STATE) == ()
    own, ranged = (
        trends.pens(trends.with_axis(state, PRESSURE, each), COLOURS)[0] for each in ("own", "range")
    )
    assert own.has_own_axis and own.scale is None
    assert ranged.scale == (0, 250)


def test_chosen_pen_is_let_go_by_a_second_tap_and_by_taking_it_out() -> None:
    state = trends.chosen(with_pens(PRESSURE, OIL), OIL)
    assert state.chosen == OIL
    assert trends.chosen(state, OIL).chosen == ""
    assert trends.removed(state, OIL).chosen == ""


def test_pens_are_kept_by_path_when_the_plant_is_read_again() -> None:
    state = trends.chosen(with_pens(PRESSURE, FORCE), FORCE)
    fewer = build(Project("", PLANT, (), TAGS[1:4] + TAGS[0:1]))
    after = trends.opened(fewer, state)
    assert after.paths == (PRESSURE,) and after.chosen == ""
    assert trends.pens(after, COLOURS)[0].index == 3


def test_layout_comes_back_as_it_was_through_a_file() -> None:
    state = trends.with_axis(trends.hidden(with_pens(PRESSURE, OIL, FORCE), OIL), FORCE, "own")
    state = trends.removed(state, PRESSURE)
    content = msgspec.json.encode(trends.layout(state, 600.0))
    assert trends.restored(MODEL, msgspec.json.decode(content)) == state


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([PRESSURE, OIL, SERIAL]),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["path", "place", "axis"]), inner),
        max_leaves=12,
    )
)
def test_damaged_layout_is_taken_as_far_as_it_goes(saved: object) -> None:
    state = trends.restored(MODEL, {"pens": saved, "chosen": saved})
    assert len(set(state.paths)) == len(state.paths) and set(state.paths) <= {PRESSURE, OIL}
    assert state.chosen in ("", *state.paths)
    trends.pens(state, COLOURS)


def test_machine_of_a_tag_is_told_short() -> None:
    assert trends.where(MODEL, PRESSURE) == "S50 › Hydraulics"
    assert trends.where(MODEL, STATE) == "S50 Roof press"
