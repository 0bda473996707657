"""The saved views as a list: go to one, save what is seen, rename, remove, and take that back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from hmi.displays.twin.views import Listed, SavedViews, free_name
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.buttons import told_button
from hmi.widgets.labels import Words
from hmi.widgets.menu import Line, PopupMenu

GAP_PX = 6
LEAST_ROWS = 1


class ViewList(QWidget):
    """``wanted`` = go to that view (`engine.types.SavedView`); ``saved`` = keep what is seen under a name;
    ``grown`` = it needs more room, or less.
    """

    wanted = Signal(object)
    saved = Signal(str)
    grown = Signal()

    def __init__(self, theme: Theme, views: SavedViews, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._views = theme, views
        self._listed: tuple[Listed, ...] | None = None
        self._renames: Listed | None = None
        self.rows: list[QPushButton] = []
        self.mores: list[QPushButton] = []
        self._title = Words(theme, t("Saved views"), "body", bold=True)
        self.save_as = told_button(t("Save as…"), t("Save what is seen now under a name"), self)
        self.save_as.setAccessibleName(t("Save what is seen now as a view"))
        self.name = QLineEdit(self)
        self.name.setMaxLength(60)
        self.name.setAccessibleName(t("Name of the view"))
        self.ok, self.cancel = QPushButton(t("Save"), self), QPushButton(t("Cancel"), self)
        self.undo = told_button(t("Undo"), t("Take the last change back"), self)
        self.told = Words(theme, step="small", look="muted")
        self.told.setWordWrap(True)
        self._menu = PopupMenu(self, t("What can be done to this view"))
        self._lay_out()
        self._connect()
        self._ask(False)
        self._show()

    def _lay_out(self) -> None:
        self._head, self._asked, self._foot = QWidget(self), QWidget(self), QWidget(self)
        parts = (
            (self._head, (self._title, self.save_as)),
            (self._asked, (self.name, self.ok, self.cancel)),
            (self._foot, (self.told, self.undo)),
        )
        for whole, inside in parts:
            row = QHBoxLayout(whole)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(GAP_PX)
            for each in inside:
                row.addWidget(each, 1 if each is inside[0] else 0)
        self._ground = QWidget()
        self._column = QVBoxLayout(self._ground)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP_PX)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._ground)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP_PX)
        for each in (self._head, self._asked, self._scroll, self._foot):
            box.addWidget(each)

    def _connect(self) -> None:
        self._views.listeners.append(self._show)
        self.save_as.clicked.connect(lambda: self._ask_for(None))
        self.ok.clicked.connect(self._take)
        self.name.returnPressed.connect(self._take)
        self.name.textChanged.connect(lambda text: self.ok.setEnabled(bool(text.strip())))
        self.cancel.clicked.connect(lambda: self._ask(False))
        self.undo.clicked.connect(self._views.undo)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self._title.set_theme(theme)
        self.told.set_theme(theme)

    def set_room(self, px: int) -> None:
        """So much more than one row is there for the rows."""
        step = self._theme.size.target + 2 + GAP_PX
        rows = min(len(self.rows), LEAST_ROWS + max(0, px) // step)
        self._scroll.setFixedHeight(max(0, rows * step - GAP_PX))
        self._scroll.setVisible(bool(self.rows))

    # Inside

    def _show(self) -> None:
        """The list again where it differs; what came of the last change always."""
        listed = self._views.listed
        if listed != self._listed:
            self._listed = listed
            self._make_rows(listed)
        is_empty = t("None yet: turn the scene as you like it and save it.")
        self.told.show_text(self._views.told or ("" if listed else is_empty))
        self.told.setVisible(bool(self.told.text()))
        self.undo.setVisible(self._views.can_undo)
        self._foot.setVisible(bool(self.told.text()) or self._views.can_undo)
        self.save_as.setEnabled(not self._views.is_asking)
        self.grown.emit()

    def _make_rows(self, listed: tuple[Listed, ...]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            whole = item.widget()
            if whole is not None:
                whole.hide()
                whole.deleteLater()
        self.rows, self.mores = [], []
        for each in listed:
            whole = QWidget(self._ground)
            row = QHBoxLayout(whole)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(GAP_PX)
            text = t("{name} (this station)", name=each.view.name) if each.is_own else each.view.name
            go = told_button(text.replace("&", "&&"), t("Show this view"), whole)
            go.setAccessibleName(t("Show the view {name}", name=text))
            go.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            go.clicked.connect(partial(self._go, each))
            more = told_button("⋯", t("Rename or remove this view"), whole)
            more.setProperty("look", "close")
            more.setAccessibleName(t("More about the view {name}", name=each.view.name))
            more.clicked.connect(partial(self._open_menu, each, more))
            row.addWidget(go, 1)
            row.addWidget(more)
            self._column.addWidget(whole)
            self.rows.append(go)
            self.mores.append(more)

    def _go(self, which: Listed) -> None:
        self.wanted.emit(which.view)

    def _open_menu(self, which: Listed, over: QWidget) -> None:
        why = self._views.may_change(which) or (t("still saving") if self._views.is_asking else "")
        told = t(" ({why})", why=why.rstrip(".")) if why else ""
        lines = [
            Line(t("Rename…") + told, partial(self._ask_for, which), not why),
            Line(t("Remove") + told, partial(self._views.remove, which), not why),
        ]
        self._menu.open(lines, over.mapToGlobal(QPoint(0, over.height())), which.view.name)

    def _ask_for(self, which: Listed | None) -> None:
        self._renames = which
        self.ok.setText(t("Save") if which is None else t("Rename"))
        self.name.setText(free_name(self._views.listed) if which is None else which.view.name)
        self._ask(True)
        self.name.selectAll()
        self.name.setFocus()

    def _ask(self, is_asked: bool) -> None:
        had_focus = self._asked.isAncestorOf(self.focusWidget() or self)
        self._asked.setVisible(is_asked)
        self._head.setVisible(not is_asked)
        if had_focus and not is_asked:
            self.save_as.setFocus()
        self.grown.emit()

    def _take(self) -> None:
        name = " ".join(self.name.text().split())
        if not name:
            return
        which, self._renames = self._renames, None
        self._ask(False)
        if which is None:
            self.saved.emit(name)
        elif which.view.name != name:
            self._views.rename(which, name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._asked.isVisible():
            self._ask(False)
        else:
            super().keyPressEvent(event)
