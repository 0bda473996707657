"""The answers to ``models`` and ``model_change``: which versions there are, and what people decide of them.

A change goes in this order: decided or refused in a sentence, on record, carried out, told to ``changed``.
What reads files or loads a model is done in a thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.app.model_words import about, told
from engine.prediction.baselines import LIMIT, RULE
from engine.prediction.fleet import Bound
from engine.prediction.leveling import Levels, NotFollowed
from engine.prediction.package import PackageRefused, read_package
from engine.prediction.promotion import Standing
from engine.prediction.registry import Change, ChangeRefused, OnRecord, Registry
from engine.server import Answer, RequestRefused
from engine.typed import unpack
from engine.types import ClassHistory, Clock, Drift, HitRate, ModelCard, ModelState, NotRecorded
from engine.wire import ModelChangeBody, ModelsAnswer

log = logging.getLogger("watchroom.prediction")
NOT_FOLLOWED = "no normal is followed in this project, so there is none to take back"
LONGEST_WHY, LONGEST_NAME, LONGEST_PLACE = 500, 100, 1000
REFUSALS = (ChangeRefused, PackageRefused, NotFollowed, NotRecorded)
"""Their texts are for a person."""
Found = TypeVar("Found")
Key = tuple[str, str]
"""Id and version of a model."""


@dataclass(frozen=True, slots=True, eq=False)
class AskedModels:
    """What the answers are made from. All but ``on_record`` and ``changed`` are called in threads.

    ``bounds`` = every model as it is bound to its assets now · ``rates`` = `Prediction.rates` · ``standings``
    of these versions since a time, over the same assets (`engine.prediction.kept.standings`) · ``drift`` =
    `Drifts.of` · ``levels`` = the followed normals, None = nothing is followed · ``on_record`` =
    `engine.app.model_record.on_record` · ``changed`` is called in the loop after a change: bind the fleets
    anew · ``cannot_train`` = why nothing can be trained here, "" = it can · ``classes`` = what each class of
    assets has to learn from.
    """

    registry: Registry
    clock: Clock
    on_record: OnRecord
    changed: Callable[[], None]
    bounds: Callable[[], Sequence[Bound]] = tuple
    rates: Callable[[str, str], Iterable[HitRate]] = lambda model, version: ()
    standings: Callable[[int, Sequence[Key]], Mapping[Key, Standing]] = lambda since_us, keys: {}
    drift: Callable[[ModelCard], Drift | None] = lambda card: None
    levels: Levels | None = None
    cannot_train: Callable[[], str] = lambda: ""
    classes: Callable[[], tuple[ClassHistory, ...]] = tuple
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Whoever changes the registry holds it: one change after another."""


def model_answers(asked: AskedModels) -> dict[str, Answer]:
    """The coroutine that answers ``models`` and ``model_change``."""

    async def models(_: msgspec.Raw) -> ModelsAnswer:
        return await asyncio.to_thread(_models, asked, "")

    async def model_change(body: msgspec.Raw) -> ModelsAnswer:
        wanted = unpack(body, ModelChangeBody)
        _require_short(wanted)
        try:
            async with asked.turn:
                change = await asyncio.to_thread(_decided, asked, wanted)
                said = await asyncio.to_thread(_said, change, wanted)
                if not wanted.is_trial:
                    await make(asked, change)
        except REFUSALS as error:
            raise RequestRefused(str(error)) from error
        except OSError as error:
            raise RequestRefused(f"the models could not be changed: {error}") from error
        return await asyncio.to_thread(_models, asked, said)

    return {"models": models, "model_change": model_change}


async def make(asked: AskedModels, change: Change) -> None:
    """Put a change on record, carry it out, and tell. Whoever calls holds ``asked.turn``.

    Raises:
        NotRecorded: it is not on record, so it is not done.
        ChangeRefused, NotFollowed, OSError: it could not be carried out; that is on record too.
    """
    await asked.on_record(change)
    try:
        await asyncio.to_thread(_carry_out, asked, change)
    except Exception as error:
        why = f"{change.what}: {error}"
        await asked.on_record(msgspec.structs.replace(change, what="not done", reason=why, roles={}))
        raise
    log.info("%s by %s: %s", change.what, change.by, told(change))
    asked.changed()


def _carry_out(asked: AskedModels, change: Change) -> None:
    if change.what == "baseline":
        if asked.levels is None:
            raise ChangeRefused(NOT_FOLLOWED)
        asked.levels.set(change.id, change.asset, change.window, change.by, change.reason)
    else:
        asked.registry.carry_out(change)


def _decided(asked: AskedModels, wanted: ModelChangeBody) -> Change:
    """What the wish comes to; refused by the exceptions of the registry."""
    registry, by, why = asked.registry, wanted.by.strip(), wanted.reason.strip()
    match wanted.what:
        case "import":
            return registry.importing(_place(wanted.folder), by, why)
        case "promote":
            since_us, keys = registry.rivals(wanted.id, wanted.version)
            standings = asked.standings(since_us, keys)
            key = wanted.id, wanted.version
            return registry.promoting(*key, by, why, standings, is_override=wanted.is_override)
        case "shadow":
            return registry.moving(wanted.id, wanted.version, "shadow", by, why)
        case "retire":
            return registry.moving(wanted.id, wanted.version, "retired", by, why)
        case "rollback":
            card = next((each.card for each in registry.states() if each.card.id == wanted.id), None)
            if card is None:
                raise ChangeRefused(f"there is no model {wanted.id[:80]!r} to roll back")
            return registry.rolling_back(card.kind, card.asset_class, by, why)
        case "baseline":
            return _baseline(asked, wanted, by, why)


def _baseline(asked: AskedModels, wanted: ModelChangeBody, by: str, why: str) -> Change:
    if not by or not why:
        raise ChangeRefused("say who decides it, and why: it goes on record")
    if asked.levels is None:
        raise ChangeRefused(NOT_FOLLOWED)
    asked.levels.require(wanted.id, wanted.asset)
    return Change(
        "baseline", wanted.id, "", "", by, why, asked.clock.now_us(), {},
        asset=wanted.asset, window=wanted.window,
    )  # fmt: skip


def _place(folder: str) -> Path:
    if not Path(folder).is_absolute() or "\0" in folder:
        raise ChangeRefused(f"{folder[:200]!r} is not the full path of the folder of a package")
    return Path(folder)


def _require_short(wanted: ModelChangeBody) -> None:
    if len(wanted.by) > LONGEST_NAME or len(wanted.reason) > LONGEST_WHY:
        raise RequestRefused(
            f"use at most {LONGEST_NAME} letters for the name and {LONGEST_WHY} for the reason"
        )
    if max(map(len, (wanted.id, wanted.version, wanted.folder, wanted.asset))) > LONGEST_PLACE:
        raise RequestRefused(f"names and folders have at most {LONGEST_PLACE} letters here")


def _said(change: Change, wanted: ModelChangeBody) -> str:
    what = f"{about(read_package(_place(wanted.folder)).card)} " if wanted.what == "import" else ""
    return f"{what}{told(change)}"


def _models(asked: AskedModels, text: str) -> ModelsAnswer:
    """Every version, with what is known of it here."""
    watched = dict[str, tuple[str, ...]]()
    for bound in asked.bounds():
        watched[bound.model.card.sha256] = bound.assets
    states = tuple(_whole(asked, each, watched) for each in asked.registry.states())
    why = asked.cannot_train()
    return ModelsAnswer(states, not why, text or asked.registry.trouble or why, asked.classes())


def _whole(asked: AskedModels, state: ModelState, watched: Mapping[str, tuple[str, ...]]) -> ModelState:
    card = state.card
    is_seen = card.kind == "failure" and card.sha256 in watched
    beside = [
        (name, rate)
        for name in (LIMIT, RULE)
        for rate in (asked.rates(name, f"{card.id} {card.version}") if is_seen else ())
        if rate.tier == "act"  # they only ever say ACT
    ]
    return msgspec.structs.replace(
        state,
        card=msgspec.structs.replace(card, golden=()),  # nobody reads them, and they are most of it
        assets=watched.get(card.sha256, ()),
        rates=tuple(asked.rates(card.id, card.version)),
        drift=asked.drift(card),
        baselines=tuple(beside),
    )
