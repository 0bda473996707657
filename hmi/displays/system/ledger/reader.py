"""Asks the engine for the ledger: the newest page, older ones as one scrolls, and what comes anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from engine.typed import convert
from engine.types import LedgerAnswer, LedgerEntry
from hmi.displays.feed import Feed
from hmi.displays.system.ledger import state as ledger
from hmi.displays.system.ledger.rows import LedgerRows
from hmi.displays.system.ledger.state import MOST_ROWS, PAGE, Wanted
from hmi.formats import sentence, t


class Reader:
    """One question at a time of each sort; answers to a question that nobody has any more are dropped.

    ``told`` is called after whatever came. ``head`` = the newest answer without a filter, which says how the
    ledger does; ``waiting`` = entries that came anew and are not in the list yet; ``is_whole`` = the oldest
    has come.
    """

    def __init__(self, feed: Feed, rows: LedgerRows, told: Callable[[], None]) -> None:
        self._feed, self._rows, self._told = feed, rows, told
        self.wanted = Wanted()
        self.head: LedgerAnswer | None = None
        self.waiting: list[LedgerEntry] = []
        self.trouble = ""
        self.is_busy = self.is_known = self.is_whole = False
        self._asked = self._before = 0
        self._newest, self._size = -1, 0
        self._is_head_asked = self._is_news_asked = False

    @property
    def is_full(self) -> bool:
        """So many rows are in the list that no older ones are asked for."""
        return len(self._rows.entries) >= MOST_ROWS

    def stop(self) -> None:
        """Nobody waits any more."""
        self._asked += 1
        self.is_busy = self._is_head_asked = self._is_news_asked = False

    def forget(self) -> None:
        """Another engine, or another person."""
        self.stop()
        self.head, self.waiting, self.trouble = None, [], ""
        self.is_known = self.is_whole = False
        self._rows.begin()

    def begin(self, wanted: Wanted) -> None:
        """Ask anew, from the newest entry."""
        self.stop()
        if wanted.ended != self.wanted.ended:
            self.head = None
        self.wanted, self.is_busy, self.trouble = wanted, True, ""
        self._rows.now_us = self._feed.now_us()
        self._send(ledger.body(wanted, self._feed.now_us(), 0), self._take_first)
        self._told()

    def more(self) -> None:
        """Ask for the next older page, if there is one and none is on its way."""
        if self.is_busy or self.is_whole or self.is_full or not self.is_known or self.trouble:
            return
        self.is_busy = True
        self._send(ledger.body(self.wanted, self._feed.now_us(), self._before), self._take_more)

    def look(self) -> None:
        """How the ledger does; entries that came since are fetched."""
        if self._is_head_asked:
            return
        self._is_head_asked = True
        self._send(ledger.body(ledger.whole(self.wanted), self._feed.now_us(), 0, 1), self._take_head)

    def settle(self) -> None:
        """Put what waits into the list."""
        if self.waiting:
            waiting, self.waiting = self.waiting, []
            self._rows.newer(waiting)
        self._told()

    def _send(self, body: dict[str, Any], take: Callable[[LedgerAnswer], None]) -> None:
        asked = self._asked

        def came(answer: Any) -> None:
            if asked != self._asked:
                return
            try:
                found = convert(answer, LedgerAnswer)
            except msgspec.ValidationError:
                failed(t("the engine told this in a way we do not know; is it of another version?"))
                return
            take(found)
            self._told()

        def failed(why: str) -> None:
            if asked == self._asked:
                self.is_busy = self._is_head_asked = self._is_news_asked = False
                self.trouble = sentence(why)
                self._told()

        self._feed.submit("ledger", body, came, failed)

    def _take_first(self, answer: LedgerAnswer) -> None:
        self._rows.begin()
        self.waiting, self.is_known = [], True
        self._newest = answer.entries[0].seq if answer.entries else answer.size - 1
        self._size = answer.size
        if not ledger.is_filtered(self.wanted) or self.head is None:
            self.head = answer
        self._take_more(answer)

    def _take_more(self, answer: LedgerAnswer) -> None:
        self.is_busy = False
        self._before, self.is_whole = answer.before, answer.before == 0
        self._rows.older(answer.entries)
        if not answer.entries and not self.is_whole:
            self.more()  # the search took long enough and goes on from there

    def _take_head(self, answer: LedgerAnswer) -> None:
        self._is_head_asked = False
        self.head, self.trouble = answer, ""
        grew = answer.size > self._size and self.is_known and not ledger.is_jump(self.wanted)
        if grew and not self._is_news_asked and not self.is_busy:
            self._is_news_asked, self._size = True, answer.size
            self._send(ledger.body(self.wanted, self._feed.now_us(), 0), self._take_news)

    def _take_news(self, answer: LedgerAnswer) -> None:
        self._is_news_asked = False
        found = [each for each in answer.entries if each.seq > self._newest]
        if not found:
            return
        if len(found) >= PAGE or len(found) + len(self.waiting) > MOST_ROWS:
            self._take_first(answer)  # what is between is not known
            return
        self._newest = found[0].seq
        self.waiting = found + self.waiting
