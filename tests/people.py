"""People at stations of a running engine, and what they do there: log in, raise the stage, write, look."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.client import Client
from engine.types import Alarm, ControlSettings, Role, RoleAt, Stage, StageState, Write
from engine.wire import (
    AlarmsAnswer,
    AlarmsBody,
    ApproveBody,
    ConfirmBody,
    ControlAnswer,
    ControlBody,
    FirstBody,
    JobAskBody,
    JobBody,
    JobState,
    LoginAnswer,
    LoginBody,
    PeopleAnswer,
    PeopleChangeBody,
    PersonEdit,
    PlantAnswer,
    SelectBody,
    SessionAnswer,
    SessionBody,
    SourceBody,
    StageApproveBody,
    StageBody,
    encode,
)
from tests.engine.app.recorded import lines
from tests.running import until

PASSWORD = "blue gravel under nine bridges"
ADA, EVA, OLAF, SHIRIN, VERA = "ada", "eva", "olaf", "shirin", "vera"
CREW: tuple[tuple[str, str, Role], ...] = (
    (EVA, "Eva Engineer", "engineer"),
    (OLAF, "Olaf Operator", "operator"),
    (SHIRIN, "Shirin Shift Lead", "shift lead"),
    (VERA, "Vera Viewer", "viewer"),
)
"""Everybody but the first administrator, who is ``ADA``."""
SLOW_S = 60.0
"""A password takes its time, and the machine may be busy."""
Answer = TypeVar("Answer")


@dataclass
class Person:
    """Somebody logged in at a station, with a connection of their own. ``token`` = of the session."""

    client: Client
    station: str = "desk"
    token: str = field(default="", repr=False)

    def log_in(self, name: str, secret: str = PASSWORD, kind: Any = "password") -> LoginAnswer:
        """Take over the station."""
        answer = self.ask("login", LoginBody(self.station, name, secret, kind), LoginAnswer)
        self.token = self.client.session = answer.token
        return answer

    def ask(self, op: str, body: object, answer: type[Answer]) -> Answer:
        """Ask with patience."""
        return self.client.call(op, body, answer, timeout_s=SLOW_S)

    def select(self, path: str, value: float | None = None, **more: Any) -> Write:
        return self.ask("select", SelectBody(path, value, **more), Write)

    def confirm(self, write: Write, reason: str = "", note: str = "") -> Write:
        return self.ask("confirm", ConfirmBody(write.id, write.path, write.new, reason, note), Write)

    def begin_confirm(self, write: Write, reason: str = "") -> int:
        """Confirm without waiting; ``answered`` has what comes of it."""
        return self.client.request("confirm", ConfirmBody(write.id, write.path, write.new, reason))

    def approve(self, write: Write, name: str, secret: str = PASSWORD) -> Write:
        """Let a second person approve at this station."""
        return self.ask("approve", ApproveBody(write.id, name, secret), Write)

    def write(self, path: str, value: float, reason: str = "") -> Write:
        """Select and confirm; whatever came of it."""
        selected = self.select(path, value)
        return selected if selected.step != "selected" else self.confirm(selected, reason)

    def session(self) -> SessionAnswer:
        """What the engine says of this station's session."""
        return self.ask("session", SessionBody(self.station), SessionAnswer)

    def control(self) -> ControlAnswer:
        """All there is to see of control."""
        return self.ask("control", ControlBody(), ControlAnswer)

    def seen(self, id: str) -> Write:
        """A write as everybody sees it now."""
        return next(each for each in self.control().writes if each.id == id)

    def becomes(self, id: str, step: str, seconds: float = 30.0) -> Write:
        """Wait until a write is at a step."""
        until(lambda: self.seen(id).step == step, seconds, f"the write becomes {step}")
        return self.seen(id)

    def alarms(self) -> list[Alarm]:
        """The list of alarms."""
        return list(self.ask("alarms", AlarmsBody(), AlarmsAnswer).alarms)

    def job(self, kind: str, body: msgspec.Struct) -> int:
        """Begin long work; its number."""
        asked = JobBody(kind, encode(body))  # pyright: ignore[reportArgumentType]
        return self.ask("job", asked, JobState).job

    def job_state(self, job: int) -> JobState:
        return self.ask("job_state", JobAskBody(job), JobState)

    def job_done(self, job: int, seconds: float = 120.0) -> JobState:
        """Wait for the end of long work."""
        return until(lambda: found if (found := self.job_state(job)).done else None, seconds, "the job ends")


@contextlib.contextmanager
def at(folder: Path, name: str = "", station: str = "desk") -> Iterator[Person]:
    """A station of a running engine, with somebody logged in unless ``name`` is empty."""
    person = Person(Client(folder, "hmi"), station)
    try:
        if name:
            person.log_in(name)
        yield person
    finally:
        person.client.close()


def make_people(folder: Path) -> None:
    """The first administrator and everybody of ``CREW``, who all have ``PASSWORD``."""
    with at(folder) as ada:
        first = FirstBody(ada.station, ADA, "Ada Admin", PASSWORD)
        ada.client.session = ada.ask("first_administrator", first, LoginAnswer).token
        crew = tuple(
            PersonEdit(name, full, (RoleAt(role),), password=PASSWORD, must_change=False)
            for name, full, role in CREW
        )
        ada.ask("people_change", PeopleChangeBody(crew), PeopleAnswer)


def raise_stage(folder: Path, to: Stage = "control") -> StageState:
    """Two people raise the stage step by step, with every line of the checklist answered."""
    lines_of_it = ControlSettings().checklist
    with at(folder, EVA, "stage desk") as eva:
        state = eva.control().stage
        while state.stage != to:
            following: Stage = "advise" if state.stage == "look" else "control"
            eva.ask("stage_ask", StageBody(following, lines_of_it), StageState)
            state = eva.ask("stage_approve", StageApproveBody(ADA, PASSWORD), StageState)
            assert state.stage == following
    return state


def operated(folder: Path) -> None:
    """People, stage control, and writes over open links where the project asks for them.

    What a demo begins with, but with the people of a real project.
    """
    make_people(folder)
    raise_stage(folder)
    with at(folder, ADA, "office") as ada:
        for source in ada.ask("plant", None, PlantAnswer).project.sources:
            if source.unsecured_writes:
                ada.ask("unsecured_confirm", SourceBody(source.id), bool)


def entries(folder: Path, *types: str) -> list[dict[str, Any]]:
    """The ledger's entries of these types, all without any; read beside the engine."""
    return [each for each in lines(folder) if not types or each["type"] in types]


def steps_of(folder: Path, id: str) -> list[str]:
    """The steps of one write as the ledger has them, in order."""
    found = [
        each for each in lines(folder) if each["type"].startswith("write_") and each["body"].get("id") == id
    ]
    return [each["type"].removeprefix("write_") for each in found]
