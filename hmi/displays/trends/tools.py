"""What a person does with a trend: select, count, find, note, compare, foresee, export. One for each view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.types import Snapshot
from hmi.author import author
from hmi.displays.display import REPLAY, Go, Place
from hmi.displays.feed import Feed
from hmi.displays.job import Job
from hmi.displays.trends import normal_sheet, notes_state, similar_state, stretch_state
from hmi.displays.trends.compare_state import Compare
from hmi.displays.trends.comparing import Comparing
from hmi.displays.trends.exporting import Exporting, Recolour
from hmi.displays.trends.forecasting import Forecasting
from hmi.displays.trends.normal_sheet import NormalSheet
from hmi.displays.trends.notes_layer import NoteSheet, NotesLayer
from hmi.displays.trends.results import Results
from hmi.displays.trends.selection_bar import SelectionBar
from hmi.displays.trends.similar_state import Match
from hmi.formats import sentence, t
from hmi.model import Model
from hmi.pens import Pen
from hmi.theme import Theme
from hmi.widgets.trend_head import head_button
from hmi.widgets.trend_panel import TrendPanel
from hmi.widgets.trend_selected import selected_box
from hmi.widgets.trend_selection import Stretch

ROOM, AROUND = 1.06, 3
"""Zoomed to a stretch, a little of what is beside it is seen; about a place that was found, more of it."""
Tell = Callable[[str], None]


class Tools(QObject):
    """Works on the trend of ``view``. ``tell`` says a line; ``results`` stands where the figures stand."""

    def __init__(
        self,
        theme: Theme,
        feed: Feed,
        go: Go,
        trend: TrendPanel,
        tell: Tell,
        recolour: Recolour,
        view: QWidget,
    ) -> None:
        super().__init__(view)
        self._feed, self._go, self._tell, self._trend = feed, go, tell, trend
        self._plot = trend.plot
        self._model, self._chosen = Model(), ""
        self._found: tuple[Stretch, Pen] | None = None
        self.bar = SelectionBar(theme, self._plot)
        self.results = Results(theme, view)
        self.note_sheet, self.normal_sheet = NoteSheet(theme, view), NormalSheet(theme, view)
        self.notes = NotesLayer(theme, self._plot, self._remove_note)
        self.comparing = Comparing(theme, feed, trend, view)
        self.forecasting = Forecasting(theme, feed, trend, lambda: self._pen, view)
        self.exporting = Exporting(theme, feed, self._plot, self.comparing, self.forecasting, recolour, view)
        self.job = Job(feed, self)
        self.select = head_button(
            t("Select"),
            t("Then drag over a stretch of time, or tap its two ends (also Shift and drag; S with keys)"),
            view,
            checkable=True,
            is_narrow=True,
        )
        self._connect()

    def _connect(self) -> None:
        self.select.clicked.connect(self._plot.set_selecting)
        self._plot.selection_changed.connect(self._show_selection)
        self._plot.moved.connect(self._show_selection)
        self.bar.acted.connect(self._act)
        self.results.cancelled.connect(self.job.cancel)
        self.results.closed.connect(self._close_results)
        self.results.similar.chosen.connect(self._show_match)
        self.note_sheet.written.connect(self._write_note)

    # What the view calls

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        sheets = self.note_sheet, self.normal_sheet, self.exporting.sheet
        for part in (self.results, self.notes, self.comparing, self.forecasting, *sheets):
            part.set_theme(theme)

    def set_model(self, model: Model) -> None:
        """Another list of tags: what was found in the old one is worth nothing."""
        self._model = model
        self.comparing.set_zone(model.plant.timezone)
        self.exporting.set_model(model)
        self.forecasting.set_model(model)
        self._close_results()

    def show_state(self, chosen: str, title: str) -> None:
        """The pens changed, or another one was chosen; ``title`` = what is drawn."""
        self._chosen, self.exporting.title = chosen, title
        self.select.setEnabled(bool(self._plot.pens))
        self.comparing.button.setEnabled(bool(self._plot.pens))
        if not self._plot.pens:
            self.comparing.stop()
            self._plot.clear_selection()
            self._close_results()

    def on_trends(self, now_us: int, snapshot: Snapshot | None) -> None:
        """One frame of the trend; ``snapshot`` = the values now."""
        shown = self._plot.shown
        if shown is None:
            return
        stretch = shown.start_us, shown.end_us
        found = self._feed.past.notes(*stretch)
        paths = [pen.path for pen in self._plot.pens]
        notes = notes_state.shown(found, paths, stretch)
        self.notes.show_notes(notes, self._zone)
        self._trend.show_notes(notes)
        self.results.similar.look(self._feed.curve, now_us)
        self.comparing.on_trends(now_us)
        self.forecasting.on_trends(now_us, snapshot)
        if self._plot.selection.span is not None:
            self._show_selection()

    @property
    def _zone(self) -> str:
        return self._model.plant.timezone

    @property
    def _pen(self) -> Pen | None:
        """The chosen pen, else the first one that is drawn."""
        pens = self._plot.pens
        return next((pen for pen in pens if pen.path == self._chosen), pens[0] if pens else None)

    # The marked stretch

    def _show_selection(self) -> None:
        selection = self._plot.selection
        self.select.setChecked(selection.is_mode)
        is_ready = selection.span is not None and not selection.is_pulled and not selection.is_mode
        scene = self._plot.scene()
        box = selected_box(scene, selection) if is_ready else None
        if box is not None:
            self.bar.show_over(scene.plot, box)
        else:
            self.bar.hide()

    def _act(self, act: str) -> None:
        stretch = self._plot.selection.span
        if stretch is None:
            return
        {
            "statistics": self._count,
            "similar": self._find,
            "note": self._ask_note,
            "normal": self._ask_normal,
            "export": lambda _: self.export(),
            "zoom": self._zoom,
            "replay": lambda span: self._go(Place(REPLAY, str(span[0]))),
            "close": lambda _: self._plot.clear_selection(),
        }[act](stretch)
        if act in ("zoom", "close"):
            self._plot.setFocus()

    def _zoom(self, stretch: Stretch) -> None:
        length = stretch[1] - stretch[0]
        self._plot.clear_selection()
        self.show_stretch(stretch, length * ROOM)

    def show_stretch(self, stretch: Stretch, length_us: float) -> None:
        """Show so much time with a stretch in its middle."""
        self._trend.keep_span()
        self._plot.set_span(length_us / 1e6)
        self._plot.show_until(round((stretch[0] + stretch[1] + length_us) / 2))

    # Statistics

    def _count(self, stretch: Stretch) -> None:
        pens = self._plot.pens
        about = stretch_state.over(stretch, self._feed.now_us(), self._zone)
        self.results.begin(t("Statistics"), about, t("Reading every stored sample…"))
        self.job.start(
            "statistics",
            stretch_state.statistics_body(self._model, pens, stretch),
            self.results.progress.show_part,
            lambda result: self._counted(pens, result),
            self.results.say,
        )

    def _counted(self, pens: tuple[Pen, ...], result: Mapping[str, Any]) -> None:
        rows = stretch_state.statistics_rows(self._model, pens, result)
        self.results.table.rows.show_rows(pens, rows)
        self.results.show_result(self.results.table)

    def _close_results(self) -> None:
        self.job.drop()
        self.results.leave()
        self._found = None

    # Find similar

    def _find(self, stretch: Stretch) -> None:
        pen, now_us = self._pen, self._feed.now_us()
        if pen is None:
            return
        where = similar_state.search(stretch, self._feed.past.oldest_us(), now_us)
        about = t("to {when}", when=stretch_state.over(stretch, now_us, self._zone))
        self.results.begin(
            t("{name}: similar", name=pen.name), about, t("Searching the history for the same shape…")
        )
        self._found = stretch, pen
        self.job.start(
            "similar",
            similar_state.body(self._model.tags[pen.index].tag_id, stretch, where),
            self.results.progress.show_part,
            lambda result: self._show_found(pen, where, result),
            self.results.say,
        )

    def _show_found(self, pen: Pen, where: Stretch, result: Mapping[str, Any]) -> None:
        found, now_us = similar_state.matches(result), self._feed.now_us()
        if not found:
            self.results.say(similar_state.nothing(pen.name, where, now_us, self._zone))
            return
        self.results.similar.show_matches(found, pen, now_us, self._zone)
        self.results.show_result(self.results.similar)

    def _show_match(self, match: Match) -> None:
        if self._found is not None:
            (start_us, _), pen = self._found
            self.show_stretch(match.stretch, AROUND * (match.stretch[1] - match.stretch[0]))
            by_us = match.stretch[0] - start_us
            self.comparing.begin(Compare(by_us, t("the selected stretch"), match.stretch, pen.path))

    # What is normal

    def _ask_normal(self, stretch: Stretch) -> None:
        pen, about = self._pen, stretch_state.over(stretch, self._feed.now_us(), self._zone)
        found = normal_sheet.assets(self._model, pen) if pen is not None else ()
        if not found:
            self._tell(t("The chosen pen belongs to no asset: choose another one in the list at the left."))
            return

        def do(asset: str, is_forgotten: bool, reason: str) -> None:
            waiting = t("Forgetting…") if is_forgotten else t("Learning what is normal…")
            self.results.begin(t("Normal of {asset}", asset=asset), about, waiting)
            self.job.start(
                "normal",
                normal_sheet.body(asset, stretch, is_forgotten, reason),
                self.results.progress.show_part,
                lambda result: self.results.say(
                    normal_sheet.learned(result, is_forgotten, self._model.plant.locale)
                ),
                self.results.say,
            )

        self.normal_sheet.ask(about, found, do)

    # Notes

    def _ask_note(self, stretch: Stretch) -> None:
        about = stretch_state.over(stretch, self._feed.now_us(), self._zone)
        pen = next((each.name for each in self._plot.pens if each.path == self._chosen), "")
        self.note_sheet.ask(about, author(), pen)

    def _write_note(self, text: str, of_pen: bool) -> None:
        stretch = self._plot.selection.span
        if stretch is None:
            self.note_sheet.leave()
            return
        tag = self._chosen if of_pen else ""
        body = notes_state.body(stretch, tag, author(), text)
        self._feed.submit("annotate", body, self._note_kept, lambda why: self.note_sheet.say(sentence(why)))

    def _note_kept(self, _: Any) -> None:
        self.note_sheet.leave()
        self._plot.clear_selection()
        self._feed.past.renew_notes()
        self._tell(t("The note is kept. Tap its flag to read it."))

    def _remove_note(self, note_id: int) -> None:
        body = {"note_id": note_id, "author": author()}
        self._feed.submit("annotation_removed", body, self._note_gone, lambda why: self._tell(sentence(why)))

    def _note_gone(self, _: Any) -> None:
        self.notes.card.hide()
        self._feed.past.renew_notes()
        self._tell(t("The note is removed. The event journal keeps what it said."))

    # Export

    def export(self) -> None:
        """Ask what is to be written."""
        self.exporting.ask(self._pen, self._plot.selection.span)
