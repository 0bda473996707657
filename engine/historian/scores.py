"""How good the data of each tag, device and area are: complete, timely, in range, moving, consistent.

What a tag usually does is taken from its own samples: many servers send a value only when it changes,
so that silence is no loss, and a sensor that rests is not stuck. Of a tag with many samples a second only
the newest samples are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.historian.rollup import MINUTE_US, SECOND_US, is_good, roll
from engine.tags import is_measured
from engine.types import SEVERITY_MASK, Gap, History, Origin, Samples, Tag, TagScore

Watch = Callable[[float], bool]
"""Told how much of the work is done, 0 to 1; it may wait there. False = stop."""
Pair = tuple[int, int, float]
"""Two tag ids that measure the same, and how far they may be apart."""
WEIGHTS = {"low": 1.0, "normal": 2.0, "critical": 4.0}
MOST_SAMPLES = 50_000
"""Of a faster tag only so many are looked at: an hour at 14 samples a second."""
MISSING_PERIODS = 2.5
MISSING_SPACINGS = 4.0
"""A wait is a loss when it is longer than so many periods, and so many times what is usual for the tag."""
SAME_PART, FEWEST_WAITS, RESTS = 0.005, 8, 4
LATE_S = 2.0
FROZEN_S, FROZEN_RESTS, FEWEST_CHANGES = 120.0, 6.0, 12
"""Stuck: unchanged for two minutes, and for six times as long as it rests at other times."""
LOOK_BACK_US = 6 * 60 * MINUTE_US
SIDES = ("complete", "timely", "in_range", "moving", "consistent")
FINE = 0.995


class Accounting(NamedTuple):
    """Samples of a tag in a span. ``explained`` of those that are missing have a known cause."""

    expected: int
    stored: int
    explained: int

    @property
    def lost(self) -> int:
        """What nobody can explain."""
        return max(self.expected - self.stored - self.explained, 0)


def scores(
    history: History,
    tags: Sequence[Tag],
    start_us: int,
    end_us: int,
    pairs: Iterable[Pair] = (),
    watch: Watch = lambda part: True,
    periods: Mapping[int, float] | None = None,
) -> tuple[tuple[TagScore, ...], tuple[TagScore, ...], tuple[TagScore, ...]]:
    """Scores of the tags, of their devices and of their areas, the worst first each.

    ``periods`` = seconds between samples as agreed with the device, by tag id; else 1 / rate. An area is
    the path of tags up to its first or second segment. Of a stopped run, what was done by then.
    """
    partners = _partners(pairs, tags)
    known = periods or {}
    found: list[tuple[Tag, TagScore]] = []
    for at, tag in enumerate(tags):
        begin = _begin(tag, start_us, end_us)
        samples = history.raw(tag.tag_id, begin, end_us)
        period_s = known.get(tag.tag_id, 1 / max(tag.rate, 1e-6))
        others = [
            (partner, history.raw(partner.tag_id, begin, end_us), far)
            for partner, far in partners.get(tag.tag_id, ())
        ]
        found.append((tag, tag_score(history, tag, samples, begin, end_us, period_s, others)))
        if at % 16 == 15 and not watch((at + 1) / len(tags)):
            break
    return _worst_first(score for _, score in found), _devices(found), _areas(found)


def tag_score(
    history: History,
    tag: Tag,
    samples: Samples,
    start_us: int,
    end_us: int,
    period_s: float,
    others: Sequence[tuple[Tag, Samples, float]] = (),
) -> TagScore:
    """The score of one tag from its samples of the span and the one before."""
    lasts, told = _lasts(samples, start_us, end_us), _Told(samples, start_us, end_us, period_s)
    judged = [
        _complete(samples, lasts, told, end_us - start_us),
        _timely(samples, start_us, period_s),
        _in_range(tag, samples, lasts),
        _moving(history, tag, samples, np.where(lasts > told.limit_us, 0, lasts), start_us, end_us),
        min((_consistent(samples, *other, start_us, end_us) for other in others), default=(1.0, "")),
    ]
    return _score(tag.path, judged)


def accounting(
    history: History, tag: Tag, start_us: int, end_us: int, period_s: float | None = None
) -> Accounting:
    """What was to come, what is stored, and how much of the rest is explained.

    A tag that sends only changes has no fixed number to come: then it is what came, and what did not come
    while the link, the engine or the disk failed, as the gaps and the ends of stretches say.
    """
    period = period_s or 1 / max(tag.rate, 1e-6)
    samples = history.raw(tag.tag_id, start_us, end_us)
    told = _Told(samples, start_us, end_us, period)
    silent = _dark(samples, start_us, end_us)
    gaps = [gap for gap in history.gaps(start_us, end_us) if _concerns(gap, tag)]
    counted = sum(gap.samples for gap in gaps if gap.samples is not None)
    spans = [(gap.start_us, gap.end_us) for gap in gaps if gap.samples is None]
    dark_us = _covered([*silent, *spans], start_us, end_us)
    missing = told.missing if told.regular else 0
    expected = told.received + max(missing, counted)
    if not told.regular:
        expected += int(dark_us / (period * SECOND_US))
    explained = counted + int(np.ceil(dark_us / (told.spacing_us or period * SECOND_US)))
    return Accounting(expected, told.received, min(explained, expected - told.received))


def named_alike(tags: Sequence[Tag], part: float = 0.02) -> list[Pair]:
    """Pairs of tags of one unit that are named alike but for a last " A" and " B".

    They may be ``part`` of their range apart; tags without a range make no pair.
    """
    found: list[Pair] = []
    twins = {tag.path: tag for tag in tags}
    for tag in tags:
        twin = twins.get(f"{tag.path[:-2]} B") if tag.path.endswith(" A") else None
        if twin is not None and tag.unit == twin.unit and tag.low is not None and tag.high is not None:
            found.append((tag.tag_id, twin.tag_id, part * (tag.high - tag.low)))
    return found


# ---------------------------------------------------------------------------------- the five sides
_Judged = tuple[float, str]
"""0 to 1, and why not 1."""


def _complete(samples: Samples, lasts: NDArray[np.int64], told: _Told, span_us: int) -> _Judged:
    if len(samples.time_us) == 0:
        return 0.0, "no samples"
    bright = float(lasts[_says_something(samples)].sum() / span_us)
    part = told.received / (told.received + told.missing) if told.regular and told.received else 1.0
    if bright <= part:
        return bright, f"without a good value for {_time((1 - bright) * span_us)}"
    return part, f"{told.missing} of {told.received + told.missing} samples did not come"


def _timely(samples: Samples, start_us: int, period_s: float) -> _Judged:
    came = (samples.origin != Origin.ENGINE) & (samples.time_us >= start_us)
    if not came.any():
        return 1.0, ""
    delay_us = abs(samples.receive_us - samples.time_us)
    late = (delay_us > max(LATE_S, 2 * period_s) * SECOND_US) | (samples.origin != Origin.LIVE)
    # What a device had before we came is as old as it is: that first value is not late.
    begins = came & np.concatenate([[True], ~came[:-1]]) & (samples.origin == Origin.LIVE)
    late &= came & ~begins
    if not late.any():
        return 1.0, ""
    part = int(late.sum()) / int(came.sum())
    return 1 - part, f"late by {_time(float(np.median(delay_us[late])))}"


def _in_range(tag: Tag, samples: Samples, lasts: NDArray[np.int64]) -> _Judged:
    if not is_measured(tag.type, tag.states) or (tag.low is None and tag.high is None):
        return 1.0, ""
    good = is_good(samples)
    low, high = -np.inf if tag.low is None else tag.low, np.inf if tag.high is None else tag.high
    known = int(lasts[good].sum())
    outside = good & ((samples.value < low) | (samples.value > high))
    if not known or not outside.any():
        return 1.0, ""
    part = float(lasts[outside].sum() / known)
    return 1 - part, f"outside {low:g} to {high:g} for {_time(part * known)}"


def _moving(
    history: History, tag: Tag, samples: Samples, lasts: NDArray[np.int64], start_us: int, end_us: int
) -> _Judged:
    """A measured value that is frozen to the last bit, though values keep coming or the link lives.

    Where samples are missing ``lasts`` is 0. Resting at zero or at an end of its range is what a machine
    that stands does.
    """
    good = is_good(samples)
    if not is_measured(tag.type, tag.states) or tag.writable or not good.any():
        return 1.0, ""
    begins = np.flatnonzero(np.append(True, samples.value[1:] != samples.value[:-1]) | ~good)
    held = np.add.reduceat(np.where(good, lasts, 0), begins)
    longest = int(held.argmax())
    frozen = float(held[longest])
    value = float(samples.value[begins[longest]])
    rests = value in (0.0, tag.low, tag.high)
    if frozen < FROZEN_S * SECOND_US or rests:
        return 1.0, ""
    usual = _usual_wait(history, tag, np.delete(held, longest), start_us)
    if usual is None or frozen < FROZEN_RESTS * usual:
        return 1.0, ""
    return 1 - frozen / (end_us - start_us), f"has not changed for {_time(frozen)}"


def _usual_wait(history: History, tag: Tag, held: NDArray[np.int64], start_us: int) -> float | None:
    """µs that the tag rests at the most, but for three times; None = it hardly ever changes."""
    changes = held[held > 0]
    if len(changes) < FEWEST_CHANGES:
        earlier = history.rollup(tag.tag_id, start_us - LOOK_BACK_US, start_us, MINUTE_US)
        known = earlier.good > 0
        moved = float((earlier.high > earlier.low)[known].mean()) if known.sum() > FEWEST_CHANGES else 0.0
        return MINUTE_US / FROZEN_RESTS if moved > 0.98 else None
    return float(np.sort(changes)[-RESTS])


def _consistent(
    samples: Samples, other: Tag, its: Samples, far: float, start_us: int, end_us: int
) -> _Judged:
    """By minutes: means that are too far apart. A short difference while both move is none."""
    minutes = max((end_us - start_us) // MINUTE_US, 1)
    step = (end_us - start_us) // minutes
    mine, theirs = (roll(each, start_us, step, minutes) for each in (samples, its))
    both = (mine.good > 0.5) & (theirs.good > 0.5)
    if not both.any():
        return 1.0, ""
    apart = abs(mine.mean - theirs.mean)[both] > far
    if not apart.any():
        return 1.0, ""
    return 1 - float(apart.mean()), f"differs from {other.path} for {_time(float(apart.sum()) * step)}"


# ------------------------------------------------------------------------------- what a tag usually does
class _Told:
    """How many samples came in a span, and how many did not: waits far longer than the tag's usual one.

    ``regular`` = it comes at about its period, so that a wait is a loss; ``spacing_us`` = its usual wait,
    0 = nobody knows; ``limit_us`` = a longer one is a loss. Left-out samples came. A tag that never sends
    the same value twice sends changes only: a wait is a loss only where it hardly ever rests, and when it
    is far longer than it rests otherwise.
    """

    def __init__(self, samples: Samples, start_us: int, end_us: int, period_s: float) -> None:
        came = (samples.origin != Origin.ENGINE) & (samples.time_us >= start_us)
        time, value = samples.time_us[came], samples.value[came]
        left_out = samples.dropped[came].astype(np.int64)
        self.received = len(time) + int(left_out.sum())
        self.missing, self.regular, self.spacing_us, self.limit_us = 0, False, 0.0, np.inf
        if len(time) < FEWEST_WAITS:
            return
        waits = np.diff(time, append=end_us) / (left_out + 1)
        ranked = np.sort(waits)
        usual, slow = float(ranked[len(ranked) // 2]), float(ranked[len(ranked) * 95 // 100])
        self.spacing_us = usual
        period_us = period_s * SECOND_US
        changes_only = np.count_nonzero(value[1:] == value[:-1]) < SAME_PART * len(value)
        if changes_only and not left_out.any():
            usually = float(ranked[len(ranked) * 9 // 10])
            slow = float(ranked[-RESTS]) * FROZEN_RESTS / MISSING_SPACINGS
        else:
            usually = usual
        self.regular = 0 < usually <= 1.5 * period_us
        if not self.regular:
            return
        self.limit_us = max(MISSING_PERIODS * period_us, MISSING_SPACINGS * slow)
        lost = np.append(waits, max(int(time[0]) - start_us, 0))
        lost = lost[lost > self.limit_us]
        self.missing = int(np.maximum(np.rint(lost / usual) - 1, 0).sum())


def _lasts(samples: Samples, start_us: int, end_us: int) -> NDArray[np.int64]:
    """µs of the span that each sample stands for."""
    ends = np.append(samples.time_us[1:], end_us)
    return np.maximum(np.minimum(ends, end_us) - np.maximum(samples.time_us, start_us), 0)


def _says_something(samples: Samples) -> NDArray[np.bool_]:
    """Not bad, and not the end of a stretch that the engine wrote."""
    severity = samples.quality & np.uint32(SEVERITY_MASK)
    return (severity < 0x80000000) & ((samples.origin != Origin.ENGINE) | (severity == 0))


def _dark(samples: Samples, start_us: int, end_us: int) -> list[tuple[int, int]]:
    """Stretches that the engine ended: nothing came until the next sample."""
    ended = np.flatnonzero((samples.origin == Origin.ENGINE) & ~_says_something(samples))
    ends = np.append(samples.time_us[1:], end_us)
    return [(max(int(samples.time_us[at]), start_us), min(int(ends[at]), end_us)) for at in ended]


def _covered(spans: Iterable[tuple[int, int]], start_us: int, end_us: int) -> int:
    """µs of the span that these cover, each counted once."""
    covered, reached = 0, start_us
    for begin, end in sorted(spans):
        begin, end = max(begin, reached), min(end, end_us)
        if end > begin:
            covered += end - begin
            reached = end
    return covered


def _concerns(gap: Gap, tag: Tag) -> bool:
    return gap.tag_id == tag.tag_id if gap.tag_id is not None else gap.source in ("", tag.source)


# ------------------------------------------------------------------------------- tags, devices, areas
def _begin(tag: Tag, start_us: int, end_us: int) -> int:
    return max(start_us, end_us - int(MOST_SAMPLES / max(tag.rate, 1e-6) * SECOND_US))


def _partners(pairs: Iterable[Pair], tags: Sequence[Tag]) -> dict[int, list[tuple[Tag, float]]]:
    by_id = {tag.tag_id: tag for tag in tags}
    found: dict[int, list[tuple[Tag, float]]] = {}
    for first, second, far in pairs:
        if first in by_id and second in by_id:
            found.setdefault(first, []).append((by_id[second], far))
            found.setdefault(second, []).append((by_id[first], far))
    return found


def _score(path: str, judged: Sequence[_Judged]) -> TagScore:
    sides = [min(max(value, 0.0), 1.0) for value, _ in judged]
    worst = int(np.argmin(sides))
    return TagScore(path, sides[worst], *sides, worst="" if sides[worst] >= FINE else judged[worst][1])


def _devices(found: Sequence[tuple[Tag, TagScore]]) -> tuple[TagScore, ...]:
    return _grouped((tag.source, tag, score) for tag, score in found)


def _areas(found: Sequence[tuple[Tag, TagScore]]) -> tuple[TagScore, ...]:
    return _grouped(
        (prefix, tag, score)
        for tag, score in found
        for prefix in {"/".join(tag.path.split("/")[:-1][:depth]) for depth in (1, 2)} - {""}
    )


def _grouped(members: Iterable[tuple[str, Tag, TagScore]]) -> tuple[TagScore, ...]:
    """By name: each side the mean of its tags, weighted by how critical they are."""
    groups: dict[str, list[tuple[float, TagScore]]] = {}
    for name, tag, score in members:
        groups.setdefault(name, []).append((WEIGHTS[tag.criticality], score))
    return _worst_first(_group(name, some) for name, some in groups.items())


def _group(name: str, some: Sequence[tuple[float, TagScore]]) -> TagScore:
    weight = np.array([each for each, _ in some])
    sides = np.array([[getattr(score, side) for side in SIDES] for _, score in some])
    lost = (1 - sides) * weight[:, np.newaxis]
    judged: list[_Judged] = []
    for column in range(len(SIDES)):
        worst = some[int(lost[:, column].argmax())][1]
        judged.append((1 - float(lost[:, column].sum() / weight.sum()), f"{worst.path}: {worst.worst}"))
    return _score(name, judged)


def _worst_first(found: Iterable[TagScore]) -> tuple[TagScore, ...]:
    return tuple(sorted(found, key=lambda score: (score.score, score.path)))


def _time(time_us: float) -> str:
    """A stretch of time in words, to two digits or so."""
    seconds = time_us / SECOND_US
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
