"""Made-up people and a made-up ledger, and a feed that answers for them as the engine does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

from engine.typed import convert
from engine.types import (
    Action,
    BreakGlass,
    LedgerAnswer,
    LedgerEntry,
    LedgerVerdict,
    Person,
    Right,
    Role,
    RoleAt,
    Session,
)
from hmi.displays.system.people.state import Staff
from hmi.who import Who
from tests.hmi.plant import NOW_US
from tests.hmi.sources import SourceFeed

S50 = "Body shop/S50"
HOUR_US = 3_600_000_000
PRESETS = (
    Right("viewer"),
    Right("operator", "", ("acknowledge", "write")),
    Right("shift lead", "", ("acknowledge", "write", "approve", "ledger")),
    Right("maintenance", "", ("acknowledge",)),
    Right("engineer", "", ("acknowledge", "configure")),
    Right("administrator", "", ("people", "backup", "ledger", "trust")),
    Right("auditor", "", ("ledger",)),
)
MARA = Person("mara", "Mara Lind", (RoleAt("operator", S50),), has_password=True, pin_stations=("desk 1",))
NADIA = Person("nadia", "Nadia Haddad", (RoleAt("administrator"),), has_password=True)
LENA = Person("lena", "Lena Ort", (RoleAt("viewer"),), is_disabled=True, has_password=True)
STAFF = Staff(
    (LENA, MARA, NADIA), PRESETS, PRESETS, ("Body shop", S50), (), "",
    ("Nadia Haddad alone can give rights: make a second administrator",),
)  # fmt: skip
USED = BreakGlass(S50, NOW_US - 9 * HOUR_US, "nadia", NOW_US - HOUR_US, "Tomas Silva", "press stood open")


def logged_in(person: Person, *actions: Action, **more: Any) -> Who:
    """A person who sits at the station."""
    facts: dict[str, Any] = {"roles": person.roles, "since_us": NOW_US, "until_us": NOW_US + 8 * HOUR_US}
    session = Session(
        f"s-{person.name}", person.name, person.full_name, "desk 1", "password", **{**facts, **more}
    )
    return Who(True, False, session, "", (), frozenset(actions))


ADMIN = logged_in(NADIA, "people", "backup", "ledger", "trust", "engine", "approve")
AUDITOR = logged_in(Person("peter", "Peter Novak", (RoleAt("auditor"),)), "ledger")
OPERATOR = logged_in(MARA, "acknowledge", "write")


def entry(seq: int, type_name: str, actor: str, /, topic: str = "", **body: Any) -> LedgerEntry:
    """An entry, made ``seq`` seconds after the first."""
    time_us = NOW_US - HOUR_US + seq * 1_000_000
    content = {
        "actor": actor,
        "body": body,
        "seq": seq,
        "time_us": time_us,
        "topic": topic,
        "type": type_name,
    }
    line = json.dumps(content, separators=(",", ":"))
    return LedgerEntry(seq, time_us, type_name, actor, topic, body, line)


WRITE: dict[str, Any] = {
    "id": "w-77", "path": f"{S50}/Press/Hydraulics/Pressure setpoint", "new": 212.0, "old": 218.6,
    "unit": "bar", "station": "desk 1",
}  # fmt: skip
ENTRIES = (
    entry(0, "ledger_begin", "ledger", origin="watchroom/line-3", key="watchroom/line-3+aa+bb"),
    entry(1, "engine_start", "engine", version="0.1.0"),
    entry(2, "login", "mara", station="desk 1", kind="pin", is_offline=False),
    entry(3, "write_selected", "mara", **WRITE),
    entry(4, "write_confirmed", "mara", **WRITE, reason="quality", **{"as": "first"}),
    entry(5, "write_sent", "mara", **WRITE, checks=[{"name": "Within 160 to 230 bar", "ok": True}]),
    entry(6, "write_verified", "engine", **WRITE, seen=211.9, why=""),
    entry(7, "alarm_action", "mara", what="acknowledged", message="Pressure high", journal_seq=12),
)
CHECKPOINT = "watchroom/line-3\n8\nq83vEjRWeJA=\n\n— watchroom/line-3 VbLC\n"
PROOF: dict[str, Any] = {
    "size": 8, "leaf_hash": "0a" * 32, "path": ["1b" * 32, "2c" * 32], "root": "3d" * 32,
    "checkpoint": CHECKPOINT, "is_proven": True, "why": "",
}  # fmt: skip
RIGHT = LedgerVerdict(True, 8, 3)


class OfficeFeed(SourceFeed):
    """``staff`` and ``entries`` are what the engine has; ``refusals`` = why it refuses an op. What was sent
    is in ``sent``; a job is done at the second look.
    """

    def __init__(self) -> None:
        super().__init__()
        self.staff = STAFF
        self.entries: list[LedgerEntry] = list(ENTRIES)
        self.facts: dict[str, Any] = {}
        self.refusals: dict[str, str] = {}
        self.proof = PROOF
        self.result: Any = msgspec.to_builtins(RIGHT)
        self.job_states: list[dict[str, Any]] = []

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """Answer as the bridge does: with plain objects, never with structs."""
        answers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "people": lambda _: self.staff,
            "people_change": self._changed,
            "may": lambda asked: {
                "rows": [["write", asked["name"] == "mara", "operator"], ["trust", False, "no"]]
            },
            "try_as": lambda _: True,
            "secret_change": lambda _: True,
            "break_glass_seal": lambda asked: {"area": asked["area"], "code": "7KQ2-M9XD-0000-1111-2222"},
            "break_glass_review": lambda _: True,
            "people_backup": lambda asked: {"file": asked["file"], "phrase": "abandon ability able"},
            "ledger": self._ledger,
            "ledger_proof": lambda asked: {"seq": asked["seq"], **self.proof},
            "ledger_rotate": lambda _: "watchroom/line-3+cc+dd",
            "ledger_accept": lambda _: True,
            "ledger_begin": lambda _: "watchroom/line-3/new",
            "job": lambda _: {"job": 5, "done": False, "progress": 0.4, "result": None, "error": ""},
            "job_state": lambda _: self.job_states.pop(0) if self.job_states else self._done(),
            "job_cancel": lambda _: True,
        }
        if name not in answers:
            super().submit(name, body, on_done, on_error)
            return
        self.sent.append((name, body))
        if name in self.refusals:
            on_error(self.refusals[name])
        else:
            on_done(msgspec.msgpack.decode(msgspec.msgpack.encode(answers[name](body))))

    def bodies(self, op: str) -> list[dict[str, Any]]:
        """What was sent of one kind."""
        return [body for name, body in self.sent if name == op]

    def _done(self) -> dict[str, Any]:
        return {"job": 5, "done": True, "progress": 1.0, "result": self.result, "error": ""}

    def _changed(self, asked: dict[str, Any]) -> Staff:
        people = {each.name: each for each in self.staff.people}
        if asked.get("csv"):
            people["kim"] = Person("kim", "Kim Park", (RoleAt("operator"),))
        for each in asked.get("people", ()):
            roles = tuple(RoleAt(_role(role["role"]), role["area"]) for role in each["roles"])
            old = people.get(each["name"], Person(each["name"], ""))
            people[each["name"]] = msgspec.structs.replace(
                old, full_name=each["full_name"], roles=roles, is_disabled=each["is_disabled"]
            )
        rights = asked.get("rights")
        found = msgspec.structs.replace(
            self.staff,
            people=tuple(people.values()),
            rights=self.staff.rights if rights is None else convert(rights, tuple[Right, ...]),
        )
        if not asked.get("is_trial"):
            self.staff = found
        return found

    def _ledger(self, asked: dict[str, Any]) -> LedgerAnswer:
        """As the engine searches: the newest first, a page, and where the next one goes on."""
        size = len(self.entries) - 4 * bool(asked["ended"])  # an ended one has less
        end = min(asked["before"] or size, size)
        found = [
            each
            for each in reversed(self.entries[:end])
            if (not asked["types"] or each.type in asked["types"])
            and asked["text"].casefold() in each.line.casefold()
            and asked["actor"] in ("", each.actor)
            and asked["start_us"] <= each.time_us <= (asked["end_us"] or 2**62)
        ]
        page = found[: asked["limit"]]
        before = page[-1].seq if len(page) < len(found) else 0
        key = "watchroom/line-3+aa+bb"
        head = LedgerAnswer("watchroom/line-3", size, CHECKPOINT, key, tuple(page), before)
        return msgspec.structs.replace(head, **self.facts)


def _role(name: str) -> Role:
    return convert(name, Role)
