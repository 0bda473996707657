"""The Performance page on paper and in files: made in a thread from the rows that stand on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from hmi import formats
from hmi.displays.alarms.performance import csv as performance_csv
from hmi.displays.alarms.performance import rows as performance_rows
from hmi.displays.alarms.performance import state
from hmi.displays.alarms.performance.rows import ORDER, Listing
from hmi.displays.alarms.performance.state import Figures
from hmi.displays.paper import Section, whole, write_pdf
from hmi.displays.press import Press, Progress, Work
from hmi.formats import t
from hmi.model import Model

PDF = "pdf"


class Saving:
    """``said`` gets words of how it goes, and the file; ``part`` how far it is, None = it is over."""

    def __init__(
        self, view: QWidget, said: Callable[[str, str], None], part: Callable[[float | None], None]
    ) -> None:
        self._view, self._said, self._part = view, said, part
        self.press = Press(view)

    def ask(self, name: str, figures: Figures, model: Model, now_us: int) -> None:
        """Ask for a file for "pdf" or a table, and write it."""
        suffix, word = (PDF, "PDF") if name == PDF else ("csv", "CSV")
        file = file_name(name, figures, model)
        asking = QFileDialog(self._view, t("Save as"), str(Path.home() / file), f"{word} (*.{suffix})")
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix(suffix)
        asking.fileSelected.connect(lambda chosen: self.write(name, Path(chosen), figures, model, now_us))
        asking.finished.connect(asking.deleteLater)
        asking.open()

    def write(self, name: str, path: Path, figures: Figures, model: Model, now_us: int) -> None:
        """Write it; what was at work before is given up."""
        if self.press.is_busy:
            self.press.cancel()
        self._said(t("Writing…"), str(path))
        self._part(0.0)
        self.press.start(
            work(name, path, figures, model, now_us), self._part, lambda why: self._end(why, path)
        )

    def _end(self, why: str, path: Path) -> None:
        self._part(None)
        if why:
            self._said(t("Nothing was written: {why}", why=why), "")
        else:
            self._said(t("It is written:"), str(path))


def work(name: str, path: Path, figures: Figures, model: Model, now_us: int) -> Work:
    """What the thread does."""

    def pdf(progress: Progress) -> None:
        title = t("Alarm performance, {plant}", plant=model.plant.name)
        write_pdf(path, title, under_title(figures, now_us), sections(figures, model), progress)

    def csv(progress: Progress) -> None:
        with whole(path) as part:
            part.write_text(performance_csv.text(name, figures), encoding="utf-8", newline="")
        progress.reach(1.0)

    return pdf if name == PDF else csv


def under_title(figures: Figures, now_us: int) -> str:
    """Of what and from when the figures are."""
    found = figures.metrics
    return t(
        "{area} · {over} · figures of {asked}, written {now}",
        area=figures.under or t("Whole plant"),
        over=state.over_words((found.start_us, found.end_us), figures.zone),
        asked=state.when(figures.asked_us, figures.zone),
        now=state.when(now_us, figures.zone),
    )


def sections(figures: Figures, model: Model) -> tuple[Section, ...]:
    """The whole page."""
    words = (state.summary(figures), state.when_judged(figures), state.eemua(figures))
    first = Section(t("Summary"), tuple(each for each in (*words, count_words(figures)) if each))
    listings = [performance_rows.listing(name, figures, model) for name in ORDER]
    return first, *(_section(each) for each in (*listings, performance_rows.hours(figures)))


def count_words(figures: Figures) -> str:
    """How many alarms the figures are made from."""
    count = figures.metrics.count
    if count == 1:
        return t("1 alarm called for the operator.")
    return t("{n} alarms called for the operator.", n=formats.number(count, 0, figures.locale))


def _section(listing: Listing) -> Section:
    if not listing.count:
        return Section(listing.title, tuple(each for each in (listing.words, listing.calm) if each))
    words = (listing.words,) if listing.words else ()
    return Section(listing.title, words, listing.heads, listing.rows())


def file_name(name: str, figures: Figures, model: Model) -> str:
    """A name that says what is in the file: ``Framing line 3, Alarm performance, 2026-11-22.pdf``."""
    title = t("Alarm performance") if name == PDF else t(dict(performance_csv.TABLES)[name])
    day = f"{formats.local(figures.metrics.end_us, figures.zone):%Y-%m-%d}"
    parts = (model.plant.name, figures.under.rpartition("/")[2], title, day)
    words = ", ".join(each for each in parts if each)
    kept = "".join("-" if each in '/\\:*?"<>|' or not each.isprintable() else each for each in words)
    return f"{kept}.{PDF if name == PDF else 'csv'}"
