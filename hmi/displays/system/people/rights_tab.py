"""Who may do what: the table of rights of one area, applied as one change after its differences were seen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from hmi.displays.system.people import rights_state
from hmi.displays.system.people.rights_grid import RightsGrid
from hmi.displays.system.people.rights_state import Draft
from hmi.displays.system.people.state import ROLES, Staff, where
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.buttons import told_button
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.menu import Line, PopupMenu


class RightsTab(QWidget):
    """``applied`` = put the draft in force, after a look at what it changes."""

    applied = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.draft = Draft({}, {}, {})
        self._areas: tuple[str, ...] = ()
        self._is_open = False
        self.area = QComboBox(self)
        self.area.setMinimumHeight(theme.size.target)
        self.area.setMinimumWidth(190)
        self.area.setAccessibleName(t("Rights in"))
        self.above = told_button(
            t("As above"), t("The rows of this area go: what holds above it holds here"), self
        )
        self.preset = told_button(t("Back to the preset…"), t("As it was delivered: one role, or all"), self)
        self.undo = told_button(t("Give up changes"), t("Back to what is in force"), self)
        self.apply = told_button(t("Apply…"), t("See what changes, then put it in force"), self)
        self.note = ShortWords(theme, step="small", look="muted")
        self.grid = RightsGrid(theme, self)
        self.legend = Words(
            theme,
            t("≠ differs from the preset. A shaded cell was changed here and is not in force yet."),
            "small",
            "muted",
        )
        self.legend.setWordWrap(True)
        self.menu = PopupMenu(self, t("Which preset"))
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.area)
        row.addWidget(self.note, 1)
        for button in (self.above, self.preset, self.undo, self.apply):
            row.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(row)
        box.addWidget(self.grid, 1)
        box.addWidget(self.legend)
        self._connect()
        self.setFocusProxy(self.grid)

    def _connect(self) -> None:
        self.area.activated.connect(lambda _: self._show())
        self.grid.turned.connect(self._turn)
        self.above.clicked.connect(lambda: self._take(rights_state.as_above(self.draft, self.chosen)))
        self.undo.clicked.connect(
            lambda: self._take(Draft(self.draft.base, self.draft.presets, dict(self.draft.base)))
        )
        self.preset.clicked.connect(self._ask_preset)
        self.apply.clicked.connect(self.applied)

    @property
    def chosen(self) -> str:
        """The area whose rights are on show; "" = the whole plant."""
        return str(self.area.currentData() or "")

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; words are told by the page."""
        self.grid.set_theme(theme)

    def begin(self, staff: Staff) -> None:
        """What is in force now; what was edited here and not applied goes."""
        self.draft = rights_state.begin(staff.rights, staff.presets)

    def show_staff(self, staff: Staff, why_not: str) -> None:
        """Bring it up to date; edits that are not applied stay."""
        self.draft = rights_state.based(self.draft, staff.rights, staff.presets)
        self._is_open, self._areas = not why_not, staff.areas
        self._show()

    def _turn(self, role: str, action: str) -> None:
        found = next(each for each in ROLES if each == role)
        self._take(rights_state.turned(self.draft, found, action, self.chosen))  # pyright: ignore[reportArgumentType]

    def _take(self, draft: Draft) -> None:
        self.draft = draft
        self._show()

    def _ask_preset(self) -> None:
        lines = [Line(t("All roles"), lambda: self._take(rights_state.to_preset(self.draft)))]
        for place, role in enumerate(ROLES):
            lines.append(
                Line(
                    t(role).capitalize(),
                    lambda role=role: self._take(rights_state.to_preset(self.draft, role)),
                    opens_group=place == 0,
                )
            )
        self.menu.open(lines, self.preset.mapToGlobal(QPoint(0, self.preset.height())))

    def _show(self) -> None:
        self._show_areas()
        area = self.chosen
        self.grid.rights.take(self.draft, area, self._is_open)
        lines = rights_state.changes(self.draft)
        count = t("1 row changes") if len(lines) == 1 else t("{n} rows change", n=len(lines))
        own = area in rights_state.own_areas(self.draft)
        inherited = (
            "" if own or not area else t("As above: the first change here gives this area its own row")
        )
        self.note.show_text(count if lines else inherited)
        self.above.setVisible(bool(area))
        self.above.setEnabled(self._is_open and own)
        self.preset.setEnabled(self._is_open)
        for button in (self.undo, self.apply):
            button.setEnabled(self._is_open and self.draft.is_changed)

    def _show_areas(self) -> None:
        own = set(rights_state.own_areas(self.draft))
        areas = ("", *dict.fromkeys((*self._areas, *sorted(own))))
        texts = [
            t("{area} (own rights)", area=each)
            if each in own
            else where(each).capitalize()
            if not each
            else each
            for each in areas
        ]
        if [self.area.itemText(at) for at in range(self.area.count())] == texts:
            return
        chosen = self.chosen
        self.area.clear()
        for text, each in zip(texts, areas, strict=True):
            self.area.addItem(text, each)
        self.area.setCurrentIndex(max(0, self.area.findData(chosen)))
