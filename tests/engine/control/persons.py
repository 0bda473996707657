"""People, their rights and the ledger, as the parts of control see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from engine.control.refused import Refused
from engine.ledger.canonical import canonical
from engine.ledger.entry import TYPES
from engine.types import Action, NotRecorded, RecordEntry, Session

NOW_US = 1_795_000_000_000_000
S = 1_000_000


class Clock:
    """Stands still unless moved."""

    def __init__(self) -> None:
        self.time_us, self.ran_us = NOW_US, 0

    def now_us(self) -> int:
        return self.time_us

    def mono_us(self) -> int:
        return self.ran_us

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    def run(self, seconds: float) -> None:
        self.time_us += round(seconds * S)
        self.ran_us += round(seconds * S)


class Ledger:
    """Takes entries, unless told not to; ``during`` is called while it does."""

    def __init__(self) -> None:
        self.entries: list[RecordEntry] = []
        self.trouble = ""
        self.during: Callable[[RecordEntry], None] | None = None
        self.waiting: Callable[[], Awaitable[object]] | None = None

    async def __call__(self, entries: Sequence[RecordEntry]) -> None:
        if self.trouble:
            raise NotRecorded(self.trouble)
        for entry in entries:
            assert entry.type in TYPES
            canonical([entry.actor, entry.body, entry.topic])
            if self.during is not None:
                self.during(entry)
        if self.waiting is not None:
            await self.waiting()
        self.entries += entries

    def told(self, type: str) -> list[object]:
        """What the entries of a type say in a word, in order."""
        return [entry.body["what"] for entry in self.entries if entry.type == type]


def session(person: str, station: str = "north") -> Session:
    """A person who is logged in; the token is their name with ``token`` before it."""
    return Session(f"session of {person}", person, person.title(), station, "password", (), 0, 2**60)


def token(person: str) -> str:
    return f"token {person}"


class Rights:
    """Who may do what below which path. ``may`` and ``verify`` as the security of the engine gives them."""

    def __init__(self, **rights: Sequence[Action]) -> None:
        self.rights: dict[str, dict[str, set[Action]]] = {
            name: {"": set(actions)} for name, actions in rights.items()
        }
        self.ended: set[str] = set()
        self.asked: list[tuple[str, Action, tuple[str, ...]]] = []

    def allow(self, name: str, path: str, *actions: Action) -> None:
        self.rights.setdefault(name, {})[path] = set(actions)

    def may(self, token: str, action: Action, path: str) -> str:
        name = token.removeprefix("token ")
        if name in self.ended or name not in self.rights:
            return "nobody is logged in at this station"
        return self._why(name, action, path)

    async def verify(self, name: str, secret: str, action: Action, paths: Sequence[str]) -> str:
        known = next((each for each in self.rights if each.casefold() == name.casefold()), "")
        self.asked.append((name, action, tuple(paths)))
        if not known or secret != f"secret of {known}":
            raise Refused("name or password is wrong")
        for path in paths:
            if why := self._why(known, action, path):
                raise Refused(why)
        return known

    def _why(self, name: str, action: Action, path: str) -> str:
        fitting = [at for at in self.rights[name] if not at or path == at or path.startswith(f"{at}/")]
        allowed = self.rights[name][max(fitting, key=len)] if fitting else set[Action]()
        return "" if action in allowed else f"{name} may not {action} at {path or 'the whole plant'}"
