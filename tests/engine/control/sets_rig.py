"""A project with setpoints on a plant that does what it is told, unless told otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.control.refused import Refused
from engine.control.restore import Row
from engine.control.set_values import Writable
from engine.control.sets import RestoreOrder, SetpointSets
from engine.control.store import ControlStore
from engine.types import (
    ControlSettings,
    Live,
    NotRecorded,
    SetInfo,
    Tag,
    Write,
    WriteKind,
    WriteRule,
)
from tests.engine.control.persons import Clock, Ledger, Rights, session, token

SPS = tuple(f"Line/M{k}/SP" for k in range(6))


def tags(paths: Sequence[str] = SPS, sources: int = 2) -> dict[str, Tag]:
    return {
        path: Tag(k, path, f"plc{k % sources}", f"holding:{k}", "float64", "bar", 0.0, 100.0)
        for k, path in enumerate(paths)
    }


class Machine:
    """A plant that does what it is told, but for what ``does`` says of a path."""

    def __init__(self, values: dict[str, float]) -> None:
        self.values = values
        self.status: dict[str, int] = {}
        self.written: list[tuple[str, float, WriteKind, str, str]] = []
        self.at_work: dict[str, int] = {}
        self.side_by_side = 0
        self.does: Callable[[str], str] = lambda path: "verified"
        self.source_of: Callable[[str], str] = lambda path: ""

    def live_of(self, paths: Sequence[str]) -> list[Live]:
        return [
            Live(self.values.get(path), self.status.get(path, 0), 0.1 if path in self.values else None)
            for path in paths
        ]

    async def write_one(self, path: str, value: float, kind: WriteKind, *, reason: str, second: str) -> Write:
        source = self.source_of(path)
        self.at_work[source] = self.at_work.get(source, 0) + 1
        assert self.at_work[source] == 1, "one at a time per source"
        self.side_by_side = max(self.side_by_side, sum(self.at_work.values()))
        await asyncio.sleep(0)
        self.at_work[source] -= 1
        step = self.does(path)
        if step in ("not recorded", "refused", "broken"):
            raise {"not recorded": NotRecorded, "refused": Refused, "broken": ValueError}[step](step)
        self.written.append((path, value, kind, reason, second))
        if step == "verified":
            self.values[path] = value
        return Write("w", kind, path, step, value, why=f"so it is {step}")  # pyright: ignore


class Rig:
    """A project with six setpoints on two devices."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock, self.ledger = path, Clock(), Ledger()
        self.rights = Rights(ada=["write", "restore"], ben=["approve"], cy=["write"], dee=["annotate"])
        self.tags = tags()
        self.rules = {each: WriteRule(each, tolerance=0.5) for each in SPS}
        self.commands: frozenset[str] = frozenset()
        self.machine = Machine({each: 10.0 * k for k, each in enumerate(SPS)})
        self.machine.source_of = lambda path: self.tags[path].source
        self.progress: list[float] = []
        self.stop_at = 2.0
        self.start()

    def start(self) -> None:
        self.store = ControlStore(self.path)
        self.sets = SetpointSets(
            self.store,
            self.ledger,
            self.rights.may,
            self.rights.verify,
            self.clock,
            lambda: Writable(self.rules, self.tags, self.commands),
            self.machine.live_of,
            ControlSettings,
        )

    def restart(self) -> None:
        self.store.close()
        self.start()

    def rule(self, path: str, **more: Any) -> None:
        self.rules[path] = msgspec.structs.replace(self.rules[path], **more)

    async def save(self, person: str = "ada", name: str = "summer", scope: str = "Line") -> SetInfo:
        return await self.sets.save(token(person), session(person), name, scope)

    def watch(self, progress: float) -> bool:
        self.progress.append(progress)
        return progress < self.stop_at

    async def restore(
        self, set_id: int, paths: Sequence[str] = SPS, person: str = "ada", **more: Any
    ) -> tuple[tuple[Row, ...], int]:
        order = RestoreOrder(set_id, tuple(paths), **({"reason": "start-up"} | more))
        return await self.sets.restore(
            token(person), session(person), order, self.machine.write_one, self.watch
        )

    def steps(self, rows: Sequence[Row]) -> list[str]:
        return [step for _, step, _ in rows]
