"""What the overview shows, decided without a screen."""

from __future__ import annotations

import numpy as np
import pytest

from hmi import values
from hmi.displays.stalled import as_stalled
from hmi.displays.unit import tags_state
from hmi.formats import NO_VALUE
from tests.hmi.plant import BAD, NEVER, NOW_US, PLANT, STALE, TAGS, UNCERTAIN, curve, snapshot, tag

TEXT = tag("a/Recipe", "", None, None, type="string")
MODE = tag("a/Mode", "", None, None, type="int32", states={0: "Stopped", 2: "Running"})


def test_tags_of_one_equipment_stand_side_by_side() -> None:
    state = tags_state.opened(TAGS)
    assert [TAGS[i].path.rsplit("/", 1)[1] for i in state.order] == [
        "Pressure",
        "Oil temperature",
        "Pump running",
        "Header pressure",
    ]


def test_first_pen_is_the_first_critical_measurement() -> None:
    tags = (tag("a/x", type="bool", criticality="critical"), tag("a/y"), tag("a/z", criticality="critical"))
    assert tags_state.opened(tags).pens == (2,)
    assert tags_state.opened(tags[:2]).pens == (1,)
    assert tags_state.opened(tags[:1]).pens == (0,)
    assert tags_state.opened((tag("a/text", type="string"),)).pens == ()


def test_filter_wants_every_word_in_any_case() -> None:
    state = tags_state.opened(TAGS)
    assert tags_state.filtered(state, "s50 TEMP").shown == (1,)
    assert tags_state.filtered(state, "°c").shown == (1,)
    assert tags_state.filtered(state, "no such tag").shown == ()
    assert tags_state.filtered(state, "  ").shown == state.order


def test_tap_shows_one_tag_and_adding_keeps_the_others() -> None:
    state = tags_state.chosen(tags_state.opened(TAGS), 2)
    assert (state.pens, state.focus) == ((2,), 2)
    state = tags_state.toggled(state, 1)
    assert (state.pens, state.focus) == ((2, 1), 1)
    state = tags_state.toggled(state, 1)
    assert (state.pens, state.focus) == ((2,), 2)


def test_ninth_pen_is_refused() -> None:
    state = tags_state.opened(tuple(tag(f"a/{n}") for n in range(10)))
    for index in range(1, 8):
        state = tags_state.toggled(state, index)
    assert len(state.pens) == tags_state.MAX_PENS
    assert tags_state.toggled(state, 9) == state


def test_new_tag_list_keeps_pens_and_filter_by_path() -> None:
    state = tags_state.filtered(tags_state.toggled(tags_state.opened(TAGS), 2), "pressure")
    again = tags_state.opened((TAGS[2], tag("new/one"), TAGS[0]), state)
    assert again.pens == (2, 0)
    assert again.focus == 0
    assert again.shown == (0, 2)


def test_removed_tag_takes_its_pen_with_it() -> None:
    state = tags_state.chosen(tags_state.opened(TAGS), 2)
    again = tags_state.opened(TAGS[:2], state)
    assert again.pens == (0,)
    assert again.focus == 0


def test_good_value_is_a_number_with_unit_and_a_place_in_its_range() -> None:
    tile = values.reading(TAGS[0], snapshot(), 0, PLANT)
    assert (tile.value, tile.unit, tile.quality, tile.kind) == ("218.6", "bar", "good", "normal")
    assert tile.level == pytest.approx(218.64 / 250)
    assert values.reading(TAGS[3], snapshot(), 3, PLANT).value == "on"


def test_stale_value_keeps_its_number_and_says_how_old_it_is() -> None:
    tile = values.reading(TAGS[0], snapshot(status={0: STALE}), 0, PLANT)
    assert (tile.value, tile.kind, tile.quality) == ("218.6", "stale", "stale · 3 min ago")


@pytest.mark.parametrize("code", [BAD, 0x80000000, 0x80890000, 0x80050000])
def test_bad_value_is_never_a_number(code: int) -> None:
    tile = values.reading(TAGS[0], snapshot(status={0: code}), 0, PLANT)
    assert (tile.value, tile.unit, tile.level, tile.kind) == (NO_VALUE, "", None, "bad")
    assert tile.quality.startswith("bad: ")


def test_bad_value_stays_bad_when_it_is_stale_too() -> None:
    both = snapshot(status={0: BAD})
    both.stale[0] = True
    assert values.reading(TAGS[0], both, 0, PLANT).kind == "bad"


def test_value_that_never_came_says_so() -> None:
    tile = values.reading(TAGS[0], snapshot(status={0: NEVER}), 0, PLANT)
    assert (tile.value, tile.kind, tile.quality, tile.age) == (
        NO_VALUE,
        "never",
        "no value received yet",
        "never",
    )


def test_uncertain_value_is_shown_with_its_reason() -> None:
    tile = values.reading(TAGS[0], snapshot(status={0: UNCERTAIN}), 0, PLANT)
    assert (tile.value, tile.kind, tile.quality) == ("218.6", "uncertain", "uncertain: sensor not accurate")


def test_no_tile_is_ever_blank_without_words() -> None:
    codes = (0, STALE, BAD, UNCERTAIN, NEVER)
    tiles = [
        values.reading(TAGS[0], snapshot(status={0: code} if code else None), 0, PLANT) for code in codes
    ]
    tiles.append(values.reading(TAGS[0], None, 0, PLANT))
    texts = (None, {0: ""}, {0: " \n"}, {0: "Ready"})
    tiles += [values.reading(TEXT, snapshot(text=text), 0, PLANT) for text in texts]
    tiles += [values.reading(MODE, snapshot((number,)), 0, PLANT) for number in (0.0, 7.0, 2.5)]
    assert all(tile.value and tile.quality for tile in tiles)


def test_only_tiles_that_look_different_are_painted_again() -> None:
    before = snapshot()
    assert values.changed(None, before).all()
    same = snapshot(age_s=0.4)
    assert not values.changed(before, same).any()
    newer = snapshot()
    newer.version[1] += 1
    assert values.changed(before, newer).tolist() == [False, True, False, False]


def test_tile_of_an_old_value_is_painted_again_every_second() -> None:
    before, after = snapshot(status={2: STALE}), snapshot(status={2: STALE})
    assert not values.changed(before, after).any()
    after.age_s[2] += 1
    assert values.changed(before, after).tolist() == [False, False, True, False]


def test_stalled_snapshot_has_nothing_current_and_grows_older() -> None:
    stalled = as_stalled(snapshot(status={1: BAD}), 14_000_000)
    kinds = [values.reading(TAGS[i], stalled, i, PLANT).kind for i in range(len(TAGS))]
    assert kinds == ["stale", "bad", "stale", "stale"]
    assert stalled.age_s[0] == pytest.approx(14.2)


def test_curve_is_drawn_on_to_the_last_proof_and_not_further() -> None:
    line = curve([-60, -30], [217, 218])
    longer = values.with_proof(line, snapshot(age_s=2.0), 0, NOW_US, NOW_US + 5_000_000)
    assert longer.time_us[-1] == NOW_US - 2_000_000
    assert longer.high[-1] == 218.64


def test_value_that_did_not_change_is_drawn_to_the_end_of_a_paused_window() -> None:
    line = curve([-60, -50], [217, 185])
    longer = values.with_proof(line, snapshot(), 0, NOW_US, NOW_US - 30_000_000)
    assert longer.time_us[-1] == NOW_US - 30_000_000
    assert longer.high[-1] == 185, "what it was then, not what it is now"


@pytest.mark.parametrize("code", [STALE, BAD, UNCERTAIN, NEVER])
def test_curve_of_an_unproven_value_is_not_drawn_on(code: int) -> None:
    line = curve([-60, -30], [217, 218])
    assert values.with_proof(line, snapshot(status={0: code}), 0, NOW_US, NOW_US) is line


def test_curve_that_ends_in_a_gap_is_not_drawn_on() -> None:
    line = curve([-60, -30], [217, np.nan])
    assert values.with_proof(line, snapshot(), 0, NOW_US, NOW_US) is line


def test_summary_counts_what_needs_a_look() -> None:
    state = tags_state.opened(TAGS)
    assert tags_state.summary(state, snapshot()) == "4 tags · all good"
    assert tags_state.summary(state, snapshot(status={0: STALE, 1: BAD})) == "4 tags · 1 stale · 1 bad"
    assert tags_state.summary(state, snapshot(status={0: NEVER})) == "4 tags · 1 without a value yet"
    assert tags_state.summary(tags_state.filtered(state, "air"), snapshot()) == "1 of 4 tags · all good"


def test_range_is_told_in_words_or_how_to_give_one() -> None:
    assert values.range_text(TAGS[0], PLANT) == "0 to 250 bar"
    assert "tags.csv" in values.range_text(tag("a/b", "", None, None), PLANT)


def test_unit_stands_still_because_room_is_kept_for_the_widest_number() -> None:
    shown = values.reading(TAGS[0], snapshot(), 0, PLANT)
    assert shown.widest == "250.0"
    assert values.reading(TAGS[3], snapshot(), 3, PLANT).widest == ""
    assert values.widest(tag("a/Strokes", "", 0, 1_000_000, decimals=0), PLANT) == ""


def test_tile_looks_the_same_while_its_words_and_pointer_do() -> None:
    before, after = (values.reading(TAGS[0], snapshot(age_s=age), 0, PLANT) for age in (0.2, 0.9))
    assert before.look == after.look
    stale = values.reading(TAGS[0], snapshot(status={0: STALE}), 0, PLANT)
    assert stale.look != before.look


def test_text_tag_shows_its_text_and_no_pointer() -> None:
    tile = values.reading(TEXT, snapshot(text={0: "Roof 4\n left"}), 0, PLANT)
    assert (tile.value, tile.whole, tile.kind) == ("Roof 4 left", "Roof 4\n left", "normal")
    assert (tile.level, tile.has_range, tile.unit, tile.quality) == (None, False, "", "good")
    assert tags_state.chosen(tags_state.opened((TEXT,)), 0).pens == (), "a text has no curve"


def test_very_long_text_is_cut_on_the_tile_and_whole_behind_it() -> None:
    text = '{"recipe": [' + "1, " * 20_000 + "2]}"
    tile = values.reading(TEXT, snapshot(text={0: text}), 0, PLANT)
    assert len(tile.value) == values.MOST_LETTERS + 1 and tile.value.endswith("…")
    assert tile.whole == text


def test_text_that_is_not_known_or_empty_says_so() -> None:
    unknown = values.reading(TEXT, snapshot(), 0, PLANT)
    assert (unknown.value, unknown.quality) == (NO_VALUE, "good, but the text is not known")
    assert values.reading(TEXT, snapshot(text={0: ""}), 0, PLANT).value == "(empty)"


def test_text_that_cannot_be_trusted_is_marked_and_a_bad_one_is_not_shown() -> None:
    stale = values.reading(TEXT, snapshot(status={0: STALE}, text={0: "Ready"}), 0, PLANT)
    assert (stale.value, stale.kind, stale.quality) == ("Ready", "stale", "stale · 3 min ago")
    for code in (BAD, NEVER):
        poor = values.reading(TEXT, snapshot(status={0: code}, text={0: "Ready"}), 0, PLANT)
        assert (poor.value, poor.whole) == (NO_VALUE, "")


def test_state_is_shown_with_its_word_and_an_unknown_one_as_its_number() -> None:
    for number, text in ((2.0, "2 Running"), (0.0, "0 Stopped"), (7.0, "7 ? unknown")):
        tile = values.reading(MODE, snapshot((number,)), 0, PLANT)
        assert (tile.value, tile.level, tile.has_range) == (text, None, False)
    assert values.range_text(MODE, PLANT) == "0 Stopped, 2 Running"
    assert values.extent_text(MODE, (0.0, 2.0), True, PLANT) == "0 Stopped to 2 Running"


def test_state_keeps_its_curve_and_needs_no_range_for_it() -> None:
    ranged = tag("a/Mode", "", 0, 10, type="int32", states={2: "Running"})
    assert tags_state.chosen(tags_state.opened((ranged,)), 0).pens == (0,)
    tile = values.reading(ranged, snapshot((2.0,)), 0, PLANT)
    assert (tile.level, tile.has_range, tile.widest) == (None, False, "")


def test_text_that_comes_after_its_number_is_painted_all_the_same() -> None:
    before, after = snapshot(), snapshot(text={1: "Ready"})
    assert values.changed(before, after).tolist() == [False, True, False, False]
    assert not values.changed(after, snapshot(text={1: "Ready"})).any()
    assert values.changed(after, snapshot(text={1: "Busy"})).tolist() == [False, True, False, False]
