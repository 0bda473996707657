"""The sheets of one window through which something is written; each is made when it is first needed."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.types import Command, Snapshot, WorkTag, Write
from hmi.control_desk import ControlDesk
from hmi.displays.feed import Feed
from hmi.shell import change_state as state
from hmi.shell.change_sheet import ChangeSheet
from hmi.shell.change_sheet_resolve import ResolveSheet
from hmi.shell.change_state import Intent
from hmi.shell.sets_sheet import SetsSheet
from hmi.shell.work_tag_sheet import WorkTagSheet
from hmi.theme import Theme
from hmi.widgets.sheet import Sheet


class ControlSheets(QObject):
    """One of them is open at a time; the one before is left, and what it had selected is given back."""

    def __init__(self, theme: Theme, desk: ControlDesk, feed: Feed, over: QWidget) -> None:
        super().__init__(over)
        self.desk, self._theme, self._feed, self._over = desk, theme, feed, over
        self._snapshot: Snapshot | None = None
        self._made: list[Sheet] = []
        self._model = desk.model
        desk.listeners.append(self._heard)

    @cached_property
    def change_sheet(self) -> ChangeSheet:
        """For setpoints, commands and the way back."""
        made = ChangeSheet(self._theme, self.desk, self._feed, self._over)
        made.on_numbers(self._snapshot)
        made.resolve.connect(self.resolve)
        self._made.append(made)
        return made

    @cached_property
    def resolve_sheet(self) -> ResolveSheet:
        """For what nobody knows the outcome of."""
        made = ResolveSheet(self._theme, self.desk, self._over)
        self._made.append(made)
        return made

    @cached_property
    def work_sheet(self) -> WorkTagSheet:
        """For work in progress."""
        made = WorkTagSheet(self._theme, self.desk, self._over)
        self._made.append(made)
        return made

    @cached_property
    def sets_sheet(self) -> SetsSheet:
        """For sets of setpoints."""
        made = SetsSheet(self._theme, self.desk, self._feed, self._over)
        self._made.append(made)
        return made

    # What a faceplate or a key asks for

    def change(self, path: str) -> None:
        """Change… of a tag."""
        self._ask(state.setpoint(self.desk.model, path))

    def undo(self, write: Write | None) -> None:
        """Back to what there was before a write: another write, through the same sheet."""
        self._ask(None if write is None else state.rollback(self.desk.model, write))

    def command(self, command: Command) -> None:
        """A command of an asset."""
        self._ask(state.commanded(self.desk.model, command))

    def _ask(self, intent: Intent | None) -> None:
        if intent is not None and self.desk.is_drawn:
            self._leave()
            self.change_sheet.ask(intent)

    def resolve(self, write: Write | None) -> None:
        """Say what became of a write."""
        if write is not None:
            self._leave()
            self.resolve_sheet.ask(write)

    def put_on(self, asset: str) -> None:
        """Work in progress begins on an asset."""
        self._leave()
        self.work_sheet.put_on(asset)

    def take_off(self, work: WorkTag) -> None:
        """Work in progress ends."""
        self._leave()
        self.work_sheet.take_off(work)

    def sets(self, scope: str = "") -> None:
        """Setpoint sets below a path, "" = of the whole plant."""
        self._leave()
        self.sets_sheet.ask(scope)

    # What the window tells

    def on_numbers(self, snapshot: Snapshot) -> None:
        """The live values."""
        self._snapshot = snapshot
        if "change_sheet" in self.__dict__:
            self.change_sheet.on_numbers(snapshot)

    def _heard(self) -> None:
        if self.desk.model is not self._model:
            # What is open was about another plant, or another list of tags.
            self._model, self._snapshot = self.desk.model, None
            self._leave()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for each in self._made:
            each.set_theme(theme)

    def _leave(self) -> None:
        for each in self._made:
            each.leave()
