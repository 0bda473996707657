"""The chips of the links and the list behind them, in words."""

from __future__ import annotations

import pytest

from engine.types import EngineStatus
from hmi import links
from tests.hmi.plant import source
from tests.hmi.sources import early, refused, secured, silent, unreachable


def test_chip_is_calm_while_every_source_answers() -> None:
    assert links.chip([source(), source("line")]) == ("2 of 2", True)
    assert links.chip([]) == ("none configured", True)


def test_chip_names_the_first_source_in_trouble_and_counts_the_rest() -> None:
    sources = [source(), source("line", "refused", age_s=None), source("oven", "connecting", age_s=None)]
    assert links.chip(sources) == ("1 of 3 · line: refused, +1 more", False)


def test_list_says_that_an_open_link_is_open_and_what_was_lost() -> None:
    assert "open link, not encrypted" in links.facts(source(), "en")
    assert "3 samples dropped" in links.facts(source(dropped=3), "en")
    assert "2 reconnects" in links.facts(source(reconnects=2), "en")


def test_trouble_is_told_in_whole_sentences_as_the_engine_told_it() -> None:
    assert links.trouble(refused()) == (
        "The certificate of press's server is not trusted.",
        "Compare its thumbprint with the one shown at the server, then trust it below.",
    )
    what, do = links.trouble(unreachable())
    assert what == "oven does not answer at 192.168.10.71 port 502 (no route to host)."
    assert do.startswith("Check that the device has power")


def test_old_trouble_of_a_link_that_works_again_is_not_told() -> None:
    assert links.trouble(source(last_error="an old story")) == ("", "")


@pytest.mark.parametrize("state", ["connecting", "stale", "refused", "stopped"])
def test_no_state_but_connected_is_ever_without_words_and_something_to_do(state: str) -> None:
    for age_s in (None, 64.0):
        what, do = links.trouble(source(state=state, age_s=age_s))
        assert what.endswith(".") and do.endswith(".")
        assert "press" in what or "127.0.0.1" in what, "the device is named"


def test_reason_of_a_refusal_is_the_last_error_where_there_is_no_other() -> None:
    assert links.trouble(source(state="refused", last_error="no room for a session")).what == (
        "No room for a session."
    )


@pytest.mark.parametrize("offset_s", [None, 0.0, 4.9, -5.0])
def test_no_clock_chip_while_every_clock_is_right_or_not_told(offset_s: float | None) -> None:
    assert links.clock_chip([secured(clock_offset_s=offset_s)]) is None


def test_clock_chip_names_the_clock_that_is_furthest_off_and_counts_the_rest() -> None:
    assert links.clock_chip([secured(), early()]) == ("Clock of press", "62 s ahead", "press")
    found = links.clock_chip([early(), secured("line", clock_offset_s=-400.0)])
    assert found == ("Clock of line", "6 min behind, +1 more", "line")


def test_person_must_look_at_a_lost_link_a_bad_tag_and_a_wrong_clock_and_at_nothing_else() -> None:
    assert not links.needs_look(secured(notes=3, reconnects=4, last_error="long ago"))
    for poor in (silent(), refused(), unreachable(), early(), secured(good=811)):
        assert links.needs_look(poor)


def test_engine_line_tells_its_figures_or_that_there_are_none() -> None:
    status = EngineStatus(1, "0.1.0", 8132, 4, 4, 0, 0, 1234.0, 60.0, 0, 8.2, 143.0, 6.0)
    line = links.engine(status, "en")
    assert "running 2 h" in line and "1\u202f234 values/s" in line and "lag 8 ms" in line
    assert links.engine(None, "en") == "Engine: no figures yet"


def test_trouble_of_the_engine_takes_the_place_of_its_figures() -> None:
    status = EngineStatus(1, "0.1.0", 8132, 4, 4, 0, 0, 1234.0, 60.0, 0, 8.2, 143.0, 6.0, "the disk is full")
    assert links.engine(status, "en") == "Engine: the disk is full"
