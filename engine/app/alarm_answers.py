"""The answers to clients' questions about alarms, and what people do to them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.alarms import Refused
from engine.alarms.lint import lint
from engine.app.alarm_edit import AskedLimits, limits_answers, reader
from engine.app.device_alarms import ask_server
from engine.app.plant import Running
from engine.app.queries import Queries
from engine.server import Answer, RequestRefused
from engine.typed import unpack
from engine.types import Limit
from engine.wire import AlarmCommandAnswer, AlarmCommandBody, AlarmsAnswer, AlarmsBody

SLICE = 100
"""Alarms that a person's command is done to before the loop may do something else."""
RECORDED_S = 5.0


def alarm_answers(running: Running) -> Mapping[str, Answer]:
    """The coroutine that answers each op about alarms."""

    async def alarms(body: msgspec.Raw) -> AlarmsAnswer:
        return running.alarms.shown(unpack(body, AlarmsBody).version)

    async def alarm_command(body: msgspec.Raw) -> AlarmCommandAnswer:
        return await command(running, unpack(body, AlarmCommandBody))

    return {"alarms": alarms, "alarm_command": alarm_command}


def limits_of(running: Running, queries: Queries) -> Mapping[str, Answer]:
    """The answers about alarms.csv, which may be changed while the engine runs."""
    project = running.project

    def journal(time_us: int, event: str, body: dict[str, Any]) -> None:
        if running.journal is not None:
            running.journal.append(time_us, event, body)

    def reconfigure(limits: Sequence[Limit], edits: Mapping[int, tuple[str, str]]) -> None:
        running.alarms.reconfigure(limits, edits=edits)
        running.project = msgspec.structs.replace(running.project, limits=tuple(limits))
        running.revision += 1

    asked = AskedLimits(
        folder=Path(project.folder),
        clock=running.clock,
        read=reader(project.tags, project.alarm_classes),
        lint=lambda limits: lint(limits, project.alarm_classes, project.alarm_settings, project),
        limits=lambda: running.project.limits,
        classes=lambda: running.project.alarm_classes,
        settings=lambda: running.project.alarm_settings,
        number=lambda keys: running.catalogue.number_alarms(keys, running.clock.now_us()),
        journal=journal,
        not_normal=lambda: running.alarms.not_normal(),
        reconfigure=reconfigure,
    )
    return limits_answers(asked, queries)


async def command(running: Running, asked: AlarmCommandBody) -> AlarmCommandAnswer:
    """Do what a person asks, and answer once it is on disk; what a server keeps is asked of that server.

    Raises:
        RequestRefused: nobody is named, or the disk does not take it; then it is done and not on record.
    """
    theirs = [each for each in asked.alarms if running.alarms.condition_of(each[0]) is not None]
    own = [each for each in asked.alarms if running.alarms.condition_of(each[0]) is None]
    done, refused, first = list[int](), list[tuple[int, str]](), 0
    for start in range(0, len(own) or 1, SLICE):
        part = msgspec.structs.replace(asked, alarms=tuple(own[start : start + SLICE]))
        try:
            answer, number = running.alarms.command(part)
        except Refused as error:
            raise RequestRefused(str(error)) from error
        done, refused, first = done + list(answer.done), refused + list(answer.refused), first or number
        await asyncio.sleep(0)
    if done:
        await _on_disk(running, first)
    for alarm_id, seen_us in theirs:
        why = await ask_server(running, alarm_id, seen_us, asked)
        if why:
            refused.append((alarm_id, why))
        else:
            done.append(alarm_id)
    return AlarmCommandAnswer(tuple(done), tuple(refused))


async def _on_disk(running: Running, first: int) -> None:
    known: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def told(is_on_disk: bool) -> None:
        if not known.done():
            known.set_result(is_on_disk)

    running.alarms.when_recorded(first, told)
    try:
        is_on_disk = await asyncio.wait_for(known, RECORDED_S)
    except TimeoutError:
        is_on_disk = False
    if not is_on_disk:
        why = running.journal.trouble if running.journal is not None else ""
        raise RequestRefused(f"it is done, but it is not on record: {why or 'the disk does not answer'}")
