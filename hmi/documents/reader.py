"""What a window reads of documents: it says what it wants, goes on, and looks now and then what has come."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from hmi.documents.process import PageProcess, Pages
from hmi.documents.wire import Answer, Draw, Drawn, Failed, Find, Request
from hmi.formats import t

PATIENCE_S = 20.0
"""A page that takes longer is given up."""
STUCK_S = 0.7
"""So long a page that nobody wants any more may hold up one that is wanted."""
KEPT_BYTES = 96 * 1024**2
KEPT_ANSWERS = 400


class Reader:
    """``folder`` = of the project. Nothing here waits: not for the file, nor for the process that reads it.

    One request is under way at a time. Drawn pages are kept, the ones used last, up to `KEPT_BYTES`.
    """

    def __init__(
        self,
        folder: Path,
        start: Callable[[Path], Pages] = PageProcess,
        now_s: Callable[[], float] = time.monotonic,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.folder = folder
        self._start, self._now_s, self._patience_s = start, now_s, patience_s
        self._process: Pages | None = None
        self._wanted: list[Request] = []
        self._asked: tuple[Request, float] | None = None
        self._tried: Request | None = None
        self._kept: OrderedDict[Request, Answer] = OrderedDict()
        self.kept_bytes = 0
        self.starts = 0

    # What the window calls

    def want(self, requests: Sequence[Request]) -> None:
        """These, the first one first; what was wanted before and is not among them is not wanted any more."""
        self._wanted = [each for each in dict.fromkeys(requests) if each not in self._kept]
        self._look()

    def answer(self, request: Request) -> Answer | None:
        """What is known; None = not yet."""
        found = self._kept.get(request)
        if found is not None:
            self._kept.move_to_end(request)
        return found

    def look(self) -> tuple[Request, ...]:
        """Take what has come and ask for what is wanted next; gives the requests that are answered now."""
        return self._look()

    def forget(self, file: str) -> None:
        """Read a document anew: it may have been replaced."""
        for request in [each for each in self._kept if each.file == file]:
            self._drop(request)

    @property
    def is_busy(self) -> bool:
        """Something is wanted that has not come."""
        return bool(self._wanted) or self._asked is not None

    @property
    def pid(self) -> int | None:
        """Of the process, None while there is none."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """End the process and forget what was wanted; what was read stays known."""
        self._wanted, self._asked = [], None
        self._end()

    # Inside

    def _look(self) -> tuple[Request, ...]:
        came: list[Request] = []
        self._take(came)
        self._watch(came)
        self._ask()
        return tuple(came)

    def _take(self, came: list[Request]) -> None:
        if self._process is None or self._asked is None:
            return
        answer = self._process.take()
        if answer is not None:
            self._keep(self._asked[0], answer, came)

    def _watch(self, came: list[Request]) -> None:
        """A process that died, or that takes too long."""
        if self._process is None or self._asked is None:
            return
        request, since = self._asked
        passed = self._now_s() - since
        if self._process.is_gone:
            self._end()
            if request == self._tried:
                self._keep(request, Failed(_gone(request)), came)
            else:
                # It may have been ended from outside, or by another page: once more, on its own.
                self._tried, self._asked = request, None
        elif passed > self._patience_s:
            self._end()
            self._keep(request, Failed(_late(request, self._patience_s)), came)
        elif passed > STUCK_S and self._wanted and request not in self._wanted:
            self._end()
            self._asked = None

    def _ask(self) -> None:
        if self._asked is not None or not self._wanted:
            return
        if self._process is None or self._process.is_gone:
            self._end()
            try:
                self._process = self._start(self.folder)
            except OSError as error:
                why = error.strerror or str(error)
                said = Failed(t("Documents cannot be shown: their process does not start ({why}).", why=why))
                for request in self._wanted:
                    self._put(request, said)
                self._wanted = []
                return
            self.starts += 1
        request = self._wanted[0]
        self._asked = request, self._now_s()
        self._process.ask(request)

    def _keep(self, request: Request, answer: Answer, came: list[Request]) -> None:
        self._asked = None
        self._wanted = [each for each in self._wanted if each != request]
        self._put(request, answer)
        came.append(request)

    def _put(self, request: Request, answer: Answer) -> None:
        self._drop(request)
        self._kept[request] = answer
        self.kept_bytes += _bytes(answer)
        while (self.kept_bytes > KEPT_BYTES or len(self._kept) > KEPT_ANSWERS) and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, request: Request) -> None:
        gone = self._kept.pop(request, None)
        if gone is not None:
            self.kept_bytes -= _bytes(gone)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()


def _bytes(answer: Answer) -> int:
    return len(answer.pixels) if isinstance(answer, Drawn) else 0


def _gone(request: Request) -> str:
    if isinstance(request, Draw):
        return t("Page {n} of {file} cannot be shown: reading it failed.", n=request.page, file=request.file)
    if isinstance(request, Find):
        return t("{file} cannot be searched: reading it failed.", file=request.file)
    return t("{file} cannot be shown: reading it failed. The file may be damaged.", file=request.file)


def _late(request: Request, patience_s: float) -> str:
    if isinstance(request, Draw):
        return t(
            "Page {n} of {file} takes longer than {span:.0f} s to draw and was given up.",
            n=request.page,
            file=request.file,
            span=patience_s,
        )
    return t(
        "{file} takes longer than {span:.0f} s to read and was given up.",
        file=request.file,
        span=patience_s,
    )
