"""The state of the links to the PLCs in words. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from engine.types import EngineStatus, SourceStatus
from hmi import formats
from hmi.formats import t

_STATES = {
    "connecting": "connecting",
    "connected": "connected",
    "stale": "no answer",
    "refused": "refused",
    "stopped": "stopped",
}


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


def state(source: SourceStatus) -> str:
    """The state of a source in words, with how long there is no news."""
    words = t(_STATES[source.state])
    if source.state != "connected" and source.age_s is not None:
        return t("{words}, last news {ago}", words=words, ago=formats.ago(source.age_s))
    return words


def why(source: SourceStatus) -> str:
    """What a person should know about a source that does not answer; empty when there is nothing."""
    return "" if source.state == "connected" else source.last_error


def facts(source: SourceStatus, locale: str) -> str:
    """The figures of a source in one line."""
    security = source.security or t("not connected yet")
    return " · ".join(
        (
            t("{good} of {tags} tags good", good=source.good, tags=source.tags),
            t("{n} values/s", n=formats.number(source.rate_in, 0 if source.rate_in >= 10 else 1, locale)),
            t("open link, not encrypted") if security == "none" else security,
            *((t("{n} reconnects", n=source.reconnects),) if source.reconnects else ()),
            *((t("{n} samples dropped", n=source.dropped),) if source.dropped else ()),
        )
    )


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
