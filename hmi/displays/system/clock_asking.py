"""Asking the engine how the clocks stand: every few seconds, one question at a time, and never for nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from hmi.displays.feed import Feed
from hmi.displays.system.clock_state import ASK_US, REFUSED_US, Clocks, as_told
from hmi.formats import t


class ClockAsking:
    """``state`` is what is known; ``told`` is called after it changed by an answer."""

    def __init__(self, feed: Feed, told: Callable[[], None]) -> None:
        self._feed, self._told = feed, told
        self.state = Clocks()
        self._question, self._is_asked, self._next_us = 0, False, 0

    def forget(self) -> None:
        """Another plant or another engine: answers to older questions are worth nothing."""
        self.state = Clocks()
        self.give_up()

    def give_up(self) -> None:
        """An answer that was waited for will not come; ask again when next looked at."""
        self._question += 1
        self._is_asked, self._next_us = False, 0

    def ask(self) -> None:
        """Ask if it is time to."""
        now_us = self._feed.now_us()
        if self._is_asked or (0 <= self._next_us - now_us <= REFUSED_US and now_us < self._next_us):
            return
        self._is_asked = True
        self._question += 1
        self._next_us = now_us + ASK_US
        asked = self._question
        self._feed.submit("clocks", {}, partial(self._take, asked), partial(self._missed, asked))

    def _take(self, asked: int, answer: Any) -> None:
        if asked != self._question:
            return
        told = as_told(answer)
        if told is None:
            self._missed(asked, t("the engine told this in a way we do not know; is it of another version?"))
            return
        self._is_asked = False
        self.state = Clocks(told)
        self._told()

    def _missed(self, asked: int, why: str) -> None:
        if asked != self._question:
            return
        self._is_asked, self._next_us = False, self._feed.now_us() + REFUSED_US
        self.state = replace(self.state, trouble=why)
        self._told()
