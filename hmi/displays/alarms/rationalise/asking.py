"""What the page asks the engine about alarms.csv: the list, whether a new one would do, and to take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.typed import convert
from engine.types import AlarmChange, Limit, Problem
from hmi.displays.feed import Feed
from hmi.formats import sentence

EVERYTHING_US = 2**62
PAGE = 200
"""Earlier changes that are asked for at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """The list as the engine has it: its text, the mark of this state, limits in force, what to look at."""

    text: str
    mark: str
    limits: tuple[Limit, ...]
    lint: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What the engine thinks of a list. ``is_changed`` = it is in force now, as ``mark``."""

    is_changed: bool
    mark: str
    problems: tuple[Problem, ...]
    lint: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps it from being used."""
        return tuple(each for each in self.problems if each.severity == "error")


class Asking:
    """Each question has its own number: an answer to one that was asked again since is dropped."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._newest: dict[str, int] = {}

    def forget(self) -> None:
        """Hear none of the answers that are under way; a change that was sent is told all the same."""
        for each in ("limits", "trial", "record", "last"):
            self._newest[each] = self._newest.get(each, 0) + 1

    def limits(self, on_done: Callable[[Told], None], on_error: Callable[[str], None]) -> None:
        """The list as it is."""

        def take(answer: Mapping[str, Any]) -> None:
            limits = convert(answer["limits"], tuple[Limit, ...])
            on_done(Told(answer["text"], answer["mark"], limits, _problems(answer["lint"])))

        self._ask("limits", "limits", {}, take, on_error)

    def trial(
        self,
        text: str,
        mark: str,
        on_done: Callable[[Verdict], None],
        on_error: Callable[[str], None],
        name: str = "trial",
    ) -> None:
        """What is wrong with a list, and what to look at in it; nothing is changed."""
        body = {"text": text, "mark": mark, "by": "", "why": "", "is_trial": True}
        self._ask(name, "limits_change", body, lambda answer: on_done(_verdict(answer)), on_error)

    def change(
        self,
        text: str,
        mark: str,
        by: str,
        why: str,
        on_done: Callable[[Verdict], None],
        on_error: Callable[[str], None],
    ) -> None:
        """Take this list in place of the one with that mark."""
        body = {"text": text, "mark": mark, "by": by, "why": why, "is_trial": False}
        self._ask("change", "limits_change", body, lambda answer: on_done(_verdict(answer)), on_error)

    def record(
        self,
        on_done: Callable[[tuple[AlarmChange, ...]], None],
        on_error: Callable[[str], None],
        before: int = 0,
        path: str = "",
        most: int = PAGE,
    ) -> None:
        """Earlier changes of the list, the newest first; ``path`` = of this tag alone."""
        body = {
            "start_us": 0,
            "end_us": EVERYTHING_US,
            "before": before,
            "most": most,
            "under": path,
            "whats": ["edited", "removed"],
        }

        def take(answer: Mapping[str, Any]) -> None:
            on_done(convert(answer["changes"], tuple[AlarmChange, ...]))

        self._ask("last" if most == 1 else "record", "alarm_journal", body, take, on_error)

    def _ask(
        self,
        name: str,
        op: str,
        body: dict[str, Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[str], None],
    ) -> None:
        number = self._newest[name] = self._newest.get(name, 0) + 1

        def told(answer: Any) -> None:
            if self._newest[name] == number:
                on_done(answer)

        def failed(why: str) -> None:
            if self._newest[name] == number:
                on_error(sentence(why))

        self._feed.submit(op, body, told, failed)


def _problems(told: Sequence[Any]) -> tuple[Problem, ...]:
    return convert(told, tuple[Problem, ...])


def _verdict(answer: Mapping[str, Any]) -> Verdict:
    return Verdict(
        bool(answer["is_changed"]), answer["mark"], _problems(answer["problems"]), _problems(answer["lint"])
    )
