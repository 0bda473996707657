"""The document viewer in a window: the page asked for, beside the faceplate; nothing is left of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest

from engine.types import AssetRow, Document, NameplateEntry, Relation
from hmi.displays.display import DOCUMENT, Place
from hmi.shell.banner import Banner
from hmi.shell.document_print import printer_for
from hmi.shell.remembered import kept, restore
from hmi.shell.window import Window
from tests.hmi.booked import tell
from tests.hmi.documents.made import pdf, put, until
from tests.hmi.line import HIGH, LINE, PRESS, PRESSURE, TIPS, VALUES
from tests.hmi.plant import snapshot

pytestmark = [pytest.mark.screen, pytest.mark.system]
HYDRAULICS, ROBOT = f"{PRESS}/Hydraulics", "Framing/S30 Spot weld A/Robot 1"
PUMPS = [f"{PRESS}/P-{number}" for number in range(501, 507)]
BOOK = ["I", *["oil"] * 3, "MMMMMMMMMM oil", "last"]


@pytest.fixture
def reading(line: Window, tmp_path: Path, qapp: Any) -> Window:
    """A window on a line with a book of six pages, relations and a nameplate."""
    put(tmp_path, "book.pdf", pdf(BOOK))
    put(tmp_path, "torn.pdf", b"nothing")
    line.set_plant(
        msgspec.structs.replace(
            LINE,
            folder=str(tmp_path),
            assets=(*map(AssetRow, PUMPS),),
            relations=(
                Relation(ROBOT, "feeds", HYDRAULICS),
                *(Relation(each, "cools", HYDRAULICS) for each in PUMPS),
            ),
            documents=(
                Document(HYDRAULICS, "Book: the page", "book.pdf", 5),
                Document(PRESS, "Book", "book.pdf"),
                Document(PRESS, "Torn", "torn.pdf"),
            ),
            nameplates=(NameplateEntry(HYDRAULICS, "Serial number", "17"),),
        )
    )
    tell(line, HIGH, TIPS)
    line.set_alarms([HIGH, TIPS])
    line.on_numbers(snapshot(VALUES))
    line.go(Place("", HYDRAULICS))
    qapp.processEvents()
    return line


def seen(window: Window, what: str) -> None:
    """Wait until all that the viewer wants has come."""

    def is_idle() -> bool:
        QGuiApplication.processEvents()
        viewer = window.documents
        return viewer.reader is not None and not viewer.reader.is_busy and not viewer.waits

    until(is_idle, what)


def read(window: Window, path: str) -> None:
    window.go(Place(DOCUMENT, path))
    seen(window, f"{path} is not shown")


def darkness(window: Window) -> float:
    """How much ink is on the upper part of the page on show."""
    image = window.documents.canvas.grab().toImage()
    points = [(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height() // 2, 3)]
    return sum(image.pixelColor(x, y).lightness() < 100 for x, y in points) / len(points)


def tap(window: Window, text: str) -> None:
    names = [each for row in window.faceplate.relations.rows for each in (*row.names, row.more)]
    QTest.mouseClick(next(each for each in names if each.name.text == text), Qt.MouseButton.LeftButton)


def test_tap_on_the_manual_opens_it_at_its_page(reading: Window) -> None:
    tap(reading, "Book, page 5: the page")
    seen(reading, "the book is not shown")
    viewer = reading.documents
    assert viewer.isVisible() and viewer.tools.title.text() == "Book"
    assert (viewer.tools.page.text(), viewer.tools.of.text()) == ("5", "of 6")
    dark = darkness(reading)
    viewer.show_page(1)
    seen(reading, "page 1 is not shown")
    assert darkness(reading) < dark / 3, "page 1 has one thin letter, page 5 ten wide ones"
    assert viewer.tools.buttons["mark"].text() == "To page 5"
    QTest.mouseClick(viewer.tools.buttons["mark"], Qt.MouseButton.LeftButton)
    seen(reading, "page 5 is not shown")
    assert darkness(reading) == pytest.approx(dark, rel=0.05)
    assert viewer.tools.buttons["mark"].isHidden()


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_alarms_and_faceplate_stay_in_view_beside_a_document(
    reading: Window, size: tuple[int, int], qapp: Any
) -> None:
    reading.resize(*size)
    qapp.processEvents()
    reading.go(Place("", HYDRAULICS))
    read(reading, "1:book.pdf")
    viewer, face, banner = reading.documents, reading.faceplate, reading.findChildren(Banner)[0]
    corner = viewer.mapTo(reading, QPoint(0, viewer.height()))
    assert face.isVisible() and not face.geometry().intersects(viewer.geometry())
    assert banner.isVisible() and corner.y() <= banner.mapTo(reading, QPoint(0, 0)).y()
    assert viewer.canvas.width() > 500
    assert reading.deck.isHidden() and reading.wants() == {"numbers"}, "what is covered costs nothing"


def test_value_on_the_faceplate_lives_on_while_a_document_is_read(reading: Window) -> None:
    read(reading, "1:book.pdf")
    reading.on_numbers(snapshot((11.9, 233.3, *VALUES[2:])))
    assert reading.faceplate.front.value.text() == "233.3"
    reading.go(Place("", PRESSURE))
    assert reading.documents.isVisible(), "another faceplate leaves the document where it is"
    reading.show_display("overview")
    assert reading.documents.isHidden() and not reading.deck.isHidden(), "going elsewhere closes it"


def test_display_shows_the_newest_values_when_the_document_is_closed(reading: Window, qapp: Any) -> None:
    reading.show_display("unit")
    reading.go(Place("unit", PRESS))
    read(reading, "1:book.pdf")
    told: list[object] = []
    reading.deck.view.on_numbers = told.append  # pyright: ignore[reportAttributeAccessIssue]
    newest = snapshot(VALUES)
    reading.on_numbers(newest)
    assert told == []
    QTest.keyClick(reading.documents.canvas, Qt.Key.Key_Escape)
    assert told == [newest] and reading.deck.isVisible()


def test_keys_turn_pages_and_stay_within_the_document(reading: Window) -> None:
    read(reading, "5:book.pdf")
    viewer = reading.documents
    for key, page in (
        (Qt.Key.Key_PageDown, "6"),
        (Qt.Key.Key_PageDown, "6"),
        (Qt.Key.Key_Home, "1"),
        (Qt.Key.Key_PageUp, "1"),
        (Qt.Key.Key_End, "6"),
        (Qt.Key.Key_PageUp, "5"),
    ):
        QTest.keyClick(viewer.canvas, key)
        assert viewer.tools.page.text() == page
    viewer.tools.page.setText("3")
    QTest.keyClick(viewer.tools.page, Qt.Key.Key_Return)
    assert viewer.reading is not None and viewer.reading.page == 3


def test_found_text_is_marked_and_enter_leads_to_the_next(reading: Window) -> None:
    read(reading, "1:book.pdf")
    viewer = reading.documents
    QTest.keyClick(viewer.canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert viewer.tools.field.hasFocus()
    QTest.keyClicks(viewer.tools.field, "OIL")
    QTest.keyClick(viewer.tools.field, Qt.Key.Key_Return)
    seen(reading, "nothing is found")
    assert (viewer.tools.count.text(), viewer.tools.page.text()) == ("1 of 4", "2")
    for _ in range(3):
        QTest.keyClick(viewer.tools.field, Qt.Key.Key_Return)
    seen(reading, "page 5 is not shown")
    assert (viewer.tools.count.text(), viewer.tools.page.text()) == ("4 of 4", "5")
    QTest.keyClick(viewer.tools.field, Qt.Key.Key_Escape)
    assert viewer.isVisible() and viewer.canvas.hasFocus() and viewer.tools.count.text() == ""


def test_zoomed_page_is_drawn_again_sharply(reading: Window) -> None:
    read(reading, "5:book.pdf")
    canvas = reading.documents.canvas
    canvas.set_fit("page")
    small = canvas.scale
    canvas.zoom(4.0)
    seen(reading, "the larger page is not drawn")
    assert canvas.scale == pytest.approx(4 * small)
    drawn = reading.documents.shown
    assert drawn is not None and drawn.width == pytest.approx(600 * canvas.device_scale, abs=2)


def test_page_that_is_long_in_coming_says_so_and_shows_no_other(reading: Window, qapp: Any) -> None:
    viewer = reading.documents
    read(reading, "5:book.pdf")
    dark = darkness(reading)
    assert viewer.reader is not None and viewer.reader.pid is not None
    drawing = psutil.Process(viewer.reader.pid)
    drawing.suspend()
    try:
        viewer.canvas.zoom(1.25)
        viewer.turn(-4)

        def is_said() -> bool:
            qapp.processEvents()
            return bool(viewer.canvas.words)

        until(is_said, "nothing is said")
        assert viewer.canvas.words == "Loading page 1\u2026"
        by_day = darkness(reading)
        assert 0 < by_day < dark / 3, "words, and not the page that was there before"
        viewer.canvas.set_inverted(True)
        assert darkness(reading) > 0.5, "no white page at night"
        viewer.canvas.set_inverted(False)
    finally:
        drawing.resume()
    seen(reading, "page 1 is not shown")
    assert viewer.canvas.words == ""


def test_broken_and_missing_documents_say_what_is_wrong(reading: Window, tmp_path: Path) -> None:
    read(reading, "1:torn.pdf")
    viewer = reading.documents
    assert viewer.trouble.said.text().startswith("torn.pdf is damaged") and viewer.canvas.isHidden()
    assert viewer.hasFocus(), "a key that is meant for the page must not press a button beside it"
    read(reading, "1:gone.pdf")
    assert str(tmp_path / "documents" / "gone.pdf") in viewer.trouble.said.text()
    put(tmp_path, "gone.pdf", pdf(["found"]))
    QTest.mouseClick(viewer.trouble.again, Qt.MouseButton.LeftButton)
    seen(reading, "the document is not read again")
    assert viewer.trouble.isHidden() and viewer.tools.of.text() == "of 1"


def test_process_ends_with_the_viewer_and_with_the_window(reading: Window) -> None:
    for leave in (reading.documents.leave, reading.close):
        read(reading, "1:book.pdf")
        reader = reading.documents.reader
        assert reader is not None
        pid = reader.pid
        assert pid is not None
        leave()
        until(lambda pid=pid: not psutil.pid_exists(pid), "the process is still there")


def test_document_without_a_bookmark_opens_where_it_was_left_also_after_a_restart(reading: Window) -> None:
    read(reading, "1:book.pdf")
    reading.documents.show_page(4)
    layout = kept(reading)
    reading.documents.leave()
    read(reading, "1:book.pdf")
    assert reading.documents.tools.page.text() == "4"
    read(reading, "5:book.pdf")
    assert reading.documents.tools.page.text() == "5", "a bookmark wins"
    assert layout.views[DOCUMENT] == {"book.pdf": 4}
    reading.documents.leave()
    restore(reading, layout)
    assert reading.documents.kept_pages() == {"book.pdf": 4}


def test_names_on_the_faceplate_carry_alarms_and_lead_to_their_assets(reading: Window) -> None:
    rows = {row.row.title: row for row in reading.faceplate.relations.rows}
    robot = rows["Fed by"].names[0]
    assert robot.badge is not None and robot.badge.priority == 2
    assert robot.accessibleName().startswith("S30 Robot 1, 1 alarm, priority 2")
    tap(reading, "S30 Robot 1")
    assert reading.faceplate.path == ROBOT
    assert reading.faceplate.relations.rows[0].row.title == "Feeds"


def test_long_row_folds_and_opens_at_a_tap(reading: Window, qapp: Any) -> None:
    row = next(row for row in reading.faceplate.relations.rows if row.row.title == "Cooled by")
    assert [each.name.text for each in row.names if each.isVisible()] == ["P-501", "P-502", "P-503"]
    height = row.height()
    tap(reading, "+3 more")
    qapp.processEvents()
    assert all(each.isVisible() for each in row.names) and row.height() > height
    assert all(each.geometry().right() <= row.width() for each in row.names)


def test_documents_button_lists_those_of_the_asset_and_of_what_it_is_part_of(reading: Window) -> None:
    face = reading.faceplate
    QTest.mouseClick(face.buttons["documents"], Qt.MouseButton.LeftButton)
    menu = face.documents.shown
    assert menu is not None
    lines = [each.text() for each in menu.actions() if each.text()]
    assert lines == [
        "Book, page 5: the page \u00b7 Manual, Hydraulics",
        "Book \u00b7 Manual, S50 Roof press",
        "Torn \u00b7 Manual, S50 Roof press",
    ]
    menu.actions()[0].trigger()
    menu.close()
    seen(reading, "the book is not shown")
    assert reading.documents.tools.page.text() == "5"
    reading.go(Place("", "Utilities/Compressed air"))
    assert face.buttons["documents"].isHidden() and face.relations.isHidden() and face.plate.isHidden()


def test_nameplate_is_copied(reading: Window) -> None:
    plate = reading.faceplate.plate
    assert plate.isVisibleTo(reading.faceplate)
    QTest.mouseClick(plate.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().splitlines()[1] == "Serial number\t17"
    assert plate.copy_button.text() == "Copied"


def test_page_on_show_is_printed(reading: Window, tmp_path: Path, qapp: Any) -> None:
    read(reading, "5:book.pdf")
    viewer, told = reading.documents, list[str]()
    viewer.printing.told.connect(told.append)
    assert viewer.reading is not None and viewer.shown is not None
    to = printer_for(viewer.shown.size)
    to.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    to.setOutputFileName(str(tmp_path / "documents" / "printed.pdf"))
    viewer.printing.print(viewer.reading, to)

    def is_printed() -> bool:
        qapp.processEvents()
        return not viewer.printing.is_busy

    until(is_printed, "the page is not printed")
    assert told[-1] == "The page is on its way to the printer."
    dark = darkness(reading)
    read(reading, "1:printed.pdf")
    assert viewer.tools.of.text() == "of 1"
    assert darkness(reading) == pytest.approx(dark, rel=0.5), "the wide letters of page 5"


def test_page_is_not_printed_once_the_document_is_closed(reading: Window) -> None:
    read(reading, "5:book.pdf")
    viewer = reading.documents
    assert viewer.reading is not None
    viewer.printing.print(viewer.reading, printer_for((100.0, 100.0)))
    viewer.leave()
    assert not viewer.printing.is_busy
