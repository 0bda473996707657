"""The verb that lists alarms."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from typing import NoReturn

import msgspec

from engine.cli.live import POLL_S, require_alive
from engine.cli.out import Exit, say, say_json
from engine.client import Client
from engine.clock import rfc3339
from engine.types import Alarm, Letter, Tag
from engine.wire import AlarmsAnswer, AlarmsBody, PlantAnswer

WORDS: Mapping[Letter, str] = {
    "A": "normal",
    "B": "unacknowledged",
    "C": "acknowledged",
    "D": "returned",
    "E": "shelved",
    "F": "suppressed",
    "G": "out of service",
}
"""States of ISA-18.2 in words; ``returned`` = to normal, and nobody has acknowledged it."""
ORDER = {word: place for place, word in enumerate(WORDS.values())}


class AlarmLine(msgspec.Struct, frozen=True):
    """An alarm as ``alarms --json`` prints it; times are RFC 3339 UTC.

    ``since`` and ``changed`` are of the source, the others of this computer; None = that was not done.
    """

    id: int
    tag: str
    kind: str
    name: str
    priority: int
    letter: str
    state: str
    active: bool
    since: str | None
    changed: str | None
    times: int
    value: float | None
    limit: float | None
    unit: str
    message: str
    cause: str
    consequence: str
    response: str
    acknowledged: str | None
    acknowledged_by: str
    latched: bool
    shelved_until: str | None
    shelved_by: str
    suppressed: str
    out_of_service_by: str
    reason: str
    note: str
    source: str
    is_recorded: bool


def alarms(arguments: argparse.Namespace) -> Exit:
    """Print every alarm that is not normal, what asks for the operator first, and by priority."""
    client = Client(arguments.dir, "cli")
    try:
        plant = client.call("plant", None, PlantAnswer)
        tags = {tag.path: tag for tag in plant.project.tags}
        if arguments.watch:
            _watch(client, tags, as_json=arguments.json)
        found = listed(client)
    finally:
        client.close()
    for alarm in found:
        _print(alarm, tags, as_json=arguments.json)
    if not found and not arguments.json:
        say("no alarms")
    return Exit.DONE


def listed(client: Client) -> list[Alarm]:
    """Every alarm that is not normal: active ones, those that returned, and then what is set aside."""
    found, _ = _asked(client, {}, 0)
    return sorted(found.values(), key=_place)


def _asked(client: Client, known: Mapping[int, Alarm], version: int) -> tuple[dict[int, Alarm], int]:
    """All alarms that are not normal, from those that were known with a version; and the version now."""
    found = dict(known)
    while True:
        answer = client.call("alarms", AlarmsBody(version), AlarmsAnswer)
        if answer.is_whole:
            found.clear()
        found.update((each.id, each) for each in answer.alarms)
        for each in answer.gone:
            found.pop(each, None)
        version = answer.version
        if not answer.is_more:
            return found, version


def _place(alarm: Alarm) -> tuple[bool, int, int, int]:
    place = 1 if alarm.letter in ("B", "C") else ORDER[WORDS[alarm.letter]]
    return not alarm.is_annunciated, place, alarm.priority, -alarm.changed_us


def _watch(client: Client, tags: Mapping[str, Tag], *, as_json: bool) -> NoReturn:
    """Print what there is, then every change, until the user or the engine ends it."""
    known: dict[int, Alarm] = {}
    version = 0
    while True:
        found, version = _asked(client, known, version)
        for alarm in _news(known, found):
            _print(alarm, tags, as_json=as_json)
        known = found
        require_alive(client)
        time.sleep(POLL_S)


def _news(known: Mapping[int, Alarm], found: Mapping[int, Alarm]) -> Iterator[Alarm]:
    """What is other than it was; one that is gone is normal now."""
    yield from sorted((alarm for number, alarm in found.items() if known.get(number) != alarm), key=_place)
    for each in known.keys() - found.keys():
        yield msgspec.structs.replace(
            known[each], letter="A", active=False, acked=True, shelf=None, suppressed="", service=None
        )


def _print(alarm: Alarm, tags: Mapping[str, Tag], *, as_json: bool) -> None:
    tag = tags.get(alarm.path)
    line = line_of(alarm, tag)
    if as_json:
        say_json(line)
    else:
        say(_worded(line, tag))


def line_of(alarm: Alarm, tag: Tag | None) -> AlarmLine:
    """An alarm, of which ``tag`` is the tag if it has one, as it is printed."""
    shelf, service = alarm.shelf, alarm.service
    return AlarmLine(
        id=alarm.id,
        tag=alarm.path,
        kind=alarm.kind,
        name=alarm.name,
        priority=alarm.priority,
        letter=alarm.letter,
        state=WORDS[alarm.letter],
        active=alarm.active,
        since=_time(alarm.since_us),
        changed=_time(alarm.changed_us),
        times=alarm.times,
        value=alarm.value,
        limit=alarm.limit,
        unit=tag.unit if tag else "",
        message=alarm.message,
        cause=alarm.cause,
        consequence=alarm.consequence,
        response=alarm.response,
        acknowledged=_time(alarm.acked_us),
        acknowledged_by=alarm.acked_by,
        latched=alarm.latched,
        shelved_until=None if shelf is None else _time(shelf.until_us),
        shelved_by="" if shelf is None else shelf.by,
        suppressed=alarm.suppressed,
        out_of_service_by="" if service is None else service.by,
        reason=service.permit if service is not None else shelf.reason if shelf is not None else "",
        note=alarm.note,
        source=alarm.source,
        is_recorded=alarm.is_recorded,
    )


def _time(time_us: int) -> str | None:
    return rfc3339(time_us) if time_us else None


def _worded(line: AlarmLine, tag: Tag | None) -> str:
    is_number = tag is None or not (tag.type == "bool" or tag.states)
    amount = f"  {line.value:.6g} {line.unit}".rstrip() if is_number and line.value is not None else ""
    limit = f" (limit {line.limit:g})" if amount and line.limit is not None else ""
    advice = ": ".join(each for each in (line.cause, line.response) if each)
    parts = (
        f"{line.id}",
        f"{line.priority}",
        line.message,
        f"{line.tag}{amount}{limit}",
        _state(line),
        f"{line.times} times" if line.times > 1 else "",
        f"note: {line.note}" if line.note else "",
        "" if line.is_recorded else "not on record",
        advice,
    )
    return "  ".join(each for each in parts if each)


def _state(line: AlarmLine) -> str:
    """The state in words, with who and until when."""
    reason = f": {line.reason}" if line.reason else ""
    now = f"active since {line.since}" if line.active else "not active"
    latched = f"latched, returned {line.changed}" if not line.active else now
    return {
        "A": f"normal since {line.changed}",
        "B": f"unacknowledged, {latched}",
        "C": f"acknowledged by {line.acknowledged_by}, {latched}",
        "D": f"returned {line.changed}, unacknowledged",
        "E": f"shelved by {line.shelved_by} until {line.shelved_until}{reason}, {now}",
        "F": f"suppressed by design: {line.suppressed}, {now}",
        "G": f"out of service by {line.out_of_service_by}{reason}, {now}",
    }[line.letter]
