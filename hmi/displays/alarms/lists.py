"""The lists of alarms with all that is around them: the tree, the filter, the line above, one alarm whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

import msgspec
from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.types import Alarm, Snapshot
from hmi import alarms as words
from hmi.alarm_desk import AlarmDesk
from hmi.alarm_sums import flood_words, unjudged
from hmi.displays.alarms import filters, state, tree
from hmi.displays.alarms.acts import Acts
from hmi.displays.alarms.bar import FilterBar
from hmi.displays.alarms.detail import Detail
from hmi.displays.alarms.filters import EVERYTHING, Filter
from hmi.displays.alarms.head_line import HeadLine
from hmi.displays.alarms.lists_columns import NARROW_PX, Columns, empty_words
from hmi.displays.alarms.named_filters import NamedFilters
from hmi.displays.alarms.order import Order
from hmi.displays.alarms.state import ListName, Shown
from hmi.displays.alarms.table import AlarmTable
from hmi.displays.alarms.tree_list import AreaTree
from hmi.displays.display import Go
from hmi.formats import t
from hmi.model import Model, asset_of
from hmi.theme import Theme
from hmi.values import Kind

MOST_OPENED = 1000


class Lists(QWidget):
    """Follows a desk; hidden it costs nothing. ``paged`` = a page is wanted, and the path it is narrowed to.

    In replay and while the engine is silent it shows, and does nothing. ``shown`` = what it is turned to.
    """

    paged = Signal(str, str)

    def __init__(self, theme: Theme, desk: AlarmDesk, go: Go, over: QWidget) -> None:
        super().__init__(over)
        self._theme, self._model, self.shown, self._desk = theme, Model(), Shown(), desk
        self._order, self._roll_up = Order(), tree.RollUp()
        self._past: dict[int, Alarm] = {}
        self.open_assets: frozenset[str] = frozenset()
        self._said, self._wanted, self._followed, self._blind = "", 0, 0, 0
        self.tree = AreaTree(theme, self)
        self.bar = FilterBar(theme, self)
        self.line = HeadLine(theme, self)
        self.table = AlarmTable(theme, desk, self)
        self.detail = Detail(theme, self)
        self._empty = empty_words(theme, self.table.viewport())
        self._columns = Columns(theme, self, self.tree, (self.bar, self.line, self.table), self.detail)
        self.acts = Acts(theme, desk, go, over)
        self._named = NamedFilters(self.bar, self.acts.text, self.say)
        self._connect()
        self._judge()
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self._desk.listeners.append(self._told)
        self.acts.paged.connect(self.paged)
        self.acts.told.connect(self.say)
        self.tree.chosen.connect(self._narrow)
        self.tree.folded.connect(self._fold_asset)
        self.bar.changed.connect(self.take_filter)
        self.line.first.connect(lambda: self.show_alarm(self._flood_first))
        self.line.page.connect(lambda: self._acknowledge(self.table.page()))
        self.line.selection.connect(lambda: self._acknowledge(self.table.selected()))
        self.table.acted.connect(self._act)
        self.table.menu.connect(self._open_menu)
        self.table.folded.connect(self._fold)
        self.table.opened.connect(lambda each: self._with(each, self.acts.go_to))
        self.table.chosen.connect(self._chosen)
        self.table.released.connect(self.refresh)
        self.table.verticalScrollBar().valueChanged.connect(self._show_acts)
        self.detail.placed.connect(lambda: self._with(self._chosen_id, self.acts.go_to))
        self.detail.drawn.connect(lambda: self._with(self._chosen_id, self.acts.draw))
        self.detail.more.connect(self._menu_of_detail)

    # What the display tells

    def set_desk(self, desk: AlarmDesk) -> None:
        """What this window knows of the alarms, and what its person does to them."""
        self._desk.listeners.remove(self._told)
        self._desk = self.table.desk = self.acts.desk = desk
        desk.listeners.append(self._told)
        self._followed = desk.selected
        self.refresh()

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same configured anew."""
        is_other = model.plant.name != self._model.plant.name
        self._model, self._blind = model, 0
        self.acts.model = model
        self.table.set_model_of(model)
        if not self.open_assets:
            self.open_assets = tree.first_open(model)
        self.bar.show_classes(tuple(model.alarm_classes.values()))
        if is_other:
            self._named.show_plant(model.plant.name)
        self._judge()
        self.refresh()

    def set_past_alarms(self, alarms: Sequence[Alarm]) -> None:
        """In replay those of then; without a number of their own they are told apart by their places."""
        if self.shown.past_us is not None:
            numbered = (msgspec.structs.replace(each, id=-at) for at, each in enumerate(alarms, start=1))
            self._past = {each.id: each for each in numbered}
            self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (self.tree, self.bar, self.line, self.table, self.detail, self.acts, self._empty):
            part.set_theme(theme)

    def set_stalled(self, stalled: bool) -> None:
        """True: nothing here is current, and nothing can be done."""
        self.shown = replace(self.shown, is_stalled=stalled)
        self.refresh()

    def set_past(self, at_us: int | None) -> None:
        """The instant of a replay: its alarms come next, and nothing can be done to them. None = live."""
        if at_us == self.shown.past_us:
            return
        if (at_us is None) != (self.shown.past_us is None):
            self._past = {}
            self.table.let_go()
        self.shown = replace(self.shown, past_us=at_us)
        self.refresh()

    def on_numbers(self, snapshot: Snapshot) -> None:
        """The live values beside the alarms; only what differs is painted."""
        if snapshot.value.size == len(self._model.tags):
            self.table.on_numbers(snapshot)
            self._show_detail()
            blind = unjudged(self._model, snapshot)
            if blind != self._blind:
                self._blind = blind
                self._show_words()

    @property
    def wants_numbers(self) -> bool:
        """An alarm is listed, or a limit is to be judged by them."""
        return bool(self.table.rows.ids) or bool(self._model.limits)

    def counts(self) -> dict[ListName, int]:
        """How many stand in each list."""
        if self.shown.past_us is None:
            return state.counts(self._desk.book.counts)
        return state.counted(self._past.values())

    # Turning to something

    def turn(self, name: ListName) -> None:
        """Show another list."""
        self.table.let_go()
        self._said = ""
        if name != self.shown.name:
            self.shown = replace(self.shown, name=name, opened=frozenset[int]())
            self.table.show_list(name)
            self._judge()
        self.refresh()

    def take_filter(self, wanted: Filter) -> None:
        """Let others through."""
        self._said = ""
        self.table.let_go()
        self.shown = replace(self.shown, filter=wanted)
        self.bar.show_filter(wanted)
        self._judge()
        self.refresh()

    def narrow_to(self, path: str) -> None:
        """Only what is at and below an asset or a tag; of one that nobody knows, nothing changes."""
        asset = asset_of(self._model, path)
        if asset is not None and asset.path:
            self.turn("active")
            self.open_assets = tree.opened_to(self._model, self.open_assets, asset.path)
            self._narrow(path if path in self._model.index else asset.path)

    def show_alarm(self, alarm_id: int) -> None:
        """Its list, with the filter out of its way, and the mark on it."""
        alarm = self._alarms.get(alarm_id)
        if alarm is None:
            self.turn(self.shown.name)
            self.say(t("That alarm is over; the journal has what became of it."))
            return
        self.turn(state.list_of(alarm))
        if not filters.keeps(self.shown.filter, self._model)(alarm):
            self.take_filter(EVERYTHING)
        self._wanted = alarm_id
        self.refresh()

    def acknowledge_selected(self) -> bool:
        """What is selected, by key; False = the keys act on another alarm, or on none here."""
        chosen = self.table.selected() if self.isVisible() else []
        if not chosen or (self._desk.selected and self._desk.selected not in chosen):
            return False
        self._acknowledge(chosen)
        return True

    def say(self, text: str) -> None:
        """Words about what a person just did, until they do something else."""
        self._said = text
        self._show_words()

    def _narrow(self, path: str) -> None:
        self.take_filter(msgspec.structs.replace(self.shown.filter, under=path))

    def _fold_asset(self, path: str) -> None:
        self.open_assets = self.open_assets ^ {path}
        self._show_tree()

    def _fold(self, alarm_id: int) -> None:
        opened = self.shown.opened ^ {alarm_id}
        if len(opened) > MOST_OPENED:
            opened = opened & self._alarms.keys()
        self.shown = replace(self.shown, opened=opened)
        self.table.let_go()
        self.refresh()

    def _mark(self, alarm_id: int) -> bool:
        """Select it; out of its cause's fold, if it is in one."""
        if self.table.mark(alarm_id):
            return True
        cause = self._order.cause(alarm_id)
        if not cause:
            return False
        self.table.let_go()
        self.shown = replace(self.shown, opened=self.shown.opened | {cause})
        self._show_lines()
        return self.table.mark(alarm_id)

    # What is told

    @property
    def _alarms(self) -> Mapping[int, Alarm]:
        return self._desk.book.alarms if self.shown.past_us is None else self._past

    @property
    def _is_dead(self) -> bool:
        return self.shown.is_dead or self._desk.is_dead

    @property
    def _flood_first(self) -> int:
        flood = self._desk.book.flood
        return flood.first if flood is not None else 0

    @property
    def _chosen_id(self) -> int:
        chosen, current = self.table.selected(), self.table.current()
        return current if current in chosen else chosen[0] if chosen else 0

    def _told(self) -> None:
        selected = self._desk.selected
        is_other, self._followed = selected != self._followed, selected
        self.refresh()
        # By key, or on the banner: what the keys act on is marked here too, or nothing is.
        is_mine = self.isVisible() and self.shown.past_us is None
        if is_other and is_mine and selected not in self.table.selected():
            if not selected or not self._mark(selected):
                self.table.clearSelection()

    def _judge(self) -> None:
        name = self.shown.name
        letters, keep = frozenset(state.letters(name)), filters.keeps(self.shown.filter, self._model)
        self._order.judge(lambda alarm: alarm.letter in letters and keep(alarm), state.by_rank(name))

    def refresh(self) -> None:
        """Bring up to date what can be seen."""
        is_dead = self._is_dead
        self.table.set_dead(is_dead)
        self.tree.set_dead(self.shown.is_dead)
        self.acts.set_dead(is_dead)
        if not self.isVisible():
            return
        self._roll_up.update(self._alarms)
        self._show_tree()
        self._order.update(self._alarms)
        self._show_lines()
        if self._wanted and self._mark(self._wanted):
            self._wanted = 0
        self._show_words()
        self._show_acts()
        self._show_detail()

    def _show_tree(self) -> None:
        everything = self._model.plant.name or t("Everything")
        rows = tree.rows(self._model, self.open_assets, self._roll_up, everything)
        under = asset_of(self._model, self.shown.filter.under)
        self.tree.show_rows(rows, under.path if under is not None and self.shown.filter.under else "")

    def _show_lines(self) -> None:
        lines = self._order.lines(self.shown.opened)
        self.line.show_waiting(self.table.show_lines(lines, self._alarms))

    def _show_words(self) -> None:
        desk, shown = self._desk, self.shown
        now_us, zone, total = desk.now_us(), self._model.plant.timezone, self.counts()[shown.name]
        note = state.note_of(shown, zone, now_us, desk.as_of_us)
        flood = flood_words(self._model, desk) if not shown.is_dead else ""
        text = note or self._said or flood
        rest = state.summary(shown, len(self._order.ids), total)
        first = self._flood_first if flood and not self._said else 0
        self.line.show_words(text or rest, bool(text), first in self._alarms)
        is_empty = not self.table.rows.ids
        self._empty.setVisible(is_empty)
        if is_empty:
            self._empty.show_text(state.empty(shown, self._model, desk, total, self._blind))

    def _show_acts(self) -> None:
        waiting = [self._waits(ids) for ids in (self.table.page(), self.table.selected())]
        self.line.show_acts(waiting[0], waiting[1], self._is_dead, self.shown.name)

    def _waits(self, ids: Iterable[int]) -> int:
        alarms, desk = self._alarms, self._desk
        return sum(
            each in alarms and words.is_waiting(alarms[each]) and not desk.is_sent(each) for each in ids
        )

    def _show_detail(self) -> None:
        alarm = self._alarms.get(self._chosen_id)
        now = self.table.now(alarm) if alarm is not None else ("", cast("Kind", "normal"))
        self.detail.show_alarm(self._model, alarm, now, self._desk.now_us(), self._is_dead)

    # Hands

    def _chosen(self) -> None:
        chosen = self._chosen_id
        if self.shown.past_us is None and chosen and self._desk.selected not in self.table.selected():
            self._followed = chosen
            self._desk.select(chosen)
        self._show_acts()
        self._show_detail()

    def _acknowledge(self, ids: Iterable[int]) -> None:
        if self._is_dead:
            return
        chosen = list(ids)
        waiting = self._waits(chosen)
        sent = self._desk.acknowledge(chosen)
        if sent < waiting:
            only = t("only what was on the screen, scroll to the others first")
            self.say(t("Acknowledged {n} of {all}: {only}.", n=sent, all=waiting, only=only))

    def _act(self, alarm_id: int) -> None:
        alarm = self._alarms.get(alarm_id)
        act = words.act_of(alarm) if alarm is not None and not self._is_dead else ""
        if act == "acknowledge":
            self._desk.acknowledge([alarm_id])
        elif act:
            self._desk.do(act, [alarm_id])

    def _with(self, alarm_id: int, do: Callable[[Alarm], None]) -> None:
        alarm = self._alarms.get(alarm_id)
        if alarm is not None:
            do(alarm)

    def _open_menu(self, alarm_id: int, at: QPoint) -> None:
        chosen = self.table.selected()
        ids = chosen if alarm_id in chosen else [alarm_id]
        found = [self._alarms[each] for each in ids if each in self._alarms]
        if found:
            self.acts.open_menu(found, at)

    def _menu_of_detail(self) -> None:
        button = self.detail.buttons[-1]
        self._open_menu(self._chosen_id, button.mapToGlobal(QPoint(0, button.height())))

    # Room

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.bar.fit(self.width() <= NARROW_PX)
        self._columns.fit(self.width(), self.height())
        self._show_acts()
