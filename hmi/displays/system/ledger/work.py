"""What is done with the ledger as a whole: checked, written as a bundle, given another key, accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtWidgets import QWidget

from hmi import formats
from hmi.author import author
from hmi.displays.feed import Feed
from hmi.displays.job import Job
from hmi.displays.system.ledger import state as ledger
from hmi.displays.system.ledger.head import LedgerHead
from hmi.displays.system.ledger.sheets import BundleSheet, ReasonSheet, ask_file
from hmi.displays.system.ledger.state import Verdict
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme


class Work:
    """``look`` is called after something changed how the ledger does."""

    def __init__(
        self, theme: Theme, feed: Feed, head: LedgerHead, page: QWidget, look: Callable[[], None]
    ) -> None:
        self._feed, self._head, self._page, self._look = feed, head, page, look
        self.model = Model()
        self.check, self.export = Job(feed, page), Job(feed, page)
        self.bundle, self.reason = BundleSheet(theme, page), ReasonSheet(theme, page)
        self.sheets = (self.bundle, self.reason)
        head.verified.connect(self.verify)
        head.bundled.connect(self.bundle.ask)
        head.rotated.connect(self._ask_rotate)
        head.accepted.connect(self._ask_accept)
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
        self.check.start("ledger_verify", {}, self._head.show_work, self._verified, self._not_verified)

    def _verified(self, result: Any) -> None:
        self._head.show_work(None)
        verdict = msgspec.convert(result, Verdict)
        self._head.show_verdict(ledger.verdict_words(verdict, self.model.plant.locale))
        self._look()

    def _not_verified(self, why: str) -> None:
        self._head.show_work(None)
        self._head.show_verdict(t("Not checked: {why}", why=why))

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

        self.export.start("ledger_bundle", {"file": str(file)}, self.bundle.show_work, done, failed)

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

    def _send(self, op: str, reason: str) -> None:
        def done(_: Any) -> None:
            self.reason.leave()
            self._look()

        self._feed.submit(op, {"reason": reason, "by": author()}, done, self.reason.refuse)
