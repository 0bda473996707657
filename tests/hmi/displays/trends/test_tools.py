"""What a person does with a trend, by mouse, finger and keys, with an engine that answers by script."""

# size: the acts follow each other on one view with one scripted engine, which all of them share
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from engine import paths
from engine.types import Annotation, Curve
from hmi.displays.display import REPLAY, Place
from hmi.displays.trends import page
from hmi.displays.trends.view import TrendsView
from hmi.theme import apply_theme, load_fonts, load_theme
from tests.hmi.conftest import collect
from tests.hmi.displays.trends.plant import FORCE, MODEL, OIL, PRESSURE, PUMP, VALUES
from tests.hmi.looking import see
from tests.hmi.plant import NOW_US, PlantFeed, curve, snapshot
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
LOOK = load_theme("light")
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
DONE = {"job": 7, "progress": 1.0, "done": True, "error": "", "result": None}


class ToldFeed(PlantFeed):
    """Keeps what was sent; ``answers`` by op or kind of job give the state of the job, or a refusal."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {}

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """Answer at once."""
        self.sent.append((name, body))
        found = self.answers.get(body["kind"] if name == "job" else name)
        if isinstance(found, str):
            on_error(found)
        elif found is not None:
            on_done(found)


@pytest.fixture
def feed() -> ToldFeed:
    return ToldFeed()


@pytest.fixture
def went() -> list[Place]:
    return []


@pytest.fixture
def view(
    qapp: Any, feed: ToldFeed, went: list[Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TrendsView]:
    """Pressure and oil temperature over ten minutes, at laptop size."""
    monkeypatch.setattr(paths, "user_config", lambda: tmp_path)
    load_fonts()
    apply_theme(qapp, LOOK)
    feed.made = lambda index: curve([-600.0 + 5 * k for k in range(120)], [200 + k % 7 for k in range(120)])
    made = TrendsView(LOOK, feed, went.append)
    made.resize(1290, 640)
    made.set_plant(MODEL)
    made.show_place(f"{PRESSURE}\n{OIL}")
    made.show()
    made.trend.keep_span()
    made.trend.plot.set_span(600)
    qapp.processEvents()
    frame(made)
    yield made
    made.close()
    made.deleteLater()
    collect()


def frame(view: TrendsView, now_us: int = NOW_US) -> None:
    view.on_numbers(snapshot(VALUES))
    view.on_trends(now_us)


def at(view: TrendsView, part: float) -> QPoint:
    """A spot on the plot, so far along the time."""
    box = view.trend.plot.plot_rect()
    return QPoint(round(box.left() + part * box.width()), round(box.center().y() + 30))


def drag(view: TrendsView, first: float, last: float, modifier: Qt.KeyboardModifier = NONE) -> None:
    plot = view.trend.plot
    QTest.mousePress(plot, LEFT, modifier, at(view, first))
    for part in np.linspace(first, last, 5):
        QTest.mouseMove(plot, at(view, float(part)))
    QTest.mouseRelease(plot, LEFT, modifier, at(view, last))


def selected(view: TrendsView) -> tuple[float, float] | None:
    """The marked stretch as parts of the window."""
    span, shown = view.trend.plot.selection.span, view.trend.plot.shown
    if span is None or shown is None:
        return None
    length = shown.end_us - shown.start_us
    return (span[0] - shown.start_us) / length, (span[1] - shown.start_us) / length


def select(view: TrendsView, minutes_ago: float = 6, length: float = 2) -> tuple[int, int]:
    start_us = NOW_US - round(minutes_ago * MINUTE_US)
    end_us = start_us + round(length * MINUTE_US)
    view.trend.plot.select(start_us, end_us)
    return start_us, end_us


def press(view: TrendsView, act: str) -> None:
    QTest.mouseClick(view.tools.bar.buttons[act], LEFT)


def test_drag_with_shift_marks_a_stretch_and_leaves_the_window_where_it_is(view: TrendsView) -> None:
    drag(view, 0.6, 0.3, SHIFT)
    assert selected(view) == pytest.approx((0.3, 0.6), abs=0.01)
    assert view.trend.plot.is_live and view.tools.bar.isVisible()
    box, bar = view.trend.plot.rect(), view.tools.bar.geometry()
    assert box.contains(bar)


def test_select_button_then_a_drag_marks_and_the_next_drag_moves_the_window_again(view: TrendsView) -> None:
    QTest.mouseClick(view.tools.select, LEFT)
    drag(view, 0.2, 0.5)
    assert selected(view) == pytest.approx((0.2, 0.5), abs=0.01)
    assert not view.tools.select.isChecked() and view.trend.plot.is_live
    drag(view, 0.7, 0.8)
    assert not view.trend.plot.is_live


def test_select_button_then_two_taps_mark_without_any_drag(view: TrendsView) -> None:
    QTest.mouseClick(view.tools.select, LEFT)
    QTest.mouseClick(view.trend.plot, LEFT, NONE, at(view, 0.7))
    assert selected(view) is None and not view.tools.bar.isVisible()
    QTest.mouseClick(view.trend.plot, LEFT, NONE, at(view, 0.4))
    assert selected(view) == pytest.approx((0.4, 0.7), abs=0.01) and view.tools.bar.isVisible()


def test_edge_of_the_selection_is_dragged(view: TrendsView) -> None:
    drag(view, 0.3, 0.6, SHIFT)
    drag(view, 0.6, 0.8)
    assert selected(view) == pytest.approx((0.3, 0.8), abs=0.01) and view.trend.plot.is_live


def test_keys_mark_from_the_cursor_and_escape_lets_go(view: TrendsView) -> None:
    plot = view.trend.plot
    plot.setFocus()
    shown = plot.shown
    assert shown is not None
    plot.set_cursor(shown.start_us + (shown.end_us - shown.start_us) // 2, is_pinned=True)
    QTest.keyClick(plot, Qt.Key.Key_S)
    for _ in range(10):
        QTest.keyClick(plot, Qt.Key.Key_Left)
    assert not view.tools.bar.isVisible()
    QTest.keyClick(plot, Qt.Key.Key_S)
    assert selected(view) == pytest.approx((0.4, 0.5), abs=0.01) and view.tools.bar.isVisible()
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert selected(view) is None and not view.tools.bar.isVisible()


def test_replay_goes_to_the_beginning_of_the_selection(view: TrendsView, went: list[Place]) -> None:
    start_us, _ = select(view)
    press(view, "replay")
    assert went == [Place(REPLAY, str(start_us))]


def test_zoom_shows_the_selection_and_little_else(view: TrendsView) -> None:
    start_us, end_us = select(view)
    press(view, "zoom")
    frame(view)
    shown = view.trend.plot.shown
    assert shown is not None and shown.start_us < start_us < end_us < shown.end_us
    assert shown.end_us - shown.start_us < 1.1 * (end_us - start_us)


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


def test_note_is_written_with_its_author_and_read_and_removed_at_its_flag(
    view: TrendsView, feed: ToldFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hmi.displays.trends.tools.author", lambda: "m.keller")
    feed.answers["annotate"] = {}
    start_us, end_us = select(view)
    press(view, "note")
    sheet = view.tools.note_sheet
    assert sheet.isVisible() and "m.keller" in sheet.about.text() and not sheet.save.isEnabled()
    QTest.keyClicks(sheet.field, "Pump ran dry")
    assert problems(sheet) == []
    QTest.keyClick(sheet.field, Qt.Key.Key_Return)
    body = {"start_us": start_us, "end_us": end_us, "tag": "", "author": "m.keller", "text": "Pump ran dry"}
    assert feed.sent == [("annotate", body)] and not sheet.isVisible()
    note = Annotation(3, start_us, end_us, "", "m.keller", "Pump ran dry", NOW_US)
    feed.past.known_notes.take((0, NOW_US + DAY_US), [note])
    frame(view)
    flag = view.tools.notes.flags[0]
    assert flag.isVisible() and "Pump ran dry" in flag.accessibleName()
    QTest.mouseClick(flag, LEFT)
    card = view.tools.notes.card
    assert card.isVisible() and problems(card) == []
    feed.answers["annotation_removed"] = True
    QTest.mouseClick(card.buttons[0], LEFT)
    assert feed.sent[-1] == ("annotation_removed", {"note_id": 3, "author": "m.keller"})
    assert not card.isVisible()


def test_refused_note_keeps_its_words(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["annotate"] = "the disk is full"
    select(view)
    press(view, "note")
    sheet = view.tools.note_sheet
    QTest.keyClicks(sheet.field, "Dry")
    QTest.keyClick(sheet.field, Qt.Key.Key_Return)
    assert sheet.isVisible() and sheet.said.text() == "The disk is full." and sheet.field.text() == "Dry"


def test_yesterday_is_drawn_beside_now_and_the_cursor_tells_both(view: TrendsView, feed: ToldFeed) -> None:
    made = feed.made

    def both(index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        if end_us > NOW_US - DAY_US // 2:
            return made(index)
        now = made(index)
        return Curve(now.time_us - DAY_US, now.low + 10, now.high + 10, now.uncertain)

    feed.curve = both  # type: ignore[method-assign]
    QTest.mouseClick(view.tools.comparing.button, LEFT)
    sheet = view.tools.comparing.sheet
    assert sheet.isVisible() and problems(sheet) == []
    QTest.mouseClick(sheet.of_days[1], LEFT)
    assert not sheet.isVisible()
    frame(view)
    beside = view.trend.plot.beside[MODEL.index[PRESSURE]]
    assert beside.time_us[0] == made(0).time_us[0]
    view.trend.plot.set_cursor(NOW_US - 5 * MINUTE_US, is_pinned=True)
    frame(view)
    row = view.readout.rows.cells[0]
    assert row[2] == "204.0\u202fbar" and row[3] == "214.0\u202fbar  Δ \u221210.0\u202fbar"
    assert view.readout.rows.titles[3] == "Then" and not view.readout.isColumnHidden(3)
    QTest.mouseClick(view.tools.comparing.bar.stop, LEFT)
    assert not view.trend.plot.beside and not view.tools.comparing.bar.isVisible()


def test_start_is_stepped_and_typed_and_a_wrong_one_is_explained(view: TrendsView) -> None:
    QTest.mouseClick(view.tools.comparing.button, LEFT)
    sheet = view.tools.comparing.sheet
    before = sheet.field.text()
    QTest.mouseClick(sheet.steps[1], LEFT)
    assert sheet.field.text() != before
    sheet.field.setText("soon")
    QTest.mouseClick(sheet.draw, LEFT)
    assert sheet.isVisible() and "like this" in sheet.said.text()
    sheet.field.setText("2026-11-22 12:00")
    QTest.mouseClick(sheet.draw, LEFT)
    compare = view.tools.comparing.compare
    assert compare is not None and "before" in compare.name


def test_two_runs_are_laid_over_each_other_at_the_rising_edge_of_a_switch(
    view: TrendsView, feed: ToldFeed
) -> None:
    made, pump = feed.made, MODEL.index[PUMP]
    edges = curve([-900, -500, -400, -100, -50], [0, 1, 0, 1, 1])
    feed.made = lambda index: edges if index == pump else made(index)
    QTest.mouseClick(view.tools.comparing.button, LEFT)
    words = [each.text() for each in view.tools.comparing.sheet.findChildren(QLabel) if each.isVisible()]
    assert any("Draw a switch" in each for each in words) and not view.tools.comparing.sheet.aligners
    view.tools.comparing.sheet.leave()
    view.show_place(PUMP)
    frame(view)
    QTest.mouseClick(view.tools.comparing.button, LEFT)
    QTest.mouseClick(view.tools.comparing.sheet.aligners[0], LEFT)
    frame(view)
    compare = view.tools.comparing.compare
    assert compare is not None and compare.by_us == 400_000_000 and "Pump running" in compare.name


def test_export_asks_the_engine_for_what_is_chosen_and_says_where_it_is(
    view: TrendsView, feed: ToldFeed, tmp_path: Path
) -> None:
    feed.answers["export"] = {**DONE, "result": 1234}
    start_us, end_us = select(view)
    press(view, "export")
    sheet = view.tools.exporting.sheet
    assert sheet.isVisible() and sheet.span.picked == "selection" and problems(sheet) == []
    QTest.mouseClick(sheet.format.buttons["parquet"], LEFT)
    QTest.mouseClick(sheet.step.buttons["1s"], LEFT)
    QTest.mouseClick(sheet.pens.buttons["one"], LEFT)
    view.tools.exporting.write(tmp_path / "x.parquet")
    asked = feed.sent[-1][1]["body"]
    assert (asked["start_us"], asked["end_us"], asked["step_us"]) == (start_us, end_us, 1_000_000)
    assert (
        asked["format"] == "parquet"
        and asked["file"] == str(tmp_path / "x.parquet")
        and len(asked["tags"]) == 1
    )
    assert "1\u202f234 rows" in sheet.said.text() and sheet.path.text() == str(tmp_path / "x.parquet")
    assert sheet.cancel.text() == "Close"


def test_export_on_its_way_is_stopped_by_the_first_press_and_left_by_the_second(
    view: TrendsView, feed: ToldFeed, tmp_path: Path
) -> None:
    feed.answers["export"] = {**DONE, "progress": 0.2, "done": False}
    select(view)
    press(view, "export")
    sheet = view.tools.exporting.sheet
    view.tools.exporting.write(tmp_path / "x.csv")
    assert sheet.progress.isVisible() and not sheet.save.isEnabled() and problems(sheet) == []
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert ("job_cancel", {"job": 7}) in feed.sent and sheet.isVisible() and "Cancelled" in sheet.said.text()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_picture_is_black_on_white_with_the_curves_in_their_colours(view: TrendsView, tmp_path: Path) -> None:
    made = view.tools.exporting.page()
    assert made is not None and made.title == "2 pens" and "22 Nov 2026" in made.over
    assert page.save_png(made, tmp_path / "x.png")
    image = QImage(str(tmp_path / "x.png"))
    assert image.pixelColor(3, 3).name() == "#ffffff"
    found = {image.pixelColor(x, y).name() for x in range(200, 2300, 3) for y in range(300, 1500, 11)}
    assert made.pens[0].colour.lower() in found
    assert not page.save_png(made, tmp_path / "none" / "x.png")


def test_drawing_holds_its_words_and_lines(view: TrendsView, tmp_path: Path) -> None:
    made = view.tools.exporting.page()
    assert made is not None and page.save_svg(made, tmp_path / "x.svg")
    text = (tmp_path / "x.svg").read_text("utf-8")
    assert "<title>2 pens</title>" in text and "Framing line 3" in text and text.count("<poly") > 50


def test_page_is_printed_across(view: TrendsView, tmp_path: Path) -> None:
    made = view.tools.exporting.page()
    to = page.printer()
    to.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    to.setOutputFileName(str(tmp_path / "x.pdf"))
    assert made is not None and page.print_page(made, to)
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF") and to.pageRect(
        QPrinter.Unit.Point
    ).width() > to.pageRect(QPrinter.Unit.Point).height()


def test_other_pens_end_what_was_found_in_the_old_ones(view: TrendsView, feed: ToldFeed) -> None:
    select(view)
    view.column.cleared.emit()
    assert view.trend.plot.selection.span is None and not view.tools.bar.isVisible()
    view.show_place(FORCE)
    assert view.tools.select.isEnabled() and feed.sent == []
