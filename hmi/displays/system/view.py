"""System as widgets: sources, history and data quality at the left, the page of the chosen at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedLayout, QTextBrowser, QVBoxLayout, QWidget

from engine.types import Alarm, EngineStatus, HistoryStatus, Kpi, Snapshot, SourceDetail, SourceStatus
from hmi.displays.display import Go, Place, Want
from hmi.displays.feed import Feed
from hmi.displays.system import history_state
from hmi.displays.system import state as system
from hmi.displays.system.certificate_file import ask_certificate_file
from hmi.displays.system.certificate_state import Card
from hmi.displays.system.clocks_page import ClocksPage
from hmi.displays.system.engine_page import EnginePage
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.ledger.page import LedgerPage
from hmi.displays.system.models.page import ModelsPage
from hmi.displays.system.people.page import PeoplePage
from hmi.displays.system.quality_page import QualityPage
from hmi.displays.system.room_bar import RoomBar
from hmi.displays.system.scoring import Scoring
from hmi.displays.system.source_asks import SourceAsks
from hmi.displays.system.source_list import ROW_PX, SourceList
from hmi.displays.system.source_page import SourcePage
from hmi.displays.system.teach import help_without_sources, waiting
from hmi.formats import t
from hmi.model import NO_PLANT, Model, unit_of
from hmi.theme import Theme
from hmi.who import Who
from hmi.widgets.labels import Words
from hmi.widgets.state_mark import StateMark
from hmi.widgets.table import TextTable

LIST_PX = ((1500, 380), (1150, 310), (0, 250))
"""How wide the list is from which width of the display on."""


class SystemView(QWidget):
    """Asks for the detail of one source, once for each news of the sources, and only while it can be seen."""

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._feed, self._go = theme, feed, go
        self._plant, self._model = NO_PLANT, Model()
        self._state = system.System()
        self._engine: EngineStatus | None = None
        self._history: HistoryStatus | None = None
        self._scoring = Scoring(feed, self._show_quality)
        self._detail: SourceDetail | None = None
        self._asked = self._empty_words = ""
        self.list = SourceList(theme, t("Sources"), self)
        self.own = SourceList(theme, t("Engine, history, data quality, clocks, people, ledger, models"), self)
        self.page = SourcePage(theme, self)
        self.engine_page = EnginePage(theme, self)
        self.engine, self.history = self.engine_page.engine, self.engine_page.history
        self.quality, self.clocks = QualityPage(theme, self), ClocksPage(theme, feed, self)
        self.people, self.ledger = PeoplePage(theme, feed, self), LedgerPage(theme, feed, self)
        self.models = ModelsPage(theme, feed, self)
        self._hands = (self.clocks, self.people, self.ledger, self.models)
        self._empty = QTextBrowser(self)
        self._summary = Words(theme, step="small", look="muted")
        self._lay_out()
        self.asks = SourceAsks(
            theme, self.page, feed, lambda: (self._state.chosen, self._detail), self._ask, self
        )
        self.sheet = self.asks.sheet
        self._connect()
        self._show()
        self.setFocusProxy(self.list)

    def _lay_out(self) -> None:
        gap = self._theme.size.gap
        self._sources = QFrame(self)
        self._sources.setProperty("look", "panel")
        head = QHBoxLayout()
        head.setContentsMargins(14, 0, 14, 0)
        head.addWidget(Words(self._theme, t("Sources"), "body", bold=True), 1)
        head.addWidget(self._summary)
        inside = QVBoxLayout(self._sources)
        inside.setContentsMargins(1, 10, 1, 1)
        inside.setSpacing(8)
        inside.addLayout(head)
        inside.addWidget(self.list, 1)
        left = QVBoxLayout()
        left.setSpacing(gap)
        left.addWidget(self._sources, 1)
        left.addWidget(self._make_own())
        self._pages = QStackedLayout()
        for page in (self.page, self._empty, self.engine_page, self.quality, *self._hands):
            self._pages.addWidget(page)
        self._empty.document().setDocumentMargin(32)
        box = QHBoxLayout(self)
        box.setContentsMargins(gap, gap, gap, gap)
        box.setSpacing(gap)
        box.addLayout(left)
        box.addLayout(self._pages, 1)

    def _make_own(self) -> QFrame:
        self._below = QFrame(self)
        self._below.setProperty("look", "panel")
        inside = QVBoxLayout(self._below)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.own)
        self.own.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.own.setFixedHeight((len(system.PAGES) - 1) * ROW_PX)
        return self._below

    def _connect(self) -> None:
        self.list.chosen.connect(self._choose)
        self.own.chosen.connect(self._choose_own)
        for page in self._hands:
            page.told.connect(self._show_own)
        self.quality.opened.connect(self._open_scored)
        self.quality.drawn.connect(lambda paths: self._go(Place("trends", paths)))
        self.quality.turned.connect(lambda level: self._change_quality(level=level))
        self.quality.filtered.connect(lambda text: self._change_quality(filter=text))
        self.clocks.opened.connect(self.show_place)
        self.models.opened.connect(lambda path: self._go(Place("unit", path)))
        for keys, step in (("Ctrl+PgUp", -1), ("Ctrl+PgDown", 1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._step, step))
        self.page.certificates.save.connect(self._save)

    # What the shell calls

    def set_plant(self, model: Model) -> None:
        """Another engine may have started: what was known of the chosen source is asked anew."""
        self._plant, self._model, self._detail, self._asked = model.plant, model, None, ""
        self._scoring.forget()
        for page in self._hands:
            page.set_plant(model)
        self.set_sources(self._state.sources)

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """The newest state of all links, about once a second."""
        before = self._state.chosen
        self._state = system.told(self._state, sources)
        self.clocks.set_sources(self._state.sources)
        if self._state.chosen != before:
            self._forget()
        if self._is_seen():
            self._show()
            self._ask()

    def set_engine(self, status: EngineStatus) -> None:
        """The engine's own figures."""
        self._engine = status
        if self._is_seen():
            self._show_engine()
            self._show_pages()
            self._ask_scores()

    def set_history(self, status: HistoryStatus) -> None:
        """How the stored past does."""
        self._history = status
        if self._is_seen():
            self._show_engine()

    def set_who(self, known: Who) -> None:
        """The person of this station: People and the ledger are not for everybody."""
        for page in self._hands:
            page.set_who(known)

    def set_past(self, at_us: int | None) -> None:
        """In replay nothing is changed."""
        self.models.set_past(at_us is not None)

    def set_horn(self, said: str) -> None:
        """How the horn of this station does, and when it was tested."""
        self.engine.show_horn(said)

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Alarms are of the plant; the links' troubles stand here."""

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """Figures of the plant stand on Overview."""

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (self.list, self.own, self.quality, *self._hands):
            part.set_theme(theme)
        for kind in (Words, StateMark, FactGrid, TextTable, RoomBar):
            for part in self.findChildren(kind):
                part.set_theme(theme)
        self._show_pages()
        self.page.notes.theme = self.page.certificates.theme = theme
        self.asks.set_theme(theme)

    def set_stalled(self, stalled: bool) -> None:
        """Everything here is the engine's word: while it is silent all of it is old."""
        self._state = replace(self._state, is_stalled=stalled)
        self._asked = ""
        self._scoring.give_up()
        for page in self._hands:
            page.set_stalled(stalled)
        self._show()

    def on_numbers(self, snapshot: Snapshot) -> None:
        """The figures here come with the state of the links."""

    def on_trends(self, now_us: int) -> None:
        """There is no trend here."""

    def wants(self) -> set[Want]:
        """No live values: this display costs two requests a second."""
        return set()

    def show_place(self, path: str) -> str:
        """Open the page of a source by its id; an unknown one changes nothing."""
        if path:
            self._choose(path)
            self.list.show_chosen()
        return ""

    def show_page(self, page: int) -> None:
        """The chosen source or a page of the plant as a whole: one of `system.PAGES` by its place."""
        self._state = system.turned(self._state, system.PAGES[page])
        self._show()
        self._ask_scores()

    # Hands

    def _choose(self, source_id: str) -> None:
        before = self._state
        self._state = system.opened(before, source_id)
        if self._state == before:
            return
        if self._state.chosen != before.chosen:
            self._forget()
        self._show()
        self._ask()

    def _choose_own(self, name: str) -> None:
        self.show_page(1 + [row.id for row in self.own.sources.rows].index(name))

    def _step(self, step: int) -> None:
        self.show_page((system.PAGES.index(self._state.page) + step) % len(system.PAGES))
        (self.list if self._state.page == "source" else self.own).setFocus()

    def _change_quality(self, **changes: Any) -> None:
        self._scoring.state = replace(self._scoring.state, **changes)
        self._show_quality()

    def _open_scored(self, path: str) -> None:
        level = self._scoring.state.level
        if level == "devices":
            self.show_place(path)
        elif level == "tags":
            self._go(Place("", path))
        else:
            self._go(Place("overview" if unit_of(self._model, path) is None else "unit", path))

    def _save(self, card: Card) -> None:
        ask_certificate_file(self, card, self._plant.name, self._say)

    # Inside

    def _is_seen(self) -> bool:
        return self.isVisible() and not self.window().isMinimized()

    def _forget(self) -> None:
        self._detail, self._asked = None, ""
        self.asks.leave()
        self.page.verticalScrollBar().setValue(0)
        self.page.head.say("")

    def _ask(self) -> None:
        chosen = self._state.chosen
        if not chosen or self._asked == chosen or self._state.is_stalled:
            return
        self._asked = chosen
        self._feed.submit(
            "source", {"source": chosen}, partial(self._take, chosen), partial(self._missed, chosen)
        )

    def _take(self, source_id: str, answer: Any) -> None:
        if source_id != self._asked:
            return
        self._asked = ""
        detail = system.as_detail(answer)
        if detail is None:
            self._say(t("The engine told this in a way we do not know; is it of another version?"))
            return
        if source_id == self._state.chosen:
            self._detail = detail
            if self._is_seen():
                self._show_page()

    def _missed(self, source_id: str, why: str) -> None:
        if source_id == self._asked:
            self._asked = ""
            self._say(t("The details are not known: {why}.", why=why.rstrip(".")))

    def _say(self, words: str) -> None:
        self.page.head.say(words)

    def _show(self) -> None:
        self._summary.show_text(system.summary(self._state))
        chosen = self._state.chosen if self._state.page == "source" else ""
        self.list.show_rows(system.rows(self._state, self._plant.locale), chosen)
        self._show_engine()
        self._show_quality()
        self._show_pages()
        self._show_page()

    def _show_engine(self) -> None:
        is_stalled, locale = self._state.is_stalled, self._plant.locale
        if self._state.page == "engine":
            self.engine.show_engine(self._engine, self._state.sources, locale, is_stalled)
            self.history.show_history(self._history, self._plant, self._feed.now_us(), is_stalled)
        self._show_own()

    def _show_quality(self) -> None:
        if self._state.page == "quality":
            self.quality.show_quality(self._scoring.state, self._state.is_stalled)
        self._show_own()

    def _show_own(self) -> None:
        is_stalled, locale = self._state.is_stalled, self._plant.locale
        rows = (
            history_state.row(self._engine, self._history, is_stalled, locale),
            self._scoring.row(is_stalled),
            *(each.row(is_stalled) for each in self._hands),
        )
        page = system.PAGES.index(self._state.page)
        self.own.show_rows(rows, rows[page - 1].id if page else "")

    def _ask_scores(self) -> None:
        # Without a list of tags there is no plant that could be judged.
        if self._model.tags and self._is_seen() and not self._state.is_stalled:
            self._scoring.ask(self._state.page == "quality")

    def _show_pages(self) -> None:
        words = waiting() if self._engine is None else help_without_sources(self._theme)
        if words != self._empty_words:
            self._empty_words = words
            self._empty.setHtml(words)
        of_sources = self.page if self._state.sources else self._empty
        pages = {"source": of_sources, "engine": self.engine_page, "quality": self.quality}
        pages |= dict(zip(system.PAGES[3:], self._hands, strict=True))
        self._pages.setCurrentWidget(pages[self._state.page])

    def _show_page(self) -> None:
        source = system.status_of(self._state)
        if source is not None:
            now_us = self._feed.now_us()
            self.page.show_source(source, self._detail, self._plant, now_us, self._state.is_stalled)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()
        self._ask()
        self._ask_scores()

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = next(px for least, px in LIST_PX if self.width() >= least)
        for part in (self._sources, self._below):
            part.setFixedWidth(width)
        self.asks.place()
