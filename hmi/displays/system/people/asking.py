"""What the People page asks of the engine: one place for questions, answers and who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hmi.displays.feed import Feed
from hmi.displays.system.people.state import Staff, as_staff, may_see
from hmi.formats import sentence, t
from hmi.who import NOBODY, Who

Done = Callable[[Staff], None]
Failed = Callable[[str], None]


class Asking:
    """``staff`` is what is known, None = nothing yet. ``told`` is called after it changed.

    What was known is forgotten when another person sits down: it was told to somebody else.
    """

    def __init__(self, feed: Feed, told: Callable[[], None]) -> None:
        self._feed, self._told = feed, told
        self.staff: Staff | None = None
        self.who: Who = NOBODY
        self.trouble = ""
        self.is_stalled = False
        self._question = 0

    def set_who(self, known: Who) -> bool:
        """Another person or another state; whether what is known is worth nothing now."""
        before, self.who = self.who, known
        same = _key(before) == _key(known)
        if not same:
            self.forget()
        return not same

    def forget(self) -> None:
        """Answers to what was asked are dropped too."""
        self.staff, self.trouble = None, ""
        self._question += 1

    def why_not(self, action: Any = "people") -> str:
        """Why this person cannot change anything here now, "" = they can."""
        return t("The engine does not answer.") if self.is_stalled else self.who.why_not(action)

    def ask(self) -> None:
        """Everybody, anew."""
        if self.is_stalled or not may_see(self.who):
            return
        self._question += 1
        asked = self._question

        def missed(why: str) -> None:
            if asked == self._question:
                self.trouble = sentence(why)
                self._told()

        def came(answer: Any) -> None:
            if asked == self._question:
                self._take(answer)

        self._feed.submit("people", {}, came, missed)

    def change(self, body: dict[str, Any], done: Done, failed: Failed) -> None:
        """Change people or rights, all or nothing. A trial changes nothing here either."""
        asked = self._question

        def came(answer: Any) -> None:
            if asked != self._question:
                return
            found = as_staff(answer)
            if found is None:
                failed(_unreadable())
                return
            if not body.get("is_trial"):
                self.staff, self.trouble = found, ""
                self._told()
            done(found)

        self._feed.submit("people_change", body, came, failed)

    def send(self, op: str, body: dict[str, Any], done: Callable[[Any], None], failed: Failed) -> None:
        """Anything else; an answer for another person is dropped."""
        who = _key(self.who)

        def came(answer: Any) -> None:
            if who == _key(self.who):
                done(answer)

        def missed(why: str) -> None:
            if who == _key(self.who):
                failed(why)

        self._feed.submit(op, body, came, missed)

    def _take(self, answer: Any) -> None:
        found = as_staff(answer)
        self.trouble = "" if found is not None else _unreadable()
        self.staff = found if found is not None else self.staff
        self._told()


def _key(who: Who) -> tuple[str, bool]:
    return (who.session.id if who.session is not None else "", may_see(who))


def _unreadable() -> str:
    return t("The engine told this in a way we do not know; is it of another version?")
