"""Restoring a set of many setpoints to real servers: what came of each tag, how long, and what a kill leaves.

``python -m tests.bench restore [--tags 4000]``. Half of the tags on an OPC UA server, half on a Modbus
device, both in a process of their own, the engine in another. How long the engine's loop is held up is
measured from outside: a second client asks something small all the time; the longest answer is the longest
hold.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.types import Alarm, SetDifference
from engine.wire import SetBody, SetCompareAnswer
from tests.faults.many_tags import TOLERANCE, ManyTags, many_tags
from tests.people import SHIRIN, Person, at
from tests.running import until

ASK_S, AROUND_S = 0.002, 0.1
STILL_S = 3.0
"""So long nothing more may be written after the start."""
KILLED_AT = 0.4


def run(tags: int) -> None:
    """Save, compare, restore, roll back; then a restore that is killed in the middle."""
    with tempfile.TemporaryDirectory() as name:
        with many_tags(Path(name) / "line", tags) as made:
            with at(made.folder, SHIRIN) as person:
                saved = _whole(made, person)
            _killed(made, saved)


def _whole(made: ManyTags, person: Person) -> int:
    made.set_all(10.0)
    with told(made, "save"):
        info = made.save(person, "as it was")
    assert info.size == len(made.paths), info.left_out[:3]
    made.set_all(20.0)
    with told(made, "nothing but asking"):
        time.sleep(2.0)
    for _ in range(5):
        with told(made, "compare"):
            rows = compare(person, info.id)
    assert sum(not row.is_equal for row in rows) == len(made.paths)
    before = made.servers.writes()
    with told(made, "restore"):
        answer = made.restore(person, info.id)
    _right(made, answer.rows, 10.0, before, 1)
    with told(made, "roll back"):
        back = made.restore(person, answer.saved, is_rollback=True)
    _right(made, back.rows, 20.0, before, 2)
    return info.id


def _right(
    made: ManyTags, rows: tuple[tuple[str, str, str], ...], value: float, before: list[int], times: int
) -> None:
    """The devices have what was told of each tag, and each that was written got one frame.

    On a busy machine a value may be a moment too old: then that tag is refused, in words, and not written.
    """
    assert [row[0] for row in rows] == made.paths, "a result for each"
    print(f"    {dict(Counter(row[1] for row in rows))}")
    for row, held, count, old in zip(rows, made.servers.held(), made.servers.writes(), before, strict=True):
        assert row[1] != "verified" or (abs(held - value) <= TOLERANCE and count > old), row
        assert row[1] in ("verified", "equal", "unknown") or row[2], row
        assert count - old <= times, f"{row[0]}: {count - old} frames"


def compare(person: Person, set_id: int) -> tuple[SetDifference, ...]:
    """A set beside the plant."""
    return person.ask("set_compare", SetBody(set_id), SetCompareAnswer).rows


def _killed(made: ManyTags, set_id: int) -> None:
    sent, took_s = killed(made, set_id)
    told = made.told_of_cut()
    print(f"\n  kill -9 after {sum(sent)} of {len(sent)} frames; good values again after {took_s:.1f} s")
    print(f"    it says: {dict(Counter(told.values()))}; no frame after the start")


def killed(made: ManyTags, set_id: int) -> tuple[list[int], float]:
    """A restore whose engine is killed in the middle, and another engine; checks what that one says of it.

    Frames of each tag before the kill, and the seconds until values were good again.
    """
    before, old = made.servers.writes(), made.servers.held()
    with at(made.folder, SHIRIN, "desk 2") as person:
        job = made.begin(person, set_id)
        while person.job_state(job).progress < KILLED_AT:
            time.sleep(0.002)
        made.kill()
    sent = [now - was for now, was in zip(made.servers.writes(), before, strict=True)]
    began = time.perf_counter()
    made.start()
    took_s = time.perf_counter() - began
    with at(made.folder, SHIRIN) as person:
        until(lambda: _alarms(person), 60, "everybody is told")
        (alarm,) = _alarms(person)
        until(lambda: not [each for each in person.control().writes if each.step == "sent"], 30, "taken up")
        time.sleep(STILL_S)
        again = [now - was for now, was in zip(made.servers.writes(), before, strict=True)]
        assert again == sent, "nothing goes on by itself"
        differ = {row.path for row in compare(person, set_id) if not row.is_equal}
    told = made.told_of_cut()
    assert sorted(told) == sorted(made.paths), "each tag that was to be written"
    for path, frames, now, was in zip(made.paths, sent, made.servers.held(), old, strict=True):
        is_done = abs(now - was) > TOLERANCE
        assert frames <= 1 and (path in differ) != is_done, path
        # What was sent and not answered is unknown, whether the device did it or not.
        assert told[path] in (
            ("verified", "unknown") if frames else ("not written", "rejected", "unknown")
        ), path
        assert is_done or told[path] != "verified", path
    assert f"{sum(each == 'verified' for each in told.values())} verified" in alarm.cause
    return sent, took_s


def _alarms(person: Person) -> list[Alarm]:
    return [each for each in person.alarms() if each.name == "restore cut short"]


@contextmanager
def told(made: ManyTags, what: str) -> Iterator[None]:
    """How long it took, and how long a client waited for small answers meanwhile."""
    waits, stop = list[float](), threading.Event()

    def ask(person: Person) -> None:
        while not stop.is_set():
            began = time.perf_counter()
            person.session()
            waits.append((time.perf_counter() - began) * 1e3)
            stop.wait(ASK_S)

    with at(made.folder, station="onlooker") as person:
        asking = threading.Thread(target=ask, args=(person,))
        asking.start()
        time.sleep(AROUND_S)
        began = time.perf_counter()
        try:
            yield
        finally:
            took_s = time.perf_counter() - began
            time.sleep(AROUND_S)
            stop.set()
            asking.join()
    ordered = sorted(waits)
    p50, p99 = statistics.median(ordered), ordered[int(0.99 * (len(ordered) - 1))]
    print(
        f"  {what:20} {took_s:8.2f} s; a small question: p50 {p50:.1f}, p99 {p99:.1f}, "
        f"longest {ordered[-1]:.1f} ms of {len(ordered)}",
        flush=True,
    )
