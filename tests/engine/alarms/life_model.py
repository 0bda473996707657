"""The life of an alarm as standards.md 1 has it: a table, beside which `engine.alarms.life` is run.

States: A to D of ISA-18.2; LB and LC = active with a latch; LU and LA = over, latched, unacknowledged and
acknowledged; LS = the same by itself. What is set aside has no state of its own, only
what it will be when that ends.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine.alarms import life
from engine.alarms.life import At, Entry, Refused, Rules, Step
from engine.typed import from_json
from engine.types import Alarm, AlarmClass

S = 1_000_000
TABLE = {
    ("B", "ack"): "C",
    ("B", "false"): "D",
    ("C", "false"): "A",
    ("C", "realarm"): "B",
    ("D", "ack"): "A",
    ("LB", "ack"): "LC",
    ("LB", "false"): "LU",
    ("LC", "false"): "LA",
    ("LC", "realarm"): "LB",
    ("LU", "ack"): "LA",
    ("LU", "true"): "LB",
    ("LA", "reset"): "A",
    ("LA", "true"): "LC",
    ("LS", "reset"): "A",
    ("LS", "true"): "LB",
}
UNLATCHED = {("A", "true"): "B", ("D", "true"): "B"}
LATCHING = {("A", "true"): "LB", ("D", "true"): "LB"}
BY_ITSELF = {("B", "false"): "A", ("LB", "false"): "LS"}
"""A class whose alarms return to normal without a person."""
LETTER = {"A": "A", "B": "B", "C": "C", "D": "D", "LB": "B", "LC": "C", "LU": "B", "LA": "C", "LS": "C"}
ACTIVE = ("B", "C", "LB", "LC")
WORDS = {
    "true": "active",
    "false": "returned",
    "ack": "acknowledged",
    "reset": "reset",
    "realarm": "realarmed",
}
REASONS = {"service": "G", "shelf": "E", "design": "F"}
"""Why an alarm is set aside, and the letter of it; the first of those that hold is shown."""


def normal() -> Alarm:
    return Alarm("A/x", "h", 2, False, 0, 0, id=7, letter="A", acked=True, times=0)


class Twin:
    """One alarm of the engine, and the same one by the table. Seconds of true time pass by ``wait``."""

    def __init__(self) -> None:
        self.entry, self.rules = Entry(normal()), Rules()
        self.now_us, self.mono_us = 2_000_000_000 * S, 50 * S
        self.noted_us = self.now_us
        self.state, self.reasons = "A", set[str]()
        self.shelf_left = self.shelf_span = 0
        self.one_shot = False
        self.acked_wall_us = self.acked_ago = 0
        self.happened: list[str] = []

    @property
    def at(self) -> At:
        return At(self.now_us, self.mono_us)

    def turn(self, is_true: bool) -> None:
        word = "true" if is_true else "false"
        turn = life.came if is_true else life.went
        went = self.state in ACTIVE and not is_true
        self._take(turn(self.entry, self.rules, self.now_us, 1.0))
        self._expect(word)
        if went and self.one_shot and "shelf" in self.reasons:
            self._free("shelf", "expired")
        self.check()

    def ask(self, word: str) -> None:
        """A person acknowledges or resets."""
        may = not self.reasons and (self.state, word) in TABLE
        try:
            steps = (
                life.acknowledge(self.entry, "Ann", self.at)
                if word == "ack"
                else life.reset(self.entry, "Ann")
            )
        except Refused as error:
            assert not may, error
            assert str(error)
            return
        assert may, (self.state, word)
        self._take(steps)
        if word == "ack":
            self.acked_wall_us, self.acked_ago = self.now_us, 0
        self._expect(word)
        self.check()

    def shelve(self, seconds: int, one_shot: bool, reason: str) -> None:
        group, until_us = self.rules.group, self.now_us + seconds * S if seconds else 0
        span = seconds * S or (round(group.shelve_max_s * S) if one_shot else 0)
        may = 0 < span <= group.shelve_max_s * S and bool(reason or not (group.reason or group.managed))
        try:
            steps = life.shelve(self.entry, self.rules, "Ann", reason, until_us, one_shot, self.at)
        except Refused as error:
            assert not may, error
            return
        assert may
        self._take(steps)
        self.shelf_left = self.shelf_span = span
        self.one_shot = one_shot
        self._set("shelf", "shelved")
        self.check()

    def unshelve(self) -> None:
        self._end("shelf", "unshelved", lambda: life.unshelve(self.entry, "Ann"))

    def serve(self) -> None:
        self._end("service", "in_service", lambda: life.in_service(self.entry, "Ann"))

    def take_out(self, permit: str) -> None:
        try:
            steps = life.out_of_service(self.entry, "Ann", permit, self.at)
        except Refused:
            assert "service" in self.reasons or not permit
            return
        assert permit and "service" not in self.reasons
        self._take(steps)
        self._set("service", "out_of_service")
        self.check()

    def design(self, why: str) -> None:
        self._take(life.suppress(self.entry, why))
        if why and "design" not in self.reasons:
            self._set("design", "suppressed")
        elif not why and "design" in self.reasons:
            self._free("design", "unsuppressed")
        else:
            assert not self.happened
        self.check()

    def wait(self, seconds: int) -> None:
        self.now_us += seconds * S
        self.mono_us += seconds * S
        self.shelf_left -= seconds * S
        self.acked_ago += seconds * S
        self._look()

    def step_clock(self, seconds: int) -> None:
        """The wall clock is set; the engine notices at once, and nothing else happens."""
        self.now_us += seconds * S
        self._take(life.stepped(self.entry, seconds * S))
        assert self.happened == (["edited"] if "shelf" in self.reasons else [])
        self.noted_us = self.now_us
        self._look()

    def configure(self, rules: Rules) -> None:
        self.rules = rules
        self._look()

    def restart(self, seconds: int, stepped: int) -> None:
        """The engine is killed, runs again later, with a new monotonic clock; meanwhile the clock was set."""
        stored = from_json(msgspec.json.encode(self.entry.alarm), Alarm)
        end_us = self.now_us + self.shelf_left
        self.now_us += (seconds + stepped) * S
        self.mono_us = 3 * S
        self.entry = life.resumed(stored, self.at, self.noted_us)
        known_us = max(self.now_us, self.noted_us)
        self.shelf_left = min(self.shelf_span, end_us - known_us)
        self.acked_ago = max(known_us - self.acked_wall_us, 0)
        self.noted_us, self.happened = self.now_us, []
        self._look()

    def _look(self) -> None:
        """Time passed: what runs out must, and nothing else may."""
        due_us = life.due_us(self.entry, self.rules)
        steps = life.passed(self.entry, self.rules, self.at)
        assert bool(steps) == (due_us is not None and due_us <= self.mono_us)
        self._take(steps)
        if "shelf" in self.reasons and self.shelf_left <= 0:
            self._free("shelf", "expired")
        is_late = 0 < self.rules.realarm_s * S <= self.acked_ago
        if is_late and not self.reasons and self.state in ("C", "LC"):
            self._expect("realarm")
        assert not self.happened
        self.check()

    def _take(self, steps: list[Step]) -> None:
        self.happened = [each.what for each in steps]
        if steps:
            self.entry, self.noted_us = steps[-1].entry, self.now_us
        for each in steps:
            assert each.entry.alarm.letter == life.letter(each.entry.alarm)

    def _expect(self, word: str) -> None:
        """What the table says of this event; an alarm that is set aside is followed all the same."""
        table = TABLE | (LATCHING if self.rules.latching else UNLATCHED)
        if not self.rules.group.acknowledge:
            table |= BY_ITSELF
        after = table.get((self.state, word))
        if after is None:
            assert not self.happened, (self.state, word, self.happened)
            return
        assert self.happened[:1] == [WORDS[word]], (self.state, word, self.happened)
        self.happened = self.happened[1:]
        self.state = after

    def _set(self, reason: str, what: str) -> None:
        assert self.happened == [what]
        self.happened = []
        self.reasons.add(reason)
        self._renew()

    def _free(self, reason: str, what: str) -> None:
        assert self.happened[:1] == [what]
        self.happened = self.happened[1:]
        self.reasons.remove(reason)
        self._renew()

    def _renew(self) -> None:
        """Whatever was acknowledged is not any more: A if the condition is false, B if true or latched."""
        again = {"C": "B", "D": "A", "LC": "LB", "LA": "LU", "LS": "LU"}
        self.state = again.get(self.state, self.state)

    def _end(self, reason: str, what: str, do: Callable[[], list[Step]]) -> None:
        try:
            steps = do()
        except Refused:
            assert reason not in self.reasons
            return
        self._take(steps)
        self._free(reason, what)
        self.check()

    def check(self) -> None:
        alarm = self.entry.alarm
        letter = next((letter for why, letter in REASONS.items() if why in self.reasons), LETTER[self.state])
        assert alarm.letter == letter, (self.state, self.reasons, alarm)
        assert alarm.active == (self.state in ACTIVE)
        assert alarm.latched == self.state.startswith("L")
        found = {"shelf": alarm.shelf, "design": alarm.suppressed, "service": alarm.service}
        assert {why for why, there in found.items() if there} == self.reasons
        if alarm.shelf is not None:
            assert alarm.shelf.until_us - self.now_us == self.shelf_left
            assert life.due_us(self.entry, self.rules) == self.mono_us + self.shelf_left


GROUPS = (
    AlarmClass("plain"),
    AlarmClass("free", reason=False, shelve_max_s=600.0),
    AlarmClass("info", acknowledge=False),
    AlarmClass("safety", shelve_max_s=0.0, managed=True),
    AlarmClass("managed", reason=False, managed=True),
)
