"""The answers about passwords of sources: set, removed, and sent once more because a person says so.

A password comes over the local socket and goes to no answer, log or ledger: what is on record is who
changed it, and when.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.app.hands import Hands
from engine.app.people_answers import in_words
from engine.app.plant import Running
from engine.drivers.driver import Refused
from engine.server import SESSION, Answer, RequestRefused
from engine.store.database import StoreError
from engine.typed import unpack
from engine.types import NotRecorded, RecordEntry, Source, SourceLogin
from engine.wire import PasswordBody, RetryBody, SourceBody

NOBODY = "nobody logged in"


def login_answers(running: Running, hands: Hands | None) -> Mapping[str, Answer]:
    """The coroutines that answer ``password_set`` and ``password_remove``."""
    logins = running.logins
    if logins is None:
        return {}

    async def password_set(body: msgspec.Raw) -> SourceLogin:
        wanted = unpack(body, PasswordBody)
        source = _entered(running, wanted.source)
        by = who(hands)
        await _record(running, "a password for a source is set", source, by)
        try:
            await logins.keep(source, wanted.password, by)
        except StoreError as error:
            await _record(running, "the password was not set", source, by)
            raise RequestRefused(str(error)) from error
        _enter_anew(running, source)
        return logins.of(source) or SourceLogin(source.user)

    async def password_remove(body: msgspec.Raw) -> bool:
        source = _entered(running, unpack(body, SourceBody).source)
        by = who(hands)
        await _record(running, "the password for a source is removed", source, by)
        try:
            await logins.remove(source)
        except StoreError as error:
            await _record(running, "the password was not removed", source, by)
            raise RequestRefused(str(error)) from error
        _enter_anew(running, source)
        return True

    return {"password_set": in_words(password_set), "password_remove": in_words(password_remove)}


async def release_login(running: Running, hands: Hands | None, body: msgspec.Raw) -> None:
    """Let the refused password of the source in the body of ``retry`` be sent once more.

    Raises:
        RequestRefused: who asks may not decide that; too many tries lock the account.
    """
    source = _source(running, unpack(body, RetryBody).source)
    if source is None or running.logins is None or not running.logins.is_held(source):
        return
    if hands is not None and not hands.security.is_new:
        why = hands.security.may(SESSION.get(), "trust", "")
        if why:
            raise RequestRefused(why)
    try:
        await _record(running, "the refused password for a source is sent once more", source, who(hands))
        await running.logins.release(source)
    except (Refused, NotRecorded) as error:
        raise RequestRefused(str(error)) from error


def who(hands: Hands | None) -> str:
    """Who asks, for the record."""
    session = None if hands is None else hands.security.session_of(SESSION.get())
    return NOBODY if session is None else session.person


def _source(running: Running, source_id: str) -> Source | None:
    return next((each for each in running.project.sources if each.id == source_id), None)


def _entered(running: Running, source_id: str) -> Source:
    source = _source(running, source_id)
    if source is None:
        raise RequestRefused(f"there is no source {source_id!r} in this project")
    if not source.user:
        raise RequestRefused(
            f'source {source_id!r} names no user: write user = "…" for it in plant.toml and start the '
            "engine again"
        )
    return source


async def _record(running: Running, what: str, source: Source, by: str) -> None:
    if running.scribe is not None:
        body = {"what": what, "source": source.id, "user": source.user, "endpoint": source.endpoint}
        await running.scribe.record([RecordEntry("trust", by, body)])


def _enter_anew(running: Running, source: Source) -> None:
    """End the session that rests on the old password, for all sources that share it."""
    if running.logins is not None:
        for each in running.logins.sharing(source):
            running.restart[each].set()
