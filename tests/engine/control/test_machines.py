"""Stage and work tags under anything people, clocks, ledgers and power cuts do, in any order.

Beside a plain model, and beside the ledger: what its entries tell, read from the first to the last, must be
what counts.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.control.intent import settle
from engine.control.refused import Refused
from engine.control.stage import STAGES, ProjectStage
from engine.control.store import ControlStore
from engine.control.work import WorkTags
from engine.types import ControlSettings, NotRecorded, RecordEntry, WorkTag
from tests.engine.control.persons import Clock, Ledger, Rights, session, token

PEOPLE = st.sampled_from(("ada", "ben", "cy", "dee"))
ASSETS = st.sampled_from(("Line", "Line/Press", "Hall"))
PATHS = ("Line/Press/SP", "Line/SP", "Hall/SP", "Hall", "Lines/SP")
TO = st.sampled_from(STAGES)
HOW = st.sampled_from(("", "", "", "", "refused", "killed before", "killed after"))
"""What becomes of the entry of a change: mostly nothing special."""
RIGHTS: dict[str, Any] = {
    "ada": ["stage", "work tag"],
    "ben": ["stage", "work tag"],
    "cy": ["approve", "work tag"],
    "dee": ["write"],
}


class Killed(BaseException):
    """The engine is gone."""


class Machine(RuleBasedStateMachine):
    """One project, its engine started as often as it is killed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.clock, self.ledger = Clock(), Ledger()
        self.rights = Rights(**RIGHTS)
        self.lines = ("first",)
        self.stage_is, self.asked = "look", None
        self.tags: set[tuple[str, str]] = set()
        self.start()

    def start(self) -> None:
        self.store = ControlStore(self.folder / "control.db")
        rights = self.rights
        settings_of = lambda: ControlSettings(checklist=self.lines)  # noqa: E731
        self.stage = ProjectStage(self.store, self.ledger, rights.may, rights.verify, self.clock, settings_of)
        self.work = WorkTags(
            self.store, self.ledger, rights.may, rights.verify, self.clock, lambda asset: True
        )
        self.runner.run(settle(self.store, self.ledger))

    def teardown(self) -> None:
        self.runner.close()
        self.store.close()
        shutil.rmtree(self.folder)

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.asked = None
        self.start()

    def does(self, work: Coroutine[Any, Any, object], how: str) -> str:
        """Do it; "done", "refused" or "killed", after which the engine is there again."""

        def kill(entry: RecordEntry) -> None:
            if how == "killed after":
                self.ledger.entries.append(entry)
            raise Killed

        self.ledger.trouble = "the disk is full" if how == "refused" else ""
        self.ledger.during = kill if how.startswith("killed") else None
        try:
            self.runner.run(work)
        except (Refused, NotRecorded):
            return "refused"
        except Killed:
            self.ledger.during = None
            self.restart()
            return "killed"
        finally:
            self.ledger.trouble, self.ledger.during = "", None
        return "done"

    @rule(person=PEOPLE, to=TO, how=HOW, is_answered=st.booleans())
    def ask(self, person: str, to: Any, how: str, is_answered: bool) -> None:
        answers = self.lines if is_answered else ()
        came = self.does(self.stage.ask(token(person), session(person), to, answers), how)
        step = STAGES.index(to) - STAGES.index(self.stage_is)  # pyright: ignore[reportArgumentType]
        if step < 0:
            may = person in ("ada", "ben", "cy")
            assert came == ("done" if may and not how else "refused" if not may or how == "refused" else came)
            if may:
                self.asked = None
                if came in ("done", "killed"):  # a lowering that was cut short counts
                    self.stage_is = to
        elif step == 1 and came == "done":
            assert person in ("ada", "ben") and is_answered
            self.asked = (person, to)
        elif step == 0 and came == "done":
            assert self.asked is not None and self.asked[0] == person
            self.asked = None
        else:
            assert came != "done"

    @rule(person=PEOPLE, how=HOW)
    def approve(self, person: str, how: str) -> None:
        came = self.does(self.stage.approve(session(person), person, f"secret of {person}"), how)
        may = self.asked is not None and person in ("ada", "ben") and person != self.asked[0]
        assert (came == "done") == (may and not how)
        if came == "done" and self.asked is not None:
            self.stage_is, self.asked = self.asked[1], None

    @rule(seconds=st.sampled_from((1, 599, 601)))
    def wait(self, seconds: int) -> None:
        self.clock.run(seconds)
        if self.stage.state().asked is None:
            self.asked = None

    @rule(seconds=st.sampled_from((-100_000, 100_000)))
    def step_clock(self, seconds: int) -> None:
        self.clock.time_us += seconds * 1_000_000

    @rule()
    def change_checklist(self) -> None:
        self.lines, self.asked = (*self.lines, f"line {len(self.lines)}"), None

    @rule(person=PEOPLE)
    def log_out(self, person: str) -> None:
        self.stage.ended(f"session of {person}")
        if self.asked is not None and self.asked[0] == person:
            self.asked = None

    @rule(person=PEOPLE, asset=ASSETS, how=HOW)
    def put_on(self, person: str, asset: str, how: str) -> None:
        came = self.does(
            self.work.put_on(token(person), session(person), WorkTag(asset, "", person.title())), how
        )
        assert (came == "done") == (person != "dee" and not how)
        if came in ("done", "killed"):  # one that was cut short counts
            self.tags.add((asset, person))

    @rule(person=PEOPLE, asset=ASSETS, second=st.sampled_from(("", "ada", "ben", "cy")), how=HOW)
    def take_off(self, person: str, asset: str, second: str, how: str) -> None:
        came = self.does(
            self.work.take_off(
                token(person), session(person), asset, second=second, secret=f"secret of {second}"
            ),
            how,
        )
        here = {owner for at, owner in self.tags if at == asset}
        whose = person if person in here else next(iter(here)) if len(here) == 1 else ""
        may = bool(whose) and person != "dee" and (whose == person or second not in ("", person))
        assert (came == "done") == (may and not how)
        if came == "done":
            self.tags.remove((asset, whose))

    @invariant()
    def it_is_as_the_model(self) -> None:
        assert self.stage.now == self.stage_is
        asked = self.stage.state()
        assert (asked.asked_by, asked.asked) == (self.asked or ("", None))
        assert {(tag.asset, tag.by) for tag in self.work.all()} == self.tags
        for path in PATHS:
            covered = any(path == asset or path.startswith(f"{asset}/") for asset, _ in self.tags)
            assert bool(self.work.blocked(path)) == covered

    @invariant()
    def it_is_as_the_ledger_tells(self) -> None:
        stage, tags = told(self.ledger.entries)
        assert (stage, tags) == (self.stage.now, self.tags)
        assert self.store.unfinished() == []

    @invariant()
    def it_is_as_on_disk(self) -> None:
        kept = self.store.stage()
        assert (kept.state.stage if kept else "look") == self.stage.now
        assert tuple(self.store.work_tags()) == self.work.all()


def told(entries: list[RecordEntry]) -> tuple[str, set[tuple[str, str]]]:
    """The stage and the work tags, by the ledger alone."""
    stage, tags = "look", set[tuple[str, str]]()
    for entry in entries:
        body = entry.body
        is_cut = body["what"].startswith("cut short")
        does_count = body.get("became") != "it does not count"
        of = body["of"] if is_cut else body
        if entry.type == "stage" and of["what"] != "asked for":
            stage = of["to"] if does_count else of["from"]
        elif entry.type == "work_tag":
            key = of["tag"]["asset"], of["tag"]["by"]
            change: Callable[[tuple[str, str]], None] = (
                tags.discard if (of["what"] == "taken off") == does_count else tags.add
            )
            change(key)
    return stage, tags


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=15, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
