"""The checkpoints of the days, and beside each the request for its time stamp and the answer.

``checkpoint-DATE.txt`` is the signed note, ``.tsq`` the request (made once, so that its nonce is kept) and
``.tsr`` the answer. What has no answer waits for one: the folder is the queue.
"""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography import x509

from engine.ledger import stamp
from engine.ledger.checkpoint import Checkpoint, read_checkpoint
from engine.ledger.errors import LedgerError, ProofRefused
from engine.ledger.reading import Reading
from engine.ledger.stamp import Stamp
from engine.paths import replace_file

PRINTED = "checkpoint-*.txt"
NOTE, QUERY, REPLY = ".txt", ".tsq", ".tsr"
MOST_WAITING = 40
LARGEST = 1 << 20
"""Bytes of an answer; they are some 5,000."""


class Stamped(msgspec.Struct, frozen=True):
    """A checkpoint with its time stamp; ``name`` is that of its file."""

    name: str
    note: str
    query: bytes
    reply: bytes

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says."""
        return read_checkpoint(self.note)[1]


def waiting(folder: Path, origin: str) -> list[Path]:
    """The checkpoints of a ledger that have no time stamp, the newest first: it covers those before it.

    Those of the last `MOST_WAITING` days: an older one would say nothing that these do not.
    """
    files = sorted(folder.glob(PRINTED), reverse=True)[:MOST_WAITING]
    return [each for each in files if not each.with_suffix(REPLY).exists() and _is_of(each, origin)]


def asked(file: Path) -> bytes:
    """The request for the time stamp of a checkpoint, the same every time.

    Raises:
        OSError: it cannot be kept.
    """
    kept = file.with_suffix(QUERY)
    if not kept.exists():
        replace_file(kept, stamp.query(file.read_text("utf-8")))
    return kept.read_bytes()


def take(file: Path, reply: bytes, authorities: list[x509.Certificate], reading: Reading) -> Stamp:
    """Keep the answer to a request, once it is found right.

    Raises:
        ProofRefused: it is not.
        LedgerError: the ledger cannot be read.
        OSError: it cannot be kept.
    """
    note = file.read_text("utf-8")
    found = stamp.checked(note, asked(file), reply, authorities, made_us(note, reading))
    replace_file(file.with_suffix(REPLY), reply)
    return found


def stamped(folder: Path, origin: str) -> list[Stamped]:
    """The checkpoints of a ledger that have a time stamp, the oldest first, one of each size."""
    found: dict[int, Stamped] = {}
    for file in sorted(folder.glob(PRINTED)):
        if file.with_suffix(REPLY).exists() and file.with_suffix(QUERY).exists() and _is_of(file, origin):
            one = Stamped(
                file.name,
                file.read_text("utf-8"),
                file.with_suffix(QUERY).read_bytes(),
                file.with_suffix(REPLY).read_bytes(),
            )
            found.setdefault(one.checkpoint.size, one)
    return list(found.values())


def check(one: Stamped, authorities: list[x509.Certificate], reading: Reading) -> Stamp:
    """The time stamp of a checkpoint of this ledger, checked once more with all there is.

    Raises:
        ProofRefused: it does not fit.
        LedgerError: the ledger cannot be read.
    """
    seen = one.checkpoint
    if seen.size > reading.size or reading.root(seen.size) != seen.root:
        raise ProofRefused(f"the first {seen.size} entries are not those that were stamped ({one.name})")
    try:
        return stamp.checked(one.note, one.query, one.reply, authorities, made_us(one.note, reading))
    except ProofRefused as error:
        raise ProofRefused(f"the time stamp of {seen.size} entries ({one.name}): {error}") from error


def check_stamps(folder: Path, ledger: Path, authorities: Path) -> tuple[list[str], list[str]]:
    """All time stamps of a ledger checked once more: what they say in words, and what does not fit.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    said, wrong = list[str](), list[str]()
    reading = Reading(ledger)
    try:
        trusted = stamp.read_authorities(authorities.read_bytes())
        for one in stamped(folder, reading.origin):
            try:
                said.append(words(one.checkpoint.size, check(one, trusted, reading)))
            except ProofRefused as error:
                wrong.append(str(error))
    except (OSError, ProofRefused) as error:
        said.append(f"Time stamps were not checked: {authorities}: {error}.")
    finally:
        reading.close()
    return said, wrong


def words(size: int, found: Stamp) -> str:
    """What a time stamp says, as a sentence."""
    when = datetime.fromtimestamp(found.time_us / 1e6, UTC)
    return f"The first {size} entries were there at {when:%Y-%m-%d %H:%M:%S} UTC, says {found.by}."


def made_us(note: str, reading: Reading) -> int:
    """When the newest entry under a checkpoint was made.

    Raises:
        LedgerError: the ledger has not so many entries.
    """
    return int(reading.entry(read_checkpoint(note)[1].size - 1).content["time_us"])


def _is_of(file: Path, origin: str) -> bool:
    try:
        return read_checkpoint(file.read_text("utf-8"))[1].origin == origin
    except (LedgerError, OSError, UnicodeDecodeError):
        return False


def check_bundle(bundle: Path, authorities: Path) -> tuple[list[str], list[str]]:
    """The time stamps in a bundle whose hashes were found right: what they say, and what does not fit.

    Raises:
        ProofRefused: the file of the authorities holds no certificates.
        OSError: a file cannot be read.
    """
    said, wrong = list[str](), list[str]()
    trusted = stamp.read_authorities(authorities.read_bytes())
    with zipfile.ZipFile(bundle) as archive:
        entries = [msgspec.json.decode(line) for line in archive.read("entries.jsonl").splitlines()]
        for name in sorted(each for each in archive.namelist() if each.startswith("stamps/")):
            start, _, end = name.rpartition(".")
            if end != "tsr":
                continue
            note = archive.read(f"{start}.checkpoint").decode()
            size = read_checkpoint(note)[1].size
            least_us = max((each["time_us"] for each in entries if each["seq"] < size), default=0)
            try:
                found = stamp.checked(
                    note, archive.read(f"{start}.tsq"), archive.read(name), trusted, least_us
                )
                said.append(words(size, found))
            except ProofRefused as error:
                wrong.append(f"the time stamp of {size} entries: {error}")
    return said, wrong
