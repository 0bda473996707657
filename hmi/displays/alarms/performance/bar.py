"""The head of the Performance page: stretch of time, area, since when, Refresh and Save."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from hmi.displays.alarms.performance.csv import TABLES
from hmi.displays.alarms.performance.state import SPANS
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.labels import ShortWords
from hmi.widgets.menu import clear
from hmi.widgets.trend_head import head_button

AREA_PX = 220


class Bar(QWidget):
    """``spanned`` = another stretch (its key), ``narrowed`` = another area (its path), ``saved`` = what is
    to be written: "pdf", or the name of a table.
    """

    spanned = Signal(str)
    narrowed = Signal(str)
    refreshed = Signal()
    saved = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = Model()
        self.span = Choice(None, [(key, t(word), t(told)) for key, word, told in SPANS], self)
        # "Own…" is asked for again by a tap on it while it is chosen.
        self.span.chosen.connect(self.spanned)
        self.span.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.area = self._menu_button(t("Whole plant"), t("Only alarms of this area"))
        self.area.setMaximumWidth(AREA_PX)
        self.since = ShortWords(theme, step="small", look="muted")
        self.refresh = head_button(t("Refresh"), t("Work the figures out anew"), self)
        self.refresh.clicked.connect(self.refreshed)
        self.save = self._menu_button(t("Save as"), t("Write the page, or one of its tables"))
        menu = self.save.menu()
        menu.addAction(t("The whole page as PDF…")).triggered.connect(partial(self._save, "pdf"))
        menu.addSeparator()
        for name, title in TABLES:
            action = menu.addAction(t("{table} as CSV…", table=t(title)))
            action.triggered.connect(partial(self._save, name))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for part in (self.span, self.area):
            row.addWidget(part)
        row.addWidget(self.since, 1)
        for part in (self.refresh, self.save):
            row.addWidget(part)

    def _menu_button(self, text: str, words: str) -> QPushButton:
        made = head_button(text, words, self)
        made.setMenu(QMenu(made))
        return made

    def _save(self, name: str, checked: bool = False) -> None:
        self.saved.emit(name)

    def show_span(self, key: str) -> None:
        """Mark a stretch, without a word to anybody."""
        with QSignalBlocker(self.span):
            self.span.pick(key)

    def show_plant(self, model: Model) -> None:
        """The areas and units of a plant: an area as a menu of its own."""
        self._model = model
        menu = self.area.menu()
        clear(menu)
        menu.addAction(t("Whole plant")).triggered.connect(partial(self._narrow, ""))
        for path in (each for each in model.roots if each):
            asset = model.assets[path]
            units = [each for each in (*model.units, *model.utilities) if each.startswith(f"{path}/")]
            if not units:
                menu.addAction(asset.name).triggered.connect(partial(self._narrow, path))
                continue
            under = menu.addMenu(asset.name)
            under.addAction(t("All of {area}", area=asset.name)).triggered.connect(
                partial(self._narrow, path)
            )
            for unit in units:
                name = model.assets[unit].name
                under.addAction(name).triggered.connect(partial(self._narrow, unit))

    def _narrow(self, path: str, checked: bool = False) -> None:
        self.narrowed.emit(path)

    def show_area(self, path: str) -> None:
        """Say which area the figures are of."""
        text = path.rpartition("/")[2] or t("Whole plant")
        if self.area.text() != text:
            self.area.setText(text)
        told = t("Only alarms of {path}", path=path) if path else t("Only alarms of this area")
        self.area.setToolTip(told)
        self.area.setAccessibleName(f"{text}: {told}")

    def show_state(self, since: str, can_refresh: bool, can_save: bool) -> None:
        """Since when the figures are what they are, and what can be done."""
        self.since.show_text(since)
        self.refresh.setEnabled(can_refresh)
        self.save.setEnabled(can_save)
