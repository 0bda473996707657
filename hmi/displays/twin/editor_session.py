"""One edit of the scene: what the engine has, what is drawn here, the draft on disk, and saving it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from engine.types import Part
from hmi.displays.feed import Feed
from hmi.displays.twin import editor_draft as drafts
from hmi.displays.twin import editor_state as state
from hmi.displays.twin.editor_asking import Asking, ToldChange, ToldScene
from hmi.displays.twin.editor_state import Editing
from hmi.displays.twin.editor_words import VIEWS, FileChange, difference, parts_of
from hmi.formats import t

DRAFT_MS = 500
JOIN_S = 5.0


class Session(QObject):
    """``changed`` = what is drawn or chosen is other than before; ``told`` = words, conflict or trouble are.

    ``words`` = what a person should know now; ``conflict`` = files that somebody else saved meanwhile;
    ``trouble`` = why nothing can be edited; ``saved`` = all of it is in force.
    """

    changed = Signal()
    told = Signal()
    saved = Signal()

    def __init__(self, feed: Feed, parent: QObject) -> None:
        super().__init__(parent)
        self._feed, self._asking = feed, Asking(feed)
        self.editing, self.scene = Editing(), ToldScene()
        self.marks: dict[str, str] = {}
        self.words, self.trouble = "", ""
        self.conflict: tuple[str, ...] = ()
        self.is_open = self.is_ready = self.is_saving = False
        self._laid_out: tuple[Part, ...] = ()
        self._file: Path | None = None
        self._queue: list[FileChange] = []
        self._reason = ""
        self._writing: threading.Thread | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(DRAFT_MS)
        self._soon.timeout.connect(self._keep)

    # Begin and end

    def begin(self, folder: str, laid_out: Sequence[Part]) -> None:
        """Ask for the scene of the project in ``folder``; ``laid_out`` = to begin with where it has none."""
        self.is_open, self.is_ready = True, False
        self._laid_out = tuple(laid_out)
        self._file = drafts.draft_file(folder) if folder else None
        self.editing, self.conflict, self.trouble = Editing(), (), ""
        self._say(t("Reading the scene…"))
        self._asking.scene(self._begun, self._not_begun)

    def end(self) -> None:
        """Stop; what is not saved stays as a draft."""
        if self.is_open:
            self.flush()
            self.is_open = self.is_ready = False

    def discard(self) -> None:
        """As it is saved; the steps back end here too."""
        self._forget()
        self.editing = state.begin(self.scene.parts, self.scene.plan, self._first())
        self.marks, self.conflict = self.scene.marks, ()
        self._say(t("Discarded: this is the scene as it is saved."))
        self.changed.emit()

    def _first(self) -> tuple[Part, ...]:
        return () if self.scene.files else self._laid_out

    def _begun(self, scene: ToldScene) -> None:
        if not self.is_open:
            return
        self.scene, self.trouble = scene, scene.problem
        draft = drafts.kept(self._file) if self._file is not None else None
        self.marks = scene.marks
        if draft is None:
            self.editing = state.begin(scene.parts, scene.plan, self._first())
            self._say("")
        else:
            self.editing, self.marks = drafts.editing_of(draft), dict(draft.marks)
            self._say(t("Your unsaved draft is back. Save it, or discard it."))
        self.is_ready = not self.trouble
        self._compare()
        self.told.emit()
        self.changed.emit()

    def _not_begun(self, why: str) -> None:
        self.trouble = why
        self._say("")

    # Steps

    def do(self, editing: Editing) -> None:
        """This is what is drawn and chosen now."""
        if editing is self.editing or not self.is_ready:
            return
        is_drawn = editing.drawn != self.editing.drawn
        self.editing = editing
        if is_drawn:
            self._soon.start()
            if self.words:
                self._say("")
        self.changed.emit()

    def undo(self) -> None:
        """One step back."""
        self.do(state.undo(self.editing))

    def redo(self) -> None:
        """One step forth."""
        self.do(state.redo(self.editing))

    @property
    def differs(self) -> tuple[FileChange, ...]:
        """What is to be saved."""
        return difference(self.editing.base, self.editing.drawn)

    # Saving

    def save(self, reason: str) -> None:
        """Write every file that differs, one after the other, on record with this reason."""
        if self.is_saving or not self.is_ready:
            return
        self._queue, self._reason, self.is_saving = list(self.differs), reason, True
        self._say(t("Saving…"))
        self._next()

    def _next(self) -> None:
        if not self._queue:
            self.is_saving = False
            # Who went on while it was written has something to save again.
            self._soon.start() if self.editing.is_changed else self._forget()
            self._say(t("Saved: every window shows it now."))
            self.saved.emit()
            self.changed.emit()
            return
        file = self._queue[0].file
        drawn = self.editing.drawn
        said: dict[str, Any] = (
            {"views": self.scene.views, "plan": drawn.plan}
            if file == VIEWS
            else {"parts": [_bare(each) for each in parts_of(drawn, file)]}
        )
        sent = self.editing
        self._asking.save(
            file,
            self.marks.get(file, ""),
            said,
            self._reason,
            lambda answer: self._written(file, sent, answer),
            self._not_saved,
        )

    def _written(self, file: str, sent: Editing, answer: ToldChange) -> None:
        if answer.errors:
            self._not_saved(t("Nothing was saved: {why}", why=_worded(answer)))
            return
        self._queue.pop(0)
        self.marks[file] = answer.mark
        base = state.saved(sent, file).base
        self.editing = replace(self.editing, base=base)
        self._next()

    def _not_saved(self, why: str) -> None:
        self.is_saving, self._queue = False, []
        self._keep()
        self._say(why)
        # It may be that somebody else saved meanwhile: then that is what has to be told.
        self.look()

    # Somebody else

    def look(self) -> None:
        """Ask again what is on disk: the plant was changed, by us or by somebody else."""
        if self.is_open and self.is_ready and not self.is_saving:
            self._asking.scene(self._looked, lambda _: None)

    def _looked(self, scene: ToldScene) -> None:
        if not self.is_open or self.is_saving:
            return
        self.scene = scene
        if self._others() and not self.editing.is_changed:
            self.editing = state.begin(scene.parts, scene.plan, self._first())
            self.marks = scene.marks
            self._say(t("Somebody else changed the scene: this is the newer one."))
            self.changed.emit()
            return
        self._compare()
        self.told.emit()

    def _others(self) -> tuple[str, ...]:
        now = self.scene.marks
        return tuple(sorted(name for name in now.keys() | self.marks.keys() if self._differs(name, now)))

    def _differs(self, name: str, now: dict[str, str]) -> bool:
        return now.get(name, "") != self.marks.get(name, "")

    def _compare(self) -> None:
        self.conflict = self._others()

    def take_theirs(self) -> None:
        """Their scene in place of ours, as a step that can be taken back."""
        words = t("Take theirs")
        self._settle(
            state.rebased(self.editing, self.scene.parts, self.scene.plan, words, take=True),
            t("This is their scene. Undo brings yours back."),
        )

    def keep_mine(self) -> None:
        """Ours is to be the newer one: the next save writes over theirs."""
        self._settle(
            state.rebased(self.editing, self.scene.parts, self.scene.plan, "", take=False),
            t("Yours is the newer one as soon as you save it."),
        )

    def _settle(self, editing: Editing, words: str) -> None:
        self.editing, self.marks, self.conflict = editing, self.scene.marks, ()
        self._soon.start()
        self._say(words)
        self.changed.emit()

    # The draft

    def flush(self) -> None:
        """Have the draft on disk now."""
        self._keep()
        if self._writing is not None:
            self._writing.join(JOIN_S)

    def _keep(self) -> None:
        self._soon.stop()
        file = self._file
        if file is None or not self.is_ready:
            return
        if self._writing is not None and self._writing.is_alive():
            self._soon.start()
            return
        if not self.editing.is_changed or not (self.editing.done or file.exists()):
            drafts.forget(file)
            return
        content = drafts.content_of(drafts.draft_of(self.editing, self.marks, self._feed.now_us()))
        # A disk may take its time: the window does not wait for it.
        self._writing = threading.Thread(target=drafts.keep, args=(file, content), name="draft", daemon=True)
        self._writing.start()

    def _forget(self) -> None:
        self._soon.stop()
        if self._writing is not None:
            self._writing.join(JOIN_S)
        if self._file is not None:
            drafts.forget(self._file)

    def _say(self, words: str) -> None:
        self.words = words
        self.told.emit()


def _bare(part: Part) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(part)
    said["came_from"] = ""
    return said


def _worded(answer: ToldChange) -> str:
    first = answer.errors[0]
    more = t(" (and {n} more)", n=len(answer.errors) - 1) if len(answer.errors) > 1 else ""
    return f"{first.file}:{first.line}: {first.message}{more}"
