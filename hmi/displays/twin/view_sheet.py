"""The View menu: what the scene shows (isolate, x-ray, section, labels, motion) and from where."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.types import Cut
from hmi.displays.twin.section import Section
from hmi.displays.twin.view_list import ViewList
from hmi.displays.twin.views import SavedViews
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.buttons import told_button
from hmi.widgets.labels import Words, rule

WIDTH_PX, EDGE_PX, GAP_PX = 372, 12, 8


class ViewSheet(QFrame):
    """Lies over the display below its button; Escape leaves it.

    ``changed`` = a switch or the section was set; ``left`` = it is to close; ``edit`` = the scene is to be
    edited.
    """

    changed = Signal()
    left = Signal()
    edit = Signal()

    def __init__(self, theme: Theme, views: SavedViews, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setProperty("look", "popup")
        self.setAccessibleName(t("View"))
        self.isolate = _switch(t("Isolate"), t("Hide all but the selected asset"), self)
        self.through = _switch(
            t("See through"), t("All but the selected and what is in alarm like glass"), self
        )
        self.labels = _switch(t("Labels"), t("Names and values over the units"), self)
        self.motion = _switch(t("Motion"), t("Parts move as the plant does, and the view flies"), self)
        for each in (self.labels, self.motion):
            each.setChecked(True)
        self.section = Section(theme, self)
        self.list = ViewList(theme, views, self)
        self.edit_button = told_button(t("Edit the scene…"), t("Place parts and bind them to assets"), self)
        self.edit_button.setAccessibleName(t("Edit the scene: place parts and bind them to assets"))
        self.edit_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.edit_button.hide()
        self.hint = Words(theme, step="small", look="muted", parent=self)
        self.hint.setWordWrap(True)
        self.hint.hide()
        self._lay_out()
        self._connect()
        self.hide()

    def _lay_out(self) -> None:
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, EDGE_PX)
        self._box.setSpacing(GAP_PX)
        for pair in ((self.isolate, self.through), (self.labels, self.motion)):
            row = QHBoxLayout()
            row.setSpacing(GAP_PX)
            for each in pair:
                row.addWidget(each, 1)
            self._box.addLayout(row)
        self._box.addWidget(self.hint)
        self._box.addWidget(self.section)
        self._box.addWidget(rule(self))
        self._box.addWidget(self.list)
        self._box.addWidget(self.edit_button)

    def _connect(self) -> None:
        for each in (self.isolate, self.through, self.labels, self.motion):
            each.toggled.connect(self.changed)
        self.section.changed.connect(self.changed)
        for part in (self.section, self.list):
            part.grown.connect(self.fit)
        self.edit_button.clicked.connect(self.edit)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for each in (self.section, self.list, self.hint):
            each.set_theme(theme)
        self.fit()

    def show_selected(self, has_selected: bool) -> None:
        """Only what is selected can be set apart."""
        self.isolate.setEnabled(has_selected)
        self.hint.show_text(t("Select an asset to isolate it."))
        self.hint.setVisible(not has_selected)
        if not has_selected and self.isolate.isChecked():
            self.isolate.setChecked(False)
        self.fit()

    def show_edit(self, is_allowed: bool) -> None:
        """Editing is offered to who may."""
        self.edit_button.setVisible(is_allowed)
        self.fit()

    @property
    def cut(self) -> Cut | None:
        """The section that is set."""
        return self.section.cut

    def set_switches(self, apart: bool, through: bool, labels: bool, cut: Cut | None) -> None:
        """As a saved view has it, told once."""
        parts = (self.isolate, self.through, self.labels, self.section)
        for each in parts:
            each.blockSignals(True)
        self.isolate.setChecked(apart)
        self.through.setChecked(through)
        self.labels.setChecked(labels)
        self.section.show_cut(cut)
        for each in parts:
            each.blockSignals(False)
        self.fit()
        self.changed.emit()

    def open_below(self, button: QWidget) -> None:
        """Under the button that opened it, within the display."""
        spot = button.mapTo(self._over, QPoint(0, button.height() + 6))
        self.show()
        self.raise_()
        self.move(spot)
        self.fit()

    def fit(self) -> None:
        """As high as what stands in it, and never beyond the display: the list of views gives way."""
        if not self.isVisible():
            return
        room = self._over.height() - self.y() - EDGE_PX
        self.list.set_room(0)
        self.list.set_room(max(0, room - self._high()))
        left = min(self.x(), self._over.width() - WIDTH_PX - EDGE_PX)
        self.setGeometry(left, self.y(), WIDTH_PX, min(self._high(), room))

    def _high(self) -> int:
        """What it needs now; parts that came or went count at once."""
        for inside in (self.section.layout(), self.list.layout()):
            if inside is not None:
                inside.invalidate()
                inside.activate()
        self._box.invalidate()
        return max(self._box.heightForWidth(WIDTH_PX), self._box.minimumSize().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _switch(text: str, words: str, parent: QWidget) -> QPushButton:
    made = told_button(text, words, parent)
    made.setAccessibleName(f"{text}: {words}")
    made.setCheckable(True)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return made
