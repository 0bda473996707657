"""The answers to clients' requests about writes to the plant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from contextvars import copy_context

import msgspec

from engine.app.control import PlantControl
from engine.app.jobs import Kind, Work
from engine.app.people_answers import in_words
from engine.control.refused import Refused
from engine.control.restore import Watch
from engine.control.sets import RestoreOrder
from engine.historian.reading import Cancelled
from engine.security.security import Security
from engine.server import SESSION, Answer, RequestRefused
from engine.typed import unpack
from engine.types import NotRecorded, Session, SetInfo, StageState, WorkTag, Write, WriteKind
from engine.wire import (
    ApproveBody,
    ConfirmBody,
    ControlAnswer,
    ControlBody,
    HoldBody,
    ResolveBody,
    SelectBody,
    SetBody,
    SetCompareAnswer,
    SetRestoreAnswer,
    SetRestoreBody,
    SetsAnswer,
    SetSaveBody,
    SourceBody,
    StageApproveBody,
    StageBody,
    WorkTagBody,
    WorkTagOffBody,
    WriteBody,
)

NOBODY = "nobody is logged in here; log in first"


def control_answers(control: PlantControl, security: Security) -> Mapping[str, Answer]:
    """The coroutine that answers each op about control. Who asks is the session of the request."""

    def session() -> Session:
        found = security.session_of(SESSION.get())
        if found is None:
            raise RequestRefused(NOBODY)
        return found

    known = _writes(control) | _places(control, session) | _sets(control, session)
    return {op: _refusing(in_words(answer)) for op, answer in known.items()}


def _refusing(answer: Answer) -> Answer:
    async def answered(body: msgspec.Raw) -> object:
        try:
            return await answer(body)
        except Refused as error:
            raise RequestRefused(str(error)) from error

    return answered


def _writes(control: PlantControl) -> dict[str, Answer]:
    gate = control.gate

    async def shown(body: msgspec.Raw) -> ControlAnswer:
        return control.shown(unpack(body, ControlBody).version)

    async def select(body: msgspec.Raw) -> Write:
        return await gate.select(SESSION.get(), unpack(body, SelectBody))

    async def renew(body: msgspec.Raw) -> Write:
        return gate.renew(SESSION.get(), unpack(body, WriteBody).id)

    async def cancel(body: msgspec.Raw) -> Write:
        return await gate.cancel(SESSION.get(), unpack(body, WriteBody).id)

    async def confirm(body: msgspec.Raw) -> Write:
        return await gate.confirm(SESSION.get(), unpack(body, ConfirmBody))

    async def approve(body: msgspec.Raw) -> Write:
        return await gate.approve(SESSION.get(), unpack(body, ApproveBody))

    async def resolve(body: msgspec.Raw) -> Write:
        return await gate.resolve(SESSION.get(), unpack(body, ResolveBody))

    return {
        "control": shown,
        "select": select,
        "renew": renew,
        "cancel": cancel,
        "confirm": confirm,
        "approve": approve,
        "resolve": resolve,
    }


def _places(control: PlantControl, session: Callable[[], Session]) -> dict[str, Answer]:
    async def work_tag(body: msgspec.Raw) -> WorkTag:
        asked = unpack(body, WorkTagBody)
        words = asked.name, asked.phone, asked.order, asked.text
        tag = WorkTag(asked.asset, "", *words, until_us=asked.until_us)
        return await control.work.put_on(SESSION.get(), session(), tag)

    async def work_tag_off(body: msgspec.Raw) -> bool:
        asked = unpack(body, WorkTagOffBody)
        await control.work.take_off(
            SESSION.get(),
            session(),
            asked.asset,
            owner=asked.owner,
            second=asked.second,
            secret=asked.secret,
        )
        return True

    async def stage_ask(body: msgspec.Raw) -> StageState:
        asked = unpack(body, StageBody)
        return await control.stage.ask(SESSION.get(), session(), asked.to, asked.answers)

    async def stage_approve(body: msgspec.Raw) -> StageState:
        asked = unpack(body, StageApproveBody)
        return await control.stage.approve(session(), asked.name, asked.secret)

    async def unsecured_confirm(body: msgspec.Raw) -> bool:
        await control.unsecured.confirm(SESSION.get(), unpack(body, SourceBody).source)
        return True

    async def hold(body: msgspec.Raw) -> tuple[tuple[str, str], ...]:
        asked = unpack(body, HoldBody)
        if asked.is_taken:
            return await control.areas.take(SESSION.get(), session(), asked.area)
        return await control.areas.give_back(SESSION.get(), session(), asked.area)

    return {
        "work_tag": work_tag,
        "work_tag_off": work_tag_off,
        "stage_ask": stage_ask,
        "stage_approve": stage_approve,
        "hold": hold,
        "unsecured_confirm": unsecured_confirm,
    }


def _sets(control: PlantControl, session: Callable[[], Session]) -> dict[str, Answer]:
    async def sets(_: msgspec.Raw) -> SetsAnswer:
        return SetsAnswer(control.sets.all())

    async def save(body: msgspec.Raw) -> SetInfo:
        asked = unpack(body, SetSaveBody)
        return await control.sets.save(SESSION.get(), session(), asked.name, asked.scope)

    async def compare(body: msgspec.Raw) -> SetCompareAnswer:
        asked = unpack(body, SetBody)
        return SetCompareAnswer(control.sets.compare(asked.id))

    async def remove(body: msgspec.Raw) -> bool:
        await control.sets.remove(SESSION.get(), session(), unpack(body, SetBody).id)
        return True

    return {"sets": sets, "set_save": save, "set_compare": compare, "set_remove": remove}


def control_kinds(
    control: PlantControl, security: Security, loop: asyncio.AbstractEventLoop
) -> Mapping[str, Kind]:
    """The work of each kind of job about control, for `engine.app.jobs.Jobs`."""

    def restored(body: msgspec.Raw) -> Work:
        asked = unpack(body, SetRestoreBody)
        token = SESSION.get()
        session = security.session_of(token)
        if session is None:
            raise RequestRefused(NOBODY)
        order = RestoreOrder(
            asked.id, asked.paths, asked.reason, asked.second, asked.secret, asked.is_rollback
        )

        async def write_one(path: str, value: float, kind: WriteKind, *, reason: str, second: str) -> Write:
            return await control.write_one(token, path, value, kind, reason, second)

        async def restore(watch: Watch) -> SetRestoreAnswer:
            try:
                rows, saved = await control.sets.restore(token, session, order, write_one, watch)
            except (Refused, NotRecorded) as error:
                raise RequestRefused(str(error)) from error
            return SetRestoreAnswer(rows, saved)

        asked_by = copy_context()

        def work(watch: Watch) -> SetRestoreAnswer:
            # The job has a thread of its own to wait in; everything that writes happens in the loop's, for
            # the session that asked.
            restoring = asked_by.run(asyncio.run_coroutine_threadsafe, restore(watch), loop)
            control.restores.add(restoring)
            try:
                return restoring.result()
            except CancelledError:
                raise Cancelled from None
            finally:
                control.restores.discard(restoring)

        return work

    return {"set_restore": restored}
