"""Where a pen is heading: what is asked and when, what is drawn, what is said, and when nothing is."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.types import Forecast
from hmi.displays.trends import forecast_state as ahead
from hmi.displays.trends.view import TrendsView
from hmi.pens import Pen
from hmi.theme import colour, load_theme
from hmi.widgets.trend_forecast import ahead_of
from tests.hmi.displays.trends.acting import LEFT, MINUTE_US, ToldFeed, frame
from tests.hmi.displays.trends.plant import MODEL, OIL, PRESSURE, PUMP, VALUES
from tests.hmi.plant import BAD, NOW_US, STALE, UNCERTAIN, curve, snapshot
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
HOUR_US = 60 * MINUTE_US
PEN = Pen(0, "Pressure", "bar", "#000000", decimals=1, path=PRESSURE, limits=((240.0, "hh"),))


def forecast(path: str = PRESSURE, **more: Any) -> Forecast:
    """Pressure climbs to 248 bar within 12 h, and crosses 240 bar after 9 h."""
    hours = np.arange(1, 13)
    middle = 203.0 + 45.0 * hours / 12
    facts: dict[str, Any] = {
        "at_us": tuple(int(NOW_US + each * HOUR_US) for each in hours),
        "middle": tuple(middle.tolist()),
        "low": tuple((middle - hours).tolist()),
        "high": tuple((middle + 1.5 * hours).tolist()),
        "limit": 240.0,
        "crosses_us": NOW_US + 9 * HOUR_US + 30 * MINUTE_US,
        "earliest_us": NOW_US + 8 * HOUR_US,
        "latest_us": NOW_US + 11 * HOUR_US,
    }
    return Forecast(path, **{**facts, **more})


def answer(*found: Forecast) -> Any:
    return msgspec.to_builtins({"forecasts": found})


def turn(view: TrendsView) -> None:
    QTest.mouseClick(view.tools.forecasting.button, LEFT)
    frame(view)


def said(view: TrendsView) -> str:
    return view.tools.forecasting.bar.words.text().replace("\u202f", " ")


def asked(feed: ToldFeed) -> list[dict[str, Any]]:
    return [body for name, body in feed.sent if name == "forecast"]


def test_nothing_is_asked_before_it_is_turned_on(view: TrendsView, feed: ToldFeed) -> None:
    for seconds in range(0, 200, 20):
        frame(view, NOW_US + seconds * 1_000_000)
    assert asked(feed) == [] and not view.tools.forecasting.bar.isVisible()


def test_forecast_is_drawn_from_the_last_value_and_its_crossing_told(
    view: TrendsView, feed: ToldFeed
) -> None:
    feed.answers["forecast"] = answer(forecast())
    turn(view)
    assert asked(feed) == [{"paths": (PRESSURE,), "ahead_s": ahead.AHEAD_S}]
    frame(view)
    drawn = view.tools.forecasting.drawn
    assert drawn is not None and drawn.pen.path == PRESSURE
    assert view.tools.forecasting.bar.mark.tier == "act", "trouble is foreseen"
    last = view.trend.plot.curves[0]
    assert drawn.middle[0] == drawn.low[0] == drawn.high[0] == last.high[-1]
    assert drawn.time_us[0] == last.time_us[-1]
    assert said(view).endswith(
        "crosses HH 240.0 bar about 23:43, 8 in 10 times between 22:13 and Mon 23 Nov 01:13."
    )
    frame(view, NOW_US + 1_000_000)
    shown = view.trend.plot.shown
    assert shown is not None and shown.end_us > NOW_US + 11 * HOUR_US, "all that matters is in the window"
    room = view.trend.plot.axis_of(view.trend.plot.pens[0]).range
    assert room is not None and room[1] > 240, "the axis has room for it"
    QTest.mouseClick(view.tools.forecasting.button, LEFT)
    frame(view)
    assert view.trend.plot.span_us == 600_000_000 and view.tools.forecasting.drawn is None
    assert view.trend.plot.shown is not None and view.trend.plot.shown.end_us < NOW_US + MINUTE_US


def test_cone_is_painted_in_the_ink_of_predictions_and_in_no_alarm_colour(
    view: TrendsView, feed: ToldFeed
) -> None:
    feed.answers["forecast"] = answer(forecast())
    turn(view)
    frame(view)
    frame(view, NOW_US + 1)
    look = load_theme("light")
    image = view.trend.plot.grab().toImage()
    inks = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(image.height())}
    assert colour(look.colour.prediction).name() in inks
    assert not inks & {colour(each).name() for each in look.alarms}


def test_engine_is_asked_once_a_minute_for_the_chosen_pen(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["forecast"] = answer(forecast())
    turn(view)
    for seconds in range(0, 60, 10):
        frame(view, NOW_US + seconds * 1_000_000)
    assert len(asked(feed)) == 1
    frame(view, NOW_US + 61 * 1_000_000)
    assert len(asked(feed)) == 2
    view.readout.chosen.emit(OIL)
    frame(view, NOW_US + 62 * 1_000_000)
    assert asked(feed)[-1]["paths"] == (OIL,) and "no forecast" in said(view)
    assert view.tools.forecasting.drawn is None


def test_nothing_is_foreseen_of_a_value_that_is_not_good(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["forecast"] = answer(forecast())
    turn(view)
    for status, why in ((STALE, "it is stale"), (BAD, "it is bad"), (UNCERTAIN, "its device doubts it")):
        frame(view)
        assert view.tools.forecasting.drawn is not None
        view.on_numbers(snapshot(VALUES, {0: status}))
        view.on_trends(NOW_US + 1_000_000)
        assert view.tools.forecasting.drawn is None and why in said(view)
        assert view.tools.forecasting.bar.mark.tier == ""


def test_nothing_is_foreseen_in_replay_nor_while_the_engine_is_silent(
    view: TrendsView, feed: ToldFeed
) -> None:
    feed.answers["forecast"] = answer(forecast())
    view.set_past(NOW_US)
    turn(view)
    assert asked(feed) == [] and "this is a replay" in said(view) and view.tools.forecasting.drawn is None
    view.set_past(None)
    view.set_stalled(True)
    frame(view)
    assert asked(feed) == [] and "the engine does not answer" in said(view)
    view.set_stalled(False)
    frame(view)
    frame(view)
    assert len(asked(feed)) == 1 and view.tools.forecasting.drawn is not None


def test_no_forecast_refusals_rubbish_and_age_are_said_in_words(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["forecast"] = answer()
    turn(view)
    frame(view)
    assert "Its past does not tell more than “it stays as it is”" in said(view)
    for seconds, told, words in (
        (61, "predictions are switched off", "no forecast. Predictions are switched off."),
        (122, {"forecasts": 5}, "in a way we do not know"),
    ):
        feed.answers["forecast"] = told
        frame(view, NOW_US + seconds * 1_000_000)
        frame(view, NOW_US + seconds * 1_000_000 + 1)
        assert words in said(view) and view.tools.forecasting.drawn is None
    feed.answers["forecast"] = answer(forecast())
    frame(view, NOW_US + 183_000_000)
    frame(view, NOW_US + 183_000_001)
    assert view.tools.forecasting.drawn is not None
    del feed.answers["forecast"]
    frame(view, NOW_US + 183_000_000 + ahead.OLD_US + 1)
    assert "too old" in said(view) and view.tools.forecasting.drawn is None


def test_states_have_no_forecast(view: TrendsView, feed: ToldFeed) -> None:
    view.show_place(PUMP)
    turn(view)
    assert "it has states" in said(view) and asked(feed) == []


def test_answer_of_the_plant_before_is_dropped(view: TrendsView, feed: ToldFeed) -> None:
    late: list[Any] = []
    feed.submit = lambda name, body, on_done, on_error: late.append(on_done)  # type: ignore[method-assign]
    turn(view)
    view.set_plant(MODEL)
    late[0](answer(forecast()))
    frame(view)
    assert view.tools.forecasting.drawn is None and "looking ahead" in said(view)


@pytest.mark.parametrize(("size", "look"), [((1290, 640), "dark"), ((930, 560), "light")])
def test_bar_and_button_have_room(
    view: TrendsView, feed: ToldFeed, qapp: QApplication, size: tuple[int, int], look: str
) -> None:
    view.set_theme(load_theme(look))
    for _ in range(4):
        # Buttons that leave let it get narrower still.
        view.resize(*size)
        qapp.processEvents()
    feed.answers["forecast"] = answer(forecast())
    view.tools.forecasting.button.setChecked(True)
    for _ in range(3):
        frame(view)
        qapp.processEvents()
    assert view.tools.forecasting.bar.isVisible() and problems(view.trend) == []


def test_words_for_every_way_a_limit_can_be_met() -> None:
    def told(found: Forecast | None) -> str:
        return ahead.words(PEN, found, NOW_US, "UTC", "en").replace("\u202f", " ")

    assert told(forecast(crosses_us=None, earliest_us=None, latest_us=None)) == (
        "Pressure: does not cross HH 240.0 bar until Mon 23 Nov 01:13."
    )
    assert "may cross HH 240.0 bar from 21:13 on" in told(forecast(crosses_us=None, latest_us=None))
    assert "at the earliest 21:13, and perhaps not until" in told(forecast(latest_us=None))
    assert told(forecast(limit=None, crosses_us=None)) == (
        "Pressure: about 248.0 bar at Mon 23 Nov 01:13, 8 in 10 times 236.0 to 266.0 bar."
    )
    assert "no forecast" in told(None)


def test_forecast_starts_at_the_last_value_and_is_none_after_a_gap() -> None:
    live = curve([-20, -10, 0], [216, 217, 218], [216, 217, 220])
    joined = ahead_of(PEN, forecast(), live)
    assert joined is not None and joined.time_us[0] == NOW_US and joined.middle[0] == 219.0
    upto = joined.until(NOW_US + 90 * MINUTE_US)
    assert upto.time_us[-1] == NOW_US + 90 * MINUTE_US and upto.low[0] == upto.high[0] == 219.0
    assert (upto.low <= upto.high).all()
    assert ahead_of(PEN, forecast(), curve([-20, 0], [216, float("nan")])) is None
    assert ahead_of(PEN, forecast(), curve([13 * 3600.0], [216])) is None, "all of it is past"


def test_key_leaves_forecast_where_it_is(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["forecast"] = answer(forecast())
    view.tools.forecasting.button.setFocus()
    QTest.keyClick(view.tools.forecasting.button, Qt.Key.Key_Space)
    frame(view)
    assert view.tools.forecasting.button.isChecked() and len(asked(feed)) == 1


def test_room_after_now_is_there_only_while_something_is_foreseen(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["forecast"] = answer()
    turn(view)
    frame(view, NOW_US + 1_000_000)
    shown = view.trend.plot.shown
    assert shown is not None and shown.end_us < NOW_US + MINUTE_US and view.trend.plot.past_us == 600_000_000
    feed.answers["forecast"] = answer(forecast())
    for seconds in (61, 62, 63):
        frame(view, NOW_US + seconds * 1_000_000)
    shown = view.trend.plot.shown
    assert shown is not None and shown.end_us > NOW_US + 11 * HOUR_US
    assert "last 17 h" in view.readout.rows.headerData(0, Qt.Orientation.Horizontal)
    view.set_past(NOW_US)
    frame(view, NOW_US + 64_000_000)
    shown = view.trend.plot.shown
    assert shown is not None and shown.end_us < NOW_US + HOUR_US
