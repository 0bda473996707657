"""The page on which the list of alarms is thought over, changed, tried on the past and applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from hmi.displays.alarms.page import Subject
from hmi.displays.alarms.rationalise import draft, state, trial
from hmi.displays.alarms.rationalise.applying import Applying
from hmi.displays.alarms.rationalise.bar import RationaliseBar
from hmi.displays.alarms.rationalise.hands import Hands
from hmi.displays.alarms.rationalise.lists import FindingsList, RecordList
from hmi.displays.alarms.rationalise.sheets import ChangesSheet, ColumnsSheet, SetSheet
from hmi.displays.alarms.rationalise.table import RationaliseTable
from hmi.displays.alarms.rationalise.tuner import Tuner
from hmi.displays.alarms.rationalise.work import Work
from hmi.displays.display import Go
from hmi.displays.feed import Feed
from hmi.formats import t, tip
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words, panel

SIDE_PX, NARROW_SIDE_PX, WIDE_FROM_PX = 430, 350, 1400
NEWS_MS = 12_000


class RationalisePage(QFrame):
    """See `hmi.displays.alarms.page.Page`."""

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._theme, self._feed = theme, feed
        self._plant = Model()
        self._is_stalled, self._past_us = False, None
        self._by: tuple[str, bool] | None = None
        self._sought: tuple[str, str, str] | None = None
        self._known: list[int] = []
        self._words = ""
        self.work = Work(feed, self)
        self.bar = RationaliseBar(theme, self)
        self.table = RationaliseTable(theme, self)
        self.news = Words(theme, step="body", bold=True)
        self.news.setWordWrap(True)
        self.merge = QPushButton(t("Merge…"), self)
        self.give_way = QPushButton(t("Take theirs"), self)
        self.findings = FindingsList(theme, self)
        self.tuner = Tuner(theme, feed, go, self)
        self.record = RecordList(theme, self.work.asking, self)
        self.sides = Choice(
            None,
            [
                ("findings", t("To look at"), t("What rationalisation should look at")),
                ("tuner", t("Try"), t("Other numbers tried on the past")),
                ("record", t("Record"), t("Earlier changes of the list")),
            ],
            self,
        )
        self.stack = QStackedWidget(self)
        for part in (self.findings, self.tuner, self.record):
            self.stack.addWidget(part)
        self.changes = ChangesSheet(theme, self)
        self.columns = ColumnsSheet(theme, self)
        self.setting = SetSheet(theme, self)
        self.hands = Hands(self.work, self.table, self.setting)
        self.applying = Applying(self.work, self.changes, self, self, feed.now_us)
        self.table.cells.groups = self.hands.groups
        self._lay_out()
        self._connect()
        self.say("")
        self._show_hands()
        self.setFocusProxy(self.table)

    def _lay_out(self) -> None:
        self._side = panel("panel", self)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(10, 8, 8, 8)
        side.setSpacing(8)
        side.addWidget(self.sides)
        side.addWidget(self.stack, 1)
        self._notice = QWidget(self)
        notice = QHBoxLayout(self._notice)
        notice.setContentsMargins(0, 0, 0, 0)
        notice.setSpacing(8)
        notice.addWidget(self.news, 1)
        for button in (self.merge, self.give_way):
            notice.addWidget(button)
        body = QHBoxLayout()
        body.setSpacing(10)
        body.addWidget(self.table, 1)
        body.addWidget(self._side)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 8, 10, 10)
        box.setSpacing(8)
        box.addWidget(self.bar)
        box.addWidget(self._notice)
        box.addLayout(body, 1)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(NEWS_MS)
        self._quiet.timeout.connect(lambda: self.say(""))

    def _connect(self) -> None:
        self._acts: dict[str, Callable[[], None]] = {
            "add": self.hands.add,
            "remove": self.hands.remove,
            "set": self.hands.ask_set,
            "fill": self.hands.fill,
            "copy": self.table.copy,
            "paste": self.table.paste,
            "undo": self.work.stack.undo,
            "redo": self.work.stack.redo,
            "columns": lambda: self.columns.ask(self.table.shown_columns()),
            "import": self.applying.ask_import,
            "export": self.applying.ask_export,
            "discard": self.work.discard,
            "apply": self.applying.try_out,
        }
        self.bar.wished.connect(self._refilter)
        self.bar.acted.connect(self._act)
        self.table.sorted.connect(self._sort)
        self.table.moved.connect(self._moved)
        self.findings.opened.connect(self.open_row)
        self.tuner.taken.connect(self._take_over)
        self.sides.chosen.connect(self._turn)
        self.work.loaded.connect(self._refilter)
        self.work.changed.connect(self._changed)
        self.work.judged.connect(self._judged)
        self.work.stack.indexChanged.connect(self._indexed)
        self.work.news.connect(self.say)
        self.work.met.connect(self._show_hands)
        self.merge.clicked.connect(self.applying.ask_merge)
        self.give_way.clicked.connect(self.applying.give_way)
        self.columns.chosen.connect(self.table.show_columns)
        for sheet in (self.changes, self.columns, self.setting):
            sheet.left.connect(lambda: self.table.setFocus())
        for keys, act in (
            (QKeySequence(QKeySequence.StandardKey.Undo), "undo"),
            (QKeySequence(QKeySequence.StandardKey.Redo), "redo"),
            (QKeySequence("Ctrl+D"), "fill"),
            (QKeySequence("Ins"), "add"),
        ):
            made = QShortcut(keys, self)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(lambda act=act: self._act(act))
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.bar.filter.setFocus)

    # What the view says

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same configured anew: the list may be another, too."""
        self._plant = model
        self.bar.set_plant(model)
        self.table.rows.set_plant(model)
        self.tuner.set_plant(model)
        self.record.set_plant(model)
        self.applying.zone = model.plant.timezone
        self.work.ask()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for words in self.findChildren(Words):
            words.set_theme(theme)
        for part in (self.bar, self.table, self.findings, self.tuner, self.record):
            part.set_theme(theme)
        for sheet in (self.changes, self.columns, self.setting):
            sheet.set_theme(theme)

    def set_stalled(self, stalled: bool) -> None:
        """True: the engine does not answer, so nothing can be tried or applied."""
        self._is_stalled = stalled
        self.table.setProperty("look", "old" if stalled else "")
        self.table.style().unpolish(self.table)
        self.table.style().polish(self.table)
        self.table.set_theme(self._theme)
        self._wake()

    def set_past(self, at_us: int | None) -> None:
        """The instant of a replay: nothing can be changed then. None = live."""
        self._past_us = at_us
        self._wake()

    def show_path(self, path: str) -> None:
        """Narrow to what is at and below an asset or a tag; "" = everything."""
        self.bar.show_under(path)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._wake()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.tuner.drop()
        self._wake()

    def _wake(self) -> None:
        self.work.set_asleep(self._is_stalled or not self.isVisible())
        self._show_hands()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._side.setFixedWidth(SIDE_PX if self.width() >= WIDE_FROM_PX else NARROW_SIDE_PX)

    # What is shown

    @property
    def why_not(self) -> str:
        """Why nothing can be tried or applied now, "" = it can."""
        if self._is_stalled:
            return t("The engine does not answer: nothing can be tried or applied now.")
        if self._past_us is not None:
            return t("This is a replay: nothing can be tried or applied here. Go back to live first.")
        return ""

    def _refilter(self) -> None:
        self._show_rows(
            state.shown(self.work.base, self.work.rows, self.bar.wanted, self.work.found, self._by)
        )
        self._seek()

    def _changed(self) -> None:
        self._show_rows(state.kept(self.table.rows.shown, self._known, self.work.rows))

    def _show_rows(self, shown: list[int]) -> None:
        rows, at = self.table.chosen_rows(), self.table.current
        is_moved = shown != self.table.rows.shown
        self.table.rows.take(self.work.base, self.work.rows, self.work.lines, shown)
        if is_moved:
            self.table.choose(rows, at)
        self._known = [row.id for row in self.work.rows]
        self.bar.count.show_text(state.count_words(self.work.base, self.work.rows, len(shown)))
        self._show_hands()
        self._show_row()

    def _judged(self) -> None:
        found = self.work.found
        self.table.rows.take_findings(found)
        listed = state.listed(self.work.rows, found, self.work.lines)
        self.findings.show_findings(listed, state.split_words(self.work.limits))
        word = t("To look at")
        self.sides.buttons["findings"].setText(t("{word} {n}", word=word, n=len(listed)) if listed else word)
        self._show_row()
        self._show_hands()

    def say(self, words: str) -> None:
        """Words of the hour; they go by themselves unless somebody has to decide."""
        is_met = self.work.theirs is not None
        self._words = words
        self.news.show_text(" ".join(each for each in (words, self.why_not) if each))
        self.merge.setVisible(is_met)
        self.give_way.setVisible(is_met)
        self._notice.setVisible(bool(self.news.text()) or is_met)
        if words and not is_met:
            self._quiet.start()
        else:
            self._quiet.stop()

    def _show_hands(self) -> None:
        why_not, is_met = self.why_not, self.work.theirs is not None
        buttons, stack = self.bar.buttons, self.work.stack
        is_changed, has_rows = self.work.is_changed, bool(self.table.chosen_rows())
        for name, is_on in (
            ("add", self.work.is_known),
            *((name, has_rows) for name in ("remove", "set", "fill", "copy")),
            ("paste", self.work.is_known),
            ("undo", stack.canUndo()),
            ("redo", stack.canRedo()),
            ("import", self.work.is_known and not why_not and not is_met),
            ("export", self.work.is_known),
            ("discard", is_changed),
            ("apply", is_changed and not why_not and not is_met),
        ):
            buttons[name].setEnabled(is_on)
        for name, word, text in (
            ("undo", t("Undo"), stack.undoText()),
            ("redo", t("Redo"), stack.redoText()),
        ):
            buttons[name].setToolTip(tip(f"{word}: {text}") if text else word)
        if self.news.text() != " ".join(each for each in (self._words, why_not) if each):
            self.say(self._words)
        self.tuner.set_why_not(why_not)

    def _indexed(self, index: int) -> None:
        self._show_hands()

    def _moved(self) -> None:
        self._show_hands()
        self._show_row()

    def _show_row(self) -> None:
        """What stands beside the table is about the row with the cursor."""
        row, _ = self.table.current
        origin = self.work.base.origins.get(row)
        found = next((each for each in self.work.rows if each.id == row), None)
        path = found.cells.get("path", "") if found is not None else ""
        self.record.show_path(path, self._feed.now_us())
        limits = () if origin is None else trial.of_row(self.work.limits, origin.line, _key(origin.cells))
        self.tuner.show_row(row, [each for each in limits if each.kind not in trial.BY_ENGINE])

    def _turn(self, key: str) -> None:
        self.stack.setCurrentIndex(("findings", "tuner", "record").index(key))
        if key == "record":
            self._show_row()
            self.record.ask()
        if key != "tuner":
            self.tuner.drop()

    def open_row(self, row: int, column: str = "path") -> None:
        """Put the cursor on a row; a filter that hides it is opened."""
        if not self.table.go_to(row, column):
            self.bar.widen()
            self.table.go_to(row, column)
        self.table.setFocus()

    def show_subject(self, about: Subject) -> None:
        """Put the cursor on the row of an alarm's limit, as soon as the list is there."""
        self._sought = about.path, about.kind, about.name
        self._seek()

    def _seek(self) -> None:
        if self._sought is None or not self.work.is_known:
            return
        sought, self._sought = self._sought, None
        row = next((each.id for each in self.work.rows if each.key == sought), None)
        if row is not None:
            self.open_row(row)
        else:
            self.say(t("alarms.csv has no row of kind {kind} for {path}.", kind=sought[1], path=sought[0]))

    # Hands

    def _act(self, name: str) -> None:
        if self.bar.buttons[name].isEnabled():
            self._acts[name]()

    def _sort(self, column: str, is_down: bool) -> None:
        self._by = (column, is_down) if column else None
        self._refilter()

    def _take_over(self, row: int, cells: Mapping[str, str]) -> None:
        self.work.do(t("Take over what was tried"), draft.set_cells(self.work.rows, {row: dict(cells)}))
        self.open_row(row, next(iter(cells), "limit"))
        self.say(t("Taken over into the table. Apply puts it in force."))

    def show_errors(self, words: str) -> None:
        """The list cannot be used: say so, and go to the first row that is wrong."""
        self.say(words)
        row = next(iter(self.work.found.errors), 0)
        if row:
            self._pick_side("findings")
            self.open_row(row)

    def _pick_side(self, key: str) -> None:
        self.sides.pick(key)
        self._turn(key)

    def applied(self) -> None:
        """The list is in force: the record has more."""
        if self.sides.picked == "record":
            self.record.ask()


def _key(cells: Mapping[str, str]) -> tuple[str, str, str]:
    return cells.get("path", ""), cells.get("kind", "").lower(), cells.get("name", "")
