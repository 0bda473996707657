"""What the overview shows: a tile for each unit and utility, and the figures. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.types import Alarm, Kpi, Snapshot, Status
from hmi import alarms as alarm_words
from hmi import figure, formats, values
from hmi.alarms import Badge
from hmi.figure import Figure
from hmi.formats import t
from hmi.gauge import NO_GAUGE, Gauge, Scale, gauge_at, scale_of
from hmi.model import Asset, Model, main_of, short_name, tag_at, unit_of
from hmi.values import Kind, Reading


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """Where the values of one tile are: live positions, looked up once for a plant.

    ``watched`` are those of which each value is seen; of all ``below`` it the quality is.
    """

    asset: Asset
    short: str
    title: str
    main: int | None
    scale: Scale | None
    cycle: int | None
    part: int | None
    state: int | None
    watched: NDArray[np.int32]
    below: NDArray[np.int32]

    @property
    def path(self) -> str:
        """Of its asset."""
        return self.asset.path


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Everything seen of one unit or utility.

    ``kind`` is its quality as a whole, ``machine`` that of the state its symbol shows. ``part`` is the
    body in it, "" where the type names no such tag; ``running`` None = not known.
    """

    path: str
    short: str
    title: str
    symbol: str
    main: Reading | None = None
    gauge: Gauge = NO_GAUGE
    cycle: Reading | None = None
    part: str = ""
    condition: str = ""
    is_well: bool = False
    running: bool | None = None
    machine: Kind = "never"
    kind: Kind = "never"
    badge: Badge | None = None
    aside: str = ""

    @property
    def still(self) -> tuple[object, ...]:
        """What of it seldom changes: all but the number of a good value and the pointer."""
        main, cycle, gauge = self.main, self.cycle, self.gauge
        is_quiet = main is not None and main.kind in ("normal", "uncertain")
        return (
            (self.short, self.title, self.symbol, self.part, self.condition, self.is_well),
            (self.running, self.machine, self.kind, self.badge),
            None
            if main is None
            else (main.name, main.unit, main.kind, len(main.value) if is_quiet else main),
            None if cycle is None else (cycle.value, cycle.unit, cycle.kind),
            (gauge.look, gauge.band, gauge.limits, gauge.ends),
        )

    @property
    def moving(self) -> tuple[object, ...]:
        """The rest of what can be seen of it."""
        value = "" if self.main is None else self.main.value
        return value, self.gauge.level, self.gauge.setpoint, self.gauge.alarm

    @property
    def name(self) -> str:
        """Short name and title, as people say it."""
        return f"{self.short} {self.title}".strip()

    @property
    def spoken(self) -> str:
        """The whole tile for those who hear it."""
        parts = [self.name]
        if self.main is not None:
            parts.append(f"{self.main.name} {self.main.amount}")
        if self.badge is not None:
            parts.append(alarm_words.spoken(self.badge))
        if self.aside:
            parts.append(self.aside)
        if self.cycle is not None:
            parts.append(f"{self.cycle.name} {self.cycle.amount}")
        if self.part:
            parts.append(t("body {part}", part=self.part))
        return ", ".join([*parts, self.condition])


def without_part(tile: Tile) -> Tile:
    """The same tile where the belt shows the body."""
    return replace(tile, part="")


def spot_of(model: Model, asset: Asset) -> Spot:
    """Where the values of the tile of an asset are."""
    kind, main = asset.type, main_of(model, asset)
    short, title = short_name(asset.name or model.plant.name)
    scale = None if main is None else scale_of(model, main, asset)
    cycle, part, state = (tag_at(model, asset, each) for each in (kind.cycle, kind.part, kind.state))
    seen = (main, None if scale is None else scale.setpoint, cycle, part, state)
    return Spot(
        asset=asset,
        short=short,
        title=title,
        main=main,
        scale=scale,
        cycle=cycle,
        part=part,
        state=state,
        watched=np.array([at for at in seen if at is not None], np.int32),
        below=np.array(asset.below, np.int32),
    )


def spots_of(model: Model, paths: Sequence[str]) -> tuple[Spot, ...]:
    """The spots of several assets."""
    return tuple(spot_of(model, model.assets[path]) for path in paths)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What a snapshot changed: ``values`` bool[n] by tag, ``quality`` = that of any tag at all."""

    values: NDArray[np.bool_]
    quality: bool


def change_of(before: Snapshot | None, now: Snapshot) -> Change:
    """What differs between two snapshots of one plant."""
    same = (
        before is not None
        and np.array_equal(before.status, now.status)
        and np.array_equal(before.stale, now.stale)
    )
    return Change(values.changed(before, now), not same)


def is_same(spot: Spot, change: Change) -> bool:
    """Nothing that the tile of ``spot`` shows has changed."""
    return not change.quality and not change.values[spot.watched].any()


def tile_of(
    model: Model,
    spot: Spot,
    snapshot: Snapshot | None,
    badge: Badge | None,
    alarms: Sequence[Alarm],
    before: tuple[Tile, Change] | None = None,
) -> Tile:
    """The tile of one asset. ``alarms`` are those at or below it, worst first.

    ``before`` = its tile of the last snapshot and what has changed since: words that stay are kept.
    """
    asset = spot.asset
    poor = poor_of(spot, snapshot) if snapshot is not None else (0, 0, 0)
    kind = _kind(spot, snapshot, poor)
    running, machine = _machine(spot, snapshot, kind)
    is_stopped = running is False and machine != "stale"
    words, is_well = _condition(model, spot, snapshot, kind, poor, is_stopped, alarms)
    old = before[0] if before is not None and _is_kept(spot.cycle, before[1]) else None
    cycle = _reading(model, spot.cycle, snapshot) if old is None else old.cycle
    old = before[0] if before is not None and _is_kept(spot.part, before[1]) else None
    part = _part(_reading(model, spot.part, snapshot)) if old is None else old.part
    return Tile(
        path=asset.path,
        short=spot.short,
        title=spot.title,
        symbol=asset.type.symbol or "unit",
        main=_reading(model, spot.main, snapshot),
        gauge=NO_GAUGE if spot.scale is None else gauge_at(model, spot.scale, snapshot),
        cycle=cycle,
        part=part,
        condition=words,
        is_well=is_well,
        running=running,
        machine=machine,
        kind=kind,
        badge=badge,
        aside=_aside(alarms),
    )


def _is_kept(at: int | None, change: Change) -> bool:
    return at is not None and not change.quality and not change.values[at]


def _reading(model: Model, at: int | None, snapshot: Snapshot | None) -> Reading | None:
    return None if at is None else values.reading(model.tags[at], snapshot, at, model.plant)


def _part(reading: Reading | None) -> str:
    """A serial number is read digit by digit: no space between thousands."""
    if reading is None:
        return ""
    if reading.kind not in ("normal", "uncertain", "stale"):
        return formats.NO_VALUE
    text = reading.value.replace(formats.THIN, "")
    return t("empty") if text == "0" else text


# Quality and condition of a machine


def _kind(spot: Spot, snapshot: Snapshot | None, poor: tuple[int, int, int]) -> Kind:
    """How a machine has to look: as its main value does, and stale or bad where all of its values are."""
    if snapshot is None or not spot.below.size:
        return "never"
    stale, bad, never = poor
    count = spot.below.size
    if never == count:
        return "never"
    if bad + never == count:
        return "bad"
    if stale + bad + never == count:
        return "stale"
    return "normal" if spot.main is None else _kind_at(snapshot, spot.main)


def poor_of(spot: Spot, snapshot: Snapshot) -> tuple[int, int, int]:
    """How many values below an asset are stale, bad, and still to come."""
    status, stale = snapshot.status[spot.below], snapshot.stale[spot.below]
    if not status.any() and not stale.any():
        return 0, 0, 0
    is_bad = status >= np.uint32(Status.BAD)
    is_never = (status & np.uint32(0xFFFF0000)) == np.uint32(Status.WAITING_FOR_INITIAL_DATA)
    return (
        int(np.count_nonzero(stale & ~is_bad)),
        int(np.count_nonzero(is_bad & ~is_never)),
        int(np.count_nonzero(is_never)),
    )


def _kind_at(snapshot: Snapshot, at: int) -> Kind:
    return values.kind_of(int(snapshot.status[at]), float(snapshot.age_s[at]), bool(snapshot.stale[at]))


def _machine(spot: Spot, snapshot: Snapshot | None, kind: Kind) -> tuple[bool | None, Kind]:
    """Whether a machine runs, as last known (None where nothing says so), and the quality of that."""
    if spot.state is None or snapshot is None:
        return None, kind
    machine = _kind_at(snapshot, spot.state)
    value = float(snapshot.value[spot.state])
    is_known = machine not in ("bad", "never") and value == value
    return (int(value) in spot.asset.type.running if is_known else None), machine


def _condition(
    model: Model,
    spot: Spot,
    snapshot: Snapshot | None,
    kind: Kind,
    poor: tuple[int, int, int],
    is_stopped: bool,
    alarms: Sequence[Alarm],
) -> tuple[str, bool]:
    """The one line on how a machine is, and whether that is well: the first that applies.

    No values, an active alarm, a state that is not running, some poor values, an alarm that returned.
    """
    if snapshot is None:
        return t("no value yet"), False
    if kind in ("stale", "bad", "never"):
        return _poor_words(model, spot, snapshot, kind), False
    worst = next((each for each in alarms if alarm_words.is_active(each)), None)
    if worst is not None:
        return alarm_words.message(worst), False
    if is_stopped:
        return _state_words(model, spot, snapshot), False
    if any(poor):
        return _counted(spot, poor), False
    if kind == "uncertain":
        return t("uncertain value"), False
    over = next((each for each in alarms if each.is_annunciated), None)
    if over is not None:
        # The badge blinks while it waits: a tile has no room to say that, or how often it came.
        return alarm_words.state_words(over, model.plant.timezone), True
    aside = _aside(alarms)
    return (t("good, {aside}", aside=aside) if aside else t("good")), True


def _aside(alarms: Sequence[Alarm]) -> str:
    """Which of these are set aside, in words."""
    return alarm_words.aside_words(alarm_words.aside_of(alarms))


def _poor_words(model: Model, spot: Spot, snapshot: Snapshot, kind: Kind) -> str:
    if kind == "never":
        return t("no value yet")
    at = spot.main if spot.main is not None else int(spot.below[0])
    status, age_s = int(snapshot.status[at]), float(snapshot.age_s[at])
    if _kind_at(snapshot, at) == kind:
        return values.quality_text(kind, status, age_s)
    return t("all values {kind}", kind=t(kind))


def _state_words(model: Model, spot: Spot, snapshot: Snapshot) -> str:
    if spot.state is None:
        return ""
    tag, number = model.tags[spot.state], int(snapshot.value[spot.state])
    word = tag.states.get(number, "")
    if word:
        return f"{word[0].lower()}{word[1:]}" if word[1:].islower() else word
    return t("stopped") if tag.type == "bool" else t("state {n}", n=number)


def _counted(spot: Spot, poor: tuple[int, int, int]) -> str:
    stale, bad, _ = poor
    count, all_poor = spot.below.size, sum(poor)
    word = t("stale") if all_poor == stale else t("bad") if all_poor == bad else t("without a good value")
    return t("{n} of {count} values {word}", n=all_poor, count=count, word=word)


# Figures


def figures_of(model: Model, kpis: Sequence[Kpi]) -> tuple[Figure, ...]:
    """The figures of kpi.toml in its order, then any other; one not worked out yet says so."""
    found = {kpi.id: figure.figure_of(kpi, model.plant.locale) for kpi in kpis}
    ruled = [found.pop(rule.id, None) or figure.awaited(rule) for rule in model.kpis]
    return (*ruled, *found.values())


def alarms_by_unit(model: Model, alarms: Sequence[Alarm]) -> Mapping[str, tuple[Alarm, ...]]:
    """The alarms of each unit and utility, in the order given."""
    found: dict[str, list[Alarm]] = {}
    for alarm in alarms:
        unit = unit_of(model, alarm.path)
        if unit is not None:
            found.setdefault(unit.path, []).append(alarm)
    return {path: tuple(each) for path, each in found.items()}
