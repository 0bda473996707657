"""The answers to questions about the ledger, and the longer work on it: checking it, writing a bundle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.app.jobs import Kind, Work
from engine.app.ledger import Scribe
from engine.app.ledger_anew import ended, file_of
from engine.app.ledger_open import CHECKPOINTS
from engine.app.queries import Queries
from engine.historian.export import written
from engine.historian.reading import Cancelled, Watch
from engine.ledger import (
    Entry,
    LedgerError,
    NoLedger,
    Reading,
    Wanted,
    reveal,
    verify_file,
    write_bundle,
    write_span,
)
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.merkle import is_included, leaf_hash
from engine.ledger.note import is_signed
from engine.ledger.stamped import stamped
from engine.server import Answer, RequestRefused
from engine.typed import unpack
from engine.types import LedgerAnswer, LedgerEntry, LedgerProof, LedgerVerdict
from engine.types.control import NotRecorded
from engine.wire import (
    LedgerAcceptBody,
    LedgerBeginBody,
    LedgerBody,
    LedgerBundleBody,
    LedgerProofBody,
    LedgerRotateBody,
    LedgerVerifyBody,
)

MOST_ENTRIES = 1000
LONGEST_TEXT = 200
FIRST_PIECE, PIECE = 20_000, 200_000
"""Entries that are searched in one go."""
SEARCH_US = 1_000_000
"""A search that takes longer gives what it has; the next page goes on there."""
MOST_BYTES = 8_000_000
"""Of the lines in one answer; a message holds 16 MB."""
Found = TypeVar("Found")
_replace = msgspec.structs.replace


def ledger_answers(scribe: Scribe, queries: Queries) -> Mapping[str, Answer]:
    """The coroutine that answers each op about the ledger."""

    async def ledger(body: msgspec.Raw) -> LedgerAnswer:
        wanted = unpack(body, LedgerBody)
        if not 0 < wanted.limit <= MOST_ENTRIES or len(wanted.text) > LONGEST_TEXT or wanted.before < 0:
            raise RequestRefused(
                f"ask for 1 to {MOST_ENTRIES} entries, and for at most {LONGEST_TEXT} letters of text"
            )
        return await queries.answer(lambda: _found(scribe, wanted))

    async def ledger_proof(body: msgspec.Raw) -> LedgerProof:
        wanted = unpack(body, LedgerProofBody)
        return await _in_words(queries, lambda: proof(file_of(scribe.folder, wanted.ended), wanted.seq))

    async def ledger_rotate(body: msgspec.Raw) -> str:
        wanted = unpack(body, LedgerRotateBody)
        _require(wanted.by, wanted.reason)
        await _recorded(scribe.rotate(wanted.by, wanted.reason))
        return await _in_words(queries, lambda: _key_name(scribe.file))

    async def ledger_accept(body: msgspec.Raw) -> bool:
        wanted = unpack(body, LedgerAcceptBody)
        _require(wanted.by, wanted.reason)
        await _recorded(scribe.accept(wanted.by, wanted.reason))
        return True

    async def ledger_begin(body: msgspec.Raw) -> str:
        wanted = unpack(body, LedgerBeginBody)
        _require(wanted.by, wanted.reason)
        await _recorded(scribe.begin_anew(wanted.by, wanted.reason))
        return await _in_words(queries, lambda: _key_name(scribe.file).partition("+")[0])

    return {
        "ledger": ledger,
        "ledger_proof": ledger_proof,
        "ledger_rotate": ledger_rotate,
        "ledger_accept": ledger_accept,
        "ledger_begin": ledger_begin,
    }


def ledger_kinds(scribe: Scribe) -> Mapping[str, Kind]:
    """The work of each kind of job about the ledger."""

    def verified(body: msgspec.Raw) -> Work:
        name = unpack(body, LedgerVerifyBody).ended
        return lambda watch: _verified(scribe, name, watch)

    def bundled(body: msgspec.Raw) -> Work:
        wanted = unpack(body, LedgerBundleBody)
        path = Path(wanted.file)
        if not path.is_absolute():
            raise RequestRefused(f"say in full where {str(path)!r} is to be")
        return lambda watch: _bundled(scribe, wanted, path, watch)

    return {"ledger_verify": verified, "ledger_bundle": bundled}


def proof(file: Path, seq: int) -> LedgerProof:
    """The proof of one entry against the newest checkpoint, computed again from its line.

    Raises:
        LedgerError: there is no such entry, or the ledger cannot be read.
    """
    reading = Reading(file)
    try:
        text, entry = reading.checkpoint(), reading.entry(seq)
        note, newest = read_checkpoint(text)
        leaf, path = leaf_hash(entry.line), reading.inclusion(seq, newest.size)
        why = ""
        if not is_included(leaf, seq, newest.size, path, newest.root):
            why = "this entry is not the one that was signed: it or a hash over it was changed"
        elif not any(key.may_sign(newest.size) and is_signed(note, key.key) for key in reading.keys):
            why = "the checkpoint is not signed by the key of this ledger"
    finally:
        reading.close()
    hashes = tuple(each.hex() for each in path)
    return LedgerProof(seq, newest.size, leaf.hex(), hashes, newest.root.hex(), text, not why, why)


def search(reading: Reading, wanted: LedgerBody, mono_us: Callable[[], int]) -> tuple[list[Entry], int]:
    """A page of what is wanted, the newest first, and before which entry the next one goes on (0 = none)."""
    size = reading.size
    first, end = 0, min(wanted.before, size) if wanted.before else size
    if wanted.start_us or wanted.end_us:
        first, last = reading.span(wanted.start_us, wanted.end_us or 2**62)
        end = min(end, last)
    filters = Wanted(wanted.text, wanted.types, wanted.actor, wanted.start_us, wanted.end_us)
    found, piece, until_us = list[Entry](), FIRST_PIECE, mono_us() + SEARCH_US
    while end > first and len(found) < wanted.limit:
        start = max(first, end - piece)
        page = reading.newest(_replace(filters, first=start), end, wanted.limit - len(found))
        found += page
        end, piece = (page[-1].seq if len(found) >= wanted.limit else start), PIECE
        if mono_us() > until_us:
            break
    return found, max(end, 0) if end > first else 0


def _found(scribe: Scribe, wanted: LedgerBody) -> LedgerAnswer:
    """Where the ledger cannot be read there are no entries, and it is said why."""
    checks, trouble = scribe.keeping.checks, scribe.trouble
    warnings = (scribe.keeping.warning, scribe.outside.warning)
    told = LedgerAnswer(
        *("", 0, "", ""),
        trouble=trouble,
        verified_us=checks.last_us,
        verified_size=checks.size,
        evidence=scribe.evidence,
        may_accept=scribe.may_accept,
        may_begin=scribe.may_begin,
        warning="; ".join(each for each in warnings if each),
        anchors=scribe.outside.anchors,
        ended=ended(scribe.folder),
    )
    try:
        reading = Reading(file_of(scribe.folder, wanted.ended))
    except LedgerError as error:
        return _replace(told, trouble=trouble or str(error))
    try:
        text = reading.checkpoint()
        entries, before = search(reading, wanted, scribe.clock.mono_us)
        shown = _shown(entries)
        return _replace(
            told,
            origin=reading.origin,
            size=read_checkpoint(text)[1].size,
            checkpoint=text,
            key_name=reading.keys[-1].key.text,
            entries=tuple(shown),
            before=before if len(shown) == len(entries) else shown[-1].seq,
        )
    except LedgerError as error:
        return _replace(told, origin=reading.origin, trouble=trouble or str(error))
    finally:
        reading.close()


def _shown(entries: list[Entry]) -> list[LedgerEntry]:
    """As many as fit in a message, and one at least."""
    shown, nbytes = list[LedgerEntry](), 0
    for each in entries:
        nbytes += 2 * len(each.line)
        if shown and nbytes > MOST_BYTES:
            break
        shown.append(_entry(each))
    return shown


def _entry(entry: Entry) -> LedgerEntry:
    """An entry with its hidden fields: who asks sees the ledger of this plant."""
    content = entry.content
    actor, body = str(content.get("actor", "")), content.get("body", {})
    if "_sd" in content:
        fields = reveal(content, entry.disclosures)
        actor = str(fields.pop("actor", ""))
        body = {name.removeprefix("body."): value for name, value in fields.items()}
    line = entry.line.decode("utf-8", "replace")
    return LedgerEntry(entry.seq, content["time_us"], content["type"], actor, content["topic"], body, line)


def _verified(scribe: Scribe, name: str, watch: Watch) -> LedgerVerdict:
    stopped = False

    def go_on(share: float) -> bool:
        nonlocal stopped
        stopped = stopped or not watch(share)
        return not stopped

    try:
        file = file_of(scribe.folder, name)
        verdict = verify_file(file, None, go_on) if name else scribe.keeping.verified(go_on)
    except LedgerError as error:
        raise RequestRefused(str(error)) from error
    if stopped:
        raise Cancelled("the check was stopped")
    if not name:
        scribe.keeping.found(verdict, full=True)
    return LedgerVerdict(not verdict.findings, verdict.size, verdict.checkpoints, tuple(verdict.findings))


def _bundled(scribe: Scribe, wanted: LedgerBundleBody, path: Path, watch: Watch) -> str:
    stopped = False

    def go_on(share: float) -> bool:
        nonlocal stopped
        stopped = not watch(share)
        return not stopped

    try:
        file = file_of(scribe.folder, wanted.ended)
        reading = Reading(file)
        try:
            stamps = stamped(file.parent / CHECKPOINTS, reading.origin)
            with written(path) as to:
                if wanted.start_us or wanted.end_us:
                    write_span(reading, to, wanted.start_us, wanted.end_us or 2**62, stamps, watch=go_on)
                else:
                    write_bundle(reading, to, stamps=stamps, watch=go_on)
        finally:
            reading.close()
    except LedgerError as error:
        if stopped:
            raise Cancelled("the bundle was given up") from error
        raise RequestRefused(str(error)) from error
    return str(path)


def _key_name(file: Path) -> str:
    reading = Reading(file)
    try:
        return reading.keys[-1].key.text
    finally:
        reading.close()


def _require(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise RequestRefused("say who does this, and why: it goes on record")


async def _recorded(work: Awaitable[None]) -> None:
    try:
        await work
    except NotRecorded as error:
        raise RequestRefused(str(error)) from error


async def _in_words(queries: Queries, work: Callable[[], Found]) -> Found:
    try:
        return await queries.answer(work)
    except NoLedger as error:
        raise RequestRefused(f"{error}; it is begun when the engine starts") from error
    except LedgerError as error:
        raise RequestRefused(str(error)) from error
