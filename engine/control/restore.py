"""Many tags written: each once, several sources side by side, one tag at a time in each source."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.control.refused import Refused
from engine.control.words import number
from engine.types import NotRecorded, SetDifference, Write, WriteKind

log = logging.getLogger("watchroom.control")
MOST_UNKNOWN = 3
"""Unknown outcomes in a row at one source after which nothing more is written anywhere."""
CANCELLED = "not written: it was cancelled before"
Row = tuple[str, str, str]
"""Path, step ("verified", "rejected", "unknown", "equal") and why."""
Watch = Callable[[float], bool]
"""Told how far the work is, 0 to 1; False = stop before the next tag."""


class WriteOne(Protocol):
    """One write of the person who restores, through the gate, from proposal to outcome.

    ``second`` = who agreed to the critical ones, verified before. Returns the write once it is
    verified, rejected or unknown.

    Raises:
        NotRecorded: the ledger does not take it; nothing was written.
        Refused: it may not be written; nothing was.
    """

    async def __call__(
        self, path: str, value: float, kind: WriteKind, *, reason: str, second: str
    ) -> Write: ...


@dataclass(slots=True)
class _Run:
    """What all sources share while they are at work."""

    write_one: WriteOne
    kind: WriteKind
    reason: str
    second: str
    watch: Watch
    total: int
    rows: dict[str, Row] = field(default_factory=dict[str, Row])
    stop: str = ""


async def written(
    rows: Sequence[SetDifference],
    source_of: Mapping[str, str],
    write_one: WriteOne,
    kind: WriteKind,
    *,
    reason: str,
    second: str,
    watch: Watch,
) -> tuple[Row, ...]:
    """Write the saved value of every row that differs; a result for every row, in their order.

    What is equal, or cannot be written, is not. Nothing more is written after a cancel, after three unknown
    outcomes in a row at one source, and once the ledger refuses.
    """
    run = _Run(write_one, kind, reason, second, watch, len(rows))
    by_source: dict[str, list[SetDifference]] = {}
    for row in rows:
        if row.is_equal:
            run.rows[row.path] = (row.path, "equal", "")
        elif row.why:
            run.rows[row.path] = (row.path, "rejected", f"not written: {row.why}")
        else:
            by_source.setdefault(source_of[row.path], []).append(row)
    async with asyncio.TaskGroup() as together:
        for source, part in by_source.items():
            together.create_task(_one_source(run, source, part), name=f"restore {source}")
    return tuple(run.rows[row.path] for row in rows)


async def _one_source(run: _Run, source: str, part: Sequence[SetDifference]) -> None:
    unknown = 0
    for row in part:
        if not run.stop and not run.watch(len(run.rows) / run.total):
            run.stop = CANCELLED
        if run.stop:
            run.rows[row.path] = (row.path, "rejected", run.stop)
            continue
        result = await _one_tag(run, row)
        run.rows[row.path] = result
        unknown = unknown + 1 if result[1] == "unknown" else 0
        if unknown >= MOST_UNKNOWN and not run.stop:
            run.stop = (
                f"not written: nobody knows what became of {unknown} writes in a row at {source}; see to "
                "that source and to those tags first"
            )


async def _one_tag(run: _Run, row: SetDifference) -> Row:
    try:
        write = await run.write_one(row.path, row.saved, run.kind, reason=run.reason, second=run.second)
    except Refused as error:
        return row.path, "rejected", str(error)
    except NotRecorded as error:
        run.stop = run.stop or f"not written: {error}"
        return row.path, "rejected", str(error)
    except Exception:
        log.exception("a write of a restore failed")
        run.stop = run.stop or f"not written: the write of {row.path} before failed in the engine itself"
        return row.path, "unknown", "the engine failed at it; see data/log/engine.log"
    if write.step == "verified":
        return row.path, "verified", write.why
    if write.step == "rejected":
        return row.path, "rejected", write.why
    seen = f"; seen is {number(write.seen, write.unit)}" if write.seen is not None else ""
    return row.path, "unknown", f"{write.why or 'nobody knows what became of it'}{seen}"
