"""Trends as widgets: the pens at the left, the trend, the figures of all pens below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.types import Alarm, Curve, EngineStatus, Kpi, Snapshot, SourceStatus
from hmi import values
from hmi.displays.display import Go, Place, Want
from hmi.displays.feed import Feed
from hmi.displays.trends import figures, groups
from hmi.displays.trends import state as trends
from hmi.displays.trends.column import Column
from hmi.displays.trends.finder import MIME
from hmi.displays.trends.note import Note
from hmi.displays.trends.readout import Readout
from hmi.displays.trends.state import AxisChoice, Done, Trends
from hmi.displays.trends.tools import Tools
from hmi.formats import t
from hmi.model import Model
from hmi.pens import Pen
from hmi.theme import Theme
from hmi.widgets.labels import panel
from hmi.widgets.trend_head import head_button
from hmi.widgets.trend_panel import TrendPanel

SPANS_S = (60, 600, 3600, 8 * 3600, 24 * 3600, 72 * 3600)
STATISTICS_US = 1_000_000
LEAST_AROUND_US = 120_000_000
"""So much time is shown around a moment at least."""
ALL_ROOM = 1.02
"""The first sample does not stand under the frame."""


class TrendsView(QWidget):
    """Any tags over time. Pens come by `show_place`, from the finder, and by dropping tags on the plot."""

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._feed, self._go = theme, feed, go
        self._state = Trends()
        self._before: Trends | None = None
        self._pens: tuple[Pen, ...] = ()
        self._saved: Mapping[str, Any] | None = None
        self._groups, trouble = groups.load()
        self._snapshot: Snapshot | None = None
        self._snapshot_us, self._counted_us = 0, 0
        self._known: dict[int, Any] = {}
        self.column = Column(theme, self)
        self.trend = TrendPanel(
            theme,
            self._curve,
            self,
            spans_s=SPANS_S,
            with_mark=True,
            with_legend=False,
            past=feed.past,
        )
        self.readout = Readout(theme, self)
        self.note = Note(theme, self)
        self.tools = Tools(theme, feed, go, self.trend, self.note.show_text, self._recoloured, self)
        self._add_tools()
        self._lay_out()
        self._connect()
        self.setAcceptDrops(True)
        self.setFocusProxy(self.column.finder)
        self.note.show_text(trouble)
        self._show_state()

    def _add_tools(self) -> None:
        head = self.trend.head
        if head is None:
            raise AssertionError("a panel that is not lean has a head")
        self._all = head_button(t("All"), t("As far back as the history reaches"), self, is_narrow=True)
        self._all.clicked.connect(self._show_all)
        head.add_span(self._all)
        head.add_tool(self.tools.select)
        head.add_tool(self.tools.comparing.button)
        head.add_tool(self.tools.forecasting.button)
        self._export_button = head_button(
            t("Export…"), t("Write what is drawn to a file, or print it"), self, is_narrow=True
        )
        self._export_button.clicked.connect(self.tools.export)
        head.add_tool(self._export_button)
        self.trend.plot.is_told_beside = True
        self.trend.plot.hint = t(
            "Nothing is drawn yet.\n\n"
            "Tap a unit at the left to draw what matters most in it,\n"
            "or type a few letters of a tag and tap it, or drag it here.\n"
            "From any other display: Add to trend."
        )

    def _lay_out(self) -> None:
        gap = self._theme.size.gap
        self._below = panel("panel", self)
        inner = QVBoxLayout(self._below)
        inner.setContentsMargins(6, 4, 6, 4)
        inner.addWidget(self.readout)
        inner.addWidget(self.tools.results)
        self.tools.results.shown.connect(lambda is_on: self.readout.setVisible(not is_on))
        right = QVBoxLayout()
        right.setSpacing(gap)
        right.addWidget(self.note)
        right.addWidget(self.trend, 1)
        right.addWidget(self._below)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(gap, gap, gap, gap)
        whole.setSpacing(gap)
        whole.addWidget(self.column)
        whole.addLayout(right, 1)

    def _connect(self) -> None:
        rows, finder = self.column.pens, self.column.finder
        rows.tapped.connect(self._tap)
        rows.hidden.connect(lambda path: self._take(trends.hidden(self._state, path)))
        rows.removed.connect(lambda path: self._take(trends.removed(self._state, path), undo=True))
        rows.axis.connect(self._set_axis)
        finder.wanted.connect(self._toggle)
        finder.group_wanted.connect(self._open_group)
        finder.group_removed.connect(self._delete_group)
        self.column.cleared.connect(lambda: self._take(trends.cleared(self._state), undo=True))
        self.column.saved.connect(self._save_group)
        self.readout.chosen.connect(lambda path: self._take(trends.chosen(self._state, path)))
        self.trend.plot.cursor_moved.connect(self._show_figures)
        self.trend.alarm_wanted.connect(lambda number: self._go(Place("alarms", f"#{number}")))

    # What the shell calls

    def set_plant(self, model: Model) -> None:
        """A new list of live tags; pens stay where they still exist."""
        self._snapshot, self._known = None, {}
        if self._saved is not None and model.tags:
            self._state, self._saved = trends.restored(model, self._saved), None
        else:
            self._state = trends.opened(model, self._state)
        self._before = None
        self.tools.set_model(model)
        self.trend.set_place(model.plant.timezone, model.plant.locale)
        self._show_groups()
        self._show_state()

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """Sources stand in the top bar."""

    def set_engine(self, status: EngineStatus) -> None:
        """The engine's figures stand on System."""

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Those of the pens are marked over the curves and at their limits."""
        self.trend.set_alarms(alarms)

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """Figures of the plant stand on Overview."""

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (self.column, self.trend, self.readout, self.note, self.tools):
            part.set_theme(theme)
        self._show_state()

    def set_stalled(self, stalled: bool) -> None:
        """Numbers come in as stale by themselves; the trend needs to be told."""
        self.trend.set_stalled(stalled)
        self.tools.forecasting.set_stalled(stalled)

    def set_past(self, at_us: int | None) -> None:
        """In replay nothing is foreseen."""
        self.tools.forecasting.set_past(at_us is not None)

    def on_numbers(self, snapshot: Snapshot) -> None:
        """The values now, in the list and in the table."""
        if snapshot.value.size != len(self._state.model.tags):
            return
        self._snapshot, self._snapshot_us = snapshot, self._feed.now_us()
        self.column.show_numbers(snapshot)
        self._show_figures()

    def on_trends(self, now_us: int) -> None:
        """One frame of the trend; once a second the statistics of its window."""
        self.trend.on_trends(now_us)
        self.tools.on_trends(now_us, self._snapshot)
        if now_us - self._counted_us >= STATISTICS_US:
            self._counted_us = now_us
            plot = self.trend.plot
            self._known = figures.statistics(plot.pens, plot.curves, plot.shown, now_us)
            self._show_figures()

    def wants(self) -> set[Want]:
        """Both, while a pen is drawn; nothing moves without one."""
        return {"numbers", "trends"} if self._state.drawn else set()

    def show_place(self, path: str) -> str:
        """Add the pen of a tag, or the pens worth drawing of an asset. Several tags, one a line, replace all.

        A pen that was hidden is shown again. Gives the path the title names.
        """
        wanted = [each for each in path.split("\n") if each]
        if wanted:
            self.trend.plot.set_moment(None)
        if len(wanted) > 1:
            same = set(wanted) == set(self._state.paths)
            self._do(trends.shown_instead(self._state, wanted), undo=bool(self._state.drawn) and not same)
            return ""
        if path:
            tags = trends.tags_of(self._state.model, path) or (path,)
            self._do(trends.added(trends.shown(self._state, tags), tags))
        return path

    def show_moment(self, at_us: int) -> None:
        """Stand still with this time in the middle and marked; what is drawn stays.

        A time still to come is shown by the forecast of the chosen pen. Of a time that is nearly now there is
        not enough after it: then less is shown before it, and the last seconds are shown live.
        """
        plot, now_us = self.trend.plot, self._feed.now_us()
        if at_us > now_us:
            plot.go_live()
            self.tools.forecasting.button.setChecked(True)
            return
        self.trend.keep_span()
        plot.set_now(now_us)
        plot.set_moment(at_us)
        half_us = min(max(plot.span_us, LEAST_AROUND_US) // 2, max(now_us - at_us, LEAST_AROUND_US // 2))
        plot.go_live()
        plot.set_span(2 * half_us / 1e6)
        if now_us - at_us >= half_us:
            plot.show_until(at_us + half_us)

    def layout(self) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Pens, axes and span for a saved layout of the station; not the layout of this widget."""
        return trends.layout(self._state, self.trend.plot.span_us / 1e6)

    def restore(self, saved: Mapping[str, Any]) -> None:
        """What `layout` gave; before the list of tags is there it waits for it."""
        span_s = saved.get("span_s")
        if isinstance(span_s, int | float) and span_s > 0:
            self.trend.keep_span()
            self.trend.plot.set_span(float(span_s))
        if self._state.model.tags:
            self._take(trends.restored(self._state.model, saved))
        else:
            self._saved = saved

    # Hands

    def _tap(self, path: str) -> None:
        if path != self._state.chosen:
            self._take(trends.chosen(self._state, path))
        self._go(Place("", path))

    def _set_axis(self, path: str, axis: str) -> None:
        self._take(trends.with_axis(self._state, path, cast("AxisChoice", axis)))

    def _toggle(self, paths: list[str]) -> None:
        # A second tap takes out what the first one brought.
        if set(paths) <= set(self._state.paths):
            state = self._state
            for path in paths:
                state = trends.removed(state, path)
            self._take(state)
        else:
            self._do(trends.added(self._state, paths))

    def _do(self, done: Done, undo: bool = False) -> None:
        self._take(done.state, undo)
        if done.note:
            self.note.show_text(done.note)

    def _take(self, state: Trends, undo: bool = False) -> None:
        before, self._state = self._state, state
        if undo and len(before.drawn) > 1:
            count = len(before.drawn) - len(state.drawn)
            words = t("{n} pens were taken out.", n=count) if count > 1 else t("A pen was taken out.")
            words = words if count > 0 else t("Other pens are drawn now.")
            self.note.show_text(words, t("Undo"), lambda: self._take(before))
        else:
            self.note.show_text("")
        self._show_state()

    def _show_all(self) -> None:
        now_us, oldest_us = self._feed.now_us(), self._feed.past.oldest_us()
        if oldest_us is None:
            self.note.show_text(t("How far the history reaches is not known yet."))
            return
        self.trend.keep_span()
        self.trend.plot.go_live()
        self.trend.plot.set_span(max(60.0, (now_us - oldest_us) / 1e6 * ALL_ROOM))

    # Groups

    def _show_groups(self) -> None:
        model = self._state.model
        ours = groups.of_plant(self._groups, model.plant.name)
        self.column.show_model(model, ours)

    def _save_group(self, name: str) -> None:
        made = groups.Group(name, self._state.model.plant.name, self._state.paths)
        self._keep(groups.with_group(self._groups, made), t("Saved as {name}.", name=name))

    def _open_group(self, name: str) -> None:
        ours = groups.of_plant(self._groups, self._state.model.plant.name)
        group = next((each for each in ours if each.name == name), None)
        if group is not None:
            self._do(trends.shown_instead(self._state, group.paths), undo=bool(self._state.drawn))

    def _delete_group(self, name: str) -> None:
        before = self._groups
        self._keep(groups.without(before, self._state.model.plant.name, name), "")
        words = t("The group {name} is deleted.", name=name)
        self.note.show_text(words, t("Undo"), lambda: self._keep(before, ""))

    def _keep(self, kept: tuple[groups.Group, ...], words: str) -> None:
        self._groups = kept
        self.note.show_text(groups.save(kept) or words)
        self._show_groups()

    # Inside

    def _curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        curve = self._feed.curve(index, start_us, end_us, pixels)
        if self._snapshot is None:
            return curve
        return values.with_proof(curve, self._snapshot, index, self._snapshot_us, end_us)

    def _show_state(self) -> None:
        state = self._state
        self._pens = trends.pens(state, self._theme.pens)
        drawn = trends.visible(state, self._pens)
        self.column.show_state(self._theme, state, self._pens)
        self.trend.show_pens(trends.title(state), drawn)
        self.trend.plot.set_strong(state.model.index.get(state.chosen) if state.chosen else None)
        self.tools.show_state(state.chosen, trends.title(state))
        self._below.setVisible(bool(state.drawn))
        for button in (self._all, self._export_button, self.tools.forecasting.button):
            button.setEnabled(bool(state.drawn))
        self.column.show_numbers(self._snapshot)
        self._show_figures()
        self.readout.fit(self.height())
        self.tools.results.fit(self.readout.height())

    def _recoloured(self, colours: tuple[str, ...]) -> tuple[Pen, ...]:
        return trends.visible(self._state, trends.pens(self._state, colours))

    def _show_figures(self) -> None:
        plot, model = self.trend.plot, self._state.model
        cursor_us = plot.cursor_us
        cells = [
            figures.words(
                pen,
                model,
                self._snapshot,
                self._known,
                plot.text_at(pen, cursor_us) if cursor_us is not None else "",
                self._beside(pen),
            )
            for pen in plot.pens
        ]
        live_us = plot.past_us if plot.is_live else None
        over = figures.over(plot.shown, plot.now_us, model.plant.timezone, live_us=live_us)
        self.readout.rows.show_delta(t("Then") if self.tools.comparing.compare else "")
        has_then = self.tools.comparing.compare is not None
        has_delta = has_then or plot.mark_us is not None
        self.readout.show_figures(plot.pens, cells, over, cursor_us is not None, has_delta, has_then)

    def _beside(self, pen: Pen) -> str:
        """What stands beside the value at the cursor: that of the other period, else how far the mark is."""
        cursor_us = self.trend.plot.cursor_us
        if self.tools.comparing.compare is None or cursor_us is None:
            return self.trend.plot.difference(pen)
        return self.tools.comparing.then(pen, cursor_us)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.column.fit(self.width())
        self.column.share_height()
        self.readout.fit(self.height())
        self.tools.results.fit(self.readout.height())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = bytes(event.mimeData().data(MIME).data()).decode("utf-8", "replace").split("\n")
        self._do(trends.added(self._state, [path for path in paths if path]))
        event.acceptProposedAction()
