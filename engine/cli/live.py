"""Verbs that show what the engine sees: read, status, browse."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import time
from collections.abc import Sequence

import msgspec

from engine import app
from engine.cli.out import Exit, fail, say, say_json, table
from engine.cli.project import loaded
from engine.cli.sources import print_source, print_status
from engine.client import Client, EngineAbsent
from engine.clock import SystemClock, rfc3339
from engine.types import BrowseItem, Snapshot, SourceDetail, Tag, quality_word, reason
from engine.wire import BrowseAnswer, BrowseBody, PlantAnswer, SourceBody, StatusAnswer

POLL_S = 0.1


class Reading(msgspec.Struct, frozen=True):
    """A live value as ``read --json`` prints it; times are RFC 3339 UTC.

    ``value`` of a text tag is its text; ``text`` is that too, or the word of an enumeration's number.
    """

    tag: str
    value: float | int | bool | str | None
    quality: str
    status: str
    reason: str
    source_time: str | None
    receive_time: str | None
    age_s: float | None
    stale: bool
    unit: str
    text: str | None = None


def read(arguments: argparse.Namespace) -> Exit:
    """Print live values; an unknown tag is a bad line and exit 1."""
    client = Client(arguments.dir, "cli")
    try:
        plant = client.call("plant", None, PlantAnswer)
        rows = {tag.path: (row, tag) for row, tag in enumerate(plant.project.tags)}
        wanted = [(path, rows.get(path)) for path in arguments.tag]
        clock = SystemClock()
        deadline = clock.mono_us() + arguments.wait * 1e6
        while True:
            snapshot = client.live.snapshot(clock.mono_us())
            readings = [reading(path, found, snapshot) for path, found in wanted]
            if all(each.quality == "good" for each in readings) or clock.mono_us() >= deadline:
                break
            require_alive(client)
            time.sleep(POLL_S)
        _print(readings, arguments)
        if arguments.watch:
            _watch(client, wanted, readings, arguments)
    finally:
        client.close()
    return Exit.DONE if all(found for _, found in wanted) else Exit.NOT_DONE


def _watch(
    client: Client,
    wanted: Sequence[tuple[str, tuple[int, Tag] | None]],
    shown: Sequence[Reading],
    arguments: argparse.Namespace,
) -> None:
    before = {each.tag: each for each in shown}
    clock = SystemClock()
    while True:
        time.sleep(POLL_S)
        require_alive(client)
        snapshot = client.live.snapshot(clock.mono_us())
        now = [reading(path, found, snapshot) for path, found in wanted]
        changed = [each for each in now if _told_apart(each) != _told_apart(before[each.tag])]
        _print(changed, arguments)
        before.update({each.tag: each for each in changed})


def _told_apart(each: Reading) -> tuple[object, ...]:
    return each.value, each.status, each.source_time, each.stale


def require_alive(client: Client) -> None:
    """Raise EngineAbsent where the engine has not said for 2 s that it lives."""
    age = client.live.heartbeat_age_s(SystemClock().mono_us())
    if age > 2.0:
        raise EngineAbsent(f"the engine has not answered for {age:.1f} s; its values are not shown as live")


def reading(path: str, found: tuple[int, Tag] | None, snapshot: Snapshot) -> Reading:
    """One tag of a snapshot, ready to print."""
    if found is None:
        text = "no such tag in tags.csv"
        return Reading(path, None, "bad", "0x80890000", text, None, None, None, False, "")
    row, tag = found
    status, age = int(snapshot.status[row]), float(snapshot.age_s[row])
    value = _value(row, status, tag, snapshot)
    source_us, receive_us = int(snapshot.source_time_us[row]), int(snapshot.receive_time_us[row])
    return Reading(
        tag=path,
        value=value,
        quality=quality_word(status),
        status=f"0x{status:08X}",
        reason=reason(status),
        source_time=rfc3339(source_us) if source_us else None,
        receive_time=rfc3339(receive_us) if receive_us else None,
        age_s=None if math.isnan(age) else round(age, 3),
        stale=bool(snapshot.stale[row]),
        unit=tag.unit,
        text=value if isinstance(value, str) else None if value is None else tag.states.get(int(value)),
    )


def _value(row: int, status: int, tag: Tag, snapshot: Snapshot) -> float | int | bool | str | None:
    value = float(snapshot.value[row])
    if status & 0x80000000 or not math.isfinite(value):
        return None
    if row in snapshot.text or tag.type == "string":
        return snapshot.text.get(row)
    if tag.type == "bool":
        return bool(value)
    return int(value) if "int" in tag.type else value


def _print(readings: Sequence[Reading], arguments: argparse.Namespace) -> None:
    for each in readings:
        if arguments.json:
            say_json(each)
            continue
        value = _worded(each)
        why = f" ({each.reason})" if each.reason else ""
        age = "never" if each.age_s is None else f"{each.age_s:.1f} s ago"
        say(f"{each.tag}  {value}  {'stale, ' if each.stale else ''}{each.quality}{why}  {age}")


def _worded(each: Reading) -> str:
    if each.value is None:
        return "-"
    if isinstance(each.value, str):
        return json.dumps(each.value, ensure_ascii=False)  # on one line, and "" can be seen
    return f"{each.value:g} {each.text or each.unit}".strip()


def status(arguments: argparse.Namespace) -> Exit:
    """Print the engine's state, then each source's."""
    client = Client(arguments.dir, "cli")
    try:
        if arguments.source is not None:
            detail = client.call("source", SourceBody(arguments.source), SourceDetail)
            say_json(detail) if arguments.json else print_source(detail)
            return Exit.DONE
        answer = client.call("status", None, StatusAnswer)
    finally:
        client.close()
    if arguments.json:
        for each in (answer.engine, *answer.sources):
            say_json(each)
    else:
        print_status(answer)
    return Exit.DONE


def browse(arguments: argparse.Namespace) -> Exit:
    """List a device's nodes, through the engine where one runs (small PLCs allow few sessions)."""
    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    try:
        client = Client(arguments.dir, "cli")
    except EngineAbsent:
        try:
            items = asyncio.run(app.browse(project, arguments.source, arguments.node))
        except app.RequestRefused as error:
            return fail(str(error))
    else:
        try:
            body = BrowseBody(arguments.source, arguments.node)
            items = client.call("browse", body, BrowseAnswer, timeout_s=30).items
        finally:
            client.close()
    _print_items(items, arguments)
    return Exit.DONE


def _print_items(items: Sequence[BrowseItem], arguments: argparse.Namespace) -> None:
    if arguments.json:
        for each in items:
            say_json(each)
    elif items:
        rows = [("NAME", "KIND", "TYPE", "VALUE", "ADDRESS")]
        table(rows + [(i.name, i.kind, i.type, f"{i.value} {i.unit}".strip(), i.address) for i in items])
    else:
        say("nothing below this node")
