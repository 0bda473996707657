"""The answers to clients' requests about people and sessions."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.security.errors import Denied
from engine.security.security import Security
from engine.server import SESSION, Answer, RequestRefused
from engine.typed import unpack
from engine.types import NotRecorded, Session
from engine.wire import (
    BreakGlassBody,
    FirstBody,
    LoginAnswer,
    LoginBody,
    MayAnswer,
    MayBody,
    PeopleAnswer,
    PeopleChangeBody,
    ReviewBody,
    SealAnswer,
    SealBody,
    SecretBody,
    SessionAnswer,
    SessionBody,
    TryBody,
    UnlockBody,
)


def people_answers(security: Security) -> Mapping[str, Answer]:
    """The coroutine that answers each op about people. Who asks is the session of the request."""
    known = _of_sessions(security) | _of_people(security)
    return {op: in_words(answer) for op, answer in known.items()}


def in_words(answer: Answer) -> Answer:
    """The same answer, refusing with the sentence of what was denied or could not be recorded."""

    async def answered(body: msgspec.Raw) -> object:
        try:
            return await answer(body)
        except (Denied, NotRecorded) as error:
            raise RequestRefused(str(error)) from error

    return answered


def _of_sessions(security: Security) -> dict[str, Answer]:
    async def session(body: msgspec.Raw) -> SessionAnswer:
        return security.answer(SESSION.get(), unpack(body, SessionBody).station)

    async def first(body: msgspec.Raw) -> LoginAnswer:
        return await security.first_administrator(unpack(body, FirstBody))

    async def login(body: msgspec.Raw) -> LoginAnswer:
        return await security.login(unpack(body, LoginBody))

    async def logout(_: msgspec.Raw) -> bool:
        security.logout(SESSION.get())
        return True

    async def lock(_: msgspec.Raw) -> Session:
        return security.lock(SESSION.get())

    async def unlock(body: msgspec.Raw) -> Session:
        return await security.unlock(SESSION.get(), unpack(body, UnlockBody))

    async def touch(_: msgspec.Raw) -> bool:
        security.touch(SESSION.get())
        return True

    async def break_glass(body: msgspec.Raw) -> LoginAnswer:
        return await security.break_glass(unpack(body, BreakGlassBody))

    return {
        "session": session,
        "first_administrator": first,
        "login": login,
        "logout": logout,
        "lock": lock,
        "unlock": unlock,
        "touch": touch,
        "break_glass": break_glass,
    }


def _of_people(security: Security) -> dict[str, Answer]:
    async def people(_: msgspec.Raw) -> PeopleAnswer:
        return security.people(SESSION.get())

    async def change(body: msgspec.Raw) -> PeopleAnswer:
        return await security.change(SESSION.get(), unpack(body, PeopleChangeBody))

    async def secret_change(body: msgspec.Raw) -> bool:
        await security.secret_change(SESSION.get(), unpack(body, SecretBody))
        return True

    async def may(body: msgspec.Raw) -> MayAnswer:
        return security.allowed(SESSION.get(), unpack(body, MayBody))

    async def try_as(body: msgspec.Raw) -> Session:
        return security.try_as(SESSION.get(), unpack(body, TryBody))

    async def seal(body: msgspec.Raw) -> SealAnswer:
        return await security.seal(SESSION.get(), unpack(body, SealBody))

    async def review(body: msgspec.Raw) -> bool:
        await security.review(SESSION.get(), unpack(body, ReviewBody))
        return True

    return {
        "people": people,
        "people_change": change,
        "secret_change": secret_change,
        "may": may,
        "try_as": try_as,
        "break_glass_seal": seal,
        "break_glass_review": review,
    }
