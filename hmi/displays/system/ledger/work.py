"""What is done with the ledger as a whole: checked, written as a bundle, given another key, begun anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from engine.typed import convert
from engine.types import LedgerVerdict
from hmi import formats
from hmi.author import author
from hmi.displays.feed import Feed
from hmi.displays.job import Job
from hmi.displays.system.ledger import state as ledger
from hmi.displays.system.ledger.head import LedgerHead
from hmi.displays.system.ledger.sheets import BundleSheet, ReasonSheet, ask_file
from hmi.displays.system.ledger.state import Wanted
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme


class Work:
    """``look`` is called after something changed how the ledger does; ``wanted`` = what is on show."""

    def __init__(
        self, theme: Theme, feed: Feed, head: LedgerHead, page: QWidget, look: Callable[[], None]
    ) -> None:
        self._feed, self._head, self._page, self._look = feed, head, page, look
        self.model, self.wanted = Model(), Wanted()
        self.check, self.export = Job(feed, page), Job(feed, page)
        self.bundle, self.reason = BundleSheet(theme, page), ReasonSheet(theme, page)
        self.sheets = (self.bundle, self.reason)
        head.verified.connect(self.verify)
        head.bundled.connect(self._ask_bundle)
        head.rotated.connect(self._ask_rotate)
        head.accepted.connect(self._ask_accept)
        head.begun.connect(self._ask_begin)
        self.bundle.wanted.connect(self._ask_file)
        self.bundle.stopped.connect(self.export.cancel)

    def drop(self) -> None:
        """Another engine or person: nobody waits for what was begun."""
        for job in (self.check, self.export):
            job.drop()
        self._head.show_work(None)
        self._head.show_verdict("")
        self.bundle.show_work(None)
        for sheet in self.sheets:
            sheet.hide()
            sheet.shade.hide()

    def verify(self) -> None:
        """Check all of it; a second press stops that."""
        if self.check.is_busy:
            self.check.cancel()
            return
        self._head.show_verdict("")
        self._head.show_work(0.0)
        body = {"ended": self.wanted.ended}
        self.check.start("ledger_verify", body, self._head.show_work, self._verified, self._not_verified)

    def _verified(self, result: Any) -> None:
        self._head.show_work(None)
        verdict = convert(result, LedgerVerdict)
        self._head.show_verdict(ledger.verdict_words(verdict, self.model.plant.locale))
        self._look()

    def _not_verified(self, why: str) -> None:
        self._head.show_work(None)
        self._head.show_verdict(t("Not checked: {why}", why=why))

    def _ask_bundle(self) -> None:
        now_us = self._feed.now_us()
        self.bundle.ask(ledger.span_words(self.wanted, now_us, self.model.plant.timezone))

    def _ask_file(self) -> None:
        zone = self.model.plant.timezone
        when = f"{formats.local(self._feed.now_us(), zone):%Y-%m-%d %H.%M}"
        name = f"{self.model.plant.name}, {t('ledger')}, {when}.zip"
        name = "".join("-" if each in '/\\:*?"<>|' or not each.isprintable() else each for each in name)
        ask_file(self._page, t("Export a bundle"), name, t("Bundle (*.zip)"), self.write)

    def write(self, file: Path) -> None:
        """Have the bundle written; the sheet tells how it went."""
        self.bundle.say(t("Writing…"), str(file))
        self.bundle.show_work(0.0)

        def done(path: Any) -> None:
            self.bundle.show_work(None, is_done=True)
            self.bundle.say(t("The bundle is written:"), str(path))

        def failed(why: str) -> None:
            self.bundle.show_work(None)
            self.bundle.say(t("Nothing was written: {why}", why=why))

        body: dict[str, Any] = {"file": str(file), "ended": self.wanted.ended}
        if self.bundle.part.isChecked():
            body["start_us"], body["end_us"] = ledger.span_us(self.wanted, self._feed.now_us())
        self.export.start("ledger_bundle", body, self.bundle.show_work, done, failed)

    def _ask_rotate(self) -> None:
        said = t(
            "A new key is made and signs from now on. The old one confirms it in the ledger, so whoever "
            "trusted the old key follows by themselves."
        )
        self.reason.ask(
            t("Change the key of the ledger"),
            said,
            t("Change the key"),
            lambda why: self._send("ledger_rotate", why),
        )

    def _ask_accept(self) -> None:
        said = t(
            "The ledger has fewer entries than this computer saw before, or others. Accept that only if you "
            "know why, for example after a restored backup. Whoever holds a later checkpoint finds a fork; "
            "your reason is the explanation."
        )
        self.reason.ask(
            t("Accept the ledger as it is"), said, t("Accept"), lambda why: self._send("ledger_accept", why)
        )

    def _ask_begin(self) -> None:
        said = t(
            "Only where the key is lost for good: as long as it is somewhere, bring it back. This ledger is "
            "ended as it is and kept whole. A new one begins, which names its last checkpoint. Partners need "
            "a new trust file, and your reason is what they will read."
        )
        self.reason.ask(
            t("Begin a new ledger"), said, t("Begin a new one"), lambda why: self._send("ledger_begin", why)
        )

    def _send(self, op: str, reason: str) -> None:
        def done(_: Any) -> None:
            self.reason.leave()
            self._look()

        self._feed.submit(op, {"reason": reason, "by": author()}, done, self.reason.refuse)
