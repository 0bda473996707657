"""Long work of the engine as a display sees it: begun, looked after, cancelled. Only the newest counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from PySide6.QtCore import QObject, QTimer

from hmi.displays.feed import Feed
from hmi.formats import sentence, t

Kind = Literal[
    "statistics", "similar", "export", "alarm_export", "backtest", "set_restore",
    "ledger_verify", "ledger_bundle", "retrain", "normal",
]  # fmt: skip
FIRST_LOOK_MS, LOOK_MS = 60, 250
CANCELLED = "cancelled"


class Job(QObject):
    """One piece of work at a time. ``on_progress`` gets 0 to 1, ``on_done`` the result, ``on_end`` words.

    ``on_end`` = it failed, or was cancelled. Answers for work that is not wanted any more are dropped.
    """

    def __init__(self, feed: Feed, parent: QObject) -> None:
        super().__init__(parent)
        self._feed = feed
        self._number = 0
        self._id: int | None = None
        self.is_busy = False
        self._on_progress: Callable[[float], None] = lambda _: None
        self._on_done: Callable[[Any], None] = lambda _: None
        self._on_end: Callable[[str], None] = lambda _: None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def start(
        self,
        kind: Kind,
        body: Mapping[str, Any],
        on_progress: Callable[[float], None],
        on_done: Callable[[Any], None],
        on_end: Callable[[str], None],
    ) -> None:
        """Begin; what was at work before is cancelled."""
        self.drop()
        self._number += 1
        self.is_busy = True
        self._on_progress, self._on_done, self._on_end = on_progress, on_done, on_end
        self._send("job", {"kind": kind, "body": dict(body)})

    def cancel(self) -> None:
        """Stop it; ``on_end`` is told at once."""
        if self.is_busy:
            self.drop()
            self._on_end(t("Cancelled."))

    def drop(self) -> None:
        """Stop it and hear no more of it."""
        if not self.is_busy:
            return
        self.is_busy = False
        self._timer.stop()
        self._number += 1
        if self._id is not None:
            self._feed.submit("job_cancel", {"job": self._id}, _ignore, _ignore)
        self._id = None

    def _look(self) -> None:
        if self._id is not None:
            self._send("job_state", {"job": self._id})

    def _send(self, op: str, body: dict[str, Any]) -> None:
        number = self._number
        self._feed.submit(
            op, body, lambda state: self._take(number, state), lambda why: self._fail(number, why)
        )

    def _take(self, number: int, state: Mapping[str, Any]) -> None:
        if number != self._number:
            if not state["done"]:
                self._feed.submit("job_cancel", {"job": state["job"]}, _ignore, _ignore)
            return
        is_first, self._id = self._id is None, int(state["job"])
        if not state["done"]:
            self._on_progress(float(state["progress"]))
            self._timer.start(FIRST_LOOK_MS if is_first else LOOK_MS)
        elif state["error"]:
            self._fail(number, t("Cancelled.") if state["error"] == CANCELLED else state["error"])
        else:
            self._end()
            self._on_done(state["result"])

    def _fail(self, number: int, why: str) -> None:
        if number == self._number:
            self._end()
            self._on_end(sentence(why))

    def _end(self) -> None:
        self.is_busy, self._id = False, None
        self._timer.stop()


def _ignore(_: Any) -> None:
    """Nobody waits for this answer."""
