"""An engine in memory that judges alarms.csv by the rules of the real one; answers at once or when told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from engine.alarms.lint import lint
from engine.app.alarm_edit import difference, reader, what_changed
from engine.types import AlarmChange, AlarmClass, AssetType, Limit, Project
from engine.wire import LimitsAnswer, LimitsChangeAnswer
from hmi.model import Model, build
from tests.hmi.plant import NOW_US, PLANT, PlantFeed, tag

PRESS, AIR = "Body shop/S50 Roof press", "Utilities/Air"
PRESSURE, OIL = f"{PRESS}/Hydraulics/Pressure", f"{PRESS}/Hydraulics/Oil temperature"
GUARD, HEADER = f"{PRESS}/Guard closed", f"{AIR}/Header pressure"
TAGS = (
    tag(PRESSURE, decimals=1),
    tag(OIL, "°C", 0, 90),
    tag(HEADER, "bar", 0, 10),
    tag(GUARD, "", None, None, type="bool"),
)
TYPES = (
    AssetType(id="press", paths=("*/S50 *",), level="unit"),
    AssetType(id="air", paths=("Utilities/Air",), level="utility"),
)
CLASSES = (AlarmClass("safety", "Safety", shelve_max_s=0, managed=True), AlarmClass("quality", "Quality"))
TEXT = f"""path,kind,limit,priority,deadband,on_delay,message,cause,response,respond,Owner
{PRESSURE},hh,240,1,3,1,Pressure high-high,seal leak,"lower setpoint, inspect",180,Mia
{PRESSURE},h,232,2,3,5,Pressure high,seal leak begins,plan the seal,600,Mia
{PRESSURE},l,180,2,4,5,Pressure low,pump weak,check the pump,600,

{OIL},h,58,3,1,10,Oil temperature high,cooler,check the water,900,"Ben, night"
{GUARD},off,,1,,,Guard open,,close the guard,60,
{HEADER},l,5.5,3,,,Air low,,,300,Ben
"""
PROJECT = Project("", PLANT, (), TAGS, types=TYPES, alarm_classes=CLASSES)


def model() -> Model:
    return build(PROJECT)


def mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class PlantEngine(PlantFeed):
    """``holds`` = ops whose answers wait for `release`; ``refuses`` = ops with what they are refused with;
    ``job`` = the states of a job, one for each look.
    """

    def __init__(self, text: str = TEXT) -> None:
        super().__init__()
        self.text, self.sent, self.waiting = (
            text,
            list[tuple[str, dict[str, Any]]](),
            list[Callable[[], None]](),
        )
        self.holds, self.refuses = set[str](), dict[str, str]()
        self.journal: list[AlarmChange] = []
        self.job: list[Any] = []
        self._read = reader(TAGS, CLASSES)
        self.limits: Sequence[Limit] = self._read(text)[0] or ()

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        self.sent.append((name, body))

        def answer() -> None:
            if name in self.refuses:
                on_error(self.refuses[name])
                return
            try:
                made = self._answer(name, body)
            except ValueError as error:
                on_error(str(error))
            else:
                on_done(made)

        if name in self.holds:
            self.waiting.append(answer)
        else:
            answer()

    def release(self) -> None:
        """Give the answers that wait."""
        while self.waiting:
            self.waiting.pop(0)()

    def named(self, name: str) -> list[dict[str, Any]]:
        """What was sent with this op."""
        return [body for each, body in self.sent if each == name]

    def _answer(self, name: str, body: dict[str, Any]) -> Any:
        if name == "limits":
            found = lint(self.limits, CLASSES, PROJECT.alarm_settings, PROJECT)
            told = LimitsAnswer(self.text, mark(self.text), tuple(self.limits), CLASSES, lint=tuple(found))
            return msgspec.to_builtins(told)
        if name == "limits_change":
            return msgspec.to_builtins(self._change(body))
        if name == "alarm_journal":
            return {"changes": msgspec.to_builtins(self._page(body)), "count": len(self.journal)}
        assert name in ("job", "job_state", "job_cancel"), name
        return None if name == "job_cancel" else self.job.pop(0)

    def _change(self, body: dict[str, Any]) -> LimitsChangeAnswer:
        if body["mark"] != mark(self.text):
            raise ValueError("somebody changed alarms.csv since it was read here")
        found, problems = self._read(body["text"])
        if found is None or any(each.severity == "error" for each in problems):
            return LimitsChangeAnswer(False, body["mark"], tuple(problems))
        if body["is_trial"]:
            told = tuple(lint(found, CLASSES, PROJECT.alarm_settings, PROJECT))
            return LimitsChangeAnswer(False, body["mark"], tuple(problems), lint=told)
        self.write(body["text"], body["by"], body["why"])
        return LimitsChangeAnswer(True, mark(self.text), tuple(problems))

    def write(self, text: str, by: str, why: str) -> None:
        """A person, here or elsewhere, puts this list in force."""
        found = self._read(text)[0] or ()
        made = difference(self.limits, found)
        for limit, words in [
            *((each, f"{why} (added)") for each in made.added),
            *((after, f"{why} ({what_changed(before, after)})") for before, after in made.edited),
            *((each, f"-{why}") for each in made.removed),
        ]:
            self.journal.insert(0, self._noted(limit, by, words))
        self.text, self.limits = text, found

    def _noted(self, limit: Limit, by: str, words: str) -> AlarmChange:
        return AlarmChange(
            alarm=1,
            what="removed" if words.startswith("-") else "edited",
            letter="A",
            priority=limit.priority,
            time_us=NOW_US - 60_000_000,
            source_us=NOW_US - 60_000_000,
            path=limit.path,
            kind=limit.kind,
            by=by,
            text=words.removeprefix("-"),
            seq=len(self.journal) + 1,
        )

    def _page(self, body: dict[str, Any]) -> list[AlarmChange]:
        found = [
            each
            for each in self.journal
            if (not body["before"] or each.seq < body["before"])
            and (not body["under"] or each.path == body["under"])
            and each.what in body["whats"]
        ]
        return found[: body["most"]]
