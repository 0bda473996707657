"""How many signed entries a second are safe on disk, how long each waits, and how fast all is checked.

Named alternatives, same run, same entries, same SQLite settings (WAL, FULL): a hash chain in rows with a
signature an entry, one commit each and in groups; and pymerkle's SqliteTree, which neither signs nor keeps
nodes (its SQLite is that of Python). Every side is asked in the end how many of its entries it has.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymerkle

from engine.clock import SystemClock
from engine.ledger import (
    Draft,
    Ledger,
    Reading,
    SigningKey,
    begin,
    make_key,
    verify_file,
    write_bundle,
    write_shared,
)
from engine.ledger.canonical import canonical
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.merkle import is_included
from engine.ledger.verify_bundle import installed_ed25519, verify
from engine.store.database import open_database, sqlite3
from tests.bench.harness import machine, size_of

CALLERS = 8
GROUP = 100
HOUR_GOAL, GOAL = 10_000, 1_000
PACKAGES = ("cryptography", "rfc8785", "pysqlite3", "pymerkle", "argon2-cffi")
Append = Callable[[list[Draft]], None]


def drafts(first: int, count: int, hidden: bool = False) -> list[Draft]:
    """Steps of control writes, some 330 bytes of canonical JSON each."""
    return [
        Draft(
            "write_sent",
            f"operator {k % 7}",
            {
                "tag": f"Framing/S50 Press/Cylinder {k % 40}/Pressure setpoint",
                "old": 180.0 + k % 10,
                "new": 181.5 + k % 10,
                "unit": "bar",
                "reason": "product change",
                "write": f"w-{k:08d}",
            },
            "orders",
            hidden,
        )
        for k in range(first, first + count)
    ]


def run(seconds: float) -> None:
    """Every side for a share of the time, one after another."""
    share_s = max(1.0, seconds / 5)
    print(machine(PACKAGES), f"SQLite {sqlite3.sqlite_version}")
    line = canonical({"actor": "x", **drafts(0, 1)[0].body})
    print(
        f"payload: an entry as a step of a control write, {len(line) + 130} bytes; {share_s:.0f} s each side"
    )
    with tempfile.TemporaryDirectory() as name:
        folder, key, clock = Path(name), make_key("bench.example/line"), SystemClock()
        path = folder / "ledger.db"
        begin(path, "bench.example/line", key, clock)
        ledger = Ledger(path, key, clock)
        ours, expected = lambda wanted: _ours(ledger, wanted), 1
        expected += _sustained("ours, one caller, one entry a commit", ours, share_s, 1, 1)
        expected += _sustained(f"ours, {CALLERS} callers, one entry a call", ours, share_s, CALLERS, 1)
        expected += _sustained(f"ours, one caller, {GROUP} entries a call", ours, share_s, 1, GROUP)
        expected += _sustained("ours, hidden fields, one caller", ours, share_s, 1, 1, hidden=True)
        lost, size = expected - ledger.size, size_of(folder) / ledger.size
        print(f"    losses: {lost} of {expected}; {size:.0f} B an entry on disk")
        _rivals(folder, key, share_s)
        _proofs(ledger)
        ledger.close()
        _checked(folder, path, ledger.size)


def _sustained(
    what: str, append: Append, seconds: float, callers: int, group: int, *, hidden: bool = False
) -> int:
    """Call for so long; prints entries/s and how long a call took. Returns the entries acknowledged."""
    took: list[list[float]] = [[] for _ in range(callers)]
    end = time.perf_counter() + seconds

    def call(number: int) -> None:
        first = number * 1_000_000
        while (began := time.perf_counter()) < end:
            append(drafts(first, group, hidden))
            took[number].append(time.perf_counter() - began)
            first += group

    began = time.perf_counter()
    threads = [threading.Thread(target=call, args=(k,)) for k in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    every = sorted(each * 1e3 for some in took for each in some)
    count, rate = len(every) * group, len(every) * group / elapsed
    reached = "reached" if rate >= GOAL else "NOT REACHED"
    goal = f"  goal {GOAL:,}/s {reached}" if what.startswith("ours") else ""
    print(
        f"{what:43} {rate:7,.0f}/s, {rate * 3600 / HOUR_GOAL:6,.0f} times 10,000/h; a call p50 "
        f"{_at(every, 0.5):6.2f} p99 {_at(every, 0.99):6.2f} max {every[-1]:6.2f} ms{goal}",
        flush=True,
    )
    return count


def _at(every: Sequence[float], share: float) -> float:
    return every[min(len(every) - 1, int(share * len(every)))]


def _ours(ledger: Ledger, wanted: list[Draft]) -> None:
    assert len(ledger.append(wanted)) == len(wanted)


def _rivals(folder: Path, key: SigningKey, share_s: float) -> None:
    for group, what in (
        (1, "hash chain in rows, signed, one a commit"),
        (GROUP, f"the same, {GROUP} a commit"),
    ):
        connection = open_database(folder / f"chain{group}.db", check=False)
        count = _sustained(what, _chain(connection, key), share_s, 1, group)
        print(
            f"    losses: {count - connection.execute('SELECT count(*) FROM chain').fetchone()[0]} of {count}"
        )
        connection.close()
    for group, what in (
        (1, "pymerkle SqliteTree, unsigned, one a commit"),
        (GROUP, f"the same, {GROUP} a commit"),
    ):
        tree = pymerkle.SqliteTree(str(folder / f"pymerkle{group}.db"))
        tree.con.execute("PRAGMA journal_mode=WAL")
        tree.con.execute("PRAGMA synchronous=FULL")

        def append(wanted: list[Draft], tree: Any = tree) -> None:
            tree.append_entries([canonical({"actor": each.actor, **each.body}) for each in wanted])

        count = _sustained(what, append, share_s, 1, group)
        print(f"    losses: {count - tree.get_size()} of {count}")
        tree.con.close()


def _chain(connection: Any, key: SigningKey) -> Append:
    """Each row holds the hash over the one before and itself, signed."""
    connection.execute("CREATE TABLE chain (seq INTEGER PRIMARY KEY, line TEXT, hash BLOB, signature BLOB)")
    last = [b"\0" * 32]

    def append(wanted: list[Draft]) -> None:
        rows = list[tuple[str, bytes, bytes]]()
        for each in wanted:
            line = canonical({"actor": each.actor, **each.body})
            last[0] = hashlib.sha256(last[0] + line).digest()
            rows.append((line.decode(), last[0], key.private.sign(last[0])))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO chain (line, hash, signature) VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")

    return append


def _proofs(ledger: Ledger) -> None:
    _, checkpoint = read_checkpoint(ledger.checkpoint)
    step = max(1, checkpoint.size // 2000)
    seqs = range(0, checkpoint.size, step)
    began = time.perf_counter()
    proofs = [ledger.reading.inclusion(seq, checkpoint.size) for seq in seqs]
    made_s = time.perf_counter() - began
    leaves = [ledger.reading.node(0, seq) for seq in seqs]
    began = time.perf_counter()
    for seq, leaf, proof in zip(seqs, leaves, proofs, strict=True):
        assert is_included(leaf, seq, checkpoint.size, proof, checkpoint.root)
    checked_s = time.perf_counter() - began
    print(
        f"inclusion proofs in {checkpoint.size:,} entries: made {len(proofs) / made_s:,.0f}/s, checked "
        f"{len(proofs) / checked_s:,.0f}/s, {max(map(len, proofs)) * 32} B at most"
    )


def _checked(folder: Path, path: Path, size: int) -> None:
    began = time.perf_counter()
    verdict = verify_file(path)
    took_s = time.perf_counter() - began
    assert verdict.findings == [], verdict.findings
    print(
        f"file checked: {size:,} entries and {verdict.checkpoints:,} signed checkpoints in {took_s:.1f} s, "
        f"{size / took_s:,.0f} entries/s"
    )
    reading = Reading(path)
    for name, write in (
        ("full", lambda file: write_bundle(reading, file)),
        ("shared, 1,000 entries", lambda file: write_shared(reading, file, seqs=range(1, min(1001, size)))),
    ):
        file = folder / "bundle.zip"
        began = time.perf_counter()
        count = write(file)
        written_s = time.perf_counter() - began
        began = time.perf_counter()
        result = verify(file, None, installed_ed25519())
        took_s = time.perf_counter() - began
        assert result.findings == [], result.findings
        print(
            f"bundle, {name}: {count:,} entries, {size_of(file) / 1e6:.1f} MB, written in {written_s:.1f} s, "
            f"checked in {took_s:.2f} s, {count / took_s:,.0f} entries/s"
        )
    reading.close()
