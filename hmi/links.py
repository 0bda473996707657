"""The state of the links to the PLCs in words: for the chips, the list behind them, and System. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.types import EngineStatus, SourceStatus
from hmi import formats
from hmi.formats import t

CLOCK_OFF_S = 5.0
"""A device's clock may be this far from ours before a person has to see to it."""
_STATES = {
    "connecting": "connecting",
    "connected": "connected",
    "stale": "no answer",
    "refused": "refused",
    "stopped": "stopped",
}


class Trouble(NamedTuple):
    """What is wrong with a link and what to do about it, in whole sentences; both "" when all is well."""

    what: str
    do: str


class ClockChip(NamedTuple):
    """The chip for a device's clock that is off: name and words, and whose clock it is."""

    name: str
    words: str
    source: str


def chip(sources: Sequence[SourceStatus]) -> tuple[str, bool]:
    """(words, is well) of the PLC chip: how many answer, and the first that does not with its reason."""
    if not sources:
        return t("none configured"), True
    poor = [source for source in sources if source.state != "connected"]
    count = t("{n} of {all}", n=len(sources) - len(poor), all=len(sources))
    if not poor:
        return count, True
    more = t(", +{n} more", n=len(poor) - 1) if len(poor) > 1 else ""
    return f"{count} · {poor[0].id}: {state(poor[0])}{more}", False


def clock_chip(sources: Sequence[SourceStatus]) -> ClockChip | None:
    """The clock that is furthest off, and how many others are; None while all are right or not told."""
    off = sorted((each for each in sources if is_clock_off(each)), key=lambda each: -abs(_offset(each)))
    if not off:
        return None
    more = t(", +{n} more", n=len(off) - 1) if len(off) > 1 else ""
    return ClockChip(t("Clock of {id}", id=off[0].id), formats.offset(_offset(off[0])) + more, off[0].id)


def is_clock_off(source: SourceStatus) -> bool:
    """The device's clock is further from ours than anyone should live with."""
    return abs(_offset(source)) > CLOCK_OFF_S


def _offset(source: SourceStatus) -> float:
    return source.clock_offset_s or 0.0


def needs_look(source: SourceStatus) -> bool:
    """A person must see to it: no link, a tag without a good value, or a clock that is off."""
    return source.state != "connected" or source.good < source.tags or is_clock_off(source)


def state(source: SourceStatus) -> str:
    """The state of a source in words, with how long there is no news."""
    words = t(_STATES[source.state])
    if source.state != "connected" and source.age_s is not None:
        return t("{words}, last news {ago}", words=words, ago=formats.ago(source.age_s))
    return words


def state_word(name: str) -> str:
    """One of the engine's state names as a person says it."""
    return t(_STATES.get(name, name))


def trouble(source: SourceStatus) -> Trouble:
    """What is wrong and what to do, as the engine tells it; in our words where it has not said yet."""
    what, do = source.what, source.do
    if source.state != "connected" and not what:
        what, do = _unexplained(source)
    return Trouble(formats.sentence(formats.shortened(what), source.id), formats.sentence(do, source.id))


def _unexplained(source: SourceStatus) -> tuple[str, str]:
    if source.state == "refused":
        return source.last_error or t("{id} refused the link and gave no reason", id=source.id), t(
            "look at the log of the device; the engine asks again by itself"
        )
    if source.state == "stale":
        since = formats.span(source.age_s) if source.age_s is not None else t("a while")
        return t("the link is open, but {id} has sent nothing for {span}", id=source.id, span=since), t(
            "see that the device runs and that its program is not stopped; values come back by themselves"
        )
    if source.state == "stopped":
        return t("the engine does not talk to {id}", id=source.id), t("start the engine again")
    return t("{endpoint} has not answered yet", endpoint=source.endpoint), t(
        "nothing for now: the engine keeps trying by itself"
    )


def security(source: SourceStatus) -> str:
    """How the link is secured, in words."""
    if source.security == "none":
        return t("open link, not encrypted")
    return source.security or t("not connected yet")


def facts(source: SourceStatus, locale: str) -> str:
    """The figures of a source in one line."""
    return " · ".join(
        (
            t("{good} of {tags} tags good", good=source.good, tags=source.tags),
            rate(source, locale),
            security(source),
            *((t("{n} reconnects", n=source.reconnects),) if source.reconnects else ()),
            *((t("{n} samples dropped", n=source.dropped),) if source.dropped else ()),
        )
    )


def rate(source: SourceStatus, locale: str) -> str:
    """Values a second from a source."""
    return t("{n} values/s", n=formats.number(source.rate_in, 0 if source.rate_in >= 10 else 1, locale))


def engine(status: EngineStatus | None, locale: str) -> str:
    """The engine in one line."""
    if status is None:
        return t("Engine: no figures yet")
    if status.trouble:
        return t("Engine: {trouble}", trouble=status.trouble)
    lag = (
        ""
        if status.lag_ms_p99 is None
        else t(" · lag {ms} ms p99", ms=formats.number(status.lag_ms_p99, 0, locale))
    )
    return (
        t(
            "Engine {version}, running {span} · {rate} values/s in · {mb} MB · {cpu} % CPU",
            version=status.version,
            span=formats.span(status.uptime_s),
            rate=formats.number(status.rate_in, 0, locale),
            mb=formats.number(status.rss_mb, 0, locale),
            cpu=formats.number(status.cpu_pct, 0, locale),
        )
        + lag
    )
