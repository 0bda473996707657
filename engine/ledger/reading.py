"""Reading a ledger: entries, checkpoints and proofs. Needs no key and no engine."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.ledger import merkle
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.entry import Entry
from engine.ledger.errors import LedgerDamaged, LedgerError, NoLedger, ProofRefused
from engine.ledger.note import parse_note
from engine.ledger.rotation import LogKey, first_key, rotated
from engine.ledger.tables import RESTORE, open_ledger
from engine.ledger.wanted import Wanted
from engine.store.database import StoreError, close_quietly, named

PAGE = 1000
"""Entries at most in one answer."""


class Reading:
    """A ledger that is open for reading; an engine may write to it meanwhile. Any thread may call.

    Raises:
        NoLedger: there is none at ``path``.
        LedgerDamaged: its file cannot be read, or does not begin as a ledger does.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._connection: Any = open_ledger(path, writing=False)
        try:
            self.origin, _ = self._first()
        except BaseException:
            close_quietly(self._connection)
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            close_quietly(self._connection)

    @property
    def keys(self) -> tuple[LogKey, ...]:
        """The keys that signed the ledger one after another; the last one signs now.

        Raises:
            LedgerDamaged: a change of key is not signed as it must be.
        """
        origin, keys = self._first()
        try:
            for entry in self.entries(types=("key_rotation",), limit=-1):
                keys = rotated(keys, origin, entry.content)
        except (ProofRefused, msgspec.MsgspecError) as error:
            raise LedgerDamaged(f"{self._path}: {error}; {RESTORE}") from error
        return keys

    @property
    def size(self) -> int:
        """Entries on disk."""
        return int(self._rows("SELECT coalesce(max(seq) + 1, 0) FROM entries")[0][0])

    def tail(self) -> tuple[int, list[bytes], str]:
        """Size, peaks and newest checkpoint, held against each other.

        Raises:
            LedgerDamaged: they do not fit; entries were taken away or changed.
        """
        size, count = self._rows("SELECT coalesce(max(seq) + 1, 0), count(*) FROM entries")[0]
        note = self._rows("SELECT CAST(note AS TEXT) FROM checkpoints ORDER BY size DESC LIMIT 1")
        try:
            _, checkpoint = read_checkpoint(note[0][0])
            peaks = merkle.peaks_of(size, self.node)
        except (LedgerError, LookupError, TypeError, AttributeError) as error:
            raise LedgerDamaged(f"the end of {self._path} cannot be read ({error}); {RESTORE}") from error
        if count != size or (checkpoint.size, checkpoint.root) != (size, merkle.root_of(peaks)):
            raise LedgerDamaged(
                f"{self._path} does not fit its own newest checkpoint: it was changed or cut; {RESTORE}"
            )
        return size, peaks, note[0][0]

    def entry(self, seq: int) -> Entry:
        """One entry with the disclosures of its hidden fields.

        Raises:
            LedgerError: there is no such entry.
        """
        found = self.entries(seq, limit=1)
        if not found or found[0].seq != seq:
            raise LedgerError(f"the ledger has no entry {seq}")
        return found[0]

    def entries(
        self, first: int = 0, *, types: Sequence[str] = (), topic: str | None = None, limit: int = PAGE
    ) -> list[Entry]:
        """Entries from seq ``first`` on, of these types and this topic, at most ``limit``; -1 is all."""
        where, values = ["seq >= ?"], list[Any]([first])
        if types:
            where.append(f"type IN ({', '.join('?' * len(types))})")
            values += types
        if topic is not None:
            where.append("line ->> '$.topic' = ?")
            values.append(topic)
        query = (
            f"SELECT seq, CAST(line AS BLOB) FROM entries WHERE {' AND '.join(where)} ORDER BY seq LIMIT ?"
        )
        return self._with_hidden(self._rows(query, (*values, limit)))

    def newest(self, wanted: Wanted, before: int, limit: int = PAGE) -> list[Entry]:
        """What is wanted of the entries numbered below ``before``, the newest first, at most ``limit``."""
        where, values = wanted.where()
        query = (
            f"SELECT seq, CAST(line AS BLOB) FROM entries WHERE seq < ? AND {where} ORDER BY seq DESC LIMIT ?"
        )
        return self._with_hidden(self._rows(query, (before, *values, limit)))

    def newest_of(self, name: str) -> Any:
        """What the newest entry with this field in its body says there, None = no entry has it."""
        query = (
            "SELECT line ->> ?1 FROM entries WHERE instr(line, ?2) AND line ->> ?1 IS NOT NULL "
            "ORDER BY seq DESC LIMIT 1"
        )
        rows = self._rows(query, (f"$.body.{name}", f'"{name}":'))
        return rows[0][0] if rows else None

    def span(self, start_us: int, end_us: int) -> tuple[int, int]:
        """First seq of the entries from ``start_us`` to ``end_us`` and the one after their last; 0, 0 = none.

        A clock may have been set back: between the two there may be others.
        """
        query = "SELECT min(seq), max(seq) + 1 FROM entries WHERE time_us BETWEEN ? AND ?"
        first, end = self._rows(query, (start_us, end_us))[0]
        return (first, end) if end is not None else (0, 0)

    def _with_hidden(self, rows: Sequence[tuple[Any, ...]]) -> list[Entry]:
        if not rows:
            return []
        hidden: dict[int, list[str]] = {}
        between = "SELECT seq, CAST(disclosure AS TEXT) FROM disclosures WHERE seq BETWEEN ? AND ?"
        ends = rows[0][0], rows[-1][0]
        for seq, disclosure in self._rows(between, (min(ends), max(ends))):
            hidden.setdefault(seq, []).append(disclosure)
        return [Entry(seq, bytes(line), tuple(hidden.get(seq, ()))) for seq, line in rows]

    def node(self, level: int, position: int) -> bytes:
        """Hash over the complete subtree of 2^level entries that begins at position * 2^level.

        Raises:
            LedgerDamaged: the file does not hold it.
        """
        rows = (
            self._rows(
                "SELECT CAST(hash AS BLOB) FROM nodes WHERE level = ? AND position = ?", (level, position)
            )
            if level
            else self._rows("SELECT CAST(leaf_hash AS BLOB) FROM entries WHERE seq = ?", (position,))
        )
        if not rows:
            raise LedgerDamaged(f"{self._path} lacks the hash {position} of level {level}; {RESTORE}")
        return bytes(rows[0][0])

    def root(self, size: int) -> bytes:
        """Root hash over the first ``size`` entries."""
        return merkle.root_of(merkle.peaks_of(size, self.node))

    def inclusion(self, seq: int, size: int) -> list[bytes]:
        """Proof that entry ``seq`` is among the first ``size`` (RFC 9162 section 2.1.3).

        Raises:
            ProofRefused: there are not so many entries.
        """
        try:
            self._require(size)
            return merkle.inclusion_proof(seq, size, self.node)
        except ValueError as error:
            raise ProofRefused(str(error)) from error

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Proof that the first ``new`` entries begin with the first ``old`` (RFC 9162 section 2.1.4).

        Raises:
            ProofRefused: there are not so many entries.
        """
        try:
            self._require(new)
            return merkle.consistency_proof(old, new, self.node)
        except ValueError as error:
            raise ProofRefused(str(error)) from error

    def checkpoint(self, size: int | None = None) -> str:
        """The checkpoint of exactly this size, or the newest, with all cosignatures kept for it.

        Raises:
            LedgerError: none was signed at this size.
        """
        rows = self._rows(
            "SELECT size, CAST(note AS TEXT) FROM checkpoints "
            "WHERE ?1 IS NULL OR size = ?1 ORDER BY size DESC LIMIT 1",
            (size,),
        )
        if not rows:
            raise LedgerError(f"no checkpoint was signed at {size} entries")
        lines = self._rows(
            "SELECT CAST(line AS TEXT) FROM cosignatures WHERE size = ? ORDER BY cosigner", (rows[0][0],)
        )
        return str(parse_note(rows[0][1] + "".join(line for (line,) in lines)))

    def checkpoint_sizes(self, *, cosigned: bool = False) -> list[int]:
        """Sizes at which a checkpoint was signed, or those that another party cosigned."""
        table = "cosignatures" if cosigned else "checkpoints"
        return [size for (size,) in self._rows(f"SELECT DISTINCT size FROM {table} ORDER BY size")]

    def _require(self, size: int) -> None:
        if size > self.size:
            raise ValueError(f"the ledger has {self.size} entries, not {size}")

    def _first(self) -> tuple[str, tuple[LogKey, ...]]:
        try:
            found = self.entries(0, limit=1)
            if not found:
                raise NoLedger(f"there is no ledger at {self._path}")
            origin, key = first_key(found[0].content)
        except (ProofRefused, msgspec.MsgspecError, TypeError) as error:
            raise LedgerDamaged(f"{self._path}: {error}; {RESTORE}") from error
        return origin, (key,)

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            with named(self._path), self._lock:
                return self._connection.execute(query, tuple(values)).fetchall()
        except (StoreError, UnicodeDecodeError) as error:
            raise LedgerDamaged(f"{self._path} is damaged ({error}); {RESTORE}") from error
