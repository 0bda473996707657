"""Strip and tables of the Performance page: where they lead, how they look, how they are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hmi.displays.alarms.page import Subject
from hmi.displays.display import Place
from tests.hmi.displays.alarms.performance_hands import key, shown, tap, wait
from tests.hmi.displays.alarms.performing import DAY, MODEL, TAGS, Engine
from tests.hmi.plant import NOW_US

if TYPE_CHECKING:
    from hmi.displays.alarms.performance.page import PerformancePage

pytestmark = pytest.mark.screen


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def went() -> list[Place]:
    return []


@pytest.fixture
def page(qapp: Any, engine: Engine, went: list[Place]) -> Iterator[PerformancePage]:
    with shown(qapp, engine, went) as made:
        yield made


def row_of(page: PerformancePage, name: str, row: int = 0) -> tuple[Any, Any]:
    table = page.blocks.tables[name].table
    return table, table.texts.index(row, 1)


def test_a_frequent_alarm_leads_to_its_journal_its_trend_and_its_limit(
    page: PerformancePage, went: list[Place]
) -> None:
    asked: list[tuple[str, Any]] = []
    page.asked.connect(lambda name, about: asked.append((name, about)))
    about = Subject(1, TAGS[0].path, "h", "", 1, 2)
    lines = page.menu_of(about)
    words = [line.text for line in lines]
    assert words == ["Journal of this alarm", "Its tag in Trends", "Rationalise its limit"]
    assert all(line.is_enabled for line in lines)
    for line in lines:
        line.act()
    assert asked == [("journal", about), ("rationalise", about)]
    assert went == [Place("trends", TAGS[0].path)]
    gone = page.menu_of(Subject(40, "Body shop/S50/Extra/Tag 40", "h"))
    assert not gone[1].is_enabled, "a tag that is gone has no trend"


@pytest.mark.parametrize("name", ["actors", "chattering", "stale"])
def test_return_and_tap_on_an_alarm_open_its_menu(page: PerformancePage, name: str, qapp: Any) -> None:
    from PySide6.QtWidgets import QApplication, QMenu

    table, index = row_of(page, name)
    for act in ("key", "tap"):
        if act == "key":
            table.setCurrentIndex(index)
            key(table, "Return")
        else:
            table.clicked.emit(index)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu), act
        assert menu.actions()[0].text() == "Journal of this alarm"
        menu.close()
        qapp.processEvents()


def test_a_flood_and_a_worst_time_lead_to_the_journal_of_then(page: PerformancePage) -> None:
    asked: list[tuple[str, Any]] = []
    page.asked.connect(lambda name, about: asked.append((name, about)))
    for name in ("floods", "peaks"):
        table, index = row_of(page, name)
        table.setCurrentIndex(index)
        key(table, "Return")
    assert page.figures is not None
    found = page.figures.metrics
    flood, worst = found.floods[-1], found.peaks[0]
    assert [(name, about.alarm) for name, about in asked] == [("journal", 0), ("journal", 0)]
    assert asked[0][1].end_us == flood[1]
    assert asked[1][1].start_us == worst[0]


def test_the_strip_is_walked_by_keys_and_a_bar_leads_to_the_journal_of_its_time(
    page: PerformancePage,
) -> None:
    asked: list[Any] = []
    page.asked.connect(lambda name, about: asked.append(about))
    strip = page.blocks.strip
    key(strip, "Return")
    assert asked == []
    key(strip, "Home")
    first = strip.at
    key(strip, "Right")
    assert strip.at != first
    assert strip.accessibleName() == strip.at
    key(strip, "Left")
    assert strip.at == first
    key(strip, "Return")
    assert page.figures is not None
    assert asked[0].start_us == page.figures.metrics.start_us
    key(strip, "End")
    key(strip, "Right")
    assert "14:00" in strip.at or "13:00" in strip.at or "12:00" in strip.at


def test_the_strip_has_a_table_of_the_same(page: PerformancePage) -> None:
    tap(page.bar.span.buttons["24h"])
    assert not page.blocks.hours.isVisible()
    tap(page.blocks.as_table)
    assert page.blocks.hours.isVisible()
    tap(page.blocks.hours.more)
    texts = page.blocks.hours.table.texts.rows
    assert page.figures is not None
    assert [int(row[1]) for row in texts] == list(page.figures.metrics.hourly)


def test_every_row_of_a_long_table_can_be_shown(page: PerformancePage) -> None:
    tap(page.bar.span.buttons["24h"])
    tap(page.blocks.as_table)
    block = page.blocks.hours
    assert len(block.table.texts.rows) == 10
    assert block.more.text() == "Show all 25"
    tap(block.more)
    assert len(block.table.texts.rows) == 25
    assert block.more.text() == "Show 10"
    assert block.table.height() > 25 * 30


def test_tables_of_the_page_have_their_place_at_every_width(page: PerformancePage, qapp: Any) -> None:
    for width in (700, 1290, 1900, 1290):
        page.window().resize(width, 700)
        page.resize(width, 700)
        qapp.processEvents()
        for name, block in page.blocks.tables.items():
            assert block.isVisible(), (width, name)
            assert block.table.columnWidth(len(block.table.texts.rows[0]) - 1) > 30, (width, name)
        assert page.room.widget().width() <= page.width()


def test_rows_that_can_be_tapped_fit_a_finger(page: PerformancePage) -> None:
    from hmi.theme import load_theme

    for name in ("actors", "chattering", "stale", "floods", "peaks"):
        table = page.blocks.tables[name].table
        assert table.rowHeight(0) >= load_theme("light").size.target


def test_no_colour_of_an_alarm_is_on_the_page(page: PerformancePage, qapp: Any) -> None:
    import numpy as np

    from hmi.theme import apply_theme, load_theme
    from tests.hmi.pixels import is_colour, picture

    for name in ("light", "dark"):
        look = load_theme(name)
        apply_theme(qapp, look)
        page.set_theme(look)
        page.resize(1500, 1000)
        page.window().resize(1500, 1000)
        qapp.processEvents()
        found = picture(page).astype(np.int32) @ np.array([65536, 256, 1], np.int32)
        colours = np.unique(found)
        seen = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], -1).astype(np.int16)[None]
        assert seen.shape[1] > 20
        for alarm in look.alarms:
            assert not is_colour(seen, alarm, 12).any(), (name, alarm)


def test_a_missed_target_is_told_by_a_sign_and_not_by_its_word_alone(qapp: Any) -> None:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QPainter, QPixmap

    from hmi.displays.alarms.performance.mark import paint_sign
    from hmi.theme import load_theme
    from tests.hmi.pixels import picture

    seen = set()
    for said in ("meets", "over", "beyond", "below", "unjudged"):
        shot = QPixmap(30, 30)
        shot.fill("#ffffff")
        with QPainter(shot) as painter:
            paint_sign(painter, QPointF(15, 15), said, load_theme("light"))
        seen.add(picture(shot).tobytes())
    assert len(seen) == 5


def test_the_hours_without_an_engine_are_hatched_and_not_calm(page: PerformancePage, engine: Engine) -> None:
    import numpy as np

    from tests.hmi.pixels import picture

    engine.began_us = NOW_US - 15 * DAY
    tap(page.bar.refresh)
    strip = page.blocks.strip
    seen = picture(strip)[12:60]
    left, right = seen[:, 60:400], seen[:, 700:1100]
    assert len(np.unique(left.reshape(-1, 3), axis=0)) > len(np.unique(right.reshape(-1, 3), axis=0))
    assert "hatched: not known" in page.blocks.said.text()


def test_pdf_and_csv_are_written_from_what_is_on_the_page(page: PerformancePage, tmp_path: Path) -> None:
    from hmi.displays.alarms.performance import rows as performance_rows
    from hmi.displays.alarms.performance.save import sections

    assert page.figures is not None
    for name in ("pdf", "actors"):
        file = tmp_path / f"page.{name}"
        page.saving.write(name, file, page.figures, MODEL, NOW_US)
        assert page.progress.isVisible() or not page.saving.press.is_busy
        wait(30, lambda: not page.saving.press.is_busy)
        assert page.written.text() == f"It is written: {file}"
        assert not page.progress.isVisible()
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "page.actors").read_text("utf-8").startswith("alarm,path,kind")
    on_paper = {each.title: each.rows for each in sections(page.figures, MODEL)}
    for name, block in page.blocks.tables.items():
        on_screen = block.table.texts.rows
        listing = performance_rows.listing(name, page.figures, MODEL)
        assert on_paper[listing.title][: len(on_screen)] == on_screen, "the same numbers as on the screen"


def test_a_file_that_cannot_be_written_is_told(page: PerformancePage, tmp_path: Path) -> None:
    assert page.figures is not None
    page.saving.write("pdf", tmp_path / "gone" / "page.pdf", page.figures, MODEL, NOW_US)
    wait(30, lambda: not page.saving.press.is_busy)
    assert page.written.text().startswith("Nothing was written: the folder ")


def test_the_name_of_a_file_says_what_is_in_it(page: PerformancePage) -> None:
    from hmi.displays.alarms.performance.save import file_name

    assert page.figures is not None
    assert file_name("pdf", page.figures, MODEL) == "Framing line 3, Alarm performance, 2026-11-22.pdf"
    assert file_name("floods", page.figures, MODEL) == "Framing line 3, Floods, 2026-11-22.csv"


def test_every_button_has_words_for_those_who_hear_it(page: PerformancePage) -> None:
    from PySide6.QtWidgets import QPushButton

    page.bar.ensurePolished()
    for button in page.findChildren(QPushButton):
        assert button.accessibleName() or button.text(), button
    for block in page.blocks.tables.values():
        assert block.table.accessibleName()
    assert "Most:" in page.blocks.strip.accessibleName()
