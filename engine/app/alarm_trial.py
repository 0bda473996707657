"""A proposed limit tried on the history that is stored, beside the one in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from engine.alarms.backtest import NoBacktest, Stopped, backtest
from engine.app.alarm_journal_answers import Tried
from engine.historian.reading import Cancelled, Watch
from engine.server import RequestRefused
from engine.types import Backtest, Gap, History, Limit, Samples, Tag
from engine.wire import BacktestBody


class Told(History, Protocol):
    """A history that also knows when nothing was stored."""

    def gaps(self, start_us: int, end_us: int) -> Sequence[Gap]:
        """The gaps that touch a span."""
        ...


def trial(history: Told, tags: Sequence[Tag], limits: Callable[[], Sequence[Limit]]) -> Tried:
    """What tries a limit; ``limits`` = those in force.

    It refuses with RequestRefused what is not in force yet or cannot be tried.
    """

    def tried(wanted: BacktestBody, watch: Watch) -> Backtest:
        new, known = wanted.proposed, limits()
        mine = [each for each in known if each.path == new.path]
        current = next((each for each in mine if (each.kind, each.name) == (new.kind, new.name)), None)
        if current is None:
            what = " ".join(each for each in (new.path, new.kind, new.name) if each)
            raise RequestRefused(f"there is no alarm {what} to compare with; add it first, or choose another")
        beside = [each for each in mine if each is not current]
        gaps = [(each.start_us, each.end_us) for each in history.gaps(wanted.start_us, wanted.end_us)]

        def read(tag: Tag, start_us: int, end_us: int) -> Samples:
            return history.raw(tag.tag_id, start_us, end_us)

        span = wanted.start_us, wanted.end_us
        try:
            return backtest(current, new, tuple(tags), read, *span, gaps, watch, beside)
        except NoBacktest as error:
            raise RequestRefused(str(error)) from error
        except Stopped as error:
            raise Cancelled("the trial was stopped") from error

    return tried
