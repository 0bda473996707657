"""Asking the engine how good the data are: rarely, one question at a time, and never for nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from hmi.displays.feed import Feed
from hmi.displays.system import quality_state
from hmi.displays.system.quality_state import PAGE_US, REFUSED_US, TILE_US, Quality, as_scores
from hmi.displays.system.state import Row
from hmi.formats import t


class Scoring:
    """``state`` is what is known; ``told`` is called after it changed by an answer."""

    def __init__(self, feed: Feed, told: Callable[[], None]) -> None:
        self._feed, self._told = feed, told
        self.state = Quality()
        self._question = 0
        self._is_asked = False
        self._next_us = self._next_tile_us = 0
        self._row: tuple[Quality, bool, Row] | None = None

    def row(self, is_stalled: bool) -> Row:
        """The line beside the sources, worked out once for each news."""
        if self._row is None or self._row[0] is not self.state or self._row[1] != is_stalled:
            self._row = self.state, is_stalled, quality_state.row(self.state, is_stalled)
        return self._row[2]

    def forget(self) -> None:
        """Another plant or another engine: answers to older questions are worth nothing."""
        self.state = replace(self.state, scores=None, trouble="")
        self.give_up()

    def give_up(self) -> None:
        """An answer that was waited for will not come; ask again when next looked at."""
        self._question += 1
        self._is_asked = False
        self._next_us = self._next_tile_us = 0

    def ask(self, is_open: bool) -> None:
        """Ask if it is time to. ``is_open`` = the page itself can be seen, and not only its line."""
        now_us = self._feed.now_us()
        if self._is_asked or now_us < (self._next_us if is_open else self._next_tile_us):
            return
        self._is_asked = True
        self._question += 1
        self._next_us = now_us + PAGE_US
        asked = self._question
        self._feed.submit("scores", {}, partial(self._take, asked), partial(self._missed, asked))

    def _take(self, asked: int, answer: Any) -> None:
        if asked != self._question:
            return
        scores = as_scores(answer)
        if scores is None:
            self._missed(asked, t("the engine told this in a way we do not know; is it of another version?"))
            return
        self._is_asked = False
        self._next_tile_us = self._next_us - PAGE_US + TILE_US
        self.state = replace(self.state, scores=scores, trouble="")
        self._told()

    def _missed(self, asked: int, why: str) -> None:
        if asked != self._question:
            return
        self._is_asked = False
        self._next_us = self._next_tile_us = self._feed.now_us() + REFUSED_US
        self.state = replace(self.state, trouble=why)
        self._told()
