"""The table of tags in trouble: it sorts, copies, and stands still while its rows change."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from hmi.shell.window import Window
from tests.hmi.displays.system.page import tell, view_of
from tests.hmi.sources import LINE, SourceFeed, detail, secured, troubled

pytestmark = pytest.mark.screen


def test_three_hundred_tags_in_trouble_keep_their_scroll_and_selection(
    window: Window, feed: SourceFeed, qapp: Any
) -> None:
    tell(window, feed, detail(LINE), detail(secured(good=512), troubled=troubled(300), troubled_count=300))
    window.show_source("press")
    qapp.processEvents()
    table = view_of(window).page.tags.table
    assert table.texts.rowCount() == 300
    table.selectRow(150)
    table.verticalScrollBar().setValue(4000)
    chosen = table.texts.rows[150][0]
    fewer = troubled(300)[5:]
    tell(window, feed, detail(LINE), detail(secured(good=517), troubled=fewer, troubled_count=295))
    assert table.texts.rowCount() == 295
    assert [table.texts.rows[index.row()][0] for index in table.selectionModel().selectedRows()] == [chosen]
    assert table.verticalScrollBar().value() == 4000


def test_tap_on_a_column_sorts_and_the_third_tap_brings_the_first_order_back(
    window: Window, feed: SourceFeed, qapp: Any
) -> None:
    tell(window, feed, detail(LINE), detail(secured(good=800), troubled=troubled(12), troubled_count=12))
    window.show_source("press")
    qapp.processEvents()
    table = view_of(window).page.tags.table
    header = table.horizontalHeader()
    spot = header.rect().center()
    spot.setX(header.sectionViewportPosition(1) + 20)
    orders: list[list[str]] = []
    for _ in range(3):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        orders.append([row[1].rpartition("Valve")[2] for row in table.texts.rows])
    up = [str(n) for n in range(1, 13)]
    assert sorted(orders[:2]) == sorted([up, up[::-1]])
    assert orders[2] == up


def test_rows_are_copied_with_their_titles(window: Window, feed: SourceFeed) -> None:
    tell(window, feed, detail(LINE), detail(secured(good=810), troubled=troubled(2), troubled_count=2))
    window.show_source("press")
    table = view_of(window).page.tags.table
    table.selectRow(1)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[0] == "Tag\tAddress\tQuality\tWhy"
    assert len(copied) == 2 and copied[1].endswith("Valve2\tbad\tnode does not exist on the server")
    table.clearSelection()
    table.copy()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 3
