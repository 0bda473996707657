"""The verb that lists alarms."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

import msgspec

from engine.cli.live import POLL_S, require_alive
from engine.cli.out import Exit, say, say_json
from engine.client import Answered, Client, Closed, EngineAbsent, Event, RequestFailed
from engine.clock import rfc3339
from engine.types import Alarm, Tag
from engine.wire import EventsBody, PlantAnswer, StatusAnswer

Change = tuple[str, str, str, int]


class AlarmLine(msgspec.Struct, frozen=True):
    """An alarm as ``alarms --json`` prints it; times are RFC 3339 UTC, of the source."""

    tag: str
    kind: str
    priority: int
    state: str
    since: str
    changed: str
    value: float | None
    limit: float | None
    unit: str
    message: str
    cause: str
    response: str


def alarms(arguments: argparse.Namespace) -> Exit:
    """Print the active alarms and those that lately returned, worst first."""
    client = Client(arguments.dir, "cli")
    try:
        plant = client.call("plant", None, PlantAnswer)
        tags = {tag.path: tag for tag in plant.project.tags}
        if arguments.watch:
            _watch(client, tags, as_json=arguments.json)
        found = client.call("status", None, StatusAnswer).alarms
    finally:
        client.close()
    _print(found, tags, as_json=arguments.json)
    if not found and not arguments.json:
        say("no alarms")
    return Exit.DONE


def _watch(client: Client, tags: Mapping[str, Tag], *, as_json: bool) -> NoReturn:
    """Print what there is, then every change, until the user or the engine ends it."""
    # Asked in this order nothing falls between; what is then told twice is printed once.
    client.request("events", EventsBody())
    asked = client.request("status")
    shown: dict[tuple[str, str], Change] = {}
    while True:
        for alarm in _news(client, asked):
            change = (alarm.path, alarm.kind, alarm.state, alarm.changed_us)
            if shown.get((alarm.path, alarm.kind)) != change:
                shown[alarm.path, alarm.kind] = change
                _print([alarm], tags, as_json=as_json)
        require_alive(client)
        time.sleep(POLL_S)


def _news(client: Client, asked: int) -> Iterator[Alarm]:
    for item in client.drain():
        if isinstance(item, Closed):
            raise EngineAbsent(item.why)
        if isinstance(item, Event):
            if item.event == "alarm":
                yield msgspec.convert(item.body, Alarm)
        elif item.error:
            raise RequestFailed(item.error)
        elif item.id == asked:
            yield from _listed(item)


def _listed(item: Answered) -> tuple[Alarm, ...]:
    return msgspec.msgpack.decode(item.body, type=StatusAnswer).alarms


def _print(found: Sequence[Alarm], tags: Mapping[str, Tag], *, as_json: bool) -> None:
    for alarm in found:
        line = _line(alarm, tags.get(alarm.path))
        if as_json:
            say_json(line)
        else:
            say(_worded(line, tags.get(alarm.path)))


def _line(alarm: Alarm, tag: Tag | None) -> AlarmLine:
    return AlarmLine(
        tag=alarm.path,
        kind=alarm.kind,
        priority=alarm.priority,
        state=alarm.state,
        since=rfc3339(alarm.since_us),
        changed=rfc3339(alarm.changed_us),
        value=alarm.value,
        limit=alarm.limit,
        unit=tag.unit if tag else "",
        message=alarm.message,
        cause=alarm.cause,
        response=alarm.response,
    )


def _worded(line: AlarmLine, tag: Tag | None) -> str:
    state = f"active since {line.since}" if line.state == "active" else f"returned {line.changed}"
    is_number = tag is None or not (tag.type == "bool" or tag.states)
    amount = f"  {line.value:.6g} {line.unit}".rstrip() if is_number and line.value is not None else ""
    limit = f" (limit {line.limit:g})" if amount and line.limit is not None else ""
    advice = ": ".join(each for each in (line.cause, line.response) if each)
    return f"{line.priority}  {line.message}  {line.tag}{amount}{limit}  {state}" + (
        f"  {advice}" if advice else ""
    )
