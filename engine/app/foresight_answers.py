"""The answers about what is foreseen: outlooks, warnings, verdicts, forecasts; and what is normal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from engine.app.foresight import VERDICT, Foresight
from engine.app.foresight_crossings import ROW_US, drawn, recent
from engine.app.foresight_past import Rolled, only_grows, rows_of
from engine.app.jobs import Kind, Work
from engine.historian.reading import Cancelled, Watch
from engine.prediction.episodes import Refused
from engine.prediction.normals import MOST_TAGS, Means, forget, keep, learned
from engine.prediction.sound import NotLearned
from engine.server import Answer, RequestRefused
from engine.tags import is_measured
from engine.typed import unpack
from engine.types import Forecast, Limit, Tag
from engine.wire import (
    EpisodesAnswer,
    EpisodesBody,
    ForecastAnswer,
    ForecastBody,
    NormalAnswer,
    NormalBody,
    OutlooksAnswer,
    OutlooksBody,
    VerdictBody,
)

MOST_PATHS, MOST_EPISODES = 16, 1000
LONGEST_NAME, LONGEST_WHY = 100, 500
LONGEST_AHEAD_S = 7 * 86_400.0
LONGEST_NORMAL_US = 92 * 86_400_000_000
LEARNED = "normal_learned"
NOT_YET = "prediction has not begun yet; ask again in a moment"


def foresight_answers(
    foresight: Foresight, tags: Sequence[Tag], limits: Callable[[], Sequence[Limit]]
) -> dict[str, Answer]:
    """The coroutine that answers each op; what takes long is done in a thread. ``tags`` as people see."""
    given = foresight.given

    async def outlooks(body: msgspec.Raw) -> OutlooksAnswer:
        wanted = unpack(body, OutlooksBody)
        found = await asyncio.to_thread(foresight.outlooks, wanted.version)
        crossings = () if foresight.ahead is None else foresight.ahead.shown()
        return OutlooksAnswer(*found, foresight.told(), crossings)

    async def forecasts(body: msgspec.Raw) -> ForecastAnswer:
        wanted = unpack(body, ForecastBody)
        if len(wanted.paths) > MOST_PATHS or not 0 < wanted.ahead_s <= LONGEST_AHEAD_S:
            days = LONGEST_AHEAD_S / 86_400.0
            raise RequestRefused(f"at most {MOST_PATHS} forecasts of up to {days:g} days can be asked for")
        known = {tag.path: tag.tag_id for tag in tags}
        ends_us, ahead_us = given.clock.now_us(), round(wanted.ahead_s * 1e6)

        def work() -> ForecastAnswer:
            pairs = [(path, known[path]) for path in wanted.paths if path in known]
            found = (_forecast(given.rolled, path, tag, limits(), ends_us, ahead_us) for path, tag in pairs)
            return ForecastAnswer(tuple(each for each in found if each is not None))

        return await asyncio.to_thread(work)

    return {"outlooks": outlooks, "forecast": forecasts} | _of_warnings(foresight)


def _of_warnings(foresight: Foresight) -> dict[str, Answer]:
    async def episodes(body: msgspec.Raw) -> EpisodesAnswer:
        wanted = unpack(body, EpisodesBody)
        prediction = foresight.prediction
        if prediction is None:
            return EpisodesAnswer(())
        most = max(0, min(wanted.limit, MOST_EPISODES))
        return EpisodesAnswer(await asyncio.to_thread(prediction.episodes, wanted.asset, most))

    async def verdict(body: msgspec.Raw) -> object:
        wanted = unpack(body, VerdictBody)
        prediction = foresight.prediction
        if prediction is None:
            raise RequestRefused(NOT_YET)
        _require_short(wanted.by, wanted.reason)
        by = wanted.by.strip()
        if not by:
            raise RequestRefused("say who judges the warning: it is a label that models learn from")
        told = wanted.episode, wanted.is_right, by, wanted.reason
        try:
            found = await asyncio.to_thread(prediction.verdict, *told)
        except Refused as error:
            raise RequestRefused(str(error)) from error
        said = {"episode": found.id, "asset": found.asset, "model": found.model, "version": found.version}
        why = wanted.reason.strip()
        foresight.given.note(VERDICT, {"by": by, "why": why, "outcome": found.outcome, **said})
        return found

    return {"episodes": episodes, "verdict": verdict}


def _require_short(by: str, reason: str) -> None:
    if len(by) > LONGEST_NAME or len(reason) > LONGEST_WHY:
        raise RequestRefused(
            f"use at most {LONGEST_NAME} letters for the name and {LONGEST_WHY} for the reason"
        )


def foresight_kinds(foresight: Foresight, tags: Sequence[Tag]) -> Mapping[str, Kind]:
    """The long work about what is foreseen: learning what is normal."""

    def normal(body: msgspec.Raw) -> Work:
        wanted = unpack(body, NormalBody)
        _require_short(wanted.by, wanted.reason)
        if not wanted.by.strip() or not wanted.reason.strip():
            raise RequestRefused("say who says what is normal, and why: it goes on record")
        now_us = foresight.given.clock.now_us()
        if wanted.start_us == wanted.end_us:
            return lambda _: _forgotten(foresight, wanted)
        span = wanted.start_us - wanted.start_us % ROW_US, min(wanted.end_us, now_us)
        if not 0 < span[1] - span[0] <= LONGEST_NORMAL_US:
            raise RequestRefused("mark a stretch of the past, of at most 92 days")
        chosen = _chosen(wanted, tags)
        return lambda watch: _learned(foresight, wanted, chosen, span, watch)

    return {"normal": normal}


def _chosen(wanted: NormalBody, tags: Sequence[Tag]) -> list[Tag]:
    """The tags of the asset that are learned: those asked for, or all that are measured."""
    own = {
        tag.path.removeprefix(f"{wanted.asset}/"): tag
        for tag in tags
        if tag.path.startswith(f"{wanted.asset}/")
    }
    if not own:
        raise RequestRefused(f"there is no asset {wanted.asset[:200]!r}; choose one of the plant")
    missing = [name for name in wanted.tags if name not in own]
    if missing:
        raise RequestRefused(f"{wanted.asset} has no tag {missing[0][:200]!r}")
    names = wanted.tags or [
        name for name, tag in own.items() if is_measured(tag.type, tag.states) and not tag.writable
    ]
    if len(names) > MOST_TAGS:
        raise RequestRefused(f"{wanted.asset} has {len(names)} tags, {MOST_TAGS} are the most; choose a part")
    return [own[name] for name in names]


def _learned(
    foresight: Foresight, wanted: NormalBody, chosen: Sequence[Tag], span: tuple[int, int], watch: Watch
) -> NormalAnswer:
    given, now_us = foresight.given, foresight.given.clock.now_us()
    parts = list[Means]()
    for at, tag in enumerate(chosen):
        if not watch(at / len(chosen)):
            raise Cancelled
        parts.append(rows_of(given.rolled, np.array([tag.tag_id], np.int32), *span, ROW_US))
    if not wanted.tags:
        parts, chosen = _without_counters(parts, chosen)
    rows = np.hstack([each[0] for each in parts]), np.hstack([each[1] for each in parts])
    names = [tag.path.removeprefix(f"{wanted.asset}/") for tag in chosen]
    try:
        kept, normal = learned(
            wanted.asset, names, rows, span, wanted.by.strip(), wanted.reason.strip(), now_us
        )
    except NotLearned as error:
        raise RequestRefused(str(error)) from error
    units = tuple(tag.unit for tag in chosen)
    keep(Path(given.folder), msgspec.structs.replace(kept, units=units))
    said = {"asset": wanted.asset, "start_us": span[0], "end_us": span[1], "tags": list(normal.tags)}
    given.note(LEARNED, {"by": kept.by, "why": kept.reason, **said})
    foresight.rebind()
    return NormalAnswer(wanted.asset, normal.rows, normal.tags, normal.left_out)


def _without_counters(parts: list[Means], chosen: Sequence[Tag]) -> tuple[list[Means], list[Tag]]:
    """What only grows counts, and is never as it was: it says nothing of what is normal."""
    kept = [at for at, (means, _) in enumerate(parts) if not only_grows(means[:, 0])]
    if not kept:
        raise RequestRefused("all of these tags only count; choose tags that measure")
    return [parts[at] for at in kept], [chosen[at] for at in kept]


def _forgotten(foresight: Foresight, wanted: NormalBody) -> NormalAnswer:
    given = foresight.given
    if not forget(Path(given.folder), wanted.asset):
        raise RequestRefused(f"nothing was marked as normal for {wanted.asset[:200]!r}")
    given.note(
        LEARNED, {"by": wanted.by.strip(), "why": wanted.reason.strip(), "asset": wanted.asset, "tags": []}
    )
    foresight.rebind()
    return NormalAnswer(wanted.asset, 0, ())


def _forecast(
    rolled: Rolled, path: str, tag: int, limits: Sequence[Limit], now_us: int, ahead_us: int
) -> Forecast | None:
    """Where a tag is heading, with the limit that lies in that direction."""
    own = [each for each in limits if each.path == path]
    found = drawn(path, *recent(rolled, tag, now_us, ahead_us), ahead_us, own)
    return None if found is None else found[0]
