"""The engine, which kills itself with -9 at one point of a write.

``python -m tests.faults.killed_engine FOLDER``: the file FOLDER-kills-at names the point, as `points` has
them; without it this is the engine and nothing else. What counts is the first write that is proposed while
the file is there.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.app import control
from engine.app.run import run
from engine.control.store import ControlStore
from engine.types import RecordEntry, Sent, Write, WriteOrder

STEPS = ("proposed", "checked", "selected", "confirmed", "second", "sent", "verified")
"""``second`` = the second confirmation, where one is needed."""
SENDING = ("before the frame", "after the frame")


def points(*, needs_second: bool) -> list[str]:
    """Every point at which a write can be cut short, in the order it passes them."""
    found = list[str]()
    for step in STEPS:
        if step == "second" and not needs_second:
            continue
        found += [f"before {step} is on record", f"after {step} is on record"]
        found += [f"before {step} is kept", f"after {step} is kept"]
        found += SENDING if step == "sent" else ()
    return found


class Killer:
    """Looks at the order at each point."""

    def __init__(self, folder: Path) -> None:
        self._order, self._mine = order_of(folder), ""

    def at(self, point: str, write: str) -> None:
        if not self._order.exists():
            return
        if point == "before proposed is on record":
            self._mine = self._mine or write
        if write in ("", self._mine) and self._order.read_text() == point:
            os.kill(os.getpid(), signal.SIGKILL)


def order_of(folder: Path) -> Path:
    """The file that names the point."""
    return folder.with_name(f"{folder.name}-kills-at")


class Keep:
    """The file of control, with a point before and after each write that is kept."""

    def __init__(self, store: ControlStore, killer: Killer) -> None:
        self._store, self._killer = store, killer

    async def save(self, write: Write) -> None:
        step = "second" if write.step == "confirmed" and write.second else write.step
        self._killer.at(f"before {step} is kept", write.id)
        await self._store.save(write)
        self._killer.at(f"after {step} is kept", write.id)

    def all(self) -> Sequence[Write]:
        return self._store.all()


def main(folder: Path) -> None:
    """Run the engine with its gate's ways to ledger, disk and device watched."""
    killer, outside = Killer(folder), control.Outside

    def watched(**given: Any) -> control.Outside:
        record, send = given["record"], given["send"]

        async def recorded(entries: Sequence[RecordEntry]) -> None:
            (entry,) = entries
            step = "second" if entry.body.get("as") == "second" else entry.type.removeprefix("write_")
            killer.at(f"before {step} is on record", entry.body["id"])
            await record(entries)
            killer.at(f"after {step} is on record", entry.body["id"])

        async def sent(order: WriteOrder, *more: Any) -> Sent:
            killer.at(SENDING[0], "")
            answer = await send(order, *more)
            killer.at(SENDING[1], "")
            return answer

        more = {"record": recorded, "send": sent, "keep": Keep(given["keep"], killer)}
        return outside(**given | more)

    control.Outside = watched  # pyright: ignore[reportAttributeAccessIssue]
    run(folder, "test", lambda pid: print(pid, flush=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
