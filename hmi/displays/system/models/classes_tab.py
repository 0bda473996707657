"""The classes of assets of the plant: how many failures are on record to learn from, and training of one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.types import ClassHistory
from hmi.displays.system.models import state as models
from hmi.displays.system.models.state import Known
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.table import TextTable
from hmi.widgets.trend_head import head_button

NONE = "No class of assets is known yet: tags.csv names the assets, types say what class each is of."


class ClassesTab(QWidget):
    """``trained`` = the class that a model is to be made for."""

    trained = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._known: Known | None = None
        self._why, self._is_busy = "", False
        self.said = Words(theme, "", "body", "muted")
        self.said.setWordWrap(True)
        self.train = head_button(t("Train…"), t("Make a model for the chosen class from this plant"), self)
        self.table = TextTable(
            theme, models.CLASSES, (3, 0, 0, 5), self, least_rows=4, widest={1: "9999", 2: "30 of 30"}
        )
        self.table.setAccessibleName(t("Classes of assets"))
        head = QHBoxLayout()
        head.addWidget(self.said, 1)
        head.addWidget(self.train)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(head)
        box.addWidget(self.table, 1)
        box.addStretch(0)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._offer())
        self.train.clicked.connect(lambda: self.chosen and self.trained.emit(self.chosen.asset_class))
        self.setFocusProxy(self.table)

    @property
    def chosen(self) -> ClassHistory | None:
        """The selected class."""
        rows = self.table.selectionModel().selectedRows()
        name = self.table.texts.rows[rows[0].row()][0] if rows else ""
        return models.class_of(self._known, name)

    def show_known(self, known: Known, why_not: str, is_busy: bool) -> None:
        """Bring it up to date; ``why_not`` = why nothing can be done, ``is_busy`` = a training runs."""
        self._known, self._why, self._is_busy = known, why_not, is_busy
        self.table.show_rows(models.class_rows(known))
        self.table.setVisible(bool(known.classes))
        if known.classes and self.chosen is None:
            self.table.selectRow(0)
        self._offer()

    def _offer(self) -> None:
        chosen, known = self.chosen, self._known
        why = t(NONE) if chosen is None or known is None else models.untrained(chosen, known.can_train)
        if not why and chosen is not None:
            why = t("{name}: enough failures are on record to make a model.", name=chosen.asset_class)
            self.train.setEnabled(not self._why and not self._is_busy)
        else:
            self.train.setEnabled(False)
        self.said.show_text(why)
