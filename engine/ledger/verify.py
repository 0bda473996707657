"""Checking the file of a ledger: every row of every table is held against what was hashed and signed.

Reads only, in one transaction; an engine may write meanwhile. Bundles are checked by `verify_bundle`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from engine.ledger import merkle
from engine.ledger.canonical import parsed
from engine.ledger.checkpoint import Checkpoint, read_checkpoint
from engine.ledger.entry import TYPES, VERSION
from engine.ledger.errors import LedgerError, ProofRefused
from engine.ledger.note import COSIGNATURE, Note, is_signed, parse_key, parse_note, to_base64
from engine.ledger.rotation import LogKey, first_key, rotated
from engine.ledger.sharing import digest
from engine.ledger.tables import missing_parts, open_ledger
from engine.ledger.trust import Trust
from engine.ledger.witness import is_cosigned
from engine.store.database import StoreError, close_quietly, named

MOST_FINDINGS = 20
"""Then the check ends: the file is not what was signed."""
TELL_EVERY = 1000
Watch = Callable[[float], bool]
"""Called with the share that is done, 0 to 1; False ends the check."""


class Verdict(msgspec.Struct):
    """What a check found. ``findings`` is empty where everything fits."""

    origin: str = ""
    size: int = 0
    root: str = ""
    checkpoints: int = 0
    cosigned_size: int = 0
    trusted: bool = False
    findings: list[str] = []
    notes: list[str] = []


class _Ended(Exception):
    """Enough was found, or nobody wants more."""


def verify_file(path: Path, trust: Trust | None = None, watch: Watch = lambda share: True) -> Verdict:
    """Check a ledger file from its first entry to its last checkpoint.

    Raises:
        NoLedger: there is none at ``path``.
        LedgerError: it cannot be opened at all.
    """
    connection, verdict = open_ledger(path, writing=False), Verdict()
    try:
        with named(path):
            connection.execute("BEGIN")
            _Check(connection, trust, verdict, watch).run()
    except _Ended:
        pass
    except (StoreError, LedgerError) as error:
        verdict.findings.append(str(error))
    except Exception as error:  # damage can put anything in any place, also what a column cannot hold
        verdict.findings.append(f"{path} holds what cannot be there: {error!r}")
    finally:
        close_quietly(connection)
    return verdict


class _Check:
    """One walk over a file."""

    def __init__(self, connection: Any, trust: Trust | None, verdict: Verdict, watch: Watch) -> None:
        self._connection, self._trust, self._verdict, self._watch = connection, trust, verdict, watch
        self._keys: tuple[LogKey, ...] = ()
        self._seen: dict[int, list[tuple[Note, Checkpoint]]] = {}
        self._nodes = self._hidden = self._last = 0

    def run(self) -> None:
        """Everything, in an order in which each step may rely on those before."""
        self._sound()
        for text in self._trust.seen if self._trust else ():
            note, checkpoint = read_checkpoint(text)
            self._seen.setdefault(checkpoint.size, []).append((note, checkpoint))
        self._walk()
        self._signatures()
        self._cosignatures()
        self._watch(1.0)

    def _found(self, text: str) -> None:
        self._verdict.findings.append(text)
        if len(self._verdict.findings) >= MOST_FINDINGS:
            raise _Ended

    def _rows(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        return iter(self._connection.execute(query, values))

    def _sound(self) -> None:
        for (line,) in self._rows("PRAGMA integrity_check(5)"):
            if line != "ok":
                self._found(f"the database is damaged: {line}")
        for name in missing_parts(self._connection):
            self._found(f"{name} is missing or was changed: the file was opened with another program")

    def _walk(self) -> None:
        """Entries, and with them nodes, roots and disclosures."""
        verdict, peaks = self._verdict, list[bytes]()
        checkpoints = self._rows("SELECT size, note FROM checkpoints ORDER BY size")
        waiting = next(checkpoints, None)
        count = next(self._rows("SELECT count(*) FROM entries"))[0]
        for seq, line, leaf in self._rows(
            "SELECT seq, CAST(line AS BLOB), CAST(leaf_hash AS BLOB) FROM entries ORDER BY seq"
        ):
            if seq != verdict.size:
                self._found(f"entry {verdict.size} is gone: the next one is {seq}")
                raise _Ended
            self._entry(seq, bytes(line), bytes(leaf), merkle.root_of(peaks))
            self._completed(merkle.grow(seq, peaks, merkle.leaf_hash(bytes(line))))
            verdict.size = size = seq + 1
            root = merkle.root_of(peaks) if waiting and waiting[0] == size or size in self._seen else b""
            if waiting and waiting[0] == size:
                self._checkpoint(size, waiting[1], root)
                waiting = next(checkpoints, None)
            for _, seen in self._seen.get(size, ()):
                if seen.root != root:
                    self._found(f"FORK: another past of {size} entries was seen before; keep both as proof")
            if not size % TELL_EVERY and not self._watch(size / count * 0.9):
                raise _Ended
        verdict.root = to_base64(merkle.root_of(peaks))
        self._ends(waiting)

    def _ends(self, waiting: tuple[Any, ...] | None) -> None:
        size = self._verdict.size
        if waiting:
            self._found(f"{waiting[0]} entries were signed, but there are only {size}: cut off")
        elif self._last != size:
            self._found("the last entries are covered by no checkpoint")
        for later in (each for each in self._seen if each > size):
            self._found(
                f"{later} entries were seen before, but there are only {size}: cut off, or an old copy"
            )
        for table, wanted in (("nodes", self._nodes), ("disclosures", self._hidden)):
            count = next(self._rows(f"SELECT count(*) FROM {table}"))[0]
            if count != wanted:
                self._found(f"the table {table} has {count} rows instead of {wanted}")

    def _entry(self, seq: int, line: bytes, leaf: bytes, root: bytes) -> None:
        if merkle.leaf_hash(line) != leaf:
            self._found(f"entry {seq} was changed: it does not fit its hash")
        try:
            content = parsed(line)
            sound = content["seq"] == seq and content["type"] in TYPES and content["v"] == VERSION
        except (ProofRefused, KeyError, TypeError) as error:
            return self._found(f"entry {seq} is no entry: {error}")
        if not sound:
            self._found(f"entry {seq} has another number, type or format than it must")
        digests = content.get("_sd", [])
        hidden = [
            digest(row[0]) for row in self._rows("SELECT disclosure FROM disclosures WHERE seq = ?", seq)
        ]
        if sorted(hidden) != digests:
            self._found(f"the hidden fields of entry {seq} are not those it commits to")
        self._hidden += len(hidden)
        if seq == 0:
            self._verdict.origin, key = first_key(content)
            self._begin(key)
        elif content["type"] == "key_rotation":
            if content["body"]["root"] != to_base64(root):
                self._found(f"the change of key in entry {seq} was signed for another past")
            self._keys = rotated(self._keys, self._verdict.origin, content)
            self._handed_over(seq)
        return None

    def _handed_over(self, seq: int) -> None:
        """A key that those who trust it know to be stolen hands over to nobody."""
        listed = {each.key: each for each in self._trust.log_keys} if self._trust else {}
        old, new = self._keys[-2].key, self._keys[-1].key
        if old in listed and not listed[old].may_sign(seq) and new not in listed:
            self._found(f"entry {seq} hands over to another key, but by a key that was revoked before")

    def _begin(self, own: LogKey) -> None:
        self._keys, trust, origin = (own,), self._trust, self._verdict.origin
        if trust and trust.origin != origin:
            self._found(f"this is the ledger {origin!r}, not {trust.origin!r}")
        if trust and trust.log_keys:
            self._verdict.trusted = True
            if own.key not in [each.key for each in trust.log_keys]:
                self._found(f"the ledger begins with the key {own.key.text}, which is not trusted")

    def _completed(self, nodes: list[tuple[int, int, bytes]]) -> None:
        self._nodes += len(nodes)
        for level, position, wanted in nodes:
            row = next(
                self._rows(
                    "SELECT CAST(hash AS BLOB) FROM nodes WHERE level = ? AND position = ?", level, position
                ),
                None,
            )
            if row is None or bytes(row[0]) != wanted:
                self._found(f"the stored hash {position} of level {level} is not that of its entries")

    def _checkpoint(self, size: int, text: str, root: bytes) -> None:
        try:
            note, checkpoint = read_checkpoint(text)
        except ProofRefused as error:
            return self._found(f"the checkpoint of {size} entries was changed: {error}")
        if (checkpoint.origin, checkpoint.size, checkpoint.root) != (self._verdict.origin, size, root):
            self._found(f"the first {size} entries are not those that were signed: changed")
        if len(note.signatures) != 1 or not self._is_signed(note, size):
            self._found(f"the checkpoint of {size} entries is not signed by the key of that time")
        self._verdict.checkpoints, self._last = self._verdict.checkpoints + 1, size
        return None

    def _is_signed(self, note: Note, size: int) -> bool:
        """By the key of that time, which is known once all entries before that size were read."""
        listed = {each.key: each for each in self._trust.log_keys} if self._trust else {}
        may = [key for key in self._keys if key.may_sign(size) and listed.get(key.key, key).may_sign(size)]
        try:
            return any(is_signed(note, each.key) for each in may)
        except ProofRefused:
            return False

    def _signatures(self) -> None:
        for size, seen in self._seen.items():
            if not all(self._is_signed(note, size) for note, _ in seen):
                self._found(f"the checkpoint of {size} entries seen before is not signed by this ledger")
        if not self._verdict.trusted:
            self._verdict.notes.append(
                f"The signatures fit the key that the ledger names itself, {self._keys[0].key.text}. "
                "Without --trust nobody can tell whose key that is."
            )

    def _cosignatures(self) -> None:
        trusted = self._trust.cosigner_keys if self._trust else ()
        by: dict[int, set[str]] = {}
        query = (
            "SELECT size, cosigner, line, coalesce(note, '') "
            "FROM cosignatures LEFT JOIN checkpoints USING (size)"
        )
        for size, cosigner, line, text in self._rows(query):
            try:
                key, below = parse_key(cosigner), parse_note(f"{parse_note(text).text}\n{line}")
                if key.kind != COSIGNATURE or len(below.signatures) != 1 or not is_cosigned(below, key):
                    raise ProofRefused("it is by somebody else")
            except ProofRefused as error:
                self._found(f"a cosignature at {size} entries is wrong: {error}")
                continue
            if not self._trust or key in trusted:
                by.setdefault(size, set()).add(key.text)
        wanted = self._trust.wanted if self._trust else 1
        enough = [size for size, names in by.items() if names and len(names) >= wanted]
        self._verdict.cosigned_size = max(enough, default=0)
        if self._trust and wanted and not enough:
            self._found(f"no checkpoint carries {wanted} cosignatures of those you trust")
