"""Checking what was added to a ledger since it was checked before: some entries, not all of them."""

from __future__ import annotations

from pathlib import Path

from engine.ledger import merkle
from engine.ledger.canonical import parsed
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.errors import LedgerError
from engine.ledger.note import is_signed, to_base64
from engine.ledger.reading import PAGE, Reading
from engine.ledger.verify import Verdict, Watch


def verify_added(path: Path, size: int, watch: Watch = lambda share: True) -> Verdict:
    """Check the entries from ``size`` on against their hashes, and the newest checkpoint over all.

    What stands before is only known by the hashes over it: `verify_file` looks at that too. A verdict whose
    ``size`` is less than that of the ledger was ended by ``watch``.

    Raises:
        NoLedger: there is none at ``path``.
        LedgerError: it cannot be opened at all.
    """
    reading, verdict = Reading(path), Verdict()
    try:
        verdict.origin = reading.origin
        _check(reading, size, verdict, watch)
    except (LedgerError, ValueError) as error:
        verdict.findings.append(str(error))
    finally:
        reading.close()
    return verdict


def _check(reading: Reading, first: int, verdict: Verdict, watch: Watch) -> None:
    note, newest = read_checkpoint(reading.checkpoint())
    if newest.size < first:
        verdict.findings.append(f"{first} entries were checked before, but there are only {newest.size}")
        return
    peaks, verdict.size = merkle.peaks_of(first, reading.node), first
    while verdict.size < newest.size:
        page = reading.entries(verdict.size, limit=min(PAGE, newest.size - verdict.size))
        if not page:
            verdict.findings.append(f"entry {verdict.size} and all after it are gone")
            return
        for entry in page:
            if entry.seq != verdict.size or parsed(entry.line)["seq"] != entry.seq:
                verdict.findings.append(f"entry {verdict.size} is gone or has another number")
                return
            leaf = merkle.leaf_hash(entry.line)
            if reading.node(0, entry.seq) != leaf:
                verdict.findings.append(f"entry {entry.seq} was changed: it does not fit its hash")
            merkle.grow(entry.seq, peaks, leaf)
            verdict.size = entry.seq + 1
        if not watch((verdict.size - first) / (newest.size - first)):
            return
    verdict.root, verdict.checkpoints = to_base64(newest.root), 1
    if merkle.root_of(peaks) != newest.root:
        verdict.findings.append(f"the first {newest.size} entries are not those that were signed: changed")
    if not any(key.may_sign(newest.size) and is_signed(note, key.key) for key in reading.keys):
        verdict.findings.append(f"the checkpoint of {newest.size} entries is not signed by the ledger's key")
