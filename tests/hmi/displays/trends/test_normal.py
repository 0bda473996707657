"""A stretch is marked as normal for an asset: what is asked, what is sent, what is told."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from hmi.author import author
from hmi.displays.trends import normal_sheet
from hmi.displays.trends.view import TrendsView
from hmi.pens import Pen
from tests.hmi.displays.trends.acting import DONE, ToldFeed, frame, press, select
from tests.hmi.displays.trends.plant import MODEL, PRESS, PRESSURE, SERIAL
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
RESULT = {"asset": PRESS, "rows": 1440, "tags": ["Hydraulics/Pressure"], "left_out": ["Hydraulics/Level"]}


def mark(view: TrendsView, reason: str = "a whole week without trouble") -> None:
    press(view, "normal")
    view.tools.normal_sheet.reason.setText(reason)


def jobs(feed: ToldFeed) -> list[dict[str, Any]]:
    return [body for name, body in feed.sent if name == "job"]


def test_stretch_is_marked_as_normal_with_a_reason(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["normal"] = {**DONE, "result": RESULT}
    start_us, end_us = select(view)
    press(view, "normal")
    sheet = view.tools.normal_sheet
    assert sheet.isVisible() and not sheet.mark.isEnabled(), "nothing is done without a reason"
    assert [each.text() for each in sheet.of.buttons.values() if each.isVisible()] == [
        "Hydraulics", "S50 Roof press",
    ]  # fmt: skip
    assert problems(sheet) == []
    sheet.of.buttons["1"].click()
    sheet.reason.setText("a whole week without trouble")
    sheet.mark.click()
    assert jobs(feed) == [
        {
            "kind": "normal",
            "body": {
                "asset": PRESS, "start_us": start_us, "end_us": end_us, "by": author(),
                "reason": "a whole week without trouble",
            },
        }
    ]  # fmt: skip
    said = view.tools.results.words.text()
    assert "1\u202f440 rows of 1 tag." in said and "Hydraulics/Level" in said
    assert not sheet.isVisible() and view.tools.results.isVisible()


def test_normal_is_forgotten_by_a_stretch_of_no_length(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["normal"] = {**DONE, "result": {**RESULT, "rows": 0, "tags": []}}
    start_us, _ = select(view)
    mark(view, "the pump is another one now")
    view.tools.normal_sheet.forget.click()
    body = jobs(feed)[0]["body"]
    assert body["start_us"] == body["end_us"] == start_us
    assert "is forgotten" in view.tools.results.words.text()


def test_refusal_of_the_engine_is_told_in_its_words(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["normal"] = "too little: 12 rows of 240; mark a longer stretch"
    select(view)
    mark(view)
    view.tools.normal_sheet.mark.click()
    assert view.tools.results.words.text() == "Too little: 12 rows of 240; mark a longer stretch."


def test_result_of_another_version_is_said_in_words() -> None:
    assert "another version" in normal_sheet.learned({"asset": 5}, False, "en")


def test_pen_offers_its_asset_and_those_above_it_up_to_the_unit() -> None:
    assert normal_sheet.assets(MODEL, Pen(0, "", "", "", path=PRESSURE)) == (f"{PRESS}/Hydraulics", PRESS)
    assert normal_sheet.assets(MODEL, Pen(5, "", "", "", path=SERIAL)) == (SERIAL.rpartition("/")[0],)


@pytest.mark.parametrize(("width", "is_there"), [(1290, True), (930, False)])
def test_bar_of_the_selection_stays_within_the_plot(
    view: TrendsView, qapp: QApplication, width: int, is_there: bool
) -> None:
    for _ in range(4):
        # Buttons that leave let it get narrower still.
        view.resize(width, 600)
        qapp.processEvents()
    frame(view)
    select(view)
    qapp.processEvents()
    bar = view.tools.bar
    assert view.trend.plot.rect().contains(bar.geometry()) and problems(bar) == []
    assert bar.buttons["normal"].isVisible() == is_there and bar.buttons["close"].isVisible()
