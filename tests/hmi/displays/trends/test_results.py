"""What the engine works out over the marked stretch: statistics, and where it was alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtTest import QTest

from hmi.displays.trends.view import TrendsView
from tests.hmi.displays.trends.acting import DAY_US, DONE, LEFT, MINUTE_US, ToldFeed, frame, press, select
from tests.hmi.displays.trends.plant import MODEL, PRESSURE
from tests.hmi.looking import see
from tests.hmi.plant import NOW_US
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen


def test_statistics_come_as_a_table_in_place_of_the_figures(view: TrendsView, feed: ToldFeed) -> None:
    one = {"low": 1.0, "high": 3.0, "mean": 2.0, "deviation": 0.25, "samples": 9, "good": 0.5}
    feed.answers["statistics"] = {**DONE, "result": {"statistics": [one, one]}}
    start_us, end_us = select(view)
    press(view, "statistics")
    name, body = feed.sent[-1]
    assert name == "job" and (body["body"]["start_us"], body["body"]["end_us"]) == (start_us, end_us)
    results = view.tools.results
    assert results.table.isVisible() and not view.readout.isVisible()
    assert [row[1] for row in results.table.rows.cells] == ["1.0\u202fbar", "1.0\u202f°C"]
    assert problems(results) == []
    QTest.mouseClick(results.close_button, LEFT)
    assert view.readout.isVisible() and not results.isVisible()


def test_long_statistics_show_how_far_they_are_and_are_cancelled(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["statistics"] = {**DONE, "progress": 0.3, "done": False}
    feed.answers["job_state"] = {**DONE, "progress": 0.4, "done": False}
    select(view)
    press(view, "statistics")
    results = view.tools.results
    see(lambda: results.progress.isVisible() and "40" in results.progress.accessibleName())
    QTest.mouseClick(results.cancel, LEFT)
    assert ("job_cancel", {"job": 7}) in feed.sent
    assert "Cancelled" in results.words.text() and not results.progress.isVisible()


def test_refused_work_says_why(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["similar"] = "the selected stretch is too short; select a longer one"
    select(view)
    press(view, "similar")
    assert view.tools.results.words.text() == "The selected stretch is too short; select a longer one."


def test_answer_to_work_that_is_not_wanted_any_more_is_dropped(view: TrendsView, feed: ToldFeed) -> None:
    later: list[Callable[[Any], None]] = []
    feed.submit = lambda name, body, on_done, on_error: later.append(on_done)  # type: ignore[method-assign]
    select(view)
    press(view, "statistics")
    press(view, "similar")
    later[0]({**DONE, "result": {"statistics": []}})
    assert "Searching" in view.tools.results.words.text()


def found(*places: tuple[int, float]) -> dict[str, Any]:
    matches = [
        {"start_us": start_us, "end_us": start_us + 2 * MINUTE_US, "likeness": likeness}
        for start_us, likeness in places
    ]
    return {**DONE, "result": {"matches": matches}}


def test_match_is_shown_with_the_selection_over_it(view: TrendsView, feed: ToldFeed) -> None:
    there_us = NOW_US - DAY_US
    feed.answers["similar"] = found((there_us, 0.94), (there_us - DAY_US, 0.6))
    start_us, end_us = select(view)
    press(view, "similar")
    cards = view.tools.results.similar.cards
    assert [card.accessibleName() for card in cards] == [
        "Sat 21 Nov 14:13:46, almost the same · 94 %",
        "Fri 20 Nov 14:13:46, like it · 60 %",
    ]
    QTest.mouseClick(cards[0], LEFT)
    compare = view.tools.comparing.compare
    assert compare is not None and compare.by_us == there_us - start_us
    frame(view)
    shown = view.trend.plot.shown
    assert shown is not None and shown.start_us < there_us < there_us + 2 * MINUTE_US < shown.end_us
    beside = view.trend.plot.beside
    assert list(beside) == [MODEL.index[PRESSURE]]
    assert (
        view.tools.comparing.bar.isVisible() and "selected stretch" in view.tools.comparing.bar.there.text()
    )
    assert end_us - start_us == 2 * MINUTE_US and problems(view.tools.results) == []


def test_nothing_similar_teaches(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["similar"] = found()
    select(view)
    press(view, "similar")
    assert "clear shape" in view.tools.results.words.text()
