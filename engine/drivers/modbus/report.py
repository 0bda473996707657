"""What a person is told about a polled unit: facts of the present link, and notes on what is amiss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.drivers.modbus.address import BIT_TABLES
from engine.drivers.modbus.endpoint import Endpoint
from engine.drivers.modbus.memory import UnitMemory
from engine.drivers.modbus.replies import in_words
from engine.drivers.modbus.scan import Scan
from engine.types import Sink

MOST_NAMED = 3
TOO_MUCH = 3
"""The exception to a question for more than the device gives at once."""
OVERRUN_SHARE = 0.05
"""A link is called too slow when it misses more than 1 in 20 scans."""


def why_refused(scan: Scan, code: int) -> str:
    """Why the tags of a refused block have no value."""
    return f"the device answers {in_words(code)} for {scan}"


def tell_blocks(sink: Sink, scans: Sequence[Scan]) -> None:
    """How many requests one round takes, and what they read."""
    registers = sum(scan.block.count for scan in scans if scan.block.table not in BIT_TABLES)
    bits = sum(scan.block.count for scan in scans if scan.block.table in BIT_TABLES)
    read = [_many(size, name) for size, name in ((registers, "register"), (bits, "bit")) if size]
    sink.fact("blocks", ", ".join([f"{_many(len(scans), 'request')} a scan", *read]))


def _many(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def tell_answers(sink: Sink, answers_s: Sequence[float]) -> None:
    """How long answers take; the last 512."""
    if answers_s:
        p50, p99 = np.percentile(np.array(answers_s) * 1e3, [50, 99])
        sink.fact("answer time", f"p50 {p50:.3g} ms, p99 {p99:.3g} ms")


def tell_units(sink: Sink, units: int) -> None:
    """How many sources have the connection together."""
    sink.fact("connection", "its own" if units < 2 else f"shared by {units} sources")


def tell_holes(sink: Sink, memory: UnitMemory, refused: Sequence[Scan]) -> None:
    """What the device does not have: the tags that lie there, and the gaps that are not read over."""
    cuts = len(memory.cuts)
    known = [f"{_many(len(memory.refused), 'place')} not there"] * bool(memory.refused)
    known += [f"blocks are split at {_many(cuts, 'place')}"] * bool(cuts)
    sink.fact("holes", ", ".join(known) or "none")
    if not any(scan.polled for scan in refused):
        sink.note("holes", "")
        return
    large = [scan for scan in refused if scan.polled and _asks_too_much(scan, memory)]
    absent = [scan for scan in refused if scan.polled and scan not in large]
    what, do = [], []
    if absent:
        what.append(f"the device does not have {_named(absent)}")
        do.append("correct their addresses in tags.csv (they count from 0) or the device's register list")
    if large:
        what.append(f"more registers at once than the device gives are asked for by {_named(large)}")
        do.append("read fewer registers with one tag: a shorter string, a smaller type")
    sink.note("holes", "; ".join(what), "; ".join([*do, "the driver goes on trying them"]))


def _asks_too_much(scan: Scan, memory: UnitMemory) -> bool:
    """Exception 3 for one tag of several registers: its size is what the device refuses."""
    block = scan.block
    return block.count > 1 and memory.refused.get((block.table, block.start, block.count)) == TOO_MUCH


def _named(refused: Sequence[Scan]) -> str:
    """How many of the tags, and the first of them by name."""
    tags = [f"{scan} ({tag.path})" for scan in refused for tag in scan.polled]
    more = f" and {len(tags) - MOST_NAMED} more" * (len(tags) > MOST_NAMED)
    return f"{len(tags)} of its tags: {', '.join(tags[:MOST_NAMED])}{more}"


def tell_pace(sink: Sink, endpoint: Endpoint, due: int, missed: int, seconds: float) -> None:
    """Say when a link is polled slower than asked, and take it back when it holds again."""
    if missed <= OVERRUN_SHARE * due:
        sink.note("overrun", "")
        return
    asked, achieved = due / seconds, (due - missed) / seconds
    sink.note(
        "overrun",
        f"{endpoint} is polled slower than asked: {achieved:.3g} of {asked:.3g} requests a second",
        "lower the rate of its tags, give neighbouring addresses to what belongs together, "
        "or make the network or serial line faster",
    )


def tell_busy(sink: Sink, endpoint: Endpoint, code: int) -> None:
    """Say that the device puts us off; code 0 takes it back."""
    if not code:
        sink.note("busy", "")
        return
    sink.note(
        "busy",
        f"{endpoint} puts off questions with {in_words(code)}",
        "look for another client that keeps it busy, or lower the rate of its tags",
    )
