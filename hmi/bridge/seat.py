"""Who sits at this station: the token of the session, kept here alone, and who the engine says it is.

A token is a secret. It is never written anywhere, no display gets it, and it is dropped with its session.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine import paths
from engine.client import SessionAnswer, SessionBody
from engine.typed import convert, unpack
from engine.types import Action, Session
from hmi import who
from hmi.author import set_author
from hmi.formats import t
from hmi.who import Who

log = logging.getLogger("watchroom.bridge")
BEGIN = ("login", "first_administrator", "break_glass")
"""Requests whose answer brings a token."""
CHANGE = ("logout", "lock", "unlock", "try_as", "secret_change", "people_change")
"""Requests after which the engine is asked at once who it is now."""
REFUSED_S = 10.0
"""An engine that does not know people is asked again so seldom; a new one at once."""
Ask = Callable[[str, object, Callable[[bytes], None], Callable[[str], None]], None]


class Seat:
    """``token`` goes with every request, "" = nobody is logged in. ``who`` is what may be shown of it.

    ``changed`` is called when that differs.
    """

    def __init__(self, ask: Ask, changed: Callable[[Who], None]) -> None:
        self.token, self.who = "", Who()
        self._ask, self._changed = ask, changed
        self._is_asked, self._wait_us = False, 0
        self._is_told_off = False

    def attach(self) -> None:
        """Another connection, maybe another engine: the token is tried once more, at once."""
        self._is_asked, self._wait_us, self._is_told_off = False, 0, False

    def ask(self, now_us: int) -> None:
        """Ask who it is, one question at a time; called once a second."""
        if self._is_asked or now_us < self._wait_us:
            return
        self._is_asked, token = True, self.token

        def take(content: bytes) -> None:
            self._is_asked = False
            if token == self.token:  # somebody logged in or out meanwhile: this is about another session
                self._take(unpack(content, SessionAnswer))

        def refuse(why: str) -> None:
            self._is_asked = False
            self._wait_us = now_us + round(REFUSED_S * 1e6)
            if not self._is_told_off:
                self._is_told_off = True
                log.info("who is logged in is not known: %s", why)

        self._ask("session", SessionBody(who.station_name()), take, refuse)

    def outgoing(self, op: str, body: dict[str, Any]) -> dict[str, Any]:
        """A request as it goes out: a login says which computer it comes from, in a way nobody makes up."""
        return body | {"device": paths.station_secret()} if op == "login" else body

    def sent(self, op: str) -> None:
        """A request left. Whoever logs out is out, whatever becomes of the request."""
        if op == "logout":
            self.token = ""
            self._show(replace(self.who, session=None, ended="", actions=frozenset[Action]()))

    def answered(self, op: str, body: Any) -> Any:
        """Take in what an answer says of the session; gives what displays may have of it."""
        if op in BEGIN:
            body = dict(body)
            self.token = body.pop("token")
            self._wait_us = 0
            session = convert(body["session"], Session)
            actions = frozenset(convert(body.get("actions", ()), tuple[Action, ...]))
            known = replace(self.who, is_known=True, is_new=False, session=session, ended="", actions=actions)
            self._show(known)
        elif op in CHANGE:
            self._wait_us = 0
            if op in ("lock", "unlock", "try_as"):
                self._show(replace(self.who, session=convert(body, Session)))
        return body

    def _take(self, answer: SessionAnswer) -> None:
        found = who.of(answer)
        if self.token and found.session is None:
            self.token = ""
            if not found.ended:
                found = replace(found, ended=t("the engine was started again; log in again to do anything"))
        elif found.session is None and not found.ended:
            found = replace(found, ended=self.who.ended)  # said until somebody logs in
        self._show(found)

    def _show(self, found: Who) -> None:
        if found != self.who:
            self.who = found
            set_author(found.author)
            self._changed(found)
