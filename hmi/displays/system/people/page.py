"""The page of people: who there is, who may do what, codes for an emergency, and the backup of it all."""

from __future__ import annotations

from typing import Any, Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from hmi.displays.feed import Feed
from hmi.displays.system.people import state as people
from hmi.displays.system.people.asking import Asking
from hmi.displays.system.people.doing import Doing
from hmi.displays.system.people.glass_tab import GlassTab
from hmi.displays.system.people.keep_tab import KeepTab
from hmi.displays.system.people.list_tab import ListTab
from hmi.displays.system.people.loading import Loading
from hmi.displays.system.people.may_tab import MayTab
from hmi.displays.system.people.rights_tab import RightsTab
from hmi.displays.system.state import Row
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.who import Who
from hmi.widgets.labels import ShortWords, Words, heading

Tab = Literal["people", "rights", "may", "glass", "keep"]
TABS: tuple[tuple[Tab, str], ...] = (
    ("people", "People"),
    ("rights", "Rights"),
    ("may", "What may they do?"),
    ("glass", "Break glass"),
    ("keep", "Directory and backup"),
)


class PeoplePage(QFrame):
    """Asks only while it can be seen. ``told`` = its line beside the sources may say something else."""

    told = Signal()

    def __init__(self, theme: Theme, feed: Feed, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._feed, self._model = feed, Model()
        self._undo: dict[str, Any] | None = None
        self.asking = Asking(feed, self._show)
        self.summary = ShortWords(theme, step="small", look="muted")
        self.news = Words(theme, step="small", bold=True)
        self.closed, self.closed_do = Words(theme, step="body", bold=True), Words(theme, step="body")
        self.said = Words(theme, step="body")
        for words in (self.news, self.closed, self.closed_do, self.said):
            words.setWordWrap(True)
        self.undo = QPushButton(t("Undo"), self)
        self.undo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.list, self.rights = ListTab(theme, self), RightsTab(theme, self)
        self.may, self.glass = MayTab(theme, self.asking, self), GlassTab(theme, self)
        self.keep = KeepTab(theme, self)
        self.doing = Doing(theme, self.asking, self, self.say)
        self.loading = Loading(self.asking, self.doing.changes, self, lambda words: self.say(words, None))
        self._lay_out(theme)
        self._connect()
        self._show()

    def _lay_out(self, theme: Theme) -> None:
        self.tabs = QButtonGroup(self)
        title, row, line = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        title.setSpacing(10)
        title.addWidget(heading(theme, t("People")))
        title.addWidget(self.summary, 1)
        row.setSpacing(6)
        self.stack = QStackedWidget(self)
        for place, (_, word) in enumerate(TABS):
            button = QPushButton(t(word), self)
            button.setCheckable(True)
            button.setChecked(place == 0)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self.tabs.addButton(button, place)
            row.addWidget(button)
        row.addStretch(1)
        for part in (self.list, self.rights, self.may, self.glass, self.keep):
            self.stack.addWidget(part)
        line.addWidget(self.said, 1)
        line.addWidget(self.undo)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 8, 10, 12)
        box.setSpacing(8)
        box.addLayout(title)
        box.addLayout(row)
        box.addWidget(self.news)
        box.addLayout(line)
        box.addWidget(self.closed)
        box.addWidget(self.closed_do)
        box.addWidget(self.stack, 1)
        box.addStretch(0)

    def _connect(self) -> None:
        self.tabs.idClicked.connect(self._turn)
        self.list.added.connect(lambda: self.doing.edit(""))
        self.list.edited.connect(self.doing.edit)
        self.list.tried.connect(self.doing.try_as)
        self.list.secrets.connect(self.doing.give)
        self.list.imported.connect(self.loading.ask_file)
        self.list.asked.connect(self._ask_of)
        self.rights.applied.connect(lambda: self.doing.apply_rights(self.rights))
        self.glass.made.connect(self.doing.make_code)
        self.glass.reviewed.connect(self.doing.review)
        self.keep.wanted.connect(lambda: self.doing.ask_backup(self._model.plant.name))
        self.undo.clicked.connect(self._take_back)

    # What the view calls

    def set_plant(self, model: Model) -> None:
        """Another plant, or another engine."""
        self._model = model
        self.may.set_model(model)
        self.asking.forget()
        self._begin()

    def set_who(self, known: Who) -> None:
        """Another person: what was on show was for somebody else."""
        if self.asking.set_who(known):
            self.doing.leave()
            self.say("", None)
            self.may.forget()
            self._begin()
        self._show()

    def set_stalled(self, stalled: bool) -> None:
        """True: the engine is silent."""
        if stalled != self.asking.is_stalled:
            self.asking.is_stalled = stalled
            self._begin()
            self._show()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; words and tables are told by the view."""
        self.rights.set_theme(theme)
        for sheet in self.doing.sheets:
            sheet.set_theme(theme)

    def row(self, is_stalled: bool) -> Row:
        """The line beside the sources."""
        return people.row(self.asking.staff, self.asking.who, is_stalled)

    def say(self, words: str, undo: dict[str, Any] | None) -> None:
        """What was done, and what takes it back."""
        self._undo = undo
        self.said.show_text(words)
        self.said.setVisible(bool(words))
        self.undo.setVisible(undo is not None)

    def turn(self, tab: Tab) -> None:
        """Another part of the page."""
        self._turn([each for each, _ in TABS].index(tab))

    # Inside

    def _begin(self) -> None:
        if self.isVisible():
            self.asking.ask()

    def _turn(self, place: int) -> None:
        self.tabs.button(place).setChecked(True)
        self.stack.setCurrentIndex(place)
        self._show()

    def _ask_of(self, name: str) -> None:
        self.turn("may")
        self.may.ask_of(name)

    def _take_back(self) -> None:
        body, self._undo = self._undo, None
        self.undo.hide()
        if body is not None:
            if "rights" in body and self.asking.staff is not None:
                self.rights.begin(self.asking.staff)
            self.doing.undo(body)

    def _show(self) -> None:
        why, do = people.closed_words(self.asking.who)
        staff = self.asking.staff
        if not why and self.asking.trouble:
            why, do = t("The list of people could not be read."), self.asking.trouble
        is_open = not why and staff is not None
        for words, text in ((self.closed, why), (self.closed_do, do)):
            words.show_text(text)
            words.setVisible(bool(text))
        for part in (self.stack, *self.tabs.buttons()):
            part.setVisible(is_open)
        if not is_open or staff is None:
            self.news.hide()
            self.summary.show_text("")
            self.said.setVisible(False)
            self.undo.hide()
            self.told.emit()
            return
        self._show_staff()
        self.told.emit()

    def _show_staff(self) -> None:
        staff, why_not = self.asking.staff, self.asking.why_not
        if staff is None:
            return
        self.summary.show_text(people.summary(staff))
        news = people.news(staff) if self.stack.currentIndex() == 0 else ""
        if self.asking.is_stalled:
            news = t("NOT CURRENT: the engine does not answer, and nothing can be changed.")
        elif why_not():
            news = "\n".join(filter(None, (t("You see this and change nothing: {why}", why=why_not()), news)))
        self.news.show_text(news)
        self.news.setVisible(bool(news))
        self.list.show_staff(staff, why_not())
        self.rights.show_staff(staff, why_not())
        self.may.show_staff(staff)
        self.glass.show_staff(staff, (self._feed.now_us(), self._model.plant.timezone), why_not)
        self.keep.show_staff(staff, self._model.plant, why_not("backup"))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()
        self.asking.ask()
