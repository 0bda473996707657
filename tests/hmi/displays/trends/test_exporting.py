"""A trend into a file, a picture or onto paper."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest

from hmi.displays.paper import why_not
from hmi.displays.press import Progress
from hmi.displays.trends import page
from hmi.displays.trends.view import TrendsView
from hmi.theme import colour, load_theme
from hmi.widgets.trend_forecast import CONE_ALPHA
from tests.hmi.conftest import collect
from tests.hmi.displays.trends.acting import DONE, LEFT, ToldFeed, frame, press, select
from tests.hmi.displays.trends.test_forecast import forecast
from tests.hmi.looking import see
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen


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


def pick(view: TrendsView, format: str) -> None:
    """Open the sheet and choose a kind of picture."""
    select(view)
    press(view, "export")
    QTest.mouseClick(view.tools.exporting.sheet.format.buttons[format], LEFT)


def ended(view: TrendsView) -> str:
    """What the sheet says once the picture is done or given up."""
    exporting = view.tools.exporting
    see(lambda: not exporting.press.is_busy and not exporting.sheet.progress.isVisible())
    return exporting.sheet.said.text()


def test_picture_is_black_on_white_with_the_curves_in_their_colours(view: TrendsView, tmp_path: Path) -> None:
    made = view.tools.exporting.page()
    assert made is not None and made.title == "2 pens" and "22 Nov 2026" in made.over
    pick(view, "png")
    view.tools.exporting.write(tmp_path / "x.png")
    sheet = view.tools.exporting.sheet
    assert (
        sheet.said.text() == "Drawing the page…" and sheet.progress.isVisible() and not sheet.save.isEnabled()
    )
    assert problems(sheet) == []
    assert ended(view) == "It is written:" and sheet.path.text() == str(tmp_path / "x.png")
    image = QImage(str(tmp_path / "x.png"))
    assert image.size() == page.PAGE * page.PNG_SCALE and image.pixelColor(3, 3).name() == "#ffffff"
    found = {image.pixelColor(x, y).name() for x in range(200, 2300, 3) for y in range(300, 1500, 11)}
    assert made.pens[0].colour.lower() in found
    assert [each.name for each in tmp_path.glob("*x.png*")] == ["x.png"]


def test_drawing_holds_its_words_and_lines(view: TrendsView, tmp_path: Path) -> None:
    pick(view, "svg")
    view.tools.exporting.write(tmp_path / "x.svg")
    assert ended(view) == "It is written:"
    text = (tmp_path / "x.svg").read_text("utf-8")
    assert "<title>2 pens</title>" in text and "Framing line 3" in text and text.count("<poly") > 50


def test_page_is_printed_across(view: TrendsView, tmp_path: Path) -> None:
    to = page.printer()
    to.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    to.setOutputFileName(str(tmp_path / "x.pdf"))
    pick(view, "png")
    view.tools.exporting.print(to)
    assert ended(view) == "It is on its way to the printer."
    paper = to.pageRect(QPrinter.Unit.Point)
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF") and paper.width() > paper.height()


def blues(image: QImage) -> int:
    """How many pixels right of now have the colour of predictions or of their cone."""
    ink = load_theme("light").colour.prediction
    cone = [round(255 + (part - 255) * CONE_ALPHA / 255) for part in colour(ink).getRgb()[:3]]
    inks = {ink.lower(), "#{:02x}{:02x}{:02x}".format(*cone)}
    right = range(image.width() // 2, image.width(), 2)
    return sum(image.pixelColor(x, y).name() in inks for x in right for y in range(300, 1600, 2))


def test_picture_drawing_and_paper_hold_the_forecast_that_is_on_screen_and_no_other(
    view: TrendsView, feed: ToldFeed, tmp_path: Path
) -> None:
    feed.answers["forecast"] = msgspec.to_builtins({"forecasts": (forecast(),)})
    made = view.tools.exporting.page()
    assert made is not None and made.ahead is None and made.foreseen == ""
    page.save_png(made, tmp_path / "before.png", Progress())
    view.tools.forecasting.button.click()
    for _ in range(2):
        frame(view)
    made = view.tools.exporting.page()
    assert made is not None and made.ahead is not None
    assert "crosses HH 240.0" in made.foreseen.replace("\u202f", " ")
    page.save_png(made, tmp_path / "x.png", Progress())
    before, after = (blues(QImage(str(tmp_path / name))) for name in ("before.png", "x.png"))
    assert before == 0 and after > 500
    page.save_svg(made, tmp_path / "x.svg", Progress())
    assert "crosses HH" in (tmp_path / "x.svg").read_text("utf-8").replace("\u202f", " ")
    view.tools.forecasting.button.click()
    frame(view)
    made = view.tools.exporting.page()
    assert made is not None and made.ahead is None


def test_paper_has_the_same_lines_in_a_quarter_of_the_text(view: TrendsView, tmp_path: Path) -> None:
    """Curves of a band on paper: painted in both ways they look alike."""
    made = view.tools.exporting.page()
    assert made is not None
    ways: list[QImage] = []
    for strokes in (None, page.print_pieces):
        image = QImage(page.PAGE, QImage.Format.Format_RGB32)
        with QPainter(image) as painter:
            page.paint_page(painter, made, Progress(), strokes)
        ways.append(image)
    inks = [pen.colour.lower() for pen in made.pens]
    counted = [
        [
            sum(each.pixelColor(x, y).name() == ink for x in range(60, 1240) for y in range(120, 820, 3))
            for ink in inks
        ]
        for each in ways
    ]
    for screen, paper in zip(*counted, strict=True):
        assert screen > 50 and paper == pytest.approx(screen, rel=0.35)


@pytest.mark.parametrize("format", ["png", "svg"])
def test_folder_that_is_gone_is_named(view: TrendsView, tmp_path: Path, format: str) -> None:
    pick(view, format)
    view.tools.exporting.write(tmp_path / "gone" / f"x.{format}")
    said = ended(view)
    assert said.startswith("Nothing was written: the folder") and str(tmp_path / "gone") in said
    assert view.tools.exporting.sheet.save.isEnabled()


def test_full_disk_is_told_and_the_file_before_stays(
    view: TrendsView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.png").write_bytes(b"the one before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    pick(view, "png")
    monkeypatch.setattr(page.os, "fsync", full)
    view.tools.exporting.write(tmp_path / "x.png")
    assert "the disk is full" in ended(view)
    assert (tmp_path / "x.png").read_bytes() == b"the one before"
    assert [each.name for each in tmp_path.glob("*x.png*")] == ["x.png"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "may not be written to"),
        (errno.EROFS, "may not be written to"),
        (errno.ENOTDIR, "is not there any more"),
    ],
)
def test_every_refusal_of_the_disk_says_what_to_do_or_what_it_is(number: int, words: str) -> None:
    told = why_not(OSError(number, os.strerror(number)), Path("/plant/x.png"))
    assert words in told and "/plant" in told


def test_refusal_that_nobody_foresaw_names_the_file_and_what_the_system_says(tmp_path: Path) -> None:
    told = why_not(OSError(errno.ENAMETOOLONG, "File name too long"), tmp_path / "x.png")
    assert told == "x.png cannot be written: File name too long."


def test_picture_is_stopped_by_the_first_press_and_no_file_is_left(
    view: TrendsView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_drawn = threading.Event()
    paint = page.paint_page

    def late(*of: Any) -> None:
        is_drawn.wait(10)
        paint(*of)

    monkeypatch.setattr(page, "paint_page", late)
    pick(view, "png")
    view.tools.exporting.write(tmp_path / "x.png")
    sheet = view.tools.exporting.sheet
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isVisible() and "Cancelled" in sheet.said.text() and not sheet.progress.isVisible()
    is_drawn.set()
    see(lambda: "press" not in {each.name for each in threading.enumerate()})
    assert not list(tmp_path.glob("*x.png*"))


def test_picture_is_finished_when_its_window_closes_meanwhile(
    view: TrendsView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_closed = threading.Event()
    paint = page.paint_page

    def late(*of: Any) -> None:
        is_closed.wait(10)
        paint(*of)

    monkeypatch.setattr(page, "paint_page", late)
    pick(view, "png")
    view.tools.exporting.write(tmp_path / "x.png")
    view.close()
    view.deleteLater()
    collect()
    is_closed.set()
    see(lambda: "press" not in {each.name for each in threading.enumerate()})
    assert QImage(str(tmp_path / "x.png")).size() == page.PAGE * page.PNG_SCALE


def test_trouble_nobody_thought_of_ends_the_waiting_too(
    view: TrendsView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(page, "paint_page", broken)
    pick(view, "svg")
    view.tools.exporting.write(tmp_path / "x.svg")
    assert ended(view) == "Nothing was written: MemoryError"
