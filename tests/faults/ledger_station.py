"""A journal and a ledger as one engine has them, at work until somebody ends the process: to be killed.

``python -m tests.faults.ledger_station FOLDER``: a line on stdout for what is in the journal or on record.
With ``rotate STEP`` the key of the ledger is changed and the process kills itself after that step.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from engine.app import ledger as ledger_module
from engine.app.ledger_key import Keys
from engine.clock import SystemClock
from engine.store import Journal, StoredEvent
from engine.types.control import RecordEntry
from tests.engine.app.recorded import PHRASE, project
from tests.running import until

STEPS = ("prepare", "rotate", "settle")


def main(folder: Path, step: str) -> None:
    """Until somebody ends it."""
    clock = SystemClock()
    scribe = ledger_module.Scribe(project(folder), clock, keyring=lambda: None, phrase=lambda: PHRASE)
    (folder / "data").mkdir(exist_ok=True)

    def committed(events: Any) -> None:
        scribe.heard(events)
        tell(events)

    journal = Journal(folder / "data" / "journal.db", committed, failed=lambda text: None)
    scribe.begin(journal)
    until(lambda: not scribe.is_starting)
    if step:
        die_after(step)
        asyncio.run(scribe.rotate("Ada", "every year"))
        return
    k, pause = journal.last(), threading.Event()
    while True:
        k += 1
        journal.append(clock.now_us(), "clock_step" if k % 3 else "source_state", {"k": k})
        if k % 5 == 0:
            asyncio.run(scribe.record([RecordEntry("write_sent", "Ada", {"k": k})]))
            say("recorded", k)
        pause.wait(0.002)


def tell(events: list[StoredEvent]) -> None:
    """What is promised."""
    say("committed", events[-1].seq)


def say(what: str, k: int) -> None:
    """One line, whole: two threads speak."""
    os.write(1, f"{what} {k}\n".encode())


def die_after(step: str) -> None:
    """Kill this process once that step of a change of key was done."""
    owner: Any = ledger_module.Ledger if step == "rotate" else Keys
    real = getattr(owner, step)

    def last(*words: Any) -> None:
        real(*words)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, step, last)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[3] if len(sys.argv) > 3 else "")
