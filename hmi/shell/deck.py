"""The displays of one window: opened on first use, told all that is known, one of them in front."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.types import Alarm, EngineStatus, HistoryStatus, Kpi, Snapshot, SourceStatus, Tier
from hmi.alarm_desk import AlarmDesk
from hmi.control_desk import ControlDesk
from hmi.displays import DISPLAYS
from hmi.displays.display import Display, Go, View, Want, open_view
from hmi.displays.feed import Feed
from hmi.model import Model
from hmi.replay import Past, past_kpis, snapshot
from hmi.shell.past_feed import PastFeed
from hmi.theme import Theme
from hmi.who import Who

log = logging.getLogger("watchroom.layout")
BY_ID = {display.id: display for display in DISPLAYS}


class Deck(QWidget):
    """A display that comes late is told what the others know; one that is hidden gets no numbers.

    In replay all of them show a past instant, and what is live waits until that ends.
    """

    def __init__(self, theme: Theme, feed: Feed, go: Go, desk: AlarmDesk, parent: QWidget) -> None:
        super().__init__(parent)
        self.feed, self._desk = PastFeed(feed), desk
        self._theme, self._go = theme, go
        self._past: Past | None = None
        self._past_numbers: Snapshot | None = None
        self._stack = QStackedLayout(self)
        self._views: dict[str, tuple[QWidget, View]] = {}
        self._kept: dict[str, dict[str, Any]] = {}
        self._model: Model | None = None
        self._sources: tuple[SourceStatus, ...] = ()
        self._engine: EngineStatus | None = None
        self._alarms: tuple[Alarm, ...] = ()
        self._past_alarms: tuple[Alarm, ...] = ()
        self._told: dict[str, tuple[Alarm, ...]] = {}
        self._kpis: tuple[Kpi, ...] = ()
        self._history: HistoryStatus | None = None
        self._horn = ""
        self._who = Who()
        self._writes: ControlDesk | None = None
        self._predicted: Mapping[str, Tier] = {}
        self._is_stalled = self.is_covered = False
        self._missed: Snapshot | None = None
        self.current: Display = DISPLAYS[0]

    @property
    def view(self) -> View:
        """The display in front."""
        return self._views[self.current.id][1]

    @property
    def view_widget(self) -> QWidget:
        """The same as a widget."""
        return self._views[self.current.id][0]

    def show_page(self, page: int) -> None:
        """Turn to a page of the display in front, where it has several."""
        told = _optional(self.view, "show_page")
        if told is not None:
            told(page)

    def show_moment(self, at_us: int) -> None:
        """Show a time on the display in front, where it has one."""
        told = _optional(self.view, "show_moment")
        if told is not None:
            told(at_us)

    def acknowledge(self) -> bool:
        """Acknowledge what is selected on the display in front; False = it has no alarms to select."""
        told = _optional(self.view, "acknowledge_selected")
        return told is not None and bool(told())

    def open(self, name: str) -> None:
        """Bring a display to the front. Raises: KeyError for an unknown id."""
        display = BY_ID[name]
        is_new = name not in self._views
        if is_new:
            # Made first: with one in front that cannot be made, all numbers would stand still, unmarked.
            widget, made = open_view(display, self._theme, self.feed, self._go)
            self._views[name] = (widget, made)
            self._stack.addWidget(widget)
        self.current = display
        if is_new:
            self._tell_all(name, self.view)
        self._tell_alarms()
        self._stack.setCurrentWidget(self._views[name][0])
        self._views[name][0].setFocus()

    def _tell_all(self, name: str, view: View) -> None:
        told = _optional(view, "set_desk")
        if told is not None:
            told(self._desk)
        self._tell_writes(view)
        self._tell_predicted(view)
        self._tell_who(view)
        if self._model is not None:
            view.set_plant(self._model)
        self._tell_past(view)
        view.set_sources(self._sources)
        self._tell_alarms()
        view.set_kpis(self._shown_kpis)
        if self._engine is not None:
            view.set_engine(self._engine)
        self._tell_history(view)
        self._tell_horn(view)
        view.set_stalled(self._is_stalled)
        if self._model is not None:
            self._restore(name, view)

    def _each(self) -> list[View]:
        return [view for _, view in self._views.values()]

    def set_model(self, model: Model) -> None:
        """A new list of live tags."""
        self._model = model
        for name, (_, view) in self._views.items():
            view.set_plant(model)
            self._restore(name, view)

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """The state of the links."""
        self._sources = tuple(sources)
        for view in self._each():
            view.set_sources(self._sources)

    def set_engine(self, status: EngineStatus) -> None:
        """The engine's own figures."""
        self._engine = status
        for view in self._each():
            view.set_engine(status)

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Active and lately returned alarms."""
        self._alarms = tuple(alarms)
        if self._past is None:
            self._tell_alarms()

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """The plant's figures."""
        self._kpis = tuple(kpis)
        if self._past is None:
            self._tell_kpis()

    def set_history(self, status: HistoryStatus) -> None:
        """How the stored past does, for the displays that show it."""
        self._history = status
        for view in self._each():
            self._tell_history(view)

    def set_who(self, known: Who) -> None:
        """The person of this station, for the displays that offer what a person may do."""
        self._who = known
        for view in self._each():
            self._tell_who(view)

    def set_writes(self, writes: ControlDesk) -> None:
        """What may be written, for the displays that show or offer it."""
        self._writes = writes
        for view in self._each():
            self._tell_writes(view)

    def set_predictions(self, predicted: Mapping[str, Tier]) -> None:
        """Assets and tags that trouble is predicted of now; {} in a replay and while the engine is silent."""
        if predicted != self._predicted:
            self._predicted = predicted
            for view in self._each():
                self._tell_predicted(view)

    def set_horn(self, said: str) -> None:
        """How the horn of this station does, for the displays that say so."""
        self._horn = said
        for view in self._each():
            self._tell_horn(view)

    def set_stalled(self, stalled: bool) -> None:
        """True: nothing may look current."""
        self._is_stalled = stalled
        for view in self._each():
            view.set_stalled(stalled)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for view in self._each():
            view.set_theme(theme)

    def on_numbers(self, snapshot: Snapshot) -> None:
        """Live values for the display in front; while it is covered they wait."""
        self._missed = snapshot if self.is_covered else None
        if self._past is None and not self.is_covered:
            self.view.on_numbers(snapshot)

    def set_covered(self, covered: bool) -> None:
        """Something else is over all displays: they cost nothing meanwhile."""
        self.is_covered = covered
        self.setVisible(not covered)
        missed = self._missed
        if not covered and missed is not None:
            self.on_numbers(missed)

    def wants(self) -> set[Want]:
        """What the display in front can show now."""
        return set() if self.is_covered else self.view.wants()

    # Replay

    @property
    def is_past(self) -> bool:
        """The displays show a past instant."""
        return self._past is not None

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms on show: of now, or of the past instant."""
        return self._alarms if self._past is None else self._past_alarms

    @property
    def _shown_kpis(self) -> tuple[Kpi, ...]:
        return self._kpis if self._past is None else past_kpis(self._kpis)

    def show_past(self, past: Past | None) -> Snapshot | None:
        """All displays at a past instant, or live again (None). Gives the values on show in replay."""
        began_or_ended = (past is None) != (self._past is None)
        self._past, self.feed.at_us = past, None if past is None else past.at_us
        self._past_alarms = () if past is None else tuple(past.alarms)
        if began_or_ended:
            self._tell_kpis()
        for view in self._each():
            self._tell_past(view)
        self._tell_alarms()
        self._past_numbers = None if past is None else snapshot(self._model or Model(), past)
        self.show_past_numbers()
        return self._past_numbers

    def show_past_numbers(self) -> None:
        """The values of the past instant to the display in front, after another came there."""
        if self._past_numbers is not None:
            self.view.on_numbers(self._past_numbers)

    def _tell_history(self, view: View) -> None:
        told = _optional(view, "set_history")
        if told is not None and self._history is not None:
            told(self._history)

    def _tell_horn(self, view: View) -> None:
        told = _optional(view, "set_horn")
        if told is not None:
            told(self._horn)

    def _tell_who(self, view: View) -> None:
        told = _optional(view, "set_who")
        if told is not None:
            told(self._who)

    def _tell_writes(self, view: View) -> None:
        told = _optional(view, "set_control_desk")
        if told is not None and self._writes is not None:
            told(self._writes)

    def _tell_predicted(self, view: View) -> None:
        told = _optional(view, "set_predictions")
        if told is not None:
            told(self._predicted)

    def _tell_past(self, view: View) -> None:
        told = _optional(view, "set_past")
        if told is not None:
            told(None if self._past is None else self._past.at_us)

    def _tell_alarms(self) -> None:
        """To the display in front; the others hear of them when they come there."""
        name, alarms = self.current.id, self.alarms
        if name in self._views and self._told.get(name) is not alarms:
            self._told[name] = alarms
            self._views[name][1].set_alarms(alarms)

    def _tell_kpis(self) -> None:
        for view in self._each():
            view.set_kpis(self._shown_kpis)

    def is_alone(self) -> bool:
        """The display in front needs all the room: no faceplate beside it. False where it does not tell."""
        told = _optional(self.view, "is_alone")
        return told is not None and bool(told())

    def follow(self, path: str) -> None:
        """The faceplate is of this asset or tag: the display in front shows the same, where it can."""
        told = _optional(self.view, "follow")
        if told is not None:
            told(path)

    def is_ready(self) -> bool:
        """The display in front shows all it can: a scene has been drawn, say. True where it does not tell."""
        told = _optional(self.view, "is_ready")
        return True if told is None else bool(told())

    # What displays remember of themselves: the pens of a trend, the camera of a scene

    def layouts(self) -> dict[str, dict[str, Any]]:
        """What each display remembers, by its id; of one not opened yet what it remembered last time."""
        made = dict(self._kept)
        for name, (_, view) in self._views.items():
            told = _optional(view, "layout")
            # Every widget has a layout() of Qt's own; only one that gives a dict is meant.
            mine = told() if told is not None and name not in self._kept else None
            if isinstance(mine, dict):
                made[name] = cast("dict[str, Any]", mine)
        return made

    def restore(self, kept: dict[str, dict[str, Any]]) -> None:
        """Hand back what displays remembered, now or when they are first opened with a plant."""
        self._kept = dict(kept)
        if self._model is not None:
            for name, (_, view) in self._views.items():
                self._restore(name, view)

    def _restore(self, name: str, view: View) -> None:
        told = _optional(view, "restore")
        if name not in self._kept or told is None:
            return
        kept = self._kept.pop(name)
        try:
            told(kept)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # Written by hand or by another version: a display that starts afresh is better than none.
            log.warning("what %s remembered cannot be used and starts anew: %r", name, error)


def _optional(view: View, name: str) -> Callable[..., Any] | None:
    """A call that only some displays answer."""
    return cast("Callable[..., Any] | None", getattr(view, name, None))
