"""The top bar: where you are, what may be done here and by whom, the links, the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from engine.types import Alarm, EngineStatus, HistoryStatus, Plant, SourceStatus
from hmi import links
from hmi.control_book import ControlBook
from hmi.displays.display import Go
from hmi.formats import t
from hmi.horn.shown import Shown
from hmi.model import Model
from hmi.shell.breadcrumb import Breadcrumb
from hmi.shell.clock import Clock
from hmi.shell.counters import Counters
from hmi.shell.crumbs import Crumb
from hmi.shell.foreseen_chip import ForeseenChip
from hmi.shell.horn_chip import HornChip, SilenceButton
from hmi.shell.person_chip import PersonChip
from hmi.shell.sources_popup import SourcesPopup
from hmi.shell.stage_chip import StageChip
from hmi.theme import Theme
from hmi.who import Who
from hmi.widgets.labels import Words
from hmi.widgets.link_chip import LinkChip

_Align = Qt.AlignmentFlag
WITHOUT_LEVEL_PX = 1100
"""A narrower bar has no room for the word that says what kind of place this is."""


class TopBar(QFrame):
    """Breadcrumb and stage at the left; link chips, alarm counters, person and clock at the right.

    ``source`` and ``alarm`` = one was tapped, by its id and its path; ``clock`` = the clock was; ``person`` =
    the person was.
    ``command`` = a command of `hmi.shell.commands`.
    """

    source = Signal(str)
    alarm = Signal(str)
    clock = Signal()
    person = Signal()
    command = Signal(str)

    def __init__(self, theme: Theme, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "bar")
        self.setFixedHeight(theme.size.top_bar)
        self._theme, self._zone, self._locale = theme, "UTC", "en"
        self._sources: tuple[SourceStatus, ...] = ()
        self._status: EngineStatus | None = None
        self._past_trouble = ""
        self._is_stalled = False
        self.breadcrumb = Breadcrumb(theme, go, self)
        self.counters = Counters(theme, self)
        self.counters.chosen.connect(self.alarm)
        self.level = Words(theme, step="body", look="muted")
        self.stage = StageChip(self)
        self.stage.clicked.connect(lambda: self.command.emit("stage"))
        self._known = Who()
        self.person_chip = PersonChip(theme, self)
        self.person_chip.clicked.connect(self.person)
        self.person_chip.hide()
        self.chip = LinkChip(theme, t("PLCs"), self)
        self.chip.setToolTip(t("Show every PLC link"))
        self.chip.clicked.connect(self._open_sources)
        # Not there while all is well: it says only what a person must see to.
        self.engine_chip = LinkChip(theme, t("Engine"), self)
        self.engine_chip.clicked.connect(self._open_sources)
        self.engine_chip.hide()
        # There only while the clock of a device is off.
        self.clock_chip = LinkChip(theme, "", self)
        self.clock_chip.setToolTip(t("Show the source with this clock"))
        self.clock_chip.clicked.connect(self._open_clock)
        self.clock_chip.hide()
        self.foreseen = ForeseenChip(theme, self)
        self.horn = HornChip(theme, self)
        self.horn.clicked.connect(lambda: self.command.emit("horn"))
        self.silence = SilenceButton(theme, self)
        self.silence.clicked.connect(lambda: self.command.emit("silence"))
        self._popup = SourcesPopup(theme, self)
        self._popup.chosen.connect(self.source)
        self._clock = Clock(theme, self)
        self._clock.clicked.connect(self.clock)
        self._lay_out()

    def _lay_out(self) -> None:
        box = QHBoxLayout(self)
        box.setContentsMargins(self._theme.size.rail + 16, 0, 8, 0)
        box.setSpacing(12)
        box.addWidget(self.breadcrumb)
        box.addWidget(self.level)
        box.addWidget(self.stage, 0, _Align.AlignVCenter)
        box.addStretch(1)
        box.addWidget(self.engine_chip)
        box.addWidget(self.clock_chip)
        box.addWidget(self.chip)
        box.addWidget(self.foreseen)
        box.addWidget(self.horn)
        box.addWidget(self.silence)
        box.addWidget(self.counters)
        box.addWidget(self.person_chip)
        box.addWidget(self._clock)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.level.setVisible(self.width() >= WITHOUT_LEVEL_PX)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (
            self.breadcrumb,
            self.level,
            self.counters,
            self.person_chip,
            self.stage,
            self.engine_chip,
            self.clock_chip,
            self.chip,
            self.foreseen,
            self.horn,
            self.silence,
            self._clock,
        ):
            part.set_theme(theme)

    def show_plant(self, model: Model) -> None:
        """Zone and locale of the plant, and the priorities that its alarms use."""
        plant: Plant = model.plant
        self._zone, self._locale = plant.timezone, plant.locale
        self.counters.set_model(model)

    def show_place(self, crumbs: Sequence[Crumb], level: str) -> None:
        """Where we are, and the word of its level."""
        self.breadcrumb.show_crumbs(crumbs)
        self.level.show_text(level)

    def show_alarms(self, alarms: Mapping[int, Alarm], counts: Sequence[tuple[int, int]]) -> None:
        """The counters: of each priority how many are unacknowledged and how many active."""
        self.counters.show_alarms(alarms, counts)

    def show_horn(self, shown: Shown, model: Model, now_us: int) -> None:
        """The horn of the station."""
        self.horn.show_horn(shown, model, now_us)
        self.silence.show_horn(shown)

    def show_who(self, known: Who, now_us: int) -> None:
        """The person, and until when."""
        self._known = known
        self.person_chip.show_who(known, now_us, self._zone)
        self.person_chip.setVisible(known.is_known)

    def show_control(self, book: ControlBook) -> None:
        """The stage of the project."""
        self.stage.show_stage(book.stage)

    def show_sources(self, sources: Sequence[SourceStatus]) -> None:
        """The links, as they are."""
        self._sources = tuple(sources)
        if not self._is_stalled:
            self.chip.show_state(*links.chip(sources))
        self._show_clock()
        self._fill_open_popup()

    def show_stalled(self, stalled: bool) -> None:
        """True: nobody knows how the links are, and the chip must not say that they are well."""
        self._is_stalled = stalled
        self.counters.show_known(not stalled)
        if stalled:
            self.chip.show_state(t("not known: the engine does not answer"), False)
            self._show_clock()
        else:
            self.show_sources(self._sources)

    def show_engine(self, status: EngineStatus) -> None:
        """The engine's figures, for the list behind the chip, and its trouble if it has one."""
        self._status = status
        self._show_engine()

    def show_history(self, status: HistoryStatus) -> None:
        """The trouble of the stored past stands with that of the engine, which keeps it."""
        self._past_trouble = status.trouble
        self._show_engine()

    def _show_engine(self) -> None:
        told = self._told
        trouble = told.trouble if told is not None else ""
        self.engine_chip.setVisible(bool(trouble))
        if trouble:
            self.engine_chip.show_state(t("needs a look"), False)
            self.engine_chip.setToolTip(trouble)
        self._fill_open_popup()

    @property
    def _told(self) -> EngineStatus | None:
        """The engine with all that a person must see to."""
        status, past = self._status, self._past_trouble
        if status is None or not past or past in status.trouble:
            return status
        return msgspec.structs.replace(status, trouble="; ".join(filter(None, (status.trouble, past))))

    def show_time(self, now_us: int) -> None:
        """The clock."""
        self._clock.show_time(now_us, self._zone)
        self.person_chip.show_who(self._known, now_us, self._zone)

    def _show_clock(self) -> None:
        off = None if self._is_stalled else links.clock_chip(self._sources)
        self.clock_chip.setVisible(off is not None)
        if off is not None:
            self.clock_chip.show_state(off.words, False, off.name)

    def _open_clock(self) -> None:
        off = links.clock_chip(self._sources)
        if off is not None:
            self.source.emit(off.source)

    def _fill_open_popup(self) -> None:
        if self._popup.isVisible():
            self._popup.fill(self._theme, self._sources, self._told, self._locale)

    def _open_sources(self) -> None:
        self._popup.fill(self._theme, self._sources, self._told, self._locale)
        self._popup.open_under(self.chip)
