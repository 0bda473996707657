"""The Rationalisation page on the screen, and what a hand does to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from hmi.displays.alarms.rationalise.columns import COLUMNS
from hmi.displays.alarms.rationalise.editors import WordField
from hmi.displays.alarms.rationalise.page import RationalisePage
from hmi.displays.display import Place
from hmi.theme import apply_theme, load_fonts, load_theme
from tests.hmi.conftest import collect
from tests.hmi.displays.alarms.rationalise_feed import (
    PlantEngine,
    model,
)

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def plant() -> PlantEngine:
    return PlantEngine()


@pytest.fixture
def went() -> list[Place]:
    return []


@pytest.fixture
def page(qapp: Any, plant: PlantEngine, went: list[Place]) -> Iterator[RationalisePage]:
    load_fonts()
    look = load_theme("light")
    apply_theme(qapp, look)
    made = RationalisePage(look, plant, went.append, None)  # pyright: ignore[reportArgumentType]
    made.resize(1600, 800)
    made.set_plant(model())
    made.show()
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    collect()


def press(page: RationalisePage, name: str) -> None:
    QTest.mouseClick(page.bar.buttons[name], LEFT)


def at(page: RationalisePage, place: int, column: str) -> QPoint:
    """A spot on a cell, by the place of its row in the table."""
    index = page.table.rows.index(place, COLUMNS.index(column))
    page.table.scrollTo(index)
    return page.table.visualRect(index).center()


def tap(page: RationalisePage, place: int, column: str, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(page.table.viewport(), LEFT, modifier, at(page, place, column))


def editor(page: RationalisePage, place: int, column: str) -> Any:
    """Open the editor of a cell as a person does, by a double tap."""
    spot = at(page, place, column)
    QTest.mouseClick(page.table.viewport(), LEFT, NONE, spot)
    QTest.mouseDClick(page.table.viewport(), LEFT, NONE, spot)
    made = page.table.indexWidget(page.table.currentIndex())
    made = made or page.table.viewport().focusWidget() or QGuiApplication.focusObject()
    assert isinstance(made, QLineEdit | WordField), made
    return made


def done(made: Any) -> None:
    """Return; the table takes the text once the editor has had the key."""
    QTest.keyClick(made, KEY.Key_Return)
    QGuiApplication.processEvents()


def type_in(page: RationalisePage, place: int, column: str, text: str) -> None:
    made = editor(page, place, column)
    made.selectAll()
    QTest.keyClicks(made, text)
    done(made)


def shown(page: RationalisePage, place: int, column: str) -> str:
    return str(page.table.rows.index(place, COLUMNS.index(column)).data())


def paths(page: RationalisePage) -> list[str]:
    return [page.table.rows.cells(each)["path"] for each in range(page.table.rows.rowCount())]


def mark_of(page: RationalisePage, place: int) -> str:
    return str(page.table.rows.headerData(place, Qt.Orientation.Vertical))


def settle(page: RationalisePage) -> None:
    """The list was looked at after the last edit."""
    page.work.check()


def agree(page: RationalisePage, by: str, why: str) -> None:
    page.changes.by.setText(by)
    page.changes.why.setText(why)
    QTest.mouseClick(page.changes.button, LEFT)


# The table
