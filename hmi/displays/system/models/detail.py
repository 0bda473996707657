"""One version of a model whole: role, record here, drift, card."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.types import Drift, ModelState
from hmi import formats
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.models import card_words
from hmi.displays.system.models import state as models
from hmi.displays.system.models.drift_bars import DriftBars
from hmi.displays.system.models.state import Known
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words, panel
from hmi.widgets.table import TextTable


class ModelDetail(QScrollArea):
    """Scrolls; everything in it is text that can be selected or tables that can be copied."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = panel("list", self)
        self._box = QVBoxLayout(self._inside)
        self._box.setContentsMargins(0, 4, 8, 8)
        self._box.setSpacing(6)
        self.title = self._words("title", bold=True)
        self.role, self.limits = self._words(), self._words()
        self.record_said, self.drift_said = self._words(), self._words()
        self.record = TextTable(
            theme,
            models.RECORD,
            (3, 1, 0, 0, 0, 0, 0, 2),
            self,
            widest={1: "no case yet", 2: "999", 3: "999", 4: "999", 5: "99.99", 6: "999 h"},
            least_rows=6,
            is_sortable=False,
        )
        self.inputs = TextTable(
            theme,
            card_words.INPUTS,
            (2, 4, 0, 2, 0, 2),
            self,
            widest={2: "mm/s²", 4: "may be missing"},
            least_rows=12,
            is_sortable=False,
        )
        self.drift = DriftBars(theme, self)
        self.claims, self.data, self.tiers, self.metrics = (FactGrid(theme, self) for _ in range(4))
        self._box.addWidget(self.title)
        self._box.addWidget(self.role)
        self._part(t("How it did here"), self.record_said, self.record)
        self._part(t("Must not be trusted where"), self.limits)
        self._part(t("Drift: its inputs of the last 7 days against training"), self.drift_said, self.drift)
        self._part(t("What it says"), self.claims)
        self._warns = self._part(
            t("When it warns, and what was seen there on data not trained on"), self.tiers
        )
        self._part(t("What it was trained on"), self.data)
        self._part(t("Inputs"), self.inputs)
        self._part(t("Measured by its author"), self.metrics)
        self._box.addStretch(1)
        self.setWidget(self._inside)
        self.setAccessibleName(t("The chosen model"))

    def _words(self, step: str = "body", bold: bool = False) -> Words:
        made = Words(self._theme, "", "title" if step == "title" else "body", bold=bold, parent=self._inside)
        made.setWordWrap(True)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return made

    def _part(self, title: str, *parts: QWidget) -> Words:
        self._box.addSpacing(8)
        heading = Words(self._theme, title, "body", bold=True, parent=self._inside)
        for part in (heading, *parts):
            self._box.addWidget(part)
        return heading

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; words, grids and tables are told by the view."""
        self._theme = theme
        self.drift.set_theme(theme)

    def show_model(self, model: ModelState, known: Known, now_us: int, zone: str, locale: str) -> None:
        """Bring it up to date."""
        card = model.card
        self.title.show_text(f"{card.title} · {card.version}")
        self.role.show_text(models.role_words(model, now_us, zone))
        self.record_said.show_text(models.record_words(model))
        self._fill(self.record, models.record(known, model, locale))
        self.limits.show_text(card_words.limits(card))
        self._show_drift(model.drift, locale)
        self.claims.show_facts(card_words.claims(model, locale))
        tiers = card_words.tiers(card, locale)
        self.tiers.show_facts(tiers)
        for part in (self._warns, self.tiers):
            part.setVisible(bool(tiers))  # an estimate of a life warns nobody
        self.data.show_facts(card_words.data(card))
        self._fill(self.inputs, card_words.input_rows(card, locale))
        self.metrics.show_facts(card_words.metrics(card, locale))

    def _fill(self, table: TextTable, rows: tuple[tuple[str, ...], ...]) -> None:
        table.show_rows(rows)
        table.setVisible(bool(rows))
        table.setFixedHeight(table.sizeHint().height())

    def _show_drift(self, drift: Drift | None, locale: str) -> None:
        self.drift.setVisible(drift is not None and bool(drift.psi))
        if drift is None:
            self.drift_said.show_text(t("Not known yet: it takes some days of its inputs."))
            return
        self.drift.show_psi(drift.psi, locale)
        outside = formats.quantity(100 * drift.outside, 1, "%", locale)
        words = t("{share} of the values are outside the range it was trained on.", share=outside)
        told = formats.sentence(drift.text) or t("Its inputs are as they were in training.")
        if drift.mean_p is not None and drift.rate is not None:
            told += " " + t(
                "It said {said} on average, and it came true in {came}.",
                said=formats.quantity(100 * drift.mean_p, 1, "%", locale),
                came=formats.quantity(100 * drift.rate, 1, "%", locale),
            )
        self.drift_said.show_text(f"{told} {words}")
