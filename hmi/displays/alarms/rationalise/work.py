"""The list that a person works on: edits with undo, what the engine thinks of it, and how it is applied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.types import Limit
from hmi.displays.alarms.rationalise import draft, file, state
from hmi.displays.alarms.rationalise.asking import Asking, Told, Verdict
from hmi.displays.alarms.rationalise.draft import Merged, Prefer, Rows
from hmi.displays.alarms.rationalise.file import Base
from hmi.displays.alarms.rationalise.state import Found
from hmi.displays.feed import Feed
from hmi.formats import t

CHECK_MS = 500
MOST_BYTES = 4_000_000
Words = Callable[[str], None]


class Edit(QUndoCommand):
    """All rows before and after one act of a person; what did not change they share."""

    def __init__(self, words: str, before: Rows, after: Rows, show: Callable[[Rows], None]) -> None:
        super().__init__(words)
        self._before, self._after, self._show = before, after, show

    def redo(self) -> None:
        """The list after the edit."""
        self._show(self._after)

    def undo(self) -> None:
        """The list before the edit."""
        self._show(self._before)


class Work(QObject):
    """``loaded`` = another list of the engine, ``changed`` = other rows, ``judged`` = other findings,
    ``news`` = words for the person, ``met`` = somebody else changed the list while there are edits here.
    """

    loaded = Signal()
    changed = Signal()
    judged = Signal()
    news = Signal(str)
    met = Signal()

    def __init__(self, feed: Feed, parent: QObject) -> None:
        super().__init__(parent)
        self.asking = Asking(feed)
        self.stack = QUndoStack(self)
        self.base, self.rows, self.mark = Base(), tuple[file.Row, ...](), ""
        self.lines: dict[int, int] = {}
        self.limits = tuple[Limit, ...]()
        self.found = Found()
        self.theirs: Told | None = None
        self.is_known = self.is_asleep = False
        self._is_changing = self._is_refused = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_MS)
        self._timer.timeout.connect(self.check)

    @property
    def is_changed(self) -> bool:
        """Whether anything is to be applied."""
        return draft.is_changed(self.base, self.rows)

    # What the engine has

    def set_asleep(self, is_asleep: bool) -> None:
        """True: nobody looks, or the engine is silent; nothing is asked then."""
        self.is_asleep = is_asleep
        if is_asleep:
            self._timer.stop()
            self.asking.forget()
        else:
            self.ask()

    def ask(self) -> None:
        """Ask for the list, unless a change of ours is under way: that asks afterwards."""
        if not self._is_changing and not self.is_asleep:
            self.asking.limits(self._take, self.news.emit)

    def _take(self, told: Told) -> None:
        self._take_list(told)
        self._is_refused = False

    def _take_list(self, told: Told) -> None:
        is_same = self.is_known and told.mark == self.mark
        if not is_same and self.is_known and self.is_changed:
            self.theirs = told
            self.met.emit()
            return
        self.theirs = None
        self.limits = told.limits
        if not is_same:
            self._load(file.read(told.text, file.keys(self.base.rows)), told.mark)
        if self.is_changed:
            if not self._is_refused:
                self.check()
        else:
            self.found = state.found_in((), told.lint, self.lines)
            self.judged.emit()

    def _load(self, base: Base, mark: str, rows: Rows | None = None) -> None:
        self.base, self.mark, self.is_known, self.theirs = base, mark, True, None
        self.stack.clear()
        self._take_rows(base.rows if rows is None else rows)
        self.loaded.emit()

    # What a person does

    def do(self, words: str, rows: Rows) -> None:
        """One act, which can be taken back."""
        if not draft.is_same(self.rows, rows):
            self.stack.push(Edit(words, self.rows, rows, self._show))

    def discard(self) -> None:
        """Back to the list as the engine has it."""
        self.do(t("Discard all edits"), self.base.rows)

    def _show(self, rows: Rows) -> None:
        self._take_rows(draft.fitted(self.base, rows))
        self.changed.emit()
        self._timer.start()

    def _take_rows(self, rows: Rows) -> None:
        self.rows = rows
        self.lines = file.written(self.base, rows)[1]

    def check(self) -> None:
        """Ask what is wrong with the rows as they are, and what to look at."""
        if self.is_asleep or self.theirs is not None or not self.is_known:
            return
        text, lines = file.written(self.base, self.rows)
        self.asking.trial(text, self.mark, lambda verdict: self._judge(verdict, lines), self._refused)

    def _judge(self, verdict: Verdict, lines: dict[int, int]) -> None:
        advice = tuple(each for each in verdict.problems if each.severity != "error")
        found = state.found_in(verdict.errors, (*advice, *verdict.lint), lines)
        if verdict.errors:
            # Only a list that can be used is looked at; until then what was said before stands.
            found = Found(found.errors, {**self.found.advice, **found.advice}, found.loose)
        self.found = found
        self.judged.emit()

    def _refused(self, why: str) -> None:
        self.news.emit(why)
        # Whatever it is, asking the same at once again would not help.
        self._is_refused = True
        self.ask()

    # Applying

    def try_out(self, on_good: Callable[[str], None], on_error: Words) -> None:
        """Try the list as it is now; ``on_good`` gets the text that may be applied."""
        self._timer.stop()
        text, lines = file.written(self.base, self.rows)

        def tell(verdict: Verdict) -> None:
            self._judge(verdict, lines)
            count = len(verdict.errors)
            if not count:
                on_good(text)
            elif count == 1:
                on_error(t("The list cannot be used because of one mistake; nothing is changed."))
            else:
                on_error(t("The list cannot be used because of {n} mistakes; nothing is changed.", n=count))

        def refused(why: str) -> None:
            on_error(why)
            self.ask()

        self.asking.trial(text, self.mark, tell, refused)

    def apply(self, text: str, by: str, why: str, on_done: Callable[[], None], on_error: Words) -> None:
        """Take this text, which was tried, for the list of the plant."""
        rows = self.rows
        self._is_changing = True

        def done(verdict: Verdict) -> None:
            self._is_changing = False
            if not verdict.is_changed:
                on_error(t("The engine did not take it: {why}", why=_first(verdict)))
                return
            alive = [row for row in rows if not row.is_removed and row.cells]
            self.base = file.read(text, file.keys(alive))
            self.mark = verdict.mark
            self._take_rows(draft.fitted(self.base, self.base.rows if self.rows is rows else self.rows))
            self.stack.setClean()
            self.changed.emit()
            on_done()
            self.ask()

        def failed(why: str) -> None:
            self._is_changing = False
            on_error(why)
            self.ask()

        self.asking.change(text, self.mark, by, why, done, failed)

    # What somebody else did

    def merged(self, prefer: Prefer) -> Merged | None:
        """What a merge would give; None = nobody changed the list meanwhile."""
        if self.theirs is None:
            return None
        theirs = file.read(self.theirs.text, file.keys(self.base.rows))
        return draft.merged(self.base, self.rows, theirs, prefer)

    def merge(self, prefer: Prefer) -> None:
        """My edits on the list as it is now."""
        if self.theirs is not None:
            told = self.theirs
            theirs = file.read(told.text, file.keys(self.base.rows))
            found = draft.merged(self.base, self.rows, theirs, prefer)
            self.limits = told.limits
            self._load(theirs, told.mark, found.rows)
            self.found = state.found_in((), told.lint, self.lines)
            self.judged.emit()
            self.check()

    def give_way(self) -> None:
        """The list as it is now, without my edits."""
        if self.theirs is not None:
            told = self.theirs
            self.limits = told.limits
            self._load(file.read(told.text, file.keys(self.base.rows)), told.mark)
            self.found = state.found_in((), told.lint, self.lines)
            self.judged.emit()

    # Files

    def import_file(
        self, path: Path, on_done: Callable[[Rows, tuple[str, ...], Verdict], None], on_error: Words
    ) -> None:
        """Read another list and have it tried; ``on_done`` gets what the rows would be, and each difference
        in words. Nothing is changed yet.
        """
        try:
            raw = path.read_bytes()[: MOST_BYTES + 1]
            text = raw.decode("utf-8-sig")
        except OSError as error:
            on_error(t("{file} cannot be read: {why}.", file=path.name, why=error.strerror or str(error)))
            return
        except UnicodeDecodeError:
            on_error(t("{file} is not UTF-8. Save it as CSV UTF-8, then choose it again.", file=path.name))
            return
        if len(raw) > MOST_BYTES:
            on_error(t("{file} is larger than a list of alarms can be.", file=path.name))
            return
        rows = draft.imported(self.base, self.rows, file.read(text))
        lines = draft.differences(self.rows, rows)
        self.asking.trial(
            text, self.mark, lambda verdict: on_done(rows, lines, verdict), on_error, name="import"
        )

    def export_text(self) -> str:
        """The list with all edits, as the file would be."""
        return file.written(self.base, self.rows)[0]


def _first(verdict: Verdict) -> str:
    return verdict.problems[0].message if verdict.problems else t("it did not say why")
