"""What a person asks of the chosen source: try now, trust, confirm, a password. Sent once, each of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from engine.types import SourceDetail
from hmi.displays.feed import Feed
from hmi.displays.system import certificate_state as certificates
from hmi.displays.system.certificate_sheet import CertificateSheet
from hmi.displays.system.certificate_state import Card
from hmi.displays.system.password_sheet import PasswordSheet
from hmi.displays.system.source_page import SourcePage
from hmi.formats import t
from hmi.theme import Theme


class SourceAsks:
    """The buttons of the page and the sheets behind them.

    ``chosen`` gives the id of the source on show and what is known of it, ``renew`` has it asked anew.
    """

    def __init__(
        self,
        theme: Theme,
        page: SourcePage,
        feed: Feed,
        chosen: Callable[[], tuple[str, SourceDetail | None]],
        renew: Callable[[], None],
        over: QWidget,
    ) -> None:
        self._page, self._feed, self._chosen, self._renew = page, feed, chosen, renew
        self.sheet, self.password = CertificateSheet(theme, over), PasswordSheet(theme, over)
        page.retry.connect(self._retry)
        page.certificates.trust.connect(partial(self._open_sheet, "trust"))
        page.certificates.remove.connect(partial(self._open_sheet, "distrust"))
        page.unsecured.confirm.connect(self._confirm_unsecured)
        for asked in (page.login.asked, page.head.password):
            asked.connect(self._open_password)
        self.sheet.agreed.connect(self._agreed)
        self.password.agreed.connect(self._set_password)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.sheet.set_theme(theme)
        self.password.set_theme(theme)

    def leave(self) -> None:
        """Another source is on show: what was begun for the one before is not gone on with."""
        self.sheet.leave()
        self.password.leave()

    def place(self) -> None:
        """The display has another size."""
        for sheet in (self.sheet, self.password):
            if sheet.isVisible():
                sheet.place()

    def _retry(self) -> None:
        self._page.head.say(t("Trying to connect…"))
        self._submit("retry", {"source": self._chosen()[0]}, "")

    def _open_sheet(self, act: certificates.Act, card: Card) -> None:
        self.sheet.ask(act, self._chosen()[0], card)

    def _open_password(self) -> None:
        source, detail = self._chosen()
        if detail is not None and detail.login is not None:
            self.password.ask(source, detail.login.user, detail.status.endpoint)

    def _agreed(self, act: str, source: str, thumbprint: str) -> None:
        words = (
            t("The server is trusted now. Connecting…")
            if act == "trust"
            else t("The server is not trusted any more.")
        )
        self._submit(act, {"source": source, "thumbprint": thumbprint}, words, self.sheet.refuse)

    def _set_password(self, source: str, password: str) -> None:
        words = t("The password is set. Connecting…")
        body = {"source": source, "password": password}
        self._submit("password_set", body, words, self.password.refuse)

    def _confirm_unsecured(self) -> None:
        words = t("Confirmed: this source may be written over its link.")
        self._submit("unsecured_confirm", {"source": self._chosen()[0]}, words)

    def _submit(
        self, op: str, body: dict[str, Any], words: str, refuse: Callable[[str], None] | None = None
    ) -> None:
        self._feed.submit(op, body, partial(self._done, words), refuse or self._page.head.say)

    def _done(self, words: str, answer: Any) -> None:
        self.leave()
        self._page.head.say(words)
        self._renew()
