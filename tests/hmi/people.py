"""People of a made-up plant, and a feed that answers for the engine when a test says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.types import Action, RoleAt, Session, StageState
from engine.wire import ControlAnswer, Face, LoginAnswer
from hmi.control_book import ControlBook
from hmi.who import Who
from tests.hmi.plant import NOW_US, PlantFeed

HOUR_US = 3_600_000_000
MARIA, JAN = Face("m.operator", "Maria Operator", True), Face("jan", "Jan de Vries", False)
SELMA = Face("selma", "Selma Shift", True, is_demo=True)
FACES = (MARIA, JAN, SELMA)
MAY: tuple[Action, ...] = ("acknowledge", "write", "stage")


def session(face: Face = MARIA, **more: Any) -> Session:
    """A session of somebody, until 18:13 at the plant."""
    facts: dict[str, Any] = {
        "id": f"session of {face.name}",
        "person": face.name,
        "full_name": face.full_name,
        "station": "desk 1",
        "kind": "pin",
        "roles": (RoleAt("operator"),),
        "since_us": NOW_US - HOUR_US,
        "until_us": NOW_US + 4 * HOUR_US,
    }
    return Session(**{**facts, **more})


def who(held: Session | None = None, **more: Any) -> Who:
    """What the window is told of it."""
    facts: dict[str, Any] = {
        "is_known": True,
        "session": held,
        "faces": FACES,
        "actions": frozenset(MAY if held is not None else ()),
    }
    return Who(**{**facts, **more})


def login_answer(face: Face = MARIA, token: str = "secret token", warning: str = "") -> dict[str, Any]:
    """The answer to a login, as it comes off the wire."""
    made = LoginAnswer(token, session(face), MAY, warning)
    return msgspec.msgpack.decode(msgspec.msgpack.encode(made))


def control(stage: StageState | None = None, **more: Any) -> ControlBook:
    """A book at a stage."""
    made = ControlBook()
    made.take(ControlAnswer(1, True, stage=stage or StageState("control", NOW_US, ("Ada", "Selma")), **more))
    return made


@dataclass
class Sent:
    """A request that waits for its answer."""

    op: str
    body: dict[str, Any]
    done: Callable[[Any], None]
    fail: Callable[[str], None]


class PeopleFeed(PlantFeed):
    """Keeps every request until the test answers it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Sent] = []

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """Keep it."""
        self.sent.append(Sent(name, body, on_done, on_error))

    @property
    def last(self) -> Sent:
        """The newest."""
        return self.sent[-1]

    def ops(self) -> list[str]:
        """What was asked for, in order."""
        return [each.op for each in self.sent]
