"""What a person does to alarms on this display: the menu of a row, and the questions it asks first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QWidget

from engine.types import Alarm, CommandName
from hmi import alarms as words
from hmi.alarm_desk import AlarmDesk
from hmi.displays.alarms import row_menu
from hmi.displays.alarms.shelve_sheet import ShelveSheet
from hmi.displays.alarms.text_sheet import TextSheet
from hmi.displays.display import Go, Place
from hmi.document_words import place_of_document, procedure_of
from hmi.formats import t
from hmi.model import Model, asset_of
from hmi.theme import Theme
from hmi.widgets.menu import Line, PopupMenu


class Acts(QObject):
    """``paged`` = a page is wanted, and the path it is narrowed to. ``is_dead`` = nothing can be done now.
    ``told`` = words about what was not asked for.

    Shelve, unshelve, note and service act on what the menu was opened for, as it was seen.
    """

    paged = Signal(str, str)
    told = Signal(str)

    def __init__(self, theme: Theme, desk: AlarmDesk, go: Go, over: QWidget) -> None:
        super().__init__(over)
        self.desk, self._go = desk, go
        self.model, self.is_dead = Model(), True
        self.menu = PopupMenu(over, t("What can be done to this alarm"))
        self.shelve = ShelveSheet(theme, over)
        self.text = TextSheet(theme, over)
        self.shelve.agreed.connect(self._shelve)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.shelve.set_theme(theme)
        self.text.set_theme(theme)

    def set_dead(self, is_dead: bool) -> None:
        """True: nothing is current. What was asked is taken back: its alarms may not be as they were."""
        self.is_dead = is_dead
        if is_dead:
            self.menu.close()
            self.shelve.leave()
            self.text.leave()

    def open_menu(self, alarms: Sequence[Alarm], at: QPoint) -> None:
        """The menu of these alarms, at a place on the screen."""
        lines = [
            Line(each.text, partial(self.do, each.what, tuple(alarms)), each.is_enabled, each.opens_group)
            for each in row_menu.entries(self.model, alarms, self.is_dead)
        ]
        self.menu.open(lines, at, row_menu.heading(alarms))

    def do(self, what: row_menu.What, alarms: Sequence[Alarm]) -> None:
        """What a line of the menu says; most of it asks first."""
        ids, one = [each.id for each in alarms], alarms[0]
        if what in ("go", "procedure", "twin", "trend", "journal", "limit"):
            self._lead(what, one)
        elif self.is_dead:
            return
        elif what == "shelve":
            self.shelve.ask(self.model, alarms, self.desk.now_us())
        elif what == "unshelve":
            self._do("unshelve", ids)
        elif what == "in_service":
            self._do("in_service", ids)
        elif what == "note":
            self._ask_note(alarms)
        elif what == "out_of_service":
            self._ask_permit(alarms)

    def go_to(self, alarm: Alarm) -> None:
        """The display where it is handled."""
        self._go(Place(*words.target(self.model, alarm)))

    def draw(self, alarm: Alarm) -> None:
        """The trend of its tag at the time of the alarm."""
        self._go(Place("trends", alarm.path, alarm.since_us))

    def _lead(self, what: row_menu.What, alarm: Alarm) -> None:
        if what == "go":
            self.go_to(alarm)
        elif what == "procedure":
            asset = asset_of(self.model, alarm.path)
            found = procedure_of(self.model, asset.path) if asset is not None else None
            if found is not None:
                self._go(place_of_document(found))
        elif what == "twin":
            self._go(Place("twin", alarm.path))
        elif what == "trend":
            self.draw(alarm)
        else:
            self.paged.emit("journal" if what == "journal" else "rationalise", alarm.path)

    def _ask_note(self, alarms: Sequence[Alarm]) -> None:
        before = alarms[0].note if len(alarms) == 1 else ""
        self._ask(
            alarms,
            t("Note"),
            t("What the next one should know"),
            t("Keep note"),
            lambda text: self._send("note", alarms, text),
            before,
        )

    def _ask_permit(self, alarms: Sequence[Alarm]) -> None:
        self._ask(
            alarms,
            t("Take out of service"),
            t("Number or words of the permit or work order"),
            t("Take out of service"),
            lambda text: self._send("out_of_service", alarms, text),
        )

    def _ask(
        self,
        alarms: Sequence[Alarm],
        title: str,
        asked: str,
        act: str,
        do: Callable[[str], None],
        text: str = "",
    ) -> None:
        one = alarms[0]
        named = t("{where}: {message}", where=words.where(self.model, one), message=words.message(one))
        self.text.ask(
            title, named if len(alarms) == 1 else t("{n} alarms", n=len(alarms)), asked, act, do, text
        )

    def _send(self, what: CommandName, alarms: Sequence[Alarm], text: str) -> None:
        if not self.is_dead:
            self._do(what, [each.id for each in alarms], text)

    def _shelve(self, ids: list[int], length_us: int, one_shot: bool, reason: str) -> None:
        if not self.is_dead:
            self._do("shelve", ids, reason, self.desk.now_us() + length_us, one_shot)

    def _do(
        self, what: CommandName, ids: list[int], text: str = "", until_us: int = 0, one_shot: bool = False
    ) -> None:
        """Ask for it; of what was not asked for a person must not believe that it is done."""
        left = len(ids) - self.desk.do(what, ids, text, until_us, one_shot)
        if left and len(ids) == 1:
            self.told.emit(t("Not done: the alarm is over, or waits for an answer."))
        elif left:
            over = t("over, waiting for an answer, or too many at once")
            self.told.emit(t("Not done to {n} of {all} alarms: {why}.", n=left, all=len(ids), why=over))
