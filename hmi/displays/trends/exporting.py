"""A trend into a file, a picture or onto paper: asked on a sheet, written by the engine or painted here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from hmi import formats
from hmi.displays.feed import Feed
from hmi.displays.job import Job
from hmi.displays.press import Press
from hmi.displays.trends import export_state, page, stretch_state
from hmi.displays.trends.comparing import Comparing
from hmi.displays.trends.export_sheet import ExportSheet
from hmi.displays.trends.export_state import FORMATS, PICTURES, Format
from hmi.displays.trends.forecasting import Forecasting
from hmi.displays.trends.page import Page
from hmi.formats import t
from hmi.model import Model
from hmi.pens import Pen
from hmi.theme import Theme
from hmi.widgets.trend_plot import TrendPlot
from hmi.widgets.trend_selection import Stretch

Recolour = Callable[[tuple[str, ...]], tuple[Pen, ...]]
"""The pens of the trend in other colours."""


class Exporting:
    """``title`` = what is drawn, in words. Nothing of it waits."""

    def __init__(
        self,
        theme: Theme,
        feed: Feed,
        plot: TrendPlot,
        comparing: Comparing,
        forecasting: Forecasting,
        recolour: Recolour,
        view: QWidget,
    ) -> None:
        self._feed, self._plot, self._comparing, self._recolour = feed, plot, comparing, recolour
        self._forecasting = forecasting
        self._view, self._model, self._chosen = view, Model(), None
        self.title = ""
        self.job, self.press = Job(feed, view), Press(view)
        self.sheet = ExportSheet(theme, view)
        self.sheet.wanted.connect(self._ask_file)
        self.sheet.printed.connect(self._ask_printer)
        self.sheet.stopped.connect(self._stop)

    _chosen: Pen | None

    def set_model(self, model: Model) -> None:
        """Another plant or list of tags."""
        self.job.drop()
        self._model = model

    def ask(self, chosen: Pen | None, selection: Stretch | None) -> None:
        """Open the sheet; the marked stretch comes first where there is one."""
        shown, now_us = self._plot.shown, self._feed.now_us()
        if shown is None:
            return
        spans: dict[str, Stretch] = {
            "window": (shown.start_us, max(min(shown.end_us, now_us), shown.start_us + 1))
        }
        oldest_us = self._feed.past.oldest_us()
        if oldest_us is not None and oldest_us < now_us:
            spans["history"] = oldest_us, now_us
        if selection is not None:
            spans["selection"] = selection
        self._chosen = chosen
        key = "window" if selection is None else "selection"
        self.sheet.ask(spans, self._zone, self._plot.pens, chosen, key)

    @property
    def _zone(self) -> str:
        return self._model.plant.timezone

    @property
    def _format(self) -> Format:
        return cast("Format", self.sheet.format.picked)

    def _ask_file(self) -> None:
        span, format = self.sheet.stretch(), self._format
        if isinstance(span, str):
            self.sheet.say(span)
            return
        word = next(word for key, word, _ in FORMATS if key == format)
        name = export_state.file_name(self._model.plant.name, self.title, span, self._zone, format)
        asking = QFileDialog(self._view, t("Export"), str(Path.home() / name), f"{word} (*.{format})")
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix(format)
        asking.fileSelected.connect(lambda chosen: self.write(Path(chosen)))
        asking.finished.connect(asking.deleteLater)
        asking.open()

    def write(self, path: Path) -> None:
        """Write what the sheet says to a file; the sheet tells how it went."""
        span, format = self.sheet.stretch(), self._format
        if format in PICTURES:
            self._draw(path, format)
            return
        if isinstance(span, str):
            self.sheet.say(span)
            return
        pens = (
            (self._chosen,)
            if self.sheet.pens.picked == "one" and self._chosen is not None
            else self._plot.pens
        )
        step_us = export_state.step_us(self.sheet.step.picked)
        when = stretch_state.over(span, self._feed.now_us(), self._zone)
        self._begin(t("Writing {span}…", span=when), str(path))
        self.job.start(
            "export",
            export_state.body(self._model, pens, span, path, format, step_us),
            self.sheet.show_work,
            lambda rows: self._written(rows, path),
            self._failed,
        )

    def _written(self, rows: Any, path: Path) -> None:
        self.sheet.show_work(None, is_done=True)
        self.sheet.say(export_state.done(rows, self._model.plant.locale), str(path))

    def _failed(self, why: str) -> None:
        self.sheet.show_work(None)
        self.sheet.say(t("Nothing was written: {why}", why=why))

    # Pictures and paper

    def page(self) -> Page | None:
        """What is drawn, as a page; None before the first frame."""
        plot, span = self._plot, self._plot.shown
        if span is None:
            return None
        now_us, scene = self._feed.now_us(), plot.scene()
        drawn = {pen.index for pen in plot.pens}
        pens = tuple(pen for pen in self._recolour(page.paper().pens) if pen.index in drawn)
        compare = self._comparing.compare
        legend = self._comparing.bar.there.text() if compare is not None else ""
        end_us = max(min(span.end_us, now_us), span.start_us + 1)
        made = f"{formats.date_of(now_us, self._zone)} {formats.clock(now_us, self._zone)}"
        zone = formats.zone_short(now_us, self._zone)
        return Page(
            title=self.title,
            over=stretch_state.dated((span.start_us, end_us), self._zone),
            plant=self._model.plant.name,
            made=t("Made {time} {zone}", time=made, zone=zone),
            zone=self._zone,
            locale=self._model.plant.locale,
            pens=pens,
            curves=dict(plot.curves),
            span=span,
            now_us=now_us,
            alarms=scene.alarms,
            beside=dict(plot.beside),
            legend=legend,
            ahead=self._forecasting.drawn,
            foreseen=self._forecasting.bar.words.text() if self._forecasting.drawn is not None else "",
            gaps=scene.gaps,
            history=scene.history,
            moment=scene.moment,
        )

    def _draw(self, path: Path, format: Format) -> None:
        made = self.page()
        if made is None:
            return
        save = page.save_png if format == "png" else page.save_svg
        self._begin(t("Drawing the page…"), str(path))
        self.press.start(
            lambda progress: save(made, path, progress),
            self.sheet.show_work,
            lambda why: self._failed(why) if why else self._written(None, path),
        )

    def _ask_printer(self) -> None:
        to = page.printer()
        asking = QPrintDialog(to, self._view)
        asking.accepted.connect(lambda: self.print(to))
        asking.finished.connect(asking.deleteLater)
        QDialog.open(asking)

    def print(self, to: QPrinter) -> None:
        """Print what is drawn; the sheet tells how it went."""
        made = self.page()
        if made is None:
            return
        self._begin(t("Drawing the page for the printer…"))
        self.press.start(
            lambda progress: page.print_page(made, to, progress), self.sheet.show_work, self._printed
        )

    def _printed(self, why: str) -> None:
        if why:
            self._failed(why)
        else:
            self.sheet.show_work(None, is_done=True)
            self.sheet.say(t("It is on its way to the printer."))

    def _begin(self, words: str, path: str = "") -> None:
        self.sheet.say(words, path)
        self.sheet.show_work(0.0)

    def _stop(self) -> None:
        self.job.cancel()
        self.press.cancel()
