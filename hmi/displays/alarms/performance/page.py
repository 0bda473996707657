"""How well the alarm system performs: figures beside their targets, and the alarms that spoil them."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from hmi.displays.alarms.page import Subject
from hmi.displays.alarms.performance import state
from hmi.displays.alarms.performance.asking import Asking
from hmi.displays.alarms.performance.bar import Bar
from hmi.displays.alarms.performance.blocks import Blocks
from hmi.displays.alarms.performance.own import OwnSheet
from hmi.displays.alarms.performance.save import Saving, count_words
from hmi.displays.alarms.performance.state import Figures, Key, Stretch
from hmi.displays.display import Go, Place
from hmi.displays.feed import Feed
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words, panel
from hmi.widgets.menu import Line, PopupMenu
from hmi.widgets.progress import Progress
from hmi.widgets.trend_head import head_button

FIRST: Key = "30d"
"""The shortest choice that can be judged."""
AGE_MS = 60_000


class PerformancePage(QFrame):
    """``asked`` = a person wants to see a `Subject` on another page, "journal" or "rationalise"."""

    asked = Signal(str, object)

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "page")
        self._theme, self._feed, self._go = theme, feed, go
        self._model = Model()
        self._key: Key = FIRST
        self._own: Stretch | None = None
        self._under = ""
        self._past_us: int | None = None
        self._is_stalled = False
        self.asking = Asking(feed, self._show_all, self._refuse, self)
        self.bar = Bar(theme, self)
        self.summary = Words(theme, step="body", bold=True)
        self.judged = Words(theme, step="body")
        self.over = ShortWords(theme, step="small", look="muted")
        self.news = Words(theme, step="body", bold=True)
        self.written = ShortWords(theme, step="small", bold=True)
        self.progress = Progress(theme, self)
        self.stop = head_button(t("Stop"), t("Write nothing"), self)
        self.blocks = Blocks(theme, self)
        self.sheet = OwnSheet(theme, self)
        self.menu = PopupMenu(self, t("Where this alarm leads"))
        self.saving = Saving(self, self._say_saved, self._show_saving)
        self._ages = QTimer(self)
        self._ages.setInterval(AGE_MS)
        self._ages.timeout.connect(self._show_state)
        self._lay_out()
        self._connect()
        self._mark_span()
        self._show_saving(None)
        self._say_saved("", "")
        self._show_all()

    def _lay_out(self) -> None:
        page = panel("page", self)
        inside = QVBoxLayout(page)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(10)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.setContentsMargins(2, 0, 2, 0)
        for part in (self.summary, self.judged, self.over, self.news):
            words.addWidget(part)
        for part in (self.summary, self.judged, self.news):
            part.setWordWrap(True)
        inside.addLayout(words)
        inside.addWidget(self.blocks)
        inside.addStretch(1)
        self.room = QScrollArea(self)
        self.room.setProperty("look", "page")
        self.room.setWidgetResizable(True)
        self.room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.room.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.room.setWidget(page)
        saved = QHBoxLayout()
        saved.setSpacing(10)
        saved.addWidget(self.written, 1)
        saved.addWidget(self.progress)
        saved.addWidget(self.stop)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.bar)
        box.addLayout(saved)
        box.addWidget(self.room, 1)

    def _connect(self) -> None:
        self.bar.spanned.connect(self._span)
        self.bar.narrowed.connect(self.show_path)
        self.bar.refreshed.connect(self.refresh)
        self.bar.saved.connect(self._save)
        self.stop.clicked.connect(lambda: self.saving.press.cancel())
        self.sheet.wanted.connect(self._take_own)
        self.sheet.left.connect(self._mark_span)
        self.blocks.asked.connect(self._open_menu)
        self.blocks.opened.connect(lambda about: self.asked.emit("journal", about))

    # What the view calls

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same configured anew."""
        self._model = model
        self.asking.forget(at_once=True)
        if self._under not in model.assets and self._under not in model.index:
            self._under = ""
        self.bar.show_plant(model)
        self._show_all()
        self._ask_if_seen()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for words in self.findChildren(Words):
            words.set_theme(theme)
        self.progress.set_theme(theme)
        self.sheet.set_theme(theme)
        self.blocks.set_theme(theme)

    def set_stalled(self, stalled: bool) -> None:
        """True: the engine does not answer; the figures stay, and say as of when they are."""
        if stalled == self._is_stalled:
            return
        self._is_stalled = stalled
        if stalled:
            self.asking.drop()
        self._show_state()
        self._ask_if_seen()

    def set_past(self, at_us: int | None) -> None:
        """The instant of a replay: the figures of then."""
        if at_us != self._past_us:
            self._past_us = at_us
            self.asking.forget()
            self._show_all()
            self._ask_if_seen()

    def show_path(self, path: str) -> None:
        """Only alarms at and below an asset or a tag; "" = all."""
        if path != self._under:
            self._under = path
            self.asking.forget()
            self._show_all()
            self._ask_if_seen()

    def refresh(self) -> None:
        """Ask anew."""
        if self._is_stalled:
            return
        self.news.show_text("")
        self.asking.ask(self.stretch, self._under, self._model.plant, self._now_us)
        self._show_state()

    # What is shown

    @property
    def _now_us(self) -> int:
        return self._feed.now_us() if self._past_us is None else self._past_us

    @property
    def stretch(self) -> Stretch:
        """What the figures are asked for, up to now."""
        if self._key == "own" and self._own is not None:
            return self._own
        return state.stretch(self._key, self._now_us, self._model.plant.timezone)

    @property
    def figures(self) -> Figures | None:
        """What is on show."""
        return self.asking.figures

    def _ask_if_seen(self) -> None:
        if self.isVisible():
            self.refresh()

    def _refuse(self, why: str) -> None:
        self.news.show_text(t("The figures did not come: {why}", why=why))
        self._show_state()

    def _show_all(self) -> None:
        found = self.figures
        self.bar.show_area(self._under)
        if found is not None:
            self.news.show_text("")
            self.summary.show_text(state.summary(found))
            self.judged.show_text(" ".join(filter(None, (state.when_judged(found), state.eemua(found)))))
            over = state.over_words((found.metrics.start_us, found.metrics.end_us), found.zone)
            self.over.show_text(f"{over} · {count_words(found)}")
            self.blocks.show_figures(found, self._model)
        self._show_state()

    def _show_state(self) -> None:
        found, is_busy = self.figures, self.asking.is_busy
        since = state.as_of(found, self._now_us, is_busy, self._is_stalled)
        self.bar.show_state(since, not is_busy and not self._is_stalled, found is not None)
        self.blocks.setVisible(found is not None)
        for words in (self.summary, self.judged, self.over):
            words.setVisible(found is not None and bool(words.text()))
        if found is None and not self.news.text() and is_busy:
            self.news.show_text(t("Working out how the alarms of this time performed…"))
        self.news.setVisible(bool(self.news.text()))
        is_old = self._is_stalled or self.asking.is_other
        self.blocks.set_old(is_old)
        for words in (self.summary, self.judged):
            words.set_look("muted" if is_old else "")

    # Hands

    def _span(self, key: str) -> None:
        if key == "own":
            self.sheet.ask(self.stretch, self._now_us, self._model.plant.timezone)
            return
        self._key = cast("Key", key)
        self._mark_span()
        self.asking.forget()
        self._show_all()
        self.refresh()

    def _mark_span(self) -> None:
        self.bar.show_span(self._key)
        self.setFocusProxy(self.bar.span.buttons[self._key])

    def _take_own(self, span: Stretch) -> None:
        self._key, self._own = "own", span
        self._mark_span()
        self.asking.forget()
        self._show_all()
        self.refresh()

    def _open_menu(self, about: Subject, at: QPoint) -> None:
        if not about.alarm:
            self.asked.emit("journal", about)
            return
        self.menu.open(self.menu_of(about), at)

    def menu_of(self, about: Subject) -> tuple[Line, ...]:
        """Where an alarm of a table leads."""
        has_trend = about.path in self._model.index
        return (
            Line(t("Journal of this alarm"), lambda: self.asked.emit("journal", about)),
            Line(t("Its tag in Trends"), lambda: self._go(Place("trends", about.path)), has_trend),
            Line(t("Rationalise its limit"), lambda: self.asked.emit("rationalise", about)),
        )

    def _save(self, name: str) -> None:
        if self.figures is not None:
            self.saving.ask(name, self.figures, self._model, self._now_us)

    def _say_saved(self, words: str, path: str) -> None:
        self.written.show_text(f"{words} {path}".strip())
        self.written.setVisible(bool(words))

    def _show_saving(self, part: float | None) -> None:
        for each in (self.progress, self.stop):
            each.setVisible(part is not None)
        self.progress.show_part(part or 0.0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F5:
            self.refresh()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ages.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ages.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.blocks.fit(self.width())
