"""Notes on a trend: a flag on the axis of time for each, its words on tap, and a sheet to write one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QPushButton, QWidget

from engine.types import Annotation
from hmi.displays.trends import notes_state as notes
from hmi.formats import t, tip
from hmi.theme import Theme, colour, font
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words, rule
from hmi.widgets.sheet import Sheet
from hmi.widgets.tap import Tap
from hmi.widgets.trend_head import head_button
from hmi.widgets.trend_plot import TrendPlot
from hmi.widgets.trend_scene import Scene

FLAG_PX, POLE_PX, CARD_PX, SHEET_PX = 20, 38, 380, 620
BAR_PX, BAR_ALPHA = 5, 170


class NoteFlag(Tap):
    """One flag; with a number where several notes share it."""

    def __init__(self, theme: Theme, plot: QWidget, opened: Callable[[NoteFlag], None]) -> None:
        super().__init__(theme, "", lambda _: opened(self), plot)
        self.notes: tuple[Annotation, ...] = ()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.resize(theme.size.target, theme.size.target)

    def show_notes(self, found: tuple[Annotation, ...]) -> None:
        """These notes."""
        if found != self.notes:
            self.notes = found
            words = "\n".join(each.text for each in found)
            self.setToolTip(tip(words))
            self.setAccessibleName(t("Note: {words}", words=words))
            self.update()

    def paint(self, painter: QPainter) -> None:
        tokens, x, base = self.theme.colour, self.width() / 2, self.height() - 1.0
        top = base - POLE_PX + 1
        painter.setPen(QPen(colour(tokens.text), 1.6))
        painter.drawLine(QPointF(x, base), QPointF(x, top))
        flag = [
            (x, top),
            (x + FLAG_PX, top),
            (x + FLAG_PX - 5, top + 8),
            (x + FLAG_PX, top + 16),
            (x, top + 16),
        ]
        painter.setBrush(colour(tokens.control))
        painter.drawPolygon(QPolygonF([QPointF(*each) for each in flag]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = QRectF(x, top, FLAG_PX - 4, 16)
        if len(self.notes) > 1:
            painter.setFont(font(self.theme, self.theme.size.small, True))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(len(self.notes)))
        else:
            painter.setPen(QPen(colour(tokens.muted), 1.4))
            for y in (5.5, 10.5):
                painter.drawLine(QPointF(x + 4, top + y), QPointF(x + FLAG_PX - 7, top + y))


class NoteCard(QFrame):
    """The words of the notes of one flag, each with a button to remove it."""

    removed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._over = theme, parent
        self.setProperty("look", "drawer")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 10, 10, 12)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(5)
        self.buttons: list[QPushButton] = []
        self._lines: list[Words] = []
        self.notes: tuple[Annotation, ...] = ()
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self._theme = theme
        self.hide()

    def show_notes(self, found: Sequence[Annotation], now_us: int, zone: str, spot: QPointF) -> None:
        """Over the flag whose foot is there."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.notes, self.buttons, self._lines = tuple(found), [], []
        for place, note in enumerate(found):
            words = Words(self._theme, note.text, "body", parent=self)
            about = Words(self._theme, notes.told(note, now_us, zone), "small", look="muted", parent=self)
            for each in (words, about):
                each.setWordWrap(True)
                # Its type is that of the style sheet only then, and so is its height.
                each.ensurePolished()
                self._lines.append(each)
            remove = head_button(t("Remove"), t("Take this note away for everybody"), self)
            remove.clicked.connect(lambda _=False, at=note.note_id: self.removed.emit(at))
            self.buttons.append(remove)
            self._grid.addWidget(words, 3 * place, 0)
            self._grid.addWidget(about, 3 * place + 1, 0)
            self._grid.addWidget(remove, 3 * place, 1, 2, 1, Qt.AlignmentFlag.AlignTop)
            if note is not found[-1]:
                self._grid.addWidget(rule(self), 3 * place + 2, 0, 1, 3)
        close = head_button("×", t("Close the note"), self, is_narrow=True)
        close.clicked.connect(self.hide)
        self._grid.addWidget(close, 0, 2, 2, 1, Qt.AlignmentFlag.AlignTop)
        self._grid.setColumnStretch(0, 1)
        room = self._over.rect()
        width = min(CARD_PX + 60, room.width() - 12)
        margins, beside = self._grid.contentsMargins(), self._grid.horizontalSpacing()
        taken = sum(each.sizeHint().width() + beside for each in (self.buttons[0], close))
        room_px = width - margins.left() - margins.right() - taken
        for each in self._lines:
            each.setMinimumHeight(each.heightForWidth(room_px))
        self._grid.activate()
        high = self._grid.minimumSize().height()
        left = min(max(6, round(spot.x() - width / 2)), room.width() - width - 6)
        top = max(4, round(spot.y()) - POLE_PX - 10 - high)
        self.setGeometry(left, top, width, min(high, room.height() - 8))
        self.show()
        self.raise_()
        close.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)


class NotesLayer:
    """Flags on one plot, kept where their times are."""

    def __init__(self, theme: Theme, plot: TrendPlot, removed: Callable[[int], None]) -> None:
        self._theme, self._plot = theme, plot
        self.flags: list[NoteFlag] = []
        self.notes: tuple[Annotation, ...] = ()
        self._zone = "UTC"
        self.card = NoteCard(theme, plot)
        self.card.removed.connect(removed)
        plot.under.append(self._paint_bars)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.card.set_theme(theme)
        for flag in self.flags:
            flag.set_theme(theme)

    def show_notes(self, found: Sequence[Annotation], zone: str) -> None:
        """These notes, for the window on show."""
        self._zone = zone
        if tuple(found) != self.notes:
            self.notes = tuple(found)
            self._plot.update()
        known = {note.note_id for note in found}
        if self.card.isVisible() and not {note.note_id for note in self.card.notes} <= known:
            self.card.hide()
        self._place()

    def _place(self) -> None:
        span, plot = self._plot.shown, self._plot.plot_rect()
        if span is None or not self._plot.pens:
            groups = []
        else:
            scale = plot.width() / (span.end_us - span.start_us)
            groups = notes.grouped(
                # A note that began before the window has its flag where the window begins.
                self.notes,
                lambda time_us: plot.left() + max(0, time_us - span.start_us) * scale,
                self._theme.size.target,
            )
        while len(self.flags) < len(groups):
            self.flags.append(NoteFlag(self._theme, self._plot, self._open))
        for flag, (x, found) in zip(self.flags, groups, strict=False):
            flag.show_notes(found)
            flag.move(round(x - flag.width() / 2), round(plot.bottom()) - flag.height() + 1)
            flag.setVisible(True)
        for flag in self.flags[len(groups) :]:
            flag.hide()

    def _open(self, flag: NoteFlag) -> None:
        spot = QPointF(flag.geometry().center().x(), flag.geometry().bottom())
        if self.card.isVisible() and self.card.notes == flag.notes:
            self.card.hide()
        else:
            self.card.show_notes(flag.notes, self._plot.now_us, self._zone, spot)

    def _paint_bars(self, painter: QPainter, scene: Scene) -> None:
        """How long a note reaches, on the axis."""
        for note in self.notes:
            left = max(scene.x(note.start_us), scene.plot.left())
            right = min(scene.x(note.end_us), scene.plot.right())
            if right > left:
                bar = QRectF(left, scene.plot.bottom() - BAR_PX, right - left, BAR_PX)
                painter.fillRect(bar, colour(scene.theme.colour.muted, BAR_ALPHA))


class NoteSheet(Sheet):
    """Asks for the words of a note."""

    written = Signal(str, bool)
    """Its words, and whether it is of the chosen pen alone."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Note"), SHEET_PX, parent)
        self.about = Words(theme, "", "small", look="muted")
        self.field = QLineEdit(self)
        self.field.setMaxLength(notes.LONGEST)
        self.field.setPlaceholderText(t("What happened here?"))
        self.field.setAccessibleName(t("Words of the note"))
        self.of = Choice(
            Words(theme, t("Stands at"), "body"),
            (
                ("all", t("All pens"), t("The note is of the whole plant")),
                ("pen", t("Pen"), t("Of this pen")),
            ),
            self,
        )
        self.said = Words(theme, "", "small")
        self.said.setWordWrap(True)
        self.save = QPushButton(t("Save note"), self)
        for part in (self.about, self.field, self.of, self.said):
            self.body.addWidget(part)
        self.foot.addWidget(self.save)
        self.field.textChanged.connect(lambda text: self.save.setEnabled(bool(text.strip())))
        self.field.returnPressed.connect(self.save.click)
        self.save.clicked.connect(self._write)

    def ask(self, about: str, author: str, pen: str) -> None:
        """Open for a stretch; ``pen`` = the name of the chosen one, "" = there is none."""
        self.about.show_text(t("{when} · by {author}", when=about, author=author))
        self.of.setVisible(bool(pen))
        self.of.buttons["pen"].setText(pen or t("Pen"))
        self.of.pick("all")
        self.field.clear()
        self.save.setEnabled(False)
        self.say("")
        self.open()
        self.field.setFocus()

    def say(self, words: str) -> None:
        """Why it was not kept; "" = nothing to say."""
        self.said.show_text(words)
        self.said.setVisible(bool(words))
        if words:
            self.save.setEnabled(True)
            self.place()

    def _write(self) -> None:
        if self.save.isEnabled():
            # A second tap must not write it twice.
            self.save.setEnabled(False)
            self.written.emit(self.field.text(), self.of.picked == "pen")
