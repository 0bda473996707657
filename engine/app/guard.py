"""Who may ask for what: every request that does something needs a person with the right, or is refused.

Seeing, searching, the horn and its silence never need a login (IEC 62443-4-2 CR 1.1: what is essential is not
hindered). A request that is in none of the tables here is refused: deny by default. Until there are people
at all, what does not reach the plant is done under the name that the window gives, as before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from engine.security.security import Security
from engine.server import SESSION, Answer, RequestRefused
from engine.typed import unpack
from engine.types import Action, Session
from engine.wire import (
    AlarmCommandAnswer,
    AlarmCommandBody,
    AnnotateBody,
    AnnotationBody,
    HornTestBody,
    JobBody,
    LedgerAcceptBody,
    LedgerBeginBody,
    LedgerRotateBody,
    LimitsChangeBody,
    ModelChangeBody,
    NormalBody,
    RetrainBody,
    SceneChangeBody,
    VerdictBody,
)

SEEN = frozenset({
    "plant", "status", "browse", "source", "retry", "stop",
    "curves", "instant", "gaps", "scores", "annotations", "job_state", "job_cancel",
    "alarms", "alarms_at", "clocks", "alarm_journal", "alarm_metrics", "limits", "horn", "control",
    "scene", "outlooks", "episodes", "forecast", "models",
})  # fmt: skip
"""Needs no login. ``stop`` and ``retry``: whoever is this user of the machine can end the process anyway."""
OWN = frozenset({
    "session", "first_administrator", "login", "logout", "lock", "unlock", "touch", "break_glass",
    "break_glass_seal", "break_glass_review", "people", "people_change", "people_backup", "secret_change",
    "may", "try_as",
    "select", "renew", "cancel", "confirm", "approve", "resolve", "work_tag", "work_tag_off",
    "stage_ask", "stage_approve", "hold", "unsecured_confirm", "sets", "set_save", "set_compare",
    "set_remove",
})  # fmt: skip
"""The people and the gate ask for the right themselves."""
NEEDED: Mapping[str, Action] = {
    "trust": "trust",
    "distrust": "trust",
    "password_set": "trust",
    "password_remove": "trust",
    "limits_change": "configure",
    "scene_change": "configure",
    "annotate": "annotate",
    "annotation_removed": "annotate",
    "verdict": "annotate",
    "model_change": "configure",
    "ledger": "ledger",
    "ledger_proof": "ledger",
    "ledger_rotate": "trust",
    # Of who sets up the engine: that right is not held up by a ledger that takes nothing (KEPT_ELSEWHERE).
    "ledger_accept": "engine",
    "ledger_begin": "engine",
}
JOBS: Mapping[str, Action | None] = {
    "export": None,
    "similar": None,
    "statistics": None,
    "alarm_export": None,
    "backtest": None,
    "ledger_verify": "ledger",
    "ledger_bundle": "ledger",
    "set_restore": None,
    "normal": "configure",
    "retrain": "configure",
}
ALARM_ACTIONS: Mapping[str, Action] = {
    "acknowledge": "acknowledge",
    "reset": "acknowledge",
    "shelve": "shelve",
    "unshelve": "shelve",
    "out_of_service": "service",
    "in_service": "service",
    "note": "annotate",
}
SIGNED: Mapping[str, tuple[type[msgspec.Struct], str]] = {
    "annotate": (AnnotateBody, "author"),
    "annotation_removed": (AnnotationBody, "author"),
    "limits_change": (LimitsChangeBody, "by"),
    "scene_change": (SceneChangeBody, "by"),
    "horn_test": (HornTestBody, "by"),
    "ledger_rotate": (LedgerRotateBody, "by"),
    "ledger_accept": (LedgerAcceptBody, "by"),
    "ledger_begin": (LedgerBeginBody, "by"),
    "verdict": (VerdictBody, "by"),
    "model_change": (ModelChangeBody, "by"),
}
SIGNED_JOBS: Mapping[str, tuple[type[msgspec.Struct], str]] = {
    "normal": (NormalBody, "by"),
    "retrain": (RetrainBody, "by"),
}
"""Requests that name a person: it is the one who is logged in, whatever the window says."""
NOBODY = "log in first: this needs a person with the right to do it"
STRANGER = "not logged in"


def guarded(
    answers: Mapping[str, Answer], security: Security, path_of: Callable[[int], str]
) -> Mapping[str, Answer]:
    """The same answers behind the guard. ``path_of`` = path of an alarm by its id, "" = not known."""
    return {op: _guarded(op, answer, security, path_of) for op, answer in answers.items()}


def _guarded(op: str, answer: Answer, security: Security, path_of: Callable[[int], str]) -> Answer:
    if op in SEEN or op in OWN:
        return answer
    if op == "job":
        return _job(answer, security)
    if op == "alarm_command":
        return _alarm_command(answer, security, path_of)
    if op == "horn_test":
        return lambda body: answer(_signed(op, body, security))
    if op not in NEEDED:
        return _closed(op)
    action = NEEDED[op]

    async def answered(body: msgspec.Raw) -> object:
        require(security, action)
        return await answer(_signed(op, body, security))

    return answered


def require(security: Security, action: Action, path: str = "") -> None:
    """Let the session of this request pass.

    Raises:
        RequestRefused: it has not the right; why, in words.
    """
    if security.is_new:
        return
    why = security.may(SESSION.get(), action, path)
    if why:
        raise RequestRefused(why)


def _closed(op: str) -> Answer:
    async def answered(_: msgspec.Raw) -> object:
        raise RequestRefused(f"nobody may ask for {op!r}: it stands in no table of rights")

    return answered


def _job(answer: Answer, security: Security) -> Answer:
    async def answered(body: msgspec.Raw) -> object:
        kind = unpack(body, JobBody).kind
        if kind not in JOBS:
            raise RequestRefused(f"there is no work called {kind!r}")
        action = JOBS[kind]
        if action is not None:
            require(security, action)
        return await answer(_signed_job(body, security))

    return answered


def _alarm_command(answer: Answer, security: Security, path_of: Callable[[int], str]) -> Answer:
    """Alarms are judged one by one: the right may hold in one area and not in the other."""

    async def answered(body: msgspec.Raw) -> object:
        if security.is_new:
            return await answer(body)
        asked = unpack(body, AlarmCommandBody)
        session = _session(security)
        allowed, refused = list[tuple[int, int]](), list[tuple[int, str]]()
        for each in asked.alarms:
            why = security.may(SESSION.get(), ALARM_ACTIONS[asked.what], path_of(each[0]))
            if why:
                refused.append((each[0], why))
            else:
                allowed.append(each)
        if not allowed:
            return AlarmCommandAnswer((), tuple(refused))
        named = msgspec.structs.replace(asked, alarms=tuple(allowed), by=session.full_name)
        done: Any = await answer(_raw(named))
        return AlarmCommandAnswer(done.done, (*done.refused, *refused))

    return answered


def _signed(op: str, body: msgspec.Raw, security: Security) -> msgspec.Raw:
    return _named(SIGNED, op, body, security)


def _named(
    table: Mapping[str, tuple[type[msgspec.Struct], str]], op: str, body: msgspec.Raw, security: Security
) -> msgspec.Raw:
    if op not in table or security.is_new:
        return body
    kind, name = table[op]
    asked = unpack(body, kind)
    session, said = security.session_of(SESSION.get()), str(getattr(asked, name)).strip()
    if session is not None:
        return _raw(msgspec.structs.replace(asked, **{name: session.full_name}))
    # What needs no login is on record too, but not under a name that anybody may say.
    return _raw(msgspec.structs.replace(asked, **{name: said and f"{STRANGER}: {said}"}))


def _signed_job(body: msgspec.Raw, security: Security) -> msgspec.Raw:
    job = unpack(body, JobBody)
    return _raw(msgspec.structs.replace(job, body=_named(SIGNED_JOBS, job.kind, job.body, security)))


def _session(security: Security) -> Session:
    session = security.session_of(SESSION.get())
    if session is None:
        raise RequestRefused(NOBODY)
    return session


def _raw(body: msgspec.Struct) -> msgspec.Raw:
    return msgspec.Raw(msgspec.msgpack.encode(body))
