"""The ledger of a station: entries, the tree over them and signed checkpoints, in one file.

`Ledger.append` returns when its entries are on disk with a signed checkpoint over them. Callers of several
threads share a commit: whoever gets the file first writes all that wait. Nothing waits anywhere else, and
nothing is dropped: what cannot be written is refused (overload policy refuse), and the caller is told why.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from engine.ledger import merkle
from engine.ledger.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from engine.ledger.entry import OWN_TYPES, Cut, Draft, cut
from engine.ledger.errors import EntryRefused, LedgerDamaged, LedgerError, ProofRefused, WrongKey
from engine.ledger.keys import SigningKey
from engine.ledger.note import COSIGNATURE, is_signed, parse_key
from engine.ledger.reading import Reading
from engine.ledger.rotation import first_body, rotation_body
from engine.ledger.tables import RESTORE, create, lay_out, open_ledger
from engine.ledger.witness import is_cosigned, one_signature
from engine.paths import replace_file
from engine.store.database import ADVICE, PASSING, close_quietly, code
from engine.types import Clock


class Receipt(msgspec.Struct, frozen=True):
    """Proof to the caller: entry ``seq`` is on disk, and ``checkpoint`` (a signed note) covers it."""

    seq: int
    leaf_hash: bytes
    size: int
    checkpoint: str


class _Ticket:
    """What one caller wants appended, and what became of it."""

    def __init__(self, cuts: Sequence[Cut]) -> None:
        self.cuts = cuts
        self.receipts: tuple[Receipt, ...] = ()
        self.error: LedgerError | None = None
        self.is_done = False


def begin(
    path: Path,
    origin: str,
    key: SigningKey,
    clock: Clock,
    more: Mapping[str, Any] = MappingProxyType({}),
    actor: str = "ledger",
) -> None:
    """Begin a ledger: a file whose first entry names it, its key, and what else is said (``more``).

    Done once in the life of a project, or by a person (``actor``) after the key of the one before was lost.

    Raises:
        LedgerError: one was begun here before - also when its file is gone since -, or the disk refuses.
    """
    mark = _mark(path)
    if mark.exists():
        raise LedgerError(f"a ledger was begun at {path} before ({mark.name} says so); {RESTORE}")
    connection = create(path)
    try:
        draft = Draft("ledger_begin", actor, {**more, **first_body(origin, key)})
        line = cut(draft, clock.now_us(), clock.mono_us()).line(0)
        root = merkle.leaf_hash(line)
        note = sign_checkpoint(Checkpoint(origin, 1, root), key)
        connection.execute("BEGIN IMMEDIATE")
        lay_out(connection)
        connection.execute(
            "INSERT INTO entries (seq, line, leaf_hash) VALUES (0, ?, ?)", (line.decode(), root)
        )
        connection.execute("INSERT INTO checkpoints VALUES (1, ?)", (str(note),))
        connection.execute("COMMIT")
    except Exception as error:
        raise LedgerError(f"the ledger {path} cannot be begun: {error}") from error
    finally:
        close_quietly(connection)
    replace_file(mark, str(note).encode())


class Ledger:
    """A ledger that is open for appending; reading is `Ledger.reading`. Any thread may call.

    Raises:
        NoLedger: none was begun at ``path``.
        LedgerDamaged: its file does not hold what it must; the text says what to do.
        WrongKey: another key signs this ledger now.
    """

    def __init__(self, path: Path, key: SigningKey, clock: Clock) -> None:
        self._path, self._key, self._clock = path, key, clock
        self._queue, self._writing = threading.Lock(), threading.Lock()
        self._waiting: list[_Ticket] = []
        self._connection: Any = None
        self._is_closed = False
        self._size, self._peaks, self._note = 0, list[bytes](), ""
        self._open()
        self.reading = Reading(path)
        self.origin = self.reading.origin

    @property
    def size(self) -> int:
        """How many entries are on disk."""
        return self._size

    @property
    def checkpoint(self) -> str:
        """The newest signed checkpoint, without cosignatures."""
        return self._note

    def append(self, drafts: Sequence[Draft]) -> tuple[Receipt, ...]:
        """Put entries on disk, all or none of them, and sign a checkpoint over them; blocks until then.

        After an error of the disk it may be unknown whether they were written; they are then either all
        in the ledger or none is, and nothing was carried out on their account.

        Raises:
            EntryRefused: one of them has no canonical form, is too large, or only the ledger may write it.
            LedgerError: the file cannot be written.
        """
        if any(draft.type in OWN_TYPES for draft in drafts):
            raise EntryRefused("entries about the ledger itself are written by the ledger")
        now_us, mono_us = self._clock.now_us(), self._clock.mono_us()
        ticket = _Ticket([cut(draft, now_us, mono_us) for draft in drafts])
        if not drafts:
            return ()
        with self._queue:
            self._waiting.append(ticket)
        with self._writing:
            if not ticket.is_done:
                self._commit_waiting()
        if ticket.error:
            raise ticket.error
        return ticket.receipts

    def rotate(self, new: SigningKey, actor: str, reason: str) -> Receipt:
        """Let ``new`` sign from now on; the entry about it is signed by both. Keep ``new`` safely before.

        Raises:
            LedgerError: the file cannot be written; the old key goes on.
        """
        with self._writing:
            self._ready()
            root = merkle.root_of(self._peaks)
            body = rotation_body(self.origin, self._size, root, self._key, new, reason)
            piece = cut(Draft("key_rotation", actor, body), self._clock.now_us(), self._clock.mono_us())
            old, self._key = self._key, new
            ticket = _Ticket([piece])
            try:
                self._commit([ticket])
            except LedgerError:
                self._key = old
                raise
            return ticket.receipts[0]

    def add_cosignature(self, note_text: str, cosigner: str) -> None:
        """Keep the cosignature of ``cosigner`` (a vkey) that stands on one of our checkpoints.

        Raises:
            ProofRefused: the note is not one of our checkpoints, or carries no such signature.
            LedgerError: the file cannot be written.
        """
        note, checkpoint = read_checkpoint(note_text)
        key = parse_key(cosigner)
        ours, _ = read_checkpoint(self.reading.checkpoint(checkpoint.size))
        if note.text != ours.text or key.kind != COSIGNATURE or not is_cosigned(note, key):
            raise ProofRefused(f"this is no cosignature by {key.name} on a checkpoint of this ledger")
        row = (checkpoint.size, key.text, one_signature(note, key).line)
        with self._writing:
            self._ready()
            with self._told():
                self._connection.execute("INSERT OR IGNORE INTO cosignatures VALUES (?, ?, ?)", row)

    def close(self) -> None:
        """Close the file; all that was promised is on disk already."""
        with self._writing:
            self._is_closed = True
            self.reading.close()
            if self._connection is not None:
                close_quietly(self._connection)  # the last to leave folds the WAL into the file

    def _open(self) -> None:
        connection = open_ledger(self._path, writing=True)
        reading = Reading(self._path)
        try:
            self._size, self._peaks, self._note = reading.tail()
            if reading.keys[-1].key != self._key.verifier():
                raise WrongKey(
                    f"the ledger {self._path} is signed with {reading.keys[-1].key.text}, not with "
                    f"{self._key.verifier().text}; use that key, or rotate with both"
                )
            if not is_signed(read_checkpoint(self._note)[0], self._key.verifier()):
                raise LedgerDamaged(f"the newest checkpoint of {self._path} is not signed; {RESTORE}")
            if not _mark(self._path).exists():
                replace_file(_mark(self._path), reading.checkpoint(1).encode())
        except BaseException:
            close_quietly(connection)
            raise
        finally:
            reading.close()
        self._connection = connection

    def _ready(self) -> None:
        if self._is_closed:
            raise LedgerError(f"the ledger {self._path} is closed")
        if self._connection is None:
            self._open()

    def _commit_waiting(self) -> None:
        with self._queue:
            tickets, self._waiting = self._waiting, []
        try:
            self._ready()
            self._commit(tickets)
        except BaseException as error:
            told = error if isinstance(error, LedgerError) else LedgerError(f"nothing was written: {error!r}")
            for ticket in tickets:
                ticket.error = told
            if not isinstance(error, Exception):
                raise
        finally:
            for ticket in tickets:
                ticket.is_done = True

    def _commit(self, tickets: Sequence[_Ticket]) -> None:
        size, peaks = self._size, list(self._peaks)
        entries: list[tuple[int, str, bytes]] = []
        nodes: list[tuple[int, int, bytes]] = []
        disclosures: list[tuple[int, str]] = []
        for piece in (piece for ticket in tickets for piece in ticket.cuts):
            line = piece.line(size)
            leaf = merkle.leaf_hash(line)
            entries.append((size, line.decode(), leaf))
            nodes += merkle.grow(size, peaks, leaf)
            disclosures += [(size, disclosure) for disclosure in piece.disclosures]
            size += 1
        note = str(sign_checkpoint(Checkpoint(self.origin, size, merkle.root_of(peaks)), self._key))
        with self._told():
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("SELECT max(seq) FROM entries").fetchone()[0] != self._size - 1:
                raise LedgerError(f"another program wrote to {self._path}; only one may have it open")
            connection.executemany("INSERT INTO entries (seq, line, leaf_hash) VALUES (?, ?, ?)", entries)
            connection.executemany("INSERT INTO nodes VALUES (?, ?, ?)", nodes)
            connection.executemany("INSERT INTO disclosures VALUES (?, ?)", disclosures)
            connection.execute("INSERT INTO checkpoints VALUES (?, ?)", (size, note))
            connection.execute("COMMIT")
        self._size, self._peaks, self._note = size, peaks, note
        at = 0
        for ticket in tickets:
            mine = entries[at : at + len(ticket.cuts)]
            ticket.receipts = tuple(Receipt(seq, leaf, size, note) for seq, _, leaf in mine)
            at += len(mine)

    @contextlib.contextmanager
    def _told(self) -> Any:
        """Any error of the file becomes a LedgerError; after a fault of the disk only a new open tells
        what the file holds.
        """
        try:
            yield
        except Exception as error:
            with contextlib.suppress(Exception):
                self._connection.rollback()
            if code(error) not in PASSING:
                close_quietly(self._connection)
                self._connection = None
            if isinstance(error, LedgerError):
                raise
            todo = f"; {ADVICE[code(error)]}" if code(error) in ADVICE else ""
            raise LedgerError(f"the ledger {self._path} cannot be written: {error}{todo}") from error


def _mark(path: Path) -> Path:
    """A small file beside the ledger that says one was begun: without it nobody would miss a removed one."""
    return path.with_name(f"{path.stem}.begun")
