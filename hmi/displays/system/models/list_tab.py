"""All versions: a table, what can be done with one of them, and that one whole."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import ModelState
from hmi.displays.system.models import state as models
from hmi.displays.system.models.detail import ModelDetail
from hmi.displays.system.models.state import Known
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.menu import Line, PopupMenu
from hmi.widgets.progress import Progress
from hmi.widgets.table import TextTable
from hmi.widgets.trend_head import head_button

MOST_ROWS = 5
ACTS = (
    ("import", "Import…", "A package: a folder with model.onnx and card.json"),
    ("promote", "Promote…", "Make the chosen challenger or shadow the champion"),
    ("shadow", "Into shadow…", "The chosen one runs on and warns nobody"),
    ("retire", "Retire…", "The chosen one does not run any more"),
    ("rollback", "Roll back…", "Back to the champion before the last promotion"),
    ("baseline", "Baseline…", "What an asset is held against: the model's own normal, or its own last days"),
    ("retrain", "Retrain", "Make a challenger from this plant's own history"),
)
BASELINES = {
    "baseline": "the model's own normal",
    "follow 14d": "its own normal of 14 days",
    "follow 72h": "its own normal of 72 h",
}
NONE = (
    "No model yet.\n"
    "Until there is one, limits and what was marked as normal watch the assets. To have an asset watched "
    "against its normal: Trends, Select a stretch in which all was well, Mark as normal…\n"
    "Import… takes a package, a folder with model.onnx and card.json, tries it and tells what it would do. A "
    "new version runs in shadow first; a named engineer promotes it. F1, Models that predict failures, "
    "tells how a package is made and what is checked."
)


class ListTab(QWidget):
    """``acted`` = an act of `ACTS`, its version's key and an asset; the last two may be "".

    "baseline" holds an asset against the model's own normal, "follow 14d" and "follow 72h" against its own
    of so long.
    """

    acted = Signal(str, str, str)
    stopped = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._known: Known | None = None
        self._place = (0, "UTC", "en")
        self._why = ""
        self.table = TextTable(
            theme,
            models.TITLES,
            (4, 5, 0, 3, 0),
            self,
            least_rows=MOST_ROWS,
            widest={2: "challenger", 4: "Mon 23 Nov 00:00:00"},
        )
        self.table.setAccessibleName(t("Models"))
        self.none = Words(theme, t(NONE), "body", "muted")
        self.none.setWordWrap(True)
        self.detail = ModelDetail(theme, self)
        self.progress = Progress(theme, self)
        self.stop = head_button(t("Cancel"), t("Stop the training"), self)
        self.buttons: dict[str, QPushButton] = {}
        self._menu = PopupMenu(self, t("Baseline of which asset"))
        self._lay_out()
        self.show_work(None)
        self.stop.clicked.connect(self.stopped)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show())
        self.setFocusProxy(self.table)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        for act, word, told in ACTS:
            button = head_button(t(word), t(told), self)
            button.clicked.connect(lambda _=False, act=act: self._act(act))
            self.buttons[act] = button
            row.addWidget(button)
        row.addStretch(1)
        work = QHBoxLayout()
        work.addWidget(self.progress)
        work.addWidget(self.stop)
        work.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(row)
        box.addLayout(work)
        box.addWidget(self.table)
        box.addWidget(self.none)
        box.addWidget(self.detail, 1)
        box.addStretch(0)

    @property
    def chosen(self) -> ModelState | None:
        """The selected version."""
        rows = self.table.selectionModel().selectedRows()
        return models.model_of(self._known, self.table.texts.rows[rows[0].row()][0]) if rows else None

    def show_known(self, known: Known, place: tuple[int, str, str], why_not: str) -> None:
        """Bring it up to date; ``place`` = now, time zone, locale; ``why_not`` = why nothing can be done."""
        self._known, self._place, self._why = known, place, why_not
        self.table.show_rows(models.rows(known, *place[:2]))
        if known.models and self.chosen is None:
            self.table.selectRow(0)
        for part in (self.table, self.detail):
            part.setVisible(bool(known.models))
        self.none.setVisible(not known.models)
        self.table.setFixedHeight(self.table.minimumHeight())
        self._show()

    def show_work(self, part: float | None) -> None:
        """How far a training is; None = there is none."""
        for each in (self.progress, self.stop):
            each.setVisible(part is not None)
        self.progress.show_part(part or 0.0)
        self._offer()

    @property
    def is_busy(self) -> bool:
        """A training runs."""
        return self.stop.isVisibleTo(self)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; words and tables are told by the view."""
        self.detail.set_theme(theme)
        self.progress.set_theme(theme)

    def _show(self) -> None:
        self._offer()
        model = self.chosen
        if model is not None and self._known is not None:
            self.detail.show_model(model, self._known, *self._place)

    def _offer(self) -> None:
        model = self.chosen
        role = "" if model is None else model.role
        can = {
            "import": True,
            "promote": role in ("challenger", "shadow"),
            "shadow": role in ("champion", "challenger", "retired"),
            "retire": role in ("champion", "challenger", "shadow"),
            "rollback": role != "",
            "baseline": model is not None and bool(model.assets),
            "retrain": model is not None and self._known is not None and self._known.can_train,
        }
        for act, button in self.buttons.items():
            button.setEnabled(can[act] and not self._why and not (act == "retrain" and self.is_busy))

    def _act(self, act: str) -> None:
        model = self.chosen
        name = "" if model is None else models.key(model)
        if act != "baseline" or model is None:
            self.acted.emit(act, name, "")
            return
        lines = [
            Line(f"{each} \u2013 {t(word)}", partial(self.acted.emit, way, name, each))
            for each in model.assets
            for way, word in BASELINES.items()
        ]
        button = self.buttons[act]
        self._menu.open(lines, button.mapToGlobal(QPoint(0, button.height())))
