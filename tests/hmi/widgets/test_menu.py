"""Menus that open, are tapped, close and open again, and leave nothing behind."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.hmi.conftest import collect

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu, QWidget

    from hmi.widgets.menu import PopupMenu

pytestmark = pytest.mark.screen
OPENINGS = 120


@pytest.fixture
def over(qapp: Any) -> Iterator[QWidget]:
    from PySide6.QtWidgets import QWidget

    made = QWidget()
    made.resize(600, 400)
    made.show()
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    collect()


@pytest.fixture
def menu(over: QWidget) -> PopupMenu:
    from hmi.widgets.menu import PopupMenu

    return PopupMenu(over, "What can be done")


def opened(menu: PopupMenu, act: Callable[[], object], count: int = 4) -> QMenu:
    from PySide6.QtCore import QPoint

    from hmi.widgets.menu import Line

    menu.open([Line(f"line {n}", act, opens_group=n == 2) for n in range(count)], QPoint(20, 20), "Heading")
    assert menu.shown is not None and menu.shown.isVisible()
    return menu.shown


def tap(shown: QMenu, text: str) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    action = next(each for each in shown.actions() if each.text() == text)
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=shown.actionGeometry(action).center())


def key(shown: QMenu, name: str) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    QTest.keyClick(shown, getattr(Qt.Key, f"Key_{name}"))


def left_in(over: QWidget) -> int:
    from PySide6.QtWidgets import QMenu

    collect()
    return len(over.findChildren(QMenu))


def test_menus_open_and_close_hundreds_of_times_in_every_way(over: QWidget, menu: PopupMenu) -> None:
    from PySide6.QtWidgets import QApplication

    heard: list[int] = []
    for n in range(OPENINGS):
        shown = opened(menu, partial(heard.append, n))
        ways: tuple[Callable[[], object], ...] = (
            partial(tap, shown, "line 1"),
            partial(key, shown, "Escape"),
            shown.hide,
            menu.close,
            lambda: None,  # left open: the next one comes over it
            shown.actions()[-1].trigger,
        )
        ways[n % len(ways)]()
        del shown, ways
        if n % 7 == 0:
            QApplication.processEvents()
        if n % 31 == 0:
            gc.collect()
    menu.close()
    assert heard == [n for n in range(OPENINGS) if n % 6 in (0, 5)]
    assert menu.shown is None and left_in(over) == 0


def test_line_may_open_another_menu_collect_and_let_qt_delete(over: QWidget, menu: PopupMenu) -> None:
    heard: list[str] = []

    def again() -> None:
        collect()
        opened(menu, partial(heard.append, "second"))

    for _ in range(3):
        tap(opened(menu, again), "line 0")
        assert menu.shown is not None
        tap(menu.shown, "line 3")
    assert heard == ["second"] * 3 and left_in(over) == 0


def test_line_of_a_menu_that_is_closed_does_nothing(menu: PopupMenu) -> None:
    heard: list[str] = []
    old = opened(menu, partial(heard.append, "old")).actions()[-1]
    opened(menu, partial(heard.append, "new"))
    old.trigger()
    assert heard == []
    menu.close()


def test_menu_goes_with_the_widget_it_is_over_even_while_open(qapp: Any) -> None:
    import shiboken6
    from PySide6.QtWidgets import QApplication, QWidget

    from hmi.widgets.menu import PopupMenu

    for _ in range(5):
        over = QWidget()
        over.show()
        shown = opened(PopupMenu(over, "What can be done"), list)
        over.deleteLater()
        collect()
        assert not shiboken6.isValid(shown) and QApplication.activePopupWidget() is None


def test_menu_without_lines_does_not_open(over: QWidget, menu: PopupMenu) -> None:
    from PySide6.QtCore import QPoint

    menu.open((), QPoint(20, 20))
    assert menu.shown is None and left_in(over) == 0


def test_menu_that_stays_is_filled_anew_by_its_own_line(over: QWidget) -> None:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QMenu

    from hmi.widgets.menu import clear

    menu, heard = QMenu(over), list[int]()

    def fill(n: int, checked: bool = False) -> None:
        heard.append(n)
        clear(menu)
        menu.addAction("again").triggered.connect(partial(fill, n + 1))
        menu.addSeparator()
        menu.addMenu("below").addAction("one")
        collect()

    fill(0)
    for n in range(5):
        menu.popup(QPoint(20, 20))
        tap(menu, "again")
        assert heard[-1] == n + 1
    collect()
    assert len(menu.actions()) == 3 and left_in(over) == 2, "itself and the one below"
    assert len(menu.findChildren(QAction)) == 5, "its three, the one below, and its own"
