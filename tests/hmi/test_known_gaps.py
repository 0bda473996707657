"""The gaps of the history as a window knows them."""

from __future__ import annotations

import pytest

from engine.types import Gap
from hmi.known_gaps import RETRY_US, KnownGaps
from hmi.recall import Recall
from tests.hmi.plant import NOW_US, tag

HOUR_US = 3_600_000_000
GAP = Gap(NOW_US - 3 * HOUR_US, NOW_US - 2 * HOUR_US, "engine")


@pytest.fixture
def known() -> KnownGaps:
    """The last eight hours asked for and answered."""
    made = KnownGaps()
    made.within(NOW_US - 8 * HOUR_US, NOW_US)
    span = made.next_ask(NOW_US)
    assert span is not None and span[0] < NOW_US - 8 * HOUR_US
    made.take(span, [GAP])
    return made


def test_only_gaps_that_reach_into_the_window_are_told(known: KnownGaps) -> None:
    assert known.within(NOW_US - 4 * HOUR_US, NOW_US) == (GAP,)
    assert known.within(NOW_US - HOUR_US, NOW_US) == ()


def test_window_inside_what_is_known_asks_nothing_and_one_outside_asks(known: KnownGaps) -> None:
    known.within(NOW_US - 12 * HOUR_US, NOW_US - 4 * HOUR_US)
    assert known.next_ask(NOW_US + 1000) is None
    known.within(NOW_US - 40 * HOUR_US, NOW_US - 32 * HOUR_US)
    assert known.next_ask(NOW_US + 1000) is not None


def test_recent_window_is_asked_for_again_while_it_is_looked_at(known: KnownGaps) -> None:
    assert known.next_ask(NOW_US + 10_000_000) is None, "nobody looks"
    known.within(NOW_US - HOUR_US, NOW_US)
    assert known.next_ask(NOW_US + 10_000_000) is not None
    known.within(NOW_US - HOUR_US, NOW_US)
    assert known.next_ask(NOW_US + 20_000_000) is None, "one question at a time"


def test_refused_question_comes_again_later(known: KnownGaps) -> None:
    known.within(NOW_US - 40 * HOUR_US, NOW_US - 39 * HOUR_US)
    assert known.next_ask(NOW_US + 1) is not None
    known.refuse(NOW_US + 1, "the disk is gone")
    known.within(NOW_US - 40 * HOUR_US, NOW_US - 39 * HOUR_US)
    assert known.next_ask(NOW_US + 2) is None
    known.within(NOW_US - 40 * HOUR_US, NOW_US - 39 * HOUR_US)
    assert known.next_ask(NOW_US + 2 + RETRY_US) is not None


def test_gap_of_another_source_or_tag_is_not_told_to_a_pen() -> None:
    recall = Recall()
    recall.set_tags([tag("A/x")])
    recall.gaps([0], NOW_US - 8 * HOUR_US, NOW_US)
    span = recall.known_gaps.next_ask(NOW_US)
    assert span is not None
    start_us, end_us = GAP.start_us, GAP.end_us
    ours = [GAP, Gap(start_us, end_us, "link", source="press"), Gap(start_us, end_us, "dropped", tag_id=1)]
    others = [
        Gap(start_us, end_us, "link", source="air"),
        Gap(start_us, end_us, "dropped", "press", tag_id=2),
    ]
    recall.known_gaps.take(span, [*ours, *others])
    assert list(recall.gaps([0], NOW_US - 8 * HOUR_US, NOW_US)) == ours


def test_silent_engine_is_told_as_the_reason_while_something_is_missing() -> None:
    recall = Recall()
    recall.set_tags([tag("A/x")])
    recall.now_us = NOW_US
    recall.curve(0, NOW_US - HOUR_US, NOW_US, 500, None)
    assert recall.detail([0], 500).trouble == "the engine does not answer"
    recall.is_reached = True
    assert recall.detail([0], 500).trouble == ""
