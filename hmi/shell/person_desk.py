"""What a window does about the person at it: the menu of the chip, sheets for logging in and the stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from engine.types import SecretKind
from hmi.alarm_desk import Sender
from hmi.control_book import ControlBook
from hmi.control_desk import ControlDesk
from hmi.formats import t
from hmi.model import Model
from hmi.shell.break_glass_sheet import BreakGlassSheet
from hmi.shell.first_sheet import FirstSheet
from hmi.shell.login_sheet import LoginSheet
from hmi.shell.person_bar import PersonBar
from hmi.shell.secret_sheet import SecretSheet
from hmi.shell.side_sheet import SideSheet
from hmi.shell.stage_sheet import StageSheet
from hmi.shell.top_bar import TopBar
from hmi.theme import Theme
from hmi.who import Who
from hmi.widgets.menu import Line, PopupMenu


class PersonDesk(QObject):
    """``known`` = who it is; ``bar`` = the line over the work area; ``sheet`` = the one that is open, if any.

    ``menu`` opens under the person chip. ``writes`` = what this person does to the plant from this window.
    """

    def __init__(self, theme: Theme, sender: Sender, area: QWidget, top: TopBar) -> None:
        super().__init__(area)
        self._theme, self._sender, self._area, self._top = theme, sender, area, top
        self.known = Who()
        self.bar = bar = PersonBar(theme, area.window())
        self.sheet: SideSheet | None = None
        self.menu = PopupMenu(top.person_chip, t("Person"))
        self.writes = ControlDesk(sender)
        self._model, self._book = Model(), ControlBook()
        self._told_to_change = ""
        top.person.connect(self.open_menu)
        bar.ended.connect(partial(self._send, "try_as", name=""))
        bar.first.connect(self.make_first)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.bar.set_theme(theme)
        if self.sheet is not None:
            self.sheet.set_theme(theme)

    def set_model(self, model: Model) -> None:
        """Another plant, or other settings of it."""
        self._model = model
        self.writes.set_model(model)

    def set_stalled(self, is_stalled: bool) -> None:
        """True: the engine does not answer."""
        self.writes.set_stalled(is_stalled)

    def set_past(self, is_past: bool) -> None:
        """True: the window shows a past instant."""
        changed = is_past != self.writes.is_past
        self.writes.set_past(is_past)
        if changed:
            self._show_stage()

    def set_who(self, known: Who) -> None:
        """Another person, or the same in another state. Nothing of the window moves or closes with it."""
        before, self.known = self.known, known
        self.bar.show_who(known)
        self._top.show_who(known, self._sender.now_us())
        self.writes.set_who(known)
        self._show_stage()
        if _person(before) != _person(known):
            self.menu.close()
            self._told_to_change = ""
            if isinstance(self.sheet, SecretSheet):
                self.sheet.leave()  # it was about somebody else
        session = known.session
        if session is not None and session.must_change and not known.is_locked:
            if self._told_to_change != session.to_change:
                self._told_to_change = session.to_change
                self.change(session.to_change)

    def set_control(self, book: ControlBook) -> None:
        """The stage, among other things."""
        self._book = book
        self._top.show_control(book)
        self.writes.take(book)
        self._show_stage()

    def raise_sheet(self) -> None:
        """Something else came to the front of the work area."""
        if self.sheet is not None:
            self.sheet.raise_()

    def commands(self) -> Mapping[str, Callable[[], object]]:
        """By the ids of `hmi.shell.commands`."""
        return {
            "log in": self.log_in,
            "log out": partial(self._send, "logout"),
            "lock": self.lock,
            "change password": partial(self.change, "password"),
            "change pin": partial(self.change, "pin"),
            "change badge": partial(self.change, "badge"),
            "stage": self.show_stage,
        }

    # What a tap on the chip, a key or the palette begins

    def open_menu(self) -> None:
        """What the person can do; without one, logging in."""
        session = self.known.session
        if self.known.is_locked:
            self.unlock()
        elif session is None:
            self.make_first() if self.known.is_new else self.log_in()
        else:
            secrets = not session.trying and session.kind != "break glass"
            lines = [
                Line(t("Switch person…   Ctrl+U"), self.log_in),
                Line(t("Lock: commands off   Ctrl+L"), self.lock),
                Line(t("Change my password…"), partial(self.change, "password"), secrets, opens_group=True),
                Line(t("My PIN on this station…"), partial(self.change, "pin"), secrets),
                Line(t("My badge…"), partial(self.change, "badge"), secrets),
                Line(t("Log out"), partial(self._send, "logout"), opens_group=True),
            ]
            chip = self._top.person_chip
            at = chip.mapToGlobal(QPoint(0, chip.height()))
            self.menu.open(lines, at, session.full_name)

    def log_in(self) -> None:
        """Anybody; whoever is logged in gives way."""
        if self.known.is_new:
            self.make_first()
        elif self.known.is_known:
            self._log_in(is_unlock=False)

    def unlock(self) -> None:
        """The person whose session is locked, or somebody else."""
        self._log_in(is_unlock=True)

    def _log_in(self, is_unlock: bool) -> None:
        sheet = LoginSheet(self._theme, self._sender, self.known, is_unlock, self._area)
        sheet.glass.connect(self._break_glass)
        self._show(sheet)

    def _break_glass(self) -> None:
        minutes = self._model.plant.security.break_glass_min
        self._show(BreakGlassSheet(self._theme, self._sender, minutes, self._area))

    def make_first(self) -> None:
        """The first administrator, once."""
        if self.known.is_new:
            self._show(FirstSheet(self._theme, self._sender, self._area))

    def change(self, kind: SecretKind) -> None:
        """A secret of one's own."""
        session = self.known.session
        if session is not None and not session.is_locked and not session.trying:
            self._show(SecretSheet(self._theme, self._sender, session, kind, self._area))

    def show_stage(self) -> None:
        """What the stage means, and how to change it; in a replay, why nothing is changed from there."""
        if self._book.is_known:
            self._show(StageSheet(self._theme, self._sender, self._model, self.known, self._book, self._area))
            self._show_stage()

    def _show_stage(self) -> None:
        if isinstance(self.sheet, StageSheet):
            self.sheet.show_state(self._book, self.known, self.writes.is_past)

    def lock(self) -> None:
        """Commands off; the view and the horn stay."""
        if self.known.session is not None and not self.known.is_locked:
            self._send("lock")

    def _show(self, sheet: SideSheet) -> None:
        if self.sheet is not None:
            self.sheet.leave()
        self.sheet = sheet
        sheet.left.connect(partial(self._left, sheet))
        sheet.open()

    def _left(self, sheet: SideSheet) -> None:
        if self.sheet is sheet:
            self.sheet = None

    def _send(self, op: str, **body: object) -> None:
        if self.known.session is not None:
            self._sender.submit(op, body, _ignore, _ignore)


def _person(known: Who) -> str:
    return known.session.id if known.session is not None else ""


def _ignore(_: object) -> None:
    """What became of it stands in the chip."""
