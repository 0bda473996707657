"""A project with a stage, whose engine can be killed and started again."""

from __future__ import annotations

from pathlib import Path

from engine.control.stage import ProjectStage
from engine.control.store import ControlStore
from engine.types import ControlSettings, StageState
from tests.engine.control.persons import Clock, Ledger, Rights, session, token

LINES = ("limits were checked", "operators were told")
RIGHTS = {"ada": ["stage"], "ben": ["stage"], "cy": ["write"], "dee": ["approve"]}


class Rig:
    """A project whose engine can be killed and started again."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock, self.ledger = path, Clock(), Ledger()
        self.rights = Rights(**RIGHTS)  # pyright: ignore[reportArgumentType]
        self.lines, self.voided, self.changes = LINES, 0, 0
        self.start()

    def start(self) -> None:
        self.store = ControlStore(self.path)
        self.stage = ProjectStage(
            self.store,
            self.ledger,
            self.rights.may,
            self.rights.verify,
            self.clock,
            lambda: ControlSettings(checklist=self.lines),
            on_lowered=self.void,
            on_change=self.changed,
        )

    def void(self) -> None:
        self.voided += 1
        assert self.stage.now != "control"

    def changed(self) -> None:
        self.changes += 1

    def restart(self) -> None:
        self.store.close()
        self.start()

    async def ask(self, person: str, to: str, answers: tuple[str, ...] = LINES) -> StageState:
        return await self.stage.ask(token(person), session(person), to, answers)  # pyright: ignore

    async def approve(self, name: str, secret: str = "") -> StageState:
        return await self.stage.approve(session("ada"), name, secret or f"secret of {name}")

    async def raise_to(self, to: str) -> None:
        await self.ask("ada", to)
        await self.approve("ben")
