"""Sets of setpoints: saved, compared, and written back tag by tag with a result for each."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.typed import convert
from engine.types import SetDifference, SetInfo
from hmi import formats
from hmi.control_desk import ControlDesk
from hmi.displays.feed import Feed
from hmi.displays.job import Job
from hmi.formats import sentence, t
from hmi.shell import sets_state as state
from hmi.shell.change_state import where_of
from hmi.shell.sets_remove import RemoveSet
from hmi.shell.sets_rows import SetRows
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words
from hmi.widgets.progress import Progress
from hmi.widgets.sheet import Sheet

SHEET_PX, LIST_PX, TABLE_PX, STATE_PX = 1200, 290, 190, 250
FILTER_MS, MOST_REASONS = 200, 4


class SetsSheet(Sheet):
    """Writing back has two steps in two places, as any write: "Write back…" at the left below the table,
    then a button at its right that says how many tags are written.
    """

    def __init__(self, theme: Theme, desk: ControlDesk, feed: Feed, parent: QWidget) -> None:
        super().__init__(theme, t("Setpoint sets"), SHEET_PX, parent)
        self._desk, self._scope = desk, ""
        self._sets: tuple[SetInfo, ...] = ()
        self._set: SetInfo | None = None
        self._turn = 0
        self._found: tuple[SetDifference, ...] = ()
        self._done: dict[str, tuple[str, str]] = {}
        self._before_id, self._is_rollback, self._is_asked = 0, False, False
        self.job = Job(feed, self)
        self.name = QLineEdit(self)
        self.save = QPushButton(t("Save"), self)
        self.list = QListWidget(self)
        self.list.setProperty("look", "results")
        self.list.setAccessibleName(t("Saved sets"))
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(t("Filter by tag"))
        options = (("all", t("All"), ""), ("differs", t("Different"), t("Only what differs")))
        self.which = Choice(None, options, self)
        self.all, self.none = QPushButton(t("Choose all"), self), QPushButton(t("Choose none"), self)
        self.rows = SetRows(theme, self)
        self.table = QTableView(self)
        self.said = Words(theme, step="body", bold=True)
        self.progress = Progress(theme, self)
        self.begin = QPushButton(t("Write back\u2026"), self)
        self.reasons = Choice(Words(theme, t("Reason"), "body"), (), self)
        self.second, self.secret = QLineEdit(self), QLineEdit(self)
        self.confirm = QPushButton(self)
        self.undo = QPushButton(t("Back to what it was before\u2026"), self)
        self.stop = QPushButton(t("Stop"), self)
        self.remove = RemoveSet(desk, self._removed, self._tell, self)
        self.cancel.setText(t("Close"))
        self._why_row = QHBoxLayout()
        self._note = ""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(FILTER_MS)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.said.setWordWrap(True)
        self.name.setPlaceholderText(t("Name of a new set"))
        self.second.setPlaceholderText(t("Name of the second person"))
        self.secret.setPlaceholderText(t("Password"))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
        )
        for line in (self.name, self.filter, self.second, self.secret):
            line.setAccessibleName(line.placeholderText())
        self.table.setModel(self.rows)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.theme.size.target)
        self.table.setMinimumHeight(TABLE_PX)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.resizeSection(3, STATE_PX)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left, right, row = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        save, tools, people = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        self._why_row.addWidget(self.reasons)
        for box, parts in (
            (save, (self.name, self.save)),
            (tools, (self.filter, self.which, self.all, self.none)),
            (people, (self.second, self.secret)),
        ):
            box.setSpacing(8)
            for part in parts:
                box.addWidget(part)
        holder = QWidget(self)
        holder.setFixedWidth(LIST_PX)
        holder.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        left.addLayout(save)
        left.addWidget(self.list, 1)
        left.addWidget(self.remove)
        right.setSpacing(8)
        right.addLayout(tools)
        right.addWidget(self.table, 1)
        right.addWidget(self.said)
        right.addWidget(self.progress)
        right.addLayout(self._why_row)
        right.addLayout(people)
        row.setSpacing(18)
        row.addWidget(holder)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)
        for part in (self.begin, self.undo, self.stop):
            self.foot.insertWidget(self.foot.count() - 1, part)
        self.foot.addWidget(self.confirm)

    def _connect(self) -> None:
        self.name.textChanged.connect(lambda _: self._show())
        self.save.clicked.connect(self._save)
        self.list.currentRowChanged.connect(self._chosen)
        self.filter.textChanged.connect(lambda _: self._soon.start())
        self._soon.timeout.connect(self._show_rows)
        self.which.chosen.connect(lambda _: self._show_rows())
        self.all.clicked.connect(lambda: self.rows.choose_all(True))
        self.none.clicked.connect(lambda: self.rows.choose_all(False))
        self.table.clicked.connect(self.rows.toggle)
        self.table.activated.connect(self.rows.toggle)
        self.rows.picked.connect(self._picked)
        self.begin.clicked.connect(self._begin)
        self.confirm.clicked.connect(self._confirm)
        self.undo.clicked.connect(self._undo)
        self.stop.clicked.connect(self.job.cancel)
        for line in (self.second, self.secret):
            line.textChanged.connect(lambda _: self._show())
        self.reasons.chosen.connect(lambda _: self._show())
        self._desk.listeners.append(self._changed)
        self.left.connect(self._gone)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        super().set_theme(theme)
        self.progress.set_theme(theme)
        self.rows.set_theme(theme)

    # Open and closed

    def ask(self, scope: str = "") -> None:
        """Open it; a new set is saved below ``scope``."""
        self._scope, self._set = scope, None
        where = where_of(self._desk.model, scope) if scope else self._desk.model.plant.name
        self.title.show_text(t("Setpoint sets \u00b7 {where}", where=where))
        self.name.clear()
        self._forget()
        self._tell("")
        self._make_reasons()
        self.open()
        self.filter.setFocus()
        self._load()

    def _make_reasons(self) -> None:
        known = self._desk.reasons("")
        words = Words(self.theme, t("Reason"), "body")
        options = [("", t("none"), t("No reason")), *((each, each, each) for each in known[:MOST_REASONS])]
        old, self.reasons = self.reasons, Choice(words, options, self)
        self._why_row.replaceWidget(old, self.reasons)
        self.reasons.chosen.connect(lambda _: self._show())
        old.hide()
        old.deleteLater()

    def _gone(self) -> None:
        # What is being written goes on in the engine until it is stopped: leaving stops before the next tag.
        self.job.drop()
        self._turn += 1
        self.secret.clear()
        self._forget()

    def _forget(self) -> None:
        self._found, self._done, self._before_id = (), {}, 0
        self._is_rollback = self._is_asked = False
        self.rows.chosen = set()
        self._show_rows()

    def _changed(self) -> None:
        if self.isVisible():
            self._show()

    # Asked of the engine

    def _load(self, select: int = 0) -> None:
        turn = self._turn

        def take(answer: Any) -> None:
            if turn == self._turn:
                self._sets = convert(answer["sets"], tuple[SetInfo, ...])
                self._show_list(select)

        self._desk.do("sets", {}, take, self._tell)

    def _save(self) -> None:
        self.save.setEnabled(False)
        body = {"name": self.name.text().strip(), "scope": self._scope}
        self._desk.do("set_save", body, self._saved, self._tell)

    def _saved(self, answer: Any) -> None:
        made = convert(answer, SetInfo)
        self.name.clear()
        told = t("Saved {n} setpoints as {name}.", n=made.size, name=made.name)
        if made.left_out:
            told += " " + t("{n} had no good value and were left out.", n=len(made.left_out))
        self._tell(told)
        self._load(made.id)

    def _removed(self) -> None:
        self._set = None
        self._forget()
        self._note = t("It is removed.")
        self._tell(self._note)
        self._load()

    def _chosen(self, at: int) -> None:
        if 0 <= at < len(self._sets):
            self._compare(self._sets[at])

    def _compare(self, wanted: SetInfo) -> None:
        self.job.drop()
        self._turn += 1
        self._set = wanted
        turn, is_rollback = self._turn, self._is_rollback
        self._forget()
        self._is_rollback = is_rollback
        self._tell(t("Being compared\u2026"))

        def take(answer: Any) -> None:
            if turn == self._turn:
                self._found = convert(answer["rows"], tuple[SetDifference, ...])
                self.rows.chosen = {row.path for row in self._found if not row.is_equal and not row.why}
                self._show_rows()
                self._tell(f"{self._note} {self._compared()}".strip())
                self._note = ""

        self._desk.do("set_compare", {"id": wanted.id}, take, self._tell)

    def _compared(self) -> str:
        different = sum(not each.is_equal for each in self._found)
        return t("{n} of {all} differ from what was saved.", n=different, all=len(self._found))

    # Written back

    def _picked(self) -> None:
        # Another choice is another act: it is asked for again.
        self._is_asked = False
        self._show()

    def _begin(self) -> None:
        self._is_asked = True
        self._tell(t("{n} tags will be written, one after the other, each once.", n=len(self._paths)))
        self.cancel.setFocus()

    @property
    def _paths(self) -> tuple[str, ...]:
        return tuple(each.path for each in self._found if each.path in self.rows.chosen)

    def _confirm(self) -> None:
        if self._set is None:
            return
        body = {
            "id": self._set.id,
            "paths": self._paths,
            "reason": self.reasons.picked,
            "second": self.second.text().strip(),
            "secret": self.secret.text(),
            "is_rollback": self._is_rollback,
        }
        self.secret.clear()
        self._is_asked = False
        self.progress.show_part(0.0)
        self.job.start("set_restore", body, self.progress.show_part, self._restored, self._failed)
        self._tell(t("Being written\u2026"))
        self.stop.setFocus()

    def _restored(self, answer: Any) -> None:
        rows = answer["rows"]
        self._done = {str(path): (str(step), str(why)) for path, step, why in rows}
        self._before_id = int(answer.get("saved", 0))
        self.rows.chosen = set()
        self._is_rollback = False
        self._show_rows()
        self._tell(t("{tally}.", tally=state.tally(self._done)))
        self._load(-1)

    def _failed(self, why: str) -> None:
        # What was written before it ended is seen by comparing again.
        self._note = sentence(why)
        if self._set is not None:
            self._compare(self._set)

    def _undo(self) -> None:
        before = next((each for each in self._sets if each.id == self._before_id), None)
        if before is not None:
            self._is_rollback = True
            self.list.setCurrentRow(self._sets.index(before))

    # What is on show

    def _show_list(self, select: int) -> None:
        keep = select < 0
        self.list.blockSignals(True)
        self.list.clear()
        plant, now_us = self._desk.model.plant, self._desk.now_us()
        for each in self._sets:
            when = formats.moment(each.saved_us, now_us, plant.timezone)
            told = t("{n} tags, {time} by {who}", n=each.size, time=when, who=each.by)
            self.list.addItem(QListWidgetItem(f"{each.name}\n{told}"))
        self.list.blockSignals(False)
        if keep and self._set is not None:
            ids = [each.id for each in self._sets]
            if self._set.id in ids:
                self.list.blockSignals(True)
                self.list.setCurrentRow(ids.index(self._set.id))
                self.list.blockSignals(False)
        elif self._sets:
            ids = [each.id for each in self._sets]
            self.list.setCurrentRow(ids.index(select) if select in ids else 0)
        elif not self.said.text():
            self._tell(t("No set is saved yet. Save one while the plant runs well."))
        self._show()

    def _show_rows(self) -> None:
        only = self.which.picked == "differs"
        self.rows.show_rows(state.rows(self._desk.model, self._found, self.filter.text(), only, self._done))
        self._show()

    def _tell(self, words: str) -> None:
        self.said.show_text(words)
        self._show()

    def _show(self) -> None:
        desk, paths, is_busy = self._desk, self._paths, self.job.is_busy
        refusal = desk.refusal("", "restore")
        is_critical = state.is_critical(desk.model, paths)
        needs_reason = state.is_reason_wanted(desk.model, paths)
        missing = ""
        if needs_reason and not self.reasons.picked:
            missing = t("Choose a reason first.")
        elif is_critical and not (self.second.text().strip() and self.secret.text()):
            missing = t("One of them is critical: a second person gives name and password.")
        self.save.setEnabled(bool(self.name.text().strip()) and not desk.refusal_to_save() and not is_busy)
        for part in (self.list, self.filter, self.which, self.all, self.none):
            part.setEnabled(not is_busy)
        self.rows.set_open(not is_busy)
        self.begin.setVisible(not is_busy and desk.is_drawn)
        self.begin.setEnabled(bool(paths) and not refusal and not self._is_asked)
        self.begin.setToolTip(refusal)
        self.stop.setVisible(is_busy)
        self.progress.setVisible(is_busy)
        self.remove.offer(self._set, is_busy)
        self.undo.setVisible(bool(self._before_id) and not is_busy)
        self.undo.setEnabled(not refusal)
        for part in (self.reasons, self.confirm):
            part.setVisible(self._is_asked)
        for part in (self.second, self.secret):
            part.setVisible(self._is_asked and is_critical)
        self.confirm.setText(t("Write {n} tags now", n=len(paths)))
        self.confirm.setEnabled(bool(paths) and not missing and not refusal)
        if self._is_asked and missing:
            self.said.show_text(missing)
        elif self._found and refusal and desk.is_drawn and not self._done:
            self.said.show_text(f"{self._compared()} {refusal}")
        if self.isVisible():
            self.place()
