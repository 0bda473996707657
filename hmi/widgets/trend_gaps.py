"""Why a trend shows nothing somewhere, in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.types import Gap, GapCause
from hmi import formats
from hmi.formats import t
from hmi.history import Detail

Stretch = tuple[int, int]
"""First and last UTC microsecond."""
_CAUSES: Mapping[GapCause, str] = {
    "engine": "engine was not running",
    "link": "no link to {source}",
    "dropped": "samples came faster than they could be kept",
    "disk": "the disk took nothing",
    "backlog": "the device could not keep more",
    "too old": "samples came too late",
    "damaged": "stored data are damaged",
}


def cause_words(gap: Gap) -> str:
    """Why samples are missing."""
    if gap.cause == "link" and not gap.source:
        return t("no link")
    return t(_CAUSES[gap.cause], source=gap.source)


def when_words(start_us: int, end_us: int, now_us: int, zone: str) -> tuple[str, str]:
    """``12:03–12:05`` and ``2 min``; to the second where minutes would not do, with the day if not today."""
    seconds = (end_us - start_us) / 1e6
    first, last = (formats.clock(each, zone, seconds < 600) for each in (start_us, end_us))
    begins, ends = (formats.local(each, zone).date() for each in (start_us, end_us))
    if begins != formats.local(now_us, zone).date():
        first = f"{formats.day(begins)} {first}"
    if ends != begins:
        last = f"{formats.day(ends)} {last}"
    return f"{first}\u2013{last}", lasted(seconds)


def lasted(seconds: float) -> str:
    """A length of time as one tells it of something that is over: ``40 s``, ``2 min``, ``2 h 48 min``."""
    minutes = round(seconds / 60)
    if minutes < 60 or minutes % 60 == 0 or seconds >= 48 * 3600:
        return formats.span(max(seconds, minutes * 60) if seconds >= 60 else seconds).replace(".0", "")
    return t("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def worst_gap(gaps: Sequence[Gap], start_us: int, end_us: int) -> Gap | None:
    """The gap that explains most of a stretch; None where none reaches into it."""
    best, most = None, 0
    for gap in gaps:
        shared = min(gap.end_us, end_us) - max(gap.start_us, start_us)
        if shared > most:
            best, most = gap, shared
    return best


def hole_words(
    hole: Stretch, gaps: Sequence[Gap], reach_us: int | None, now_us: int, zone: str
) -> tuple[str, ...]:
    """What to say in a stretch without any value; ``reach_us`` = the first sample of the pens, if known."""
    gap = worst_gap(gaps, *hole)
    if gap is not None:
        # What was lost may be wider than the window, or narrower than what is seen to be missing.
        return cause_words(gap), *when_words(gap.start_us, gap.end_us, now_us, zone)
    if reach_us is not None and hole[1] <= reach_us:
        return begins_words(reach_us, now_us, zone)
    return (t("no data"),)


def begins_words(reach_us: int, now_us: int, zone: str) -> tuple[str, str]:
    """From when on there is anything."""
    then = formats.local(reach_us, zone)
    is_today = then.date() == formats.local(now_us, zone).date()
    text = formats.clock(reach_us, zone, seconds=False)
    return t("History begins"), text if is_today else f"{formats.day(then)} {text}"


def empty_words(
    detail: Detail, gaps: Sequence[Gap], span: Stretch, oldest_us: int | None, now_us: int, zone: str
) -> str:
    """What to say where no pen has a curve at all."""
    if detail.trouble:
        return t("Nothing stored can be read: {why}.", why=detail.trouble)
    if detail.is_stopped:
        return t("Loading was cancelled.")
    if detail.part < 1:
        return t("Loading history\u2026")
    gap = worst_gap(gaps, *span)
    if gap is not None:
        words = cause_words(gap)
        when = ", ".join(when_words(gap.start_us, gap.end_us, now_us, zone))
        return f"{words[0].upper()}{words[1:]}\n{when}"
    if oldest_us is not None and span[1] <= oldest_us:
        return " ".join(begins_words(oldest_us, now_us, zone))
    return t("No history in this stretch of time.")


def without(stretches: Sequence[Stretch], taken: Sequence[Stretch]) -> list[Stretch]:
    """The stretches less what is ``taken`` of them."""
    left = list(stretches)
    for first, last in taken:
        left = [
            part
            for start, end in left
            for part in ((start, min(end, first)), (max(start, last), end))
            if part[0] < part[1]
        ]
    return left
