"""What stands in a journal without a row: what is true, which part of the filter hides, and the way out."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from hmi import formats
from hmi.displays.alarms.journal import state as journal
from hmi.displays.alarms.journal.reader import Reader
from hmi.displays.alarms.journal.state import Part
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.labels import Words

MOST_BUTTONS = 4


class JournalNote(QWidget):
    """``again`` = ask once more; ``left_out`` = a part of the filter is to let all through."""

    again = Signal()
    left_out = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.said = Words(theme, step="body", look="muted")
        self.said.setWordWrap(True)
        self.said.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._shown: tuple[tuple[str, str], ...] = ()
        self._hands = QHBoxLayout()
        self._hands.setSpacing(8)
        box = QVBoxLayout(self)
        box.setContentsMargins(40, 0, 40, 0)
        box.setSpacing(14)
        box.addStretch(2)
        box.addWidget(self.said)
        box.addLayout(self._hands)
        box.addStretch(3)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self.said.set_theme(theme)

    def show_state(
        self, reader: Reader, model: Model, now_us: int, is_stalled: bool, past_us: int | None
    ) -> None:
        """What is true now, and what helps."""
        text, hands = state(reader, model, now_us, is_stalled, past_us)
        self.said.show_text(text)
        if hands == self._shown:
            return
        self._shown = hands
        while (item := self._hands.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        self._hands.addStretch(1)
        for part, word in hands:
            button = QPushButton(word.replace("&", "&&"), self)
            button.setAccessibleName(word)
            button.clicked.connect(partial(self.left_out.emit, part) if part else self.again.emit)
            self._hands.addWidget(button)
        self._hands.addStretch(1)

    @property
    def buttons(self) -> list[QPushButton]:
        """What helps, from the left."""
        items = (self._hands.itemAt(at) for at in range(self._hands.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [each for each in widgets if isinstance(each, QPushButton)]


def state(
    reader: Reader, model: Model, now_us: int, is_stalled: bool, past_us: int | None
) -> tuple[str, tuple[tuple[Part | str, str], ...]]:
    """The words, and what helps: (a part of the filter, or "" = ask again; the word of its button)."""
    if is_stalled:
        return t(
            "The engine is silent: what the journal holds is not known. It is asked by itself later."
        ), ()
    if reader.trouble:
        return t("The journal could not be read: {why}", why=reader.trouble), (("", t("Try again")),)
    if not reader.is_known or reader.is_busy:
        return t("Reading the journal…"), ()
    wanted = reader.wanted
    span = journal.span_words(wanted, model, past_us if past_us is not None else now_us)
    if not journal.parts(wanted):
        longer: tuple[tuple[str, str], ...] = ()
        if wanted.span not in ("30d", "own"):
            longer = (("span", t("Last 30 days")),)
        return t("Nothing happened to an alarm: {span}.", span=span), longer
    locale = model.plant.locale
    lines = [t("Nothing fits: {words}.", words=journal.in_words(wanted, model, now_us))]
    hands: list[tuple[str, str]] = []
    for part, count in reader.hides.items():
        name = journal.part_words(wanted, part, model, now_us)
        many = journal.count_words(count, 0, locale)
        lines.append(t("Without {part}: {many}.", part=name, many=many))
        hands.append((part, t("Leave out {part}", part=_short(name))))
    if not reader.hides and len(journal.parts(wanted)) > 1:
        lines.append(t("No single part of the filter hides it; clear more than one."))
    return "\n".join(lines), tuple(hands[:MOST_BUTTONS])


def _short(text: str) -> str:
    text = formats.one_line(text)
    return text if len(text) <= 30 else f"{text[:29]}…"
