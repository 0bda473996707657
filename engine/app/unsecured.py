"""Writes over a link that is not encrypted: an administrator confirms them once for a source as it is now.

``unsecured_writes = true`` in plant.toml asks for it. What was confirmed is kept beside the people and holds
only for this driver, endpoint and security: with another one it is void.
"""

from __future__ import annotations

from engine.security.errors import Denied
from engine.security.security import Security
from engine.server import RequestRefused
from engine.types import Project, PutOnRecord, RecordEntry, Source

FACT = "unsecured writes"
NOT_CONFIRMED = (
    "the link to {source} is not encrypted, and no administrator has confirmed that it may be written over: "
    'confirm it on the source\'s page in System, or run "watchroom trust DIR {source} --unsecured-writes"'
)


class Unsecured:
    """One thread, that of the engine's loop."""

    def __init__(self, project: Project, security: Security, record: PutOnRecord) -> None:
        self._security, self._record = security, record
        self._asked = {each.id: each for each in project.sources if is_asked(each)}
        self._source_of = {tag.path: tag.source for tag in project.tags if tag.source in self._asked}
        self._confirmed = security.fact(FACT, dict[str, tuple[str, str]]) or {}

    def blocked(self, path: str) -> str:
        """Why a tag is not written over its link, "" = nothing is against it."""
        source = self._source_of.get(path)
        if source is None or self.state(source) == "confirmed":
            return ""
        return NOT_CONFIRMED.format(source=source)

    def state(self, source: str) -> str:
        """Whether it is "confirmed", "open" = no administrator has yet, or does not arise ("")."""
        if source not in self._asked:
            return ""
        mark, _ = self._confirmed.get(source, ("", ""))
        return "confirmed" if mark == mark_of(self._asked[source]) else "open"

    async def confirm(self, token: str, source: str) -> None:
        """For the session of ``token``.

        Raises:
            RequestRefused: there is nothing to confirm. Denied: the right is missing, or it cannot be kept.
            NotRecorded: the ledger does not take it.
        """
        session, why = self._security.session_of(token), self._security.may(token, "trust", "")
        if why or session is None:
            raise Denied(why or "Log in first.")
        if source not in self._asked:
            raise RequestRefused(
                f"nothing is to be confirmed for source {source!r}: it has no unsecured_writes = true in "
                "plant.toml, or its link is encrypted"
            )
        await self._confirm(source, session.person)

    async def confirm_all(self, by: str) -> None:
        """Of a demo, whose devices are programs of this computer. Raises Denied, NotRecorded."""
        for source in self._asked:
            if self.state(source) != "confirmed":
                await self._confirm(source, by)

    async def _confirm(self, source: str, by: str) -> None:
        asked = self._asked[source]
        body = {
            "what": "writes over an unsecured link",
            "source": source,
            "driver": asked.driver,
            "endpoint": asked.endpoint,
            "security": asked.security or "none",
        }
        await self._record([RecordEntry("trust", by, body)])
        # As it is when this is on record: somebody may have confirmed another source meanwhile.
        confirmed = self._confirmed | {source: (mark_of(asked), by)}
        self._confirmed = confirmed
        try:
            await self._security.keep_fact(FACT, confirmed)
        except Denied:
            self._confirmed = {key: each for key, each in self._confirmed.items() if key != source}
            raise


def is_asked(source: Source) -> bool:
    """Whether plant.toml asks that this source be written over an open link, as Modbus always is."""
    return source.unsecured_writes and (source.driver == "modbus" or source.security == "none")


def mark_of(source: Source) -> str:
    """What is confirmed: with another one it is void."""
    return f"{source.driver} {source.endpoint} {source.security or 'none'}"
