"""Alarms that an OPC UA server keeps: what a person does to one is asked of its server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Literal

from engine.alarms import Refused, require_seen
from engine.app.plant import Running
from engine.types import CommandName, ConditionCall, ConditionReport
from engine.wire import AlarmCommandBody

LONGEST_S = 10.0
Calling = Literal["acknowledge", "confirm", "comment", "shelve", "unshelve"]
_CALLS: Mapping[CommandName, Calling] = {
    "acknowledge": "acknowledge",
    "note": "comment",
    "shelve": "shelve",
    "unshelve": "unshelve",
}


async def ask_server(running: Running, alarm_id: int, seen_us: int, asked: AlarmCommandBody) -> str:
    """Ask; returns why it was not done, "" = the server took it, and its own event says what came of it."""
    kept, alarm = running.alarms.condition_of(alarm_id), running.alarms.alarm(alarm_id)
    if kept is None or alarm is None:
        return "its server does not have this alarm any more"
    source, report = kept
    try:
        if asked.what == "acknowledge":
            require_seen(alarm, seen_us)
        call = calling(report, asked, running.clock.now_us())
    except Refused as error:
        return str(error)
    for context, driver, _link in running.sources:
        if context.source.id == source and driver.call is not None:
            try:
                async with asyncio.timeout(LONGEST_S):
                    answer = await driver.call(context, call)
            except TimeoutError:
                return f"{source} did not answer; it may have been done, look at it again"
            return "" if answer.outcome == "asked" else answer.why
    return f"the source {source} takes no such requests"


def calling(report: ConditionReport, asked: AlarmCommandBody, now_us: int) -> ConditionCall:
    """What to ask of the server. One that was acknowledged and waits to be confirmed is confirmed.

    Raises:
        Refused: it does not offer that.
    """
    what = _CALLS.get(asked.what)
    if what is None:
        raise Refused("its server keeps this alarm; do that at the server")
    if what == "acknowledge" and report.acked and not report.confirmed:
        what = "confirm"
    offers: Mapping[Calling, bool] = {
        "acknowledge": report.may_acknowledge,
        "confirm": report.may_confirm,
        "comment": True,
        "shelve": report.may_shelve,
        "unshelve": report.may_shelve,
    }
    if not offers[what]:
        raise Refused("its server does not offer that now")
    seconds = (asked.until_us - now_us) / 1e6 if what == "shelve" and asked.until_us else 0.0
    return ConditionCall(what, report.id, report.event_id, asked.by, asked.text, seconds, asked.one_shot)
