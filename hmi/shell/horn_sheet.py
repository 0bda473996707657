"""The horn's sheet: how it does, how loud it is, and its test: each sound in turn, heard or not."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from hmi.formats import sentence, t
from hmi.horn import shown as words
from hmi.horn.sounds import PATTERNS
from hmi.shell.horn import VOLUMES, StationHorn
from hmi.theme import Theme
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words, rule
from hmi.widgets.sheet import Sheet

SHEET_PX, BADGE_PX = 660, 22


class Mark(QWidget):
    """The shape of a priority."""

    def __init__(self, theme: Theme, priority: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self._priority = theme, priority
        self.setFixedSize(BADGE_PX, BADGE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_alarm_badge(painter, self.rect().toRectF(), self._priority, self.theme)


class Line(QWidget):
    """One priority: its sound, and whether it was heard. ``answered`` when a person says so."""

    answered = Signal(int, bool)

    def __init__(self, theme: Theme, priority: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.priority = priority
        self.heard: bool | None = None
        self._name = Words(theme, t("Priority {n}", n=priority), "body")
        self.again = QPushButton(t("Play"), self)
        self.yes, self.no = QPushButton(t("Heard"), self), QPushButton(t("Not heard"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        self.mark = Mark(theme, priority, self)
        row.addWidget(self.mark)
        row.addWidget(self._name, 1)
        for button in (self.again, self.yes, self.no):
            row.addWidget(button)
            button.setAccessibleName(t("Priority {n}: {word}", n=priority, word=button.text()))
        for button, heard in ((self.yes, True), (self.no, False)):
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, heard=heard: self._answer(heard))
        self.again.ensurePolished()
        self.setMinimumHeight(self.again.sizeHint().height())
        self.show_turn(False, False)

    def _answer(self, heard: bool) -> None:
        self.heard = heard
        self.yes.setChecked(heard)
        self.no.setChecked(not heard)
        self.answered.emit(self.priority, heard)

    def show_turn(self, is_played: bool, is_turn: bool) -> None:
        """Whether its sound was played, so that it can be judged; and whether it is its turn now."""
        self._name.set_bold(is_turn)
        for button in (self.again, self.yes, self.no):
            button.setEnabled(is_played)


class HornSheet(Sheet):
    """Lives while it is open. ``volume`` = another one was chosen, in %."""

    volume = Signal(int)

    def __init__(self, theme: Theme, horn: StationHorn, parent: QWidget) -> None:
        super().__init__(theme, t("Horn"), SHEET_PX, parent)
        self._horn, self._turn = horn, 0
        self.cancel.setText(t("Close"))
        self.said = Words(theme, step="body")
        self.said.setWordWrap(True)
        options = [(str(n), t("{n} %", n=n), t("Volume {n} %", n=n)) for n in VOLUMES]
        self.loudness = Choice(Words(theme, t("Volume"), "body"), options, self)
        self.loudness.chosen.connect(lambda key: self.volume.emit(int(key)))
        self.asked = Words(theme, step="body")
        self.asked.setWordWrap(True)
        self.lines = {priority: Line(theme, priority, self) for priority in sorted(PATTERNS)}
        self.begin = QPushButton(t("Test the horn"), self)
        self.begin.clicked.connect(self._begin)
        self.foot.addWidget(self.begin)
        self._lay_out()
        for line in self.lines.values():
            line.again.clicked.connect(lambda _=False, n=line.priority: self._play(n))
            line.answered.connect(self._answered)
        horn.changed.connect(self._show)
        self.left.connect(self._leave)
        self._show()

    def _lay_out(self) -> None:
        tests = QVBoxLayout()
        tests.setSpacing(6)
        for line in self.lines.values():
            tests.addWidget(line)
        for part in (self.said, self.loudness, rule(self), self.asked):
            self.body.addWidget(part)
        self.body.addLayout(tests)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        super().set_theme(theme)
        for line in self.lines.values():
            line.mark.theme = theme

    def open(self) -> None:
        """Show it, ready for a test."""
        super().open()
        self.begin.setFocus()

    @property
    def is_testing(self) -> bool:
        """A sound waits to be judged."""
        return self._turn > 0

    def _show(self) -> None:
        shown, model = self._horn.shown, self._horn.model
        self.said.show_text("\n".join(words.lines(shown, model, self._horn.now_us())))
        self.loudness.setEnabled(shown.is_configured)
        nearest = min(VOLUMES, key=lambda each: abs(each - shown.volume))
        self.loudness.pick(str(nearest))
        if not self.is_testing:
            self.begin.setEnabled(shown.is_configured and not shown.loud)
            if shown.loud:
                self.asked.show_text(t("Silence the alarms first (F2); then the horn can be tested."))
            elif not self._is_answered:
                self.asked.show_text(
                    t("The test plays the sound of each priority in turn and asks whether you heard it.")
                )
        if self.isVisible():
            self.place()

    @property
    def _is_answered(self) -> bool:
        return all(line.heard is not None for line in self.lines.values())

    def _begin(self) -> None:
        for line in self.lines.values():
            line.heard = None
            for button in (line.yes, line.no):
                button.setChecked(False)
        self._go_to(next(iter(self.lines)))

    def _go_to(self, priority: int) -> None:
        self._turn = priority
        for line in self.lines.values():
            is_turn = line.priority == priority
            line.show_turn(is_turn or line.heard is not None, is_turn)
        self.begin.setEnabled(False)
        self.asked.show_text(t("Did you hear the sound of priority {n}?", n=priority))
        self.lines[priority].yes.setFocus()
        self._play(priority)

    def _play(self, priority: int) -> None:
        self._horn.play(priority)

    def _answered(self, priority: int, heard: bool) -> None:
        following = [n for n, line in self.lines.items() if line.heard is None]
        if following:
            self._go_to(following[0])
            return
        self._turn = 0
        self._horn.still()
        for line in self.lines.values():
            line.show_turn(False, False)
        found = {n: bool(line.heard) for n, line in self.lines.items()}
        self.asked.show_text(t("Putting it on record…"))
        self._horn.tested(found, lambda why: self._recorded(found, why))

    def _recorded(self, found: dict[int, bool], why: str) -> None:
        unheard = ", ".join(str(n) for n, heard in found.items() if not heard)
        if why:
            self.asked.show_text(t("Not on record: {why}", why=sentence(why)))
        elif unheard:
            self.asked.show_text(t("On record. Priority {n} was not heard: that is an alarm now.", n=unheard))
        else:
            self.asked.show_text(t("On record: all sounds were heard."))
        self._show()
        self.begin.setFocus()

    def _leave(self) -> None:
        self._horn.still()
        self._horn.changed.disconnect(self._show)
        self.shade.deleteLater()
        self.deleteLater()
