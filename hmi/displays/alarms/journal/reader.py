"""Asks the engine for the alarm journal: the newest page, older ones as one scrolls, and what comes anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from engine.typed import convert
from engine.types import AlarmChange
from hmi.displays.alarms.journal import state as journal
from hmi.displays.alarms.journal.rows import JournalRows, Noted
from hmi.displays.alarms.journal.state import MOST_NEWS, MOST_ROWS, PAGE, SLACK_US, Part, Wanted
from hmi.displays.feed import Feed
from hmi.formats import sentence


class Answer(msgspec.Struct, frozen=True):
    """What is read here of the answer to ``alarm_journal``."""

    changes: tuple[AlarmChange, ...]
    count: int | None = None
    before: tuple[str, ...] = ()


class Reader:
    """One question at a time of each sort; answers to a question that nobody has any more are dropped.

    ``told`` is called after whatever came. ``count`` = rows in all, None = more than were counted;
    ``is_whole`` = the oldest has come; ``waiting`` = rows that came anew and are not in the list yet;
    ``is_behind`` = more came than can wait, only a new beginning shows them; ``hides`` = for each part of
    the filter how many rows there are without it, where with it there are none.
    """

    def __init__(self, feed: Feed, rows: JournalRows, told: Callable[[], None]) -> None:
        self._feed, self._rows, self._told = feed, rows, told
        self._asked = 0
        self._is_news_asked = False
        self._newest = 0
        self._newest_us = 0
        self.span = (0, 0)
        self.wanted = journal.DAY
        self.count: int | None = 0
        self.trouble = ""
        self.is_known = self.is_busy = self.is_whole = self.is_behind = False
        self.waiting: list[Noted] = []
        self.hides: dict[Part, int | None] = {}

    def begin(self, wanted: Wanted, span: tuple[int, int]) -> None:
        """Show others from now on: the newest page is asked for; the rows on show stay until it is there."""
        self._asked += 1
        self.wanted, self.span, self.trouble = wanted, span, ""
        self.is_busy, self.is_whole, self._is_news_asked = True, False, False
        self._send(journal.body(wanted, span), self._take_first)
        self._told()

    def stop(self) -> None:
        """Hear no more of what was asked."""
        self._asked += 1
        self.is_busy = self._is_news_asked = False

    @property
    def is_full(self) -> bool:
        """So many rows are in the list that no older ones are asked for."""
        return len(self._rows.noted) >= MOST_ROWS

    def more(self) -> None:
        """Ask for the next older page, if there is one and none is on its way."""
        oldest = self._rows.oldest
        if oldest is None or self.is_busy or self.is_whole or self.is_full or not self.is_known:
            return
        self.is_busy, self.trouble = True, ""
        self._send(journal.body(self.wanted, self.span, oldest.seq), self._take_more)

    def news(self, now_us: int) -> None:
        """Ask for what came since, where the span reaches to now."""
        if not self.is_known or self.is_busy or self._is_news_asked or self.is_behind:
            return
        if self.span[1] <= now_us:
            return
        self._is_news_asked = True
        start_us = min(self._newest_us, now_us) - SLACK_US if self._newest_us else 0
        span = max(self.span[0], start_us), self.span[1]
        self._send(journal.body(self.wanted, span, 0, MOST_NEWS), self._take_news)

    def settle(self) -> None:
        """Put what waits into the list; the page begins anew first where it `is_behind`."""
        if self.waiting:
            waiting, self.waiting = self.waiting, []
            self._rows.newer(waiting, MOST_ROWS)
            self.is_whole = self.is_whole and not self.is_full
        self._told()

    def _send(self, body: dict[str, Any], take: Callable[[Answer], None]) -> None:
        asked = self._asked

        def came(answer: Any) -> None:
            if asked == self._asked:
                take(convert(answer, Answer))
                self._told()

        def failed(why: str) -> None:
            if asked == self._asked:
                self.is_busy = self._is_news_asked = False
                self.trouble = sentence(why)
                self._told()

        self._feed.submit("alarm_journal", body, came, failed)

    def _take_first(self, answer: Answer) -> None:
        found = noted(answer)
        self.count, self.is_known, self.is_busy = answer.count, True, False
        self.is_whole, self.is_behind = len(found) < PAGE, False
        self.waiting, self.hides = [], {}
        self._newest = found[0].change.seq if found else 0
        self._newest_us = found[0].change.time_us if found else 0
        self._rows.begin()
        self._rows.older(found)
        if not found:
            self._look_what_hides()

    def _take_more(self, answer: Answer) -> None:
        found = noted(answer)
        self.is_busy, self.is_whole = False, len(found) < PAGE
        self._rows.older(found)

    def _take_news(self, answer: Answer) -> None:
        self._is_news_asked, self.trouble = False, ""
        found = [each for each in noted(answer) if each.change.seq > self._newest]
        if not found:
            return
        self._newest, self._newest_us = found[0].change.seq, found[0].change.time_us
        self.count = None if self.count is None else self.count + len(found)
        # A full answer may have left out older news: what is between is not known.
        self.is_behind = len(found) >= MOST_NEWS or len(found) + len(self.waiting) > MOST_NEWS
        self.waiting = [] if self.is_behind else found + self.waiting

    def _look_what_hides(self) -> None:
        """Without which part of the filter there would be something."""
        found = journal.parts(self.wanted)
        for part in found:
            self._probe(part, journal.without(self.wanted, part), self.span)

    def _probe(self, part: Part, wanted: Wanted, span: tuple[int, int]) -> None:
        def take(answer: Answer) -> None:
            if answer.changes:
                self.hides = {**self.hides, part: answer.count}

        self._send({**journal.body(wanted, span, 0, 1), "letters": False}, take)


def noted(answer: Answer) -> list[Noted]:
    """The rows of an answer with the letters before them."""
    letters: Mapping[int, str] = dict(enumerate(answer.before))
    return [Noted(change, letters.get(at, "")) for at, change in enumerate(answer.changes)]
