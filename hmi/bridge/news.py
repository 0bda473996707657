"""Asking the engine what changed, by version: writes to the plant, what is foreseen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from engine.typed import unpack

log = logging.getLogger("watchroom.bridge")
REFUSED_S = 10.0
Asking = Callable[[str, object, Callable[[bytes], None], Callable[[str], None]], None]


class Book(Protocol):
    """What is kept up to date. ``version`` is what to ask with next; ``take`` = whether it differs by it."""

    version: int

    def take(self, answer: Any, /) -> bool: ...
    def forget(self, why: str = "") -> bool: ...


Kept = TypeVar("Kept", bound=Book)


class News(Generic[Kept]):
    """Keeps ``book`` up to date; ``changed`` is called with it when it differs.

    ``op`` and ``body`` of its version are the question, ``answer`` is the struct that comes back.
    """

    def __init__(
        self,
        ask: Asking,
        op: str,
        body: Callable[[int], object],
        answer: type[msgspec.Struct],
        book: Kept,
        changed: Callable[[Kept], None],
    ) -> None:
        self.book = book
        self._ask, self._op, self._body, self._answer, self._changed = ask, op, body, answer, changed
        self._is_asked, self._wait_us, self._is_told_off = False, 0, False

    def attach(self) -> None:
        """Another engine: versions are of one run of it."""
        self._is_asked, self._wait_us, self._is_told_off = False, 0, False
        self._forget("")

    def ask(self, now_us: int) -> None:
        """Ask what changed, one question at a time; called a few times a second or a minute."""
        if self._is_asked or now_us < self._wait_us:
            return
        self._is_asked = True

        def refuse(why: str) -> None:
            self._is_asked = False
            self._wait_us = now_us + round(REFUSED_S * 1e6)
            self._forget(why)
            if not self._is_told_off:
                self._is_told_off = True
                log.info("the engine does not tell of %s: %s", self._op, why)

        self._ask(self._op, self._body(self.book.version), self._take, refuse)

    def _forget(self, why: str) -> None:
        if self.book.forget(why):
            self._changed(self.book)

    def _take(self, content: bytes) -> None:
        self._is_asked = False
        if self.book.take(unpack(content, self._answer)):
            try:
                self._changed(self.book)
            except Exception:
                self.book.version = 0  # all of it once more: nobody saw it
                raise
