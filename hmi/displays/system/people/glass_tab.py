"""Sealed codes for an emergency: one for each area, made here, and reviewed here after it was used."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from hmi.displays.system.people import state as people
from hmi.displays.system.people.state import Staff
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.table import TextTable


class GlassTab(QWidget):
    """``made`` and ``reviewed`` carry the area."""

    made = Signal(str)
    reviewed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._staff, self._why = Staff(), ""
        told = Words(
            theme,
            t(
                "A code opens its area once, for a while, when nobody with the right is there. Print it, "
                "seal it, keep it where shift leads find it. Whoever uses it says who and why; another "
                "person reviews it."
            ),
            "small",
            "muted",
        )
        told.setWordWrap(True)
        self.make = QPushButton(t("Make a code…"), self)
        self.make.setToolTip(t("A new code for the chosen area; an older one that was not used is void"))
        self.review = QPushButton(t("Review…"), self)
        self.review.setToolTip(t("Say what was found about the last use of the code"))
        for button in (self.make, self.review):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        titles = (t("Area"), t("Code"), t("What became of it"))
        self.table = TextTable(
            theme, titles, (3, 0, 6), self, widest={1: "USED, NOT REVIEWED"}, least_rows=3, middle=(0,)
        )
        self.table.setAccessibleName(t("Break-glass codes"))
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(told, 1)
        row.addWidget(self.review)
        row.addWidget(self.make)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(row)
        box.addWidget(self.table, 1)
        self.make.clicked.connect(lambda: self.made.emit(self.chosen or ""))
        self.review.clicked.connect(lambda: self.reviewed.emit(self.chosen or ""))
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._offer())
        self.setFocusProxy(self.table)

    @property
    def chosen(self) -> str | None:
        """The area of the selected row, None = no row."""
        rows = self.table.selectionModel().selectedRows()
        return people.area_of(self._staff, self.table.texts.rows[rows[0].row()][0]) if rows else None

    def show_staff(self, staff: Staff, now: tuple[int, str], why_not: Callable[[str], str]) -> None:
        """Bring it up to date; ``now`` = the time and the zone, ``why_not`` = why one may not, by right."""
        self._staff, self._why = staff, why_not("people")
        self._may_review = not self._why or not why_not("approve")
        self.table.show_rows(people.glass_rows(staff, *now))
        self._offer()

    _may_review = False

    def _offer(self) -> None:
        area = self.chosen
        waits = area is not None and people.to_review(self._staff, area) is not None
        self.make.setEnabled(not self._why and area is not None and not waits)
        self.review.setEnabled(self._may_review and waits)
