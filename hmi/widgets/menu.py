"""Menus that open where a hand is. Qt deletes each one itself, after the line that was tapped was heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a menu, and what a tap on it does. ``opens_group`` = a rule stands above it."""

    text: str
    act: Callable[[], object]
    is_enabled: bool = True
    opens_group: bool = False


class PopupMenu(QObject):
    """The menu over a widget: made anew for each opening, one at a time. ``name`` is for those who hear.

    What a line does is kept here and not in Qt, so a menu and its lines never hold each other alive; and a
    line of a menu that is closed finds nothing to do.
    """

    def __init__(self, over: QWidget, name: str) -> None:
        super().__init__(over)
        self._over, self._name = over, name
        self._keys, self._acts = count(1), dict[int, Callable[[], object]]()
        self.shown: QMenu | None = None
        """The menu that is open."""

    def open(self, lines: Sequence[Line], at: QPoint, heading: str = "") -> None:
        """Show these lines at a place on the screen; a menu that was open closes."""
        self.close()
        self._acts = {}
        if not lines:
            return  # Qt shows no empty menu, so it would never hide nor go
        made = self.shown = QMenu(self._over)
        made.setAccessibleName(self._name)
        if heading:
            made.addSection(heading)
        for line in lines:
            self._add(made, line)
        made.aboutToHide.connect(self._hidden)
        made.triggered.connect(self._take)
        made.popup(at)

    def close(self) -> None:
        """Nothing is chosen."""
        if self.shown is not None:
            self.shown.close()

    def _add(self, made: QMenu, line: Line) -> None:
        if line.opens_group:
            made.addSeparator()
        action, key = made.addAction(line.text.replace("&", "&&")), next(self._keys)
        action.setEnabled(line.is_enabled)
        action.setData(key)
        self._acts[key] = line.act

    def _hidden(self) -> None:
        gone, self.shown = self.shown, None
        if gone is not None:
            # Qt hides a menu before it tells which line was tapped.
            gone.deleteLater()

    def _take(self, action: QAction) -> None:
        act = self._acts.get(action.data())
        if act is not None:
            act()


def clear(menu: QMenu) -> None:
    """Take all lines out of a menu that stays, with the menus below it.

    They go later: `QMenu.clear` deletes at once, and one of them may be the line that is being heard.
    """
    for action in menu.actions():
        menu.removeAction(action)
        below = action.menu()
        (action if below is None else below).deleteLater()
