"""Asking the engine what becomes of writes to the plant, by version, as of its alarms."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from engine.client import ControlAnswer, ControlBody
from hmi.control_book import ControlBook

log = logging.getLogger("watchroom.bridge")
REFUSED_S = 10.0
Asking = Callable[[str, object, Callable[[bytes], None], Callable[[str], None]], None]


class GateNews:
    """Keeps ``book`` up to date; ``changed`` is called with it when it differs."""

    def __init__(self, ask: Asking, changed: Callable[[ControlBook], None]) -> None:
        self.book = ControlBook()
        self._ask, self._changed = ask, changed
        self._is_asked, self._wait_us, self._is_told_off = False, 0, False

    def attach(self) -> None:
        """Another engine: versions are of one run of it."""
        self.book.version = 0
        self._is_asked, self._wait_us, self._is_told_off = False, 0, False

    def ask(self, now_us: int) -> None:
        """Ask what changed, one question at a time; called a few times a second."""
        if self._is_asked or now_us < self._wait_us:
            return
        self._is_asked = True

        def refuse(why: str) -> None:
            self._is_asked = False
            self._wait_us = now_us + round(REFUSED_S * 1e6)
            if not self._is_told_off:
                self._is_told_off = True
                log.info("what is written to the plant is not known: %s", why)

        self._ask("control", ControlBody(self.book.version), self._take, refuse)

    def _take(self, content: bytes) -> None:
        self._is_asked = False
        if self.book.take(msgspec.msgpack.decode(content, type=ControlAnswer)):
            self._changed(self.book)
