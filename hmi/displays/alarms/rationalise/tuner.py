"""Tries other numbers for one row on the stored past, and takes them over into the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.typed import convert
from engine.types import Backtest, Limit, Tag
from hmi.displays.alarms.rationalise import trial
from hmi.displays.alarms.rationalise.columns import title
from hmi.displays.alarms.rationalise.editors import NumberField
from hmi.displays.alarms.rationalise.picture import TrialPicture
from hmi.displays.display import Go, Place
from hmi.displays.feed import Feed
from hmi.displays.job import Job
from hmi.formats import MINUS, t
from hmi.model import Model
from hmi.theme import Theme, font
from hmi.widgets.choice import Choice
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.progress import Progress
from hmi.widgets.trend_head import head_button

USUAL, SPAN_PX = "86400", 54


class Tuner(QScrollArea):
    """``taken`` = what the proposal changes: cells by column, for the row that it was tried for."""

    taken = Signal(int, dict)

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._feed, self._go = theme, feed, go
        self._job = Job(feed, self)
        self._plant = Model()
        self._row, self._limits = 0, tuple[Limit, ...]()
        self._tried: Limit | None = None
        self._why_not = ""
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = QWidget(self)
        self.setWidget(self._inside)
        self._inside.setAutoFillBackground(False)
        self.name = ShortWords(theme, step="body", bold=True)
        self.hint = Words(theme, step="small", look="muted")
        self.tags = QComboBox(self)
        self.tags.setAccessibleName(t("Tag to try it on"))
        self.tags.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.fields: dict[str, NumberField] = {}
        self.steps: dict[tuple[str, int], QPushButton] = {}
        self._was: dict[str, Words] = {}
        self._titles: dict[str, Words] = {}
        self._grid = QGridLayout()
        self._grid.setSpacing(6)
        for at, column in enumerate(trial.FIELDS):
            self._add_field(at, column)
        self.span = Choice(
            None, [(key, word, t("Try it on this much of the past")) for key, word in trial.SPANS], self
        )
        for button in self.span.buttons.values():
            button.setProperty("look", "close")
            button.setFixedWidth(SPAN_PX)
        self.span.pick(USUAL)
        self.try_it = QPushButton(t("Try"), self)
        self.try_it.setToolTip(t("Judge the proposal on the stored past"))
        self.progress = Progress(theme, self)
        self.stop = QPushButton(t("Cancel"), self)
        self.said = Words(theme, step="body")
        self.picture = TrialPicture(theme, self)
        self.take = QPushButton(t("Take over"), self)
        self.take.setToolTip(t("Put these numbers into the table; nothing is applied yet"))
        self.trend = QPushButton(t("Trend"), self)
        self.trend.setToolTip(t("Show the tag in Trends"))
        for words in (self.hint, self.said):
            words.setWordWrap(True)
        self._lay_out()
        self._connect()
        self._turn()

    def _add_field(self, at: int, column: str) -> None:
        name = Words(self._theme, title(column), "small")
        names = QVBoxLayout()
        names.setSpacing(0)
        field = NumberField(self._theme, "", self)
        field.setAccessibleName(title(column))
        was = Words(self._theme, step="small", look="muted")
        for words in (name, was):
            names.addWidget(words)
        self._grid.addLayout(names, at, 0)
        for place, way, sign, told in ((1, -1, MINUS, t("Less")), (3, 1, "+", t("More"))):
            button = head_button(sign, f"{told}: {title(column)}", self, is_narrow=True)
            button.setAutoRepeat(True)
            button.clicked.connect(lambda _=False, way=way: self._step(column, way))
            self.steps[column, way] = button
            self._grid.addWidget(button, at, place)
        self._grid.addWidget(field, at, 2)
        self._grid.setColumnStretch(2, 1)
        field.textChanged.connect(self._changed)
        field.returnPressed.connect(self._try)
        self.fields[column], self._was[column], self._titles[column] = field, was, name

    def _lay_out(self) -> None:
        box = QVBoxLayout(self._inside)
        box.setContentsMargins(2, 2, 8, 2)
        box.setSpacing(8)
        row, end = QHBoxLayout(), QHBoxLayout()
        row.setSpacing(8)
        end.setSpacing(8)
        row.addWidget(self.span)
        row.addWidget(self.try_it)
        row.addWidget(self.progress, 1)
        row.addWidget(self.stop)
        row.addStretch(0)
        end.addWidget(self.take)
        end.addStretch(1)
        end.addWidget(self.trend)
        for part in (self.name, self.tags, self.hint):
            box.addWidget(part)
        box.addLayout(self._grid)
        box.addLayout(row)
        box.addWidget(self.said)
        box.addWidget(self.picture)
        box.addLayout(end)
        box.addStretch(1)

    def _connect(self) -> None:
        self.try_it.clicked.connect(self._try)
        self.stop.clicked.connect(self._job.cancel)
        self.take.clicked.connect(self._take)
        self.trend.clicked.connect(
            lambda: self._go(Place("trends", self._limits[self.tags.currentIndex()].path))
        )
        self.tags.currentIndexChanged.connect(self._turn)
        self.span.chosen.connect(self._changed)

    # What the page says

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme; its words are told by the page."""
        self._theme = theme
        self.tags.setFont(font(theme, theme.size.small + 1))
        for part in (self.progress, self.picture, *self.fields.values()):
            part.set_theme(theme)

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same configured anew."""
        self._plant = model

    def set_why_not(self, why: str) -> None:
        """Why nothing can be tried now, "" = it can."""
        if why != self._why_not:
            self._why_not = why
            if why:
                self._job.cancel()
            self._show_hands()

    def show_row(self, row: int, limits: Sequence[Limit]) -> None:
        """Try this row, which stands for these limits in force; the same one again changes nothing."""
        if row == self._row and tuple(limits) == self._limits:
            return
        self._job.drop()
        self._row, self._limits = row, tuple(limits)
        self.tags.blockSignals(True)
        self.tags.clear()
        self.tags.addItems([each.path for each in limits])
        self.tags.blockSignals(False)
        self.tags.setVisible(len(limits) > 1)
        self._turn()

    def drop(self) -> None:
        """Nobody sees it any more."""
        self._job.cancel()

    # Hands

    @property
    def current(self) -> Limit | None:
        """The limit in force that is tried against."""
        at = max(0, self.tags.currentIndex())
        return self._limits[at] if at < len(self._limits) else None

    def _tag(self) -> Tag | None:
        at = self._plant.index.get(self.current.path) if self.current is not None else None
        return self._plant.tags[at] if at is not None else None

    def _turn(self) -> None:
        """Another limit: its own numbers stand in the fields."""
        limit, tag = self.current, self._tag()
        self._job.drop()
        self._tried = None
        names = trial.turnable(limit) if limit is not None else ()
        unit = tag.unit if tag is not None else ""
        for column, field in self.fields.items():
            is_on = column in names
            for part in (field, self._was[column], self._titles[column]):
                part.setVisible(is_on)
            for way in (-1, 1):
                self.steps[column, way].setVisible(is_on)
            if limit is not None and is_on:
                per = f"{unit}/s" if unit and limit.kind == "rate" else unit
                field.show_unit("s" if column.endswith("delay") else per)
                field.setText(trial.written(trial.value(limit, column)))
                self._was[column].show_text(t("was {value}", value=field.text()))
        self.name.show_text(
            " ".join((limit.path.rpartition("/")[2], limit.kind, limit.name)).strip() if limit else ""
        )
        self.said.show_text("")
        self.picture.hide()
        self._show_hands()

    def _step(self, column: str, way: int) -> None:
        found = trial.number(self.fields[column].number_text())
        at = found if found is not None else 0.0
        self.fields[column].setText(trial.written(trial.stepped(column, self._tag(), at, way)))

    def _texts(self) -> dict[str, str]:
        names = trial.turnable(self.current) if self.current is not None else ()
        return {column: self.fields[column].number_text() for column in names}

    def _changed(self) -> None:
        """What was found is not about these numbers any more."""
        self._job.drop()
        if self._tried is not None or self.said.text():
            self._tried = None
            self.said.show_text("")
            self.picture.hide()
        self._show_hands()

    def _proposal(self) -> Limit | str:
        limit = self.current
        if limit is None:
            return t(
                "Choose one row of the table that is in force; what is new can be tried once it is applied."
            )
        if self._why_not:
            return self._why_not
        made = trial.proposed(limit, self._texts())
        if isinstance(made, Limit) and not trial.is_other(limit, made):
            return t("Change a number, then try it on the past.")
        return made

    def _show_hands(self) -> None:
        made, is_busy = self._proposal(), self._job.is_busy
        limit = self.current
        words = made if isinstance(made, str) else ""
        if not words and len(self._limits) > 1:
            words = t(
                "The row stands for {n} tags; it is tried on the one chosen above.", n=len(self._limits)
            )
        self.hint.show_text(words)
        self.hint.setVisible(bool(words))
        self.try_it.setEnabled(isinstance(made, Limit) and not is_busy)
        self.try_it.setVisible(limit is not None and not is_busy)
        for part in (self.progress, self.stop):
            part.setVisible(is_busy)
        self.take.setVisible(self._tried is not None)
        self.trend.setVisible(limit is not None)
        self.span.setVisible(limit is not None and not is_busy)

    def _try(self) -> None:
        made = self._proposal()
        if isinstance(made, str) or self._job.is_busy:
            return
        end_us = self._feed.now_us()
        start_us = end_us - int(self.span.picked) * 1_000_000
        body = {"proposed": msgspec.to_builtins(made), "start_us": start_us, "end_us": end_us}
        self.said.show_text("")
        self.picture.hide()
        self.progress.show_part(0.0)
        self._job.start(
            "backtest",
            body,
            self.progress.show_part,
            lambda result: self._show_result(made, result),
            self._failed,
        )
        self._show_hands()

    def _show_result(self, tried: Limit, answer: Mapping[str, Any]) -> None:
        result = convert(answer, Backtest)
        self._tried = tried
        words = " ".join(trial.told(result, tried))
        self.said.show_text(words)
        self.picture.show_result(result, self._plant.plant.timezone, words)
        self.picture.setVisible(result.known_s > 0)
        self._show_hands()
        self.take.setFocus()

    def _failed(self, why: str) -> None:
        self.said.show_text(why)
        self._show_hands()

    def _take(self) -> None:
        limit, tried = self.current, self._tried
        if limit is not None and tried is not None:
            self.taken.emit(self._row, trial.taken(limit, tried))
