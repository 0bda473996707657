"""The Alarms display in a window of its own, with alarms as the engine tells them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.types import Alarm, AlarmClass, Flood, Service, Shelf
from hmi import theme
from hmi.alarm_desk import AlarmDesk
from hmi.displays.alarms import row_menu
from hmi.displays.alarms.table import AlarmTable
from hmi.displays.alarms.view import AlarmsView
from hmi.displays.display import Place
from hmi.model import build
from tests.hmi.booked import Commands, book
from tests.hmi.conftest import collect
from tests.hmi.line import HIGH, LINE, LOW_AIR, PRESSURE, TIPS, VALUES, alarm
from tests.hmi.plant import NOW_US, snapshot

MINUTE_US = 60_000_000
CLASSES = (
    AlarmClass("safety", "Safety", shelve_max_s=0.0),
    AlarmClass("short", "Short shelves", shelve_max_s=1800.0),
)
SHELVED = msgspec.structs.replace(
    TIPS, letter="E", shelf=Shelf(NOW_US - MINUTE_US, NOW_US + 90 * MINUTE_US, "Vera Lind", "tips on order")
)
SUPPRESSED = msgspec.structs.replace(LOW_AIR, letter="F", active=True, suppressed="the dryer stands")
SERVICED = msgspec.structs.replace(
    LOW_AIR, letter="G", active=True, service=Service(NOW_US - MINUTE_US, "Tom Arndt", "permit 4411")
)


class Desk:
    """The display on show, what it asked for, and where it wanted to go."""

    def __init__(self, application: QApplication, size: tuple[int, int] = (1290, 576)) -> None:
        theme.load_fonts()
        look = theme.load_theme("light")
        theme.apply_theme(application, look)
        self.application, self.feed, self.went = application, Commands(), list[Place]()
        self.desk = AlarmDesk(self.feed)
        self.view = AlarmsView(look, self.feed, self.went.append)
        self.view.set_desk(self.desk)
        self.view.set_plant(build(msgspec.structs.replace(LINE, alarm_classes=CLASSES)))
        self.view.set_past(None)
        self.view.set_stalled(False)
        self.view.resize(*size)
        self.view.show()
        self.view.on_numbers(snapshot(VALUES))
        application.processEvents()

    @property
    def table(self) -> AlarmTable:
        """The list on show."""
        return self.view.lists.table

    @property
    def ids(self) -> list[int]:
        """The alarms on show, from the top."""
        return list(self.table.rows.ids)

    def tell(self, *alarms: Alarm, flood: Flood | None = None) -> None:
        """The engine tells all alarms, and they are painted."""
        self.desk.take(book(*alarms, flood=flood))
        self.view.on_numbers(snapshot(VALUES))
        self.paint()

    def paint(self) -> None:
        """Let everything be painted that has to be."""
        self.application.processEvents()
        self.view.grab()

    def place(self, alarm_id: int, column: str) -> QPoint:
        """The middle of a cell."""
        row = self.table.rows.row_of(alarm_id)
        assert row is not None
        return self.table.visualRect(
            self.table.rows.index(row, self.table.rows.columns.index(column))
        ).center()

    def tap(self, alarm_id: int, column: str) -> None:
        """Tap a cell, long after the last row moved."""
        QTest.qWait(0)
        self.table.settle()
        QTest.mouseClick(self.table.viewport(), Qt.MouseButton.LeftButton, pos=self.place(alarm_id, column))

    def hover(self, alarm_id: int) -> None:
        """A hand moves over a row."""
        viewport, place = self.table.viewport(), QPointF(self.place(alarm_id, "message"))
        none = Qt.MouseButton.NoButton
        over = viewport.mapToGlobal(place)
        move = QMouseEvent(QEvent.Type.MouseMove, place, over, none, none, Qt.KeyboardModifier.NoModifier)
        self.application.sendEvent(viewport, move)

    def leave(self) -> None:
        """The hand goes away from the list."""
        self.application.sendEvent(self.table, QEvent(QEvent.Type.Leave))

    def choose(self, what: str, *alarms: Alarm) -> None:
        """Take a line of the menu of ⋯."""
        acts = self.view.lists.acts
        entry = next(each for each in row_menu.entries(acts.model, alarms, acts.is_dead) if each.what == what)
        assert entry.is_enabled
        acts.do(entry.what, alarms)

    def entries(self, *alarms: Alarm) -> dict[str, bool]:
        """What the menu of ⋯ offers, and whether it can be taken."""
        acts = self.view.lists.acts
        return {each.what: each.is_enabled for each in row_menu.entries(acts.model, alarms, acts.is_dead)}

    def words_of_menu(self) -> list[str]:
        """The lines of the menu that is open; it closes."""
        menu = self.view.lists.acts.menu.shown
        assert menu is not None and menu.isVisible()
        found = [each.text() for each in menu.actions()]
        menu.close()
        return found


@pytest.fixture
def shown(qapp: Any) -> Iterator[Desk]:
    """The display with three alarms that wait."""
    made = Desk(qapp)
    made.tell(HIGH, TIPS, LOW_AIR)
    yield made
    made.view.close()
    made.view.deleteLater()
    collect()


def many(count: int, **more: Any) -> list[Alarm]:
    """Alarms of one tag, the highest id the newest."""
    at = NOW_US - count * 1000
    made = (
        alarm(PRESSURE, 2 + each % 3, id=1000 + each, since_us=at + each, **more) for each in range(count)
    )
    return [msgspec.structs.replace(each, changed_us=each.since_us) for each in made]


# The lists
