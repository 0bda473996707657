"""System as widgets: sources and engine at the left, the page of the chosen source at the right."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QStackedLayout,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from engine.types import Alarm, EngineStatus, Kpi, Snapshot, SourceDetail, SourceStatus
from hmi.displays.display import Go, Want
from hmi.displays.feed import Feed
from hmi.displays.system import certificate_state as certificates
from hmi.displays.system import state as system
from hmi.displays.system.certificate_sheet import CertificateSheet
from hmi.displays.system.certificate_state import Card
from hmi.displays.system.engine_block import EngineBlock
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.source_list import SourceList
from hmi.displays.system.source_page import SourcePage
from hmi.formats import t
from hmi.model import NO_PLANT, Model
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.state_mark import StateMark
from hmi.widgets.table import TextTable

LIST_PX = ((1500, 380), (1150, 310), (0, 250))
"""How wide the list is from which width of the display on."""


class SystemView(QWidget):
    """Asks for the detail of one source, once for each news of the sources, and only while it can be seen."""

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._feed = theme, feed
        self._plant = NO_PLANT
        self._state = system.System()
        self._engine: EngineStatus | None = None
        self._detail: SourceDetail | None = None
        self._asked = self._empty_words = ""
        self.list = SourceList(theme, self)
        self.engine = EngineBlock(theme, self)
        self.page = SourcePage(theme, self)
        self._empty = QTextBrowser(self)
        self._summary = Words(theme, step="small", look="muted")
        self._lay_out()
        self.sheet = CertificateSheet(theme, self)
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
        left.addWidget(self.engine)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.page)
        self._pages.addWidget(self._empty)
        self._empty.document().setDocumentMargin(32)
        box = QHBoxLayout(self)
        box.setContentsMargins(gap, gap, gap, gap)
        box.setSpacing(gap)
        box.addLayout(left)
        box.addLayout(self._pages, 1)

    def _connect(self) -> None:
        self.list.chosen.connect(self._choose)
        self.page.retry.connect(self._retry)
        self.page.certificates.trust.connect(partial(self._open_sheet, "trust"))
        self.page.certificates.remove.connect(partial(self._open_sheet, "distrust"))
        self.page.certificates.save.connect(self._save)
        self.sheet.agreed.connect(self._agreed)

    # What the shell calls

    def set_plant(self, model: Model) -> None:
        """Another engine may have started: what was known of the chosen source is asked anew."""
        self._plant, self._detail, self._asked = model.plant, None, ""
        self.set_sources(self._state.sources)

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """The newest state of all links, about once a second."""
        before = self._state.chosen
        self._state = system.told(self._state, sources)
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

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Alarms are of the plant; the links' troubles stand here."""

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """Figures of the plant stand on Overview."""

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.list.set_theme(theme)
        for kind in (Words, StateMark, FactGrid, TextTable):
            for part in self.findChildren(kind):
                part.set_theme(theme)
        self._show_pages()
        self.page.notes.theme = self.page.certificates.theme = self.sheet.veil.theme = theme

    def set_stalled(self, stalled: bool) -> None:
        """Everything here is the engine's word: while it is silent all of it is old."""
        self._state = system.System(self._state.sources, self._state.chosen, stalled)
        self._asked = ""
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

    # Hands

    def _choose(self, source_id: str) -> None:
        if source_id == self._state.chosen:
            return
        self._state = system.opened(self._state, source_id)
        self._forget()
        self._show()
        self._ask()

    def _retry(self) -> None:
        source = self._state.chosen
        self._say(t("Trying to connect…"))
        self._feed.submit("retry", {"source": source}, partial(self._done, ""), self._say)

    def _open_sheet(self, act: certificates.Act, card: Card) -> None:
        self.sheet.ask(act, self._state.chosen, card)

    def _agreed(self, act: str, source: str, thumbprint: str) -> None:
        words = (
            t("The server is trusted now. Connecting…")
            if act == "trust"
            else t("The server is not trusted any more.")
        )
        body = {"source": source, "thumbprint": thumbprint}
        self._feed.submit(act, body, partial(self._done, words), self.sheet.refuse)

    def _save(self, card: Card) -> None:
        file = certificates.file_name(card.certificate, self._plant.name)
        dialog = QFileDialog(self, t("Save our certificate"), str(Path.home() / file))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # Our own look: a native one would be white at night.
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.selectFile(file)
        dialog.fileSelected.connect(partial(self._write, card))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _write(self, card: Card, file: str) -> None:
        try:
            shutil.copyfile(card.certificate.file, file)
        except OSError as error:
            self._say(t("Our certificate was not saved: {why}. Choose another place.", why=error))
            return
        self._say(
            t(
                "Saved as {file}. Put it among the trusted certificates of the server, then press Try now.",
                file=file,
            )
        )

    # Inside

    def _is_seen(self) -> bool:
        return self.isVisible() and not self.window().isMinimized()

    def _forget(self) -> None:
        self._detail, self._asked = None, ""
        self.sheet.leave()
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

    def _done(self, words: str, answer: Any) -> None:
        self.sheet.leave()
        self._say(words)
        self._ask()

    def _say(self, words: str) -> None:
        self.page.head.say(words)

    def _show(self) -> None:
        self._summary.show_text(system.summary(self._state))
        self.list.show_rows(system.rows(self._state, self._plant.locale), self._state.chosen)
        self._show_engine()
        self._show_pages()
        self._show_page()

    def _show_engine(self) -> None:
        self.engine.show_engine(self._engine, self._state.sources, self._plant.locale, self._state.is_stalled)

    def _show_pages(self) -> None:
        words = waiting() if self._engine is None else help_without_sources(self._theme)
        if words != self._empty_words:
            self._empty_words = words
            self._empty.setHtml(words)
        self._pages.setCurrentIndex(0 if self._state.sources else 1)

    def _show_page(self) -> None:
        source = system.status_of(self._state)
        if source is not None:
            now_us = self._feed.now_us()
            self.page.show_source(source, self._detail, self._plant, now_us, self._state.is_stalled)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()
        self._ask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = next(px for least, px in LIST_PX if self.width() >= least)
        self._sources.setFixedWidth(width)
        self.engine.setFixedWidth(width)
        if self.sheet.isVisible():
            self.sheet.place()


def waiting() -> str:
    """What stands here before the engine has said anything (HTML)."""
    return t("<h2>Waiting for the engine</h2><p>It reads the project and connects to the PLCs.</p>")


def help_without_sources(theme: Theme) -> str:
    """What to write where, for somebody whose project has no source yet (HTML)."""
    words = t(
        "<h2>No source yet</h2>"
        "<p>A source is a PLC or a server that Watchroom reads from: an entry in <b>plant.toml</b>.</p>"
        '<pre>[[sources]]<br>id = "press"<br>driver = "opcua"<br>'
        'endpoint = "opc.tcp://192.168.0.10:4840"</pre>'
        '<p><b>driver</b> is "opcua" or "modbus". <b>watchroom check DIR</b> finds mistakes, with file and '
        "line.</p><p>Start the engine again after a change; this window follows by itself. F1 shows more.</p>"
    )
    look = f"p, pre {{ margin: 14px 0; line-height: 150%; }} pre {{ color: {theme.colour.live}; }}"
    return f"<style>{look}</style>{words}"
