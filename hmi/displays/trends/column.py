"""The left column of Trends: the pens in use, saving them under a name, and the finder."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from engine.types import Snapshot
from hmi.displays.trends.finder import Finder
from hmi.displays.trends.groups import LONGEST_NAME, Group, good_name
from hmi.displays.trends.pen_list import PenList
from hmi.displays.trends.state import Trends
from hmi.formats import t
from hmi.model import Model
from hmi.pens import MOST_PENS, Pen
from hmi.theme import Theme
from hmi.widgets.labels import Words, rule
from hmi.widgets.trend_head import head_button

WIDE_PX, NARROW_PX, WIDE_FROM_PX = 372, 316, 1500


class Column(QFrame):
    """Says what was tapped; the display decides what comes of it."""

    cleared = Signal()
    saved = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._title = Words(theme, t("Pens"), "body", bold=True)
        self._count = Words(theme, "", "small", look="muted")
        self.save = head_button(t("Save…"), t("Save these pens under a name"), self)
        self.clear = head_button(t("Clear"), t("Take all pens out"), self)
        self.pens = PenList(theme, self)
        self.finder = Finder(theme, self)
        self._name = QLineEdit(self)
        self._naming = self._make_naming()
        self._lay_out()
        self.save.clicked.connect(self._start_naming)
        self.clear.clicked.connect(self.cleared)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._title)
        head.addSpacing(4)
        head.addWidget(self._count, 1)
        head.addWidget(self.save)
        head.addWidget(self.clear)
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 8, 8, 8)
        box.setSpacing(6)
        box.addLayout(head)
        box.addWidget(self._naming)
        box.addWidget(self.pens)
        self._rule = rule(self)
        box.addWidget(self._rule)
        box.addWidget(self.finder, 1)

    def _make_naming(self) -> QWidget:
        whole = QWidget(self)
        self._name.setPlaceholderText(t("Name of this group"))
        self._name.setAccessibleName(t("Name of this group of pens"))
        self._name.setMaxLength(LONGEST_NAME)
        keep = head_button(t("Save"), t("Save the group"), whole)
        leave = head_button(t("Cancel"), t("Do not save"), whole)
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self._name, keep, leave):
            row.addWidget(part)
        keep.clicked.connect(self._end_naming)
        self._name.returnPressed.connect(self._end_naming)
        leave.clicked.connect(whole.hide)
        whole.hide()
        return whole

    def _start_naming(self) -> None:
        self._naming.show()
        self._name.selectAll()
        self._name.setFocus()

    def _end_naming(self) -> None:
        name = good_name(self._name.text())
        if name:
            self._naming.hide()
            self.saved.emit(name)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; the rows follow by `show_state`."""
        self._title.set_theme(theme)
        self._count.set_theme(theme)
        self.finder.set_theme(theme)

    def show_model(self, model: Model, groups: tuple[Group, ...]) -> None:
        """The tags of a plant and its saved groups."""
        self.finder.show_model(model, groups)

    def show_state(self, theme: Theme, state: Trends, pens: tuple[Pen, ...]) -> None:
        """The pens in use."""
        count = len(state.drawn)
        self._count.show_text(t("{n} of {most}", n=count, most=MOST_PENS) if count else "")
        self.save.setEnabled(bool(count))
        self.clear.setEnabled(bool(count))
        if not count:
            self._naming.hide()
        self.pens.show_state(theme, state, pens)
        self.finder.show_drawn(state.paths)
        self.share_height()

    def show_numbers(self, snapshot: Snapshot | None) -> None:
        """The values now."""
        self.pens.show_numbers(snapshot)

    def share_height(self) -> None:
        """The pens take what they need, up to half and a little; the finder has the rest."""
        has_pens = bool(self.pens.rows)
        self.pens.setVisible(has_pens)
        self._rule.setVisible(has_pens)
        self.pens.setFixedHeight(min(self.pens.wanted_height() + 2, max(0, int((self.height() - 70) * 0.55))))

    def fit(self, width: int) -> None:
        """As wide as a display of that width allows."""
        self.setFixedWidth(WIDE_PX if width >= WIDE_FROM_PX else NARROW_PX)
