"""Bundles: a ledger, or a part of it, in one file that anybody can check with `verify_bundle`.

A zip archive: manifest.json, entries.jsonl (one canonical line an entry), checkpoints/SIZE.checkpoint (signed
notes), stamps/SIZE.checkpoint, .tsq and .tsr (time stamps of RFC 3161 and what was stamped), proofs.json,
disclosures.jsonl (fields revealed) and README.txt. *Full* bundles hold every entry and
need no proof of a single one; *shared* ones hold chosen entries, each with its proof of inclusion.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.entry import Entry
from engine.ledger.errors import LedgerError
from engine.ledger.note import to_base64
from engine.ledger.reading import PAGE, Reading
from engine.ledger.sharing import read_disclosure
from engine.ledger.stamped import Stamped
from engine.ledger.wanted import Wanted

FORMAT = "watchroom-ledger-bundle/1"
Watch = Callable[[float], bool]
"""Called with the share that is done, 0 to 1; False ends the work."""
Shown = Callable[[int, str], bool]
"""(seq, field) -> whether this hidden field is revealed; fields are ``actor`` and ``body.NAME``."""
GIVEN_UP = "the bundle was given up; nothing was written"
README = """This is a bundle of the ledger {origin}: {size} entries, signed.

Check it:  python verify_bundle.py BUNDLE --trust keys.json
(verify_bundle.py comes with Watchroom, engine/ledger; it needs Python 3.11, and for signatures the package
cryptography. Get it, and keys.json, from people you trust and not from whoever sent you this file.)

entries.jsonl      one entry a line, canonical JSON (RFC 8785); leaf hash = SHA-256(0x00 || line)
checkpoints/       signed notes of C2SP tlog-checkpoint: origin, size, base64 root hash (RFC 9162 section 2.1)
stamps/            time stamps of RFC 3161 over checkpoints, for openssl ts -verify
proofs.json        RFC 9162 inclusion and consistency proofs, hashes in base64
disclosures.jsonl  fields revealed of entries with "_sd" (RFC 9901 section 4.2)
This README is not part of what is proven.
"""


def show_nothing(seq: int, field: str) -> bool:
    """Keep every hidden field hidden."""
    return False


def write_bundle(
    reading: Reading,
    path: Path | BinaryIO,
    shown: Shown = show_nothing,
    stamps: Sequence[Stamped] = (),
    watch: Watch = lambda share: True,
) -> int:
    """Write the whole ledger up to its newest checkpoint; returns how many entries that is.

    ``path`` may be a file that is open for writing. ``watch`` hears the share that is done.

    Raises:
        LedgerError: the ledger is damaged, or ``watch`` ended it.
        OSError: the file cannot be written.
    """
    newest, size = _newest(reading)
    before = [rotation.seq for rotation in reading.entries(types=("key_rotation",), limit=-1)]
    signed = reading.checkpoint_sizes()
    ends = {max(each for each in signed if each <= seq) for seq in before}
    dated = _sizes(stamps)
    kept = sorted(
        {each for each in {*ends, *reading.checkpoint_sizes(cosigned=True), *dated} if each < size} | {size}
    )
    steps = [_consistency(reading, old, new) for old, new in zip(kept, kept[1:], strict=False)]
    notes = [reading.checkpoint(each) for each in kept[:-1]] + [newest]
    entries = _all(reading, size, watch)
    proofs = {"consistency": steps, "inclusion": []}
    _write(path, "full", notes, entries, proofs, shown, [each for each in stamps if _size(each) <= size])
    return size


def write_shared(
    reading: Reading,
    path: Path | BinaryIO,
    *,
    topic: str | None = None,
    seqs: Iterable[int] = (),
    since: Iterable[int] = (),
    stamps: Sequence[Stamped] = (),
    shown: Shown = show_nothing,
    watch: Watch = lambda share: True,
) -> int:
    """Write the entries of a topic, and those numbered ``seqs``, each with its proof; returns how many.

    ``since`` are sizes of checkpoints that the partner saw before: the bundle proves that the ledger goes
    on from them. The entries that name the keys of the ledger are always among them. Of the ``stamps`` it
    holds the first one over all of these entries, which says that they were there by then.

    Raises:
        LedgerError: there is no such entry or checkpoint, or the ledger is damaged.
        OSError: the file cannot be written.
    """
    newest, size = _newest(reading)
    chosen = {0: reading.entry(0)} | {seq: reading.entry(seq) for seq in seqs}
    chosen |= {each.seq: each for each in reading.entries(types=("key_rotation",), limit=-1)}
    if topic is not None:
        chosen |= {each.seq: each for each in reading.entries(topic=topic, limit=-1)}
    entries = [chosen[seq] for seq in sorted(chosen) if seq < size]
    dated = [each for each in stamps if entries[-1].seq < _size(each) <= size][:1]
    kept = sorted({*since, *reading.checkpoint_sizes(cosigned=True)[-1:], *_sizes(dated)} - {0, size})
    if kept and kept[-1] > size:
        raise LedgerError(f"the ledger has {size} entries, it cannot be proven to go on from {kept[-1]}")
    inclusion = list[dict[str, Any]]()
    for each in entries:
        if not len(inclusion) % PAGE and not watch(len(inclusion) / len(entries)):
            raise LedgerError(GIVEN_UP)
        inclusion.append({"path": list(map(to_base64, reading.inclusion(each.seq, size))), "seq": each.seq})
    proofs = {"consistency": [_consistency(reading, old, size) for old in kept], "inclusion": inclusion}
    _write(path, "shared", [*map(reading.checkpoint, kept), newest], entries, proofs, shown, dated)
    return len(entries)


def write_span(
    reading: Reading,
    path: Path | BinaryIO,
    start_us: int,
    end_us: int,
    stamps: Sequence[Stamped] = (),
    watch: Watch = lambda share: True,
) -> int:
    """Write the entries of a time, each with its proof; returns how many entries the bundle holds.

    Raises:
        LedgerError: no entry is of that time, or as of `write_shared`.
        OSError: the file cannot be written.
    """
    first, end = reading.span(start_us, end_us)
    wanted = Wanted(start_us=start_us, end_us=end_us, first=first)
    seqs = [each.seq for each in reading.newest(wanted, end, -1)]
    if not seqs:
        raise LedgerError("no entry is of that time")
    return write_shared(reading, path, seqs=seqs, stamps=stamps, watch=watch)


def _size(one: Stamped) -> int:
    return one.checkpoint.size


def _sizes(stamps: Iterable[Stamped]) -> set[int]:
    return {_size(each) for each in stamps}


def _newest(reading: Reading) -> tuple[str, int]:
    """One read of it: an engine may sign the next one meanwhile."""
    newest = reading.checkpoint()
    return newest, read_checkpoint(newest)[1].size


def _all(reading: Reading, size: int, watch: Watch) -> Iterator[Entry]:
    for first in range(0, size, PAGE):
        if not watch(first / size):
            raise LedgerError(GIVEN_UP)
        yield from reading.entries(first, limit=min(PAGE, size - first))


def _consistency(reading: Reading, old: int, new: int) -> dict[str, Any]:
    return {"from": old, "path": list(map(to_base64, reading.consistency(old, new))), "to": new}


def _write(
    path: Path | BinaryIO,
    kind: str,
    notes: list[str],
    entries: Iterable[Entry],
    proofs: dict[str, Any],
    shown: Shown,
    stamps: Sequence[Stamped],
) -> None:
    if not isinstance(path, Path):
        return _pack(path, kind, notes, entries, proofs, shown, stamps)
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            _pack(file, kind, notes, entries, proofs, shown, stamps)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _pack(
    to: BinaryIO,
    kind: str,
    notes: list[str],
    entries: Iterable[Entry],
    proofs: dict[str, Any],
    shown: Shown,
    stamps: Sequence[Stamped],
) -> None:
    _, newest = read_checkpoint(notes[-1])
    manifest = {"format": FORMAT, "kind": kind, "origin": newest.origin, "size": newest.size}
    manifest["root"] = to_base64(newest.root)
    revealed: list[bytes] = []
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member("README.txt"), README.format(origin=newest.origin, size=newest.size))
        archive.writestr(_member("manifest.json"), _plain(manifest))
        for note in notes:
            archive.writestr(_member(f"checkpoints/{read_checkpoint(note)[1].size:020d}.checkpoint"), note)
        for one in stamps:
            for end, content in (("checkpoint", one.note), ("tsq", one.query), ("tsr", one.reply)):
                archive.writestr(_member(f"stamps/{_size(one):020d}.{end}"), content)
        archive.writestr(_member("proofs.json"), _plain(proofs))
        with archive.open(_member("entries.jsonl"), "w", force_zip64=True) as file:
            for entry in entries:
                file.write(entry.line + b"\n")
                revealed += [
                    _plain({"disclosure": each, "seq": entry.seq}) + b"\n"
                    for each in entry.disclosures
                    if shown(entry.seq, read_disclosure(each)[0])
                ]
        archive.writestr(_member("disclosures.jsonl"), b"".join(revealed))


def _member(name: str) -> zipfile.ZipInfo:
    """A member without a date: the same ledger makes the same bundle."""
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member


def _plain(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
