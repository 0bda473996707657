"""Models and the ledger: which files a named person approved, and each change on record before it is made."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from engine import paths
from engine.app.ledger_answers import proof
from engine.ledger import LedgerError, NoLedger, Reading
from engine.prediction.files import CARD
from engine.prediction.registry import SYSTEM, Change, IsSigned, OnRecord, Registry
from engine.typed import from_json
from engine.types import Clock, PutOnRecord, RecordEntry

log = logging.getLogger("watchroom.prediction")
EVENT = "model"
"""Of the event journal, and the type of entry in the ledger."""
APPROVE = ("promote", "rollback")
PRODUCT = "Watchroom"
"""Who brings in what is shipped; nobody's approval."""


class _Hash(msgspec.Struct, frozen=True):
    sha256: str


def open_registry(folder: Path, clock: Clock, is_signed: IsSigned) -> Registry:
    """The registry of the project in ``folder``. Not in the loop: it reads every package.

    Raises:
        OSError: its folder cannot be made or read.
    """
    return Registry(models_folder(folder), clock.now_us, is_signed)


def models_folder(folder: Path) -> Path:
    """Where the models of a project are kept."""
    return paths.data(folder) / "models"


class Approvals:
    """Whether a model file, by its SHA-256, was approved: ``is_signed`` of `open_registry`. Any thread.

    By a named person who promoted it, as an entry that is proven against the signed checkpoint of ``ledger``
    says; and what is shipped, which is as good as the product's code. Reads the ledger when it is made: not
    in the loop. What is approved later is told by `on_record`.
    """

    def __init__(self, ledger: Path) -> None:
        approved, self.told = _in_ledger(ledger)
        """The hashes that the ledger tells of at all."""
        self._known = shipped() | approved

    def __call__(self, sha256: str) -> bool:
        """Whether it was approved."""
        return sha256 in self._known

    def add(self, change: Change) -> None:
        """Take what was just put on record."""
        if change.what in APPROVE and change.by not in (SYSTEM, PRODUCT):
            self._known = self._known | {change.sha256}


def on_record(
    record: PutOnRecord, note: Callable[[str, dict[str, Any]], None], approvals: Approvals
) -> OnRecord:
    """Puts each change in the ledger first, and then in the event journal, where windows see it.

    Raises, when called:
        NotRecorded: it is not there; nothing may be done.
    """

    async def recorded(change: Change) -> None:
        body: dict[str, Any] = {name: each for name, each in msgspec.to_builtins(change).items() if each}
        await record([RecordEntry(EVENT, change.by, body)])
        note(EVENT, body)
        approvals.add(change)

    return recorded


def shipped() -> frozenset[str]:
    """The hashes of the model files that came with the product."""
    cards = sorted((paths.resources() / "models").glob(f"*/{CARD}"))
    return frozenset(from_json(each.read_bytes(), _Hash).sha256 for each in cards)


def _in_ledger(ledger: Path) -> tuple[frozenset[str], frozenset[str]]:
    """The hashes that were approved, and all that entries are about."""
    try:
        reading = Reading(ledger)
    except NoLedger:
        return frozenset(), frozenset()
    except LedgerError as error:
        log.error("no model counts as approved: %s", error)
        return frozenset(), frozenset()
    approved, told = dict[str, int](), set[str]()
    try:
        for entry in reading.entries(types=(EVENT,), limit=-1):
            said: dict[str, Any] = entry.content
            body: dict[str, Any] = said["body"]
            sha256 = str(body.get("sha256", ""))
            told.add(sha256)
            if body.get("what") in APPROVE and said["actor"] not in (SYSTEM, PRODUCT):
                approved[sha256] = entry.seq
        proven = (sha256 for sha256, seq in approved.items() if proof(ledger, seq).is_proven)
        return frozenset(proven), frozenset(told)
    except (LedgerError, LookupError, msgspec.MsgspecError) as error:
        log.error("no model counts as approved: %s", error)
        return frozenset(), frozenset()
    finally:
        reading.close()


def of_the_product(registry: Registry, approvals: Approvals, now_us: int) -> list[Change]:
    """What the product itself brought in before an engine ran, and the ledger does not tell yet."""
    return [
        Change("import", each.card.id, each.card.version, each.card.sha256, each.by, each.why, now_us,
               {f"{each.card.id} {each.card.version}": each.role})
        for each in registry.states()
        if each.by == PRODUCT and each.card.sha256 not in approvals.told
    ]  # fmt: skip
