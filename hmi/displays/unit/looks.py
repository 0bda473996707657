"""All that can be seen to change of a card and of the main value: equal keys are not painted again. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.types import Snapshot
from hmi import formats, values
from hmi.alarms import NO_BADGES, Badge, marked
from hmi.displays.unit.state import Arrangement, Device
from hmi.displays.unit.words import Phrase, device_words, is_running
from hmi.formats import t
from hmi.gauge import NO_GAUGE, Gauge, gauge_of
from hmi.model import Model, asset_of, levels
from hmi.values import Kind, Reading


@dataclass(frozen=True, slots=True)
class CardLook:
    """What the card of a device shows. ``kind`` is that of its state, else of its main value."""

    words: Phrase
    running: bool | None
    kind: Kind
    main: Reading | None
    gauge: Gauge
    lines: tuple[Reading, ...]
    badge: Badge | None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal = looks the same."""
        seen = None if self.main is None else (self.main.name, *key_of(self.main))
        lines = tuple((each.name, *key_of(each)) for each in self.lines)
        return (self.words, self.running, self.kind, seen, gauge_key(self.gauge), lines, self.badge)


@dataclass(frozen=True, slots=True)
class MainLook:
    """What the block of the main value shows."""

    main: Reading
    gauge: Gauge
    setpoint: Reading | None
    trust: str
    limits: str
    name: str

    @property
    def key(self) -> tuple[object, ...]:
        """Equal = looks the same."""
        setpoint = None if self.setpoint is None else key_of(self.setpoint)
        return (self.main.name, *key_of(self.main), gauge_key(self.gauge), setpoint, self.trust, self.limits)


def key_of(reading: Reading) -> tuple[object, ...]:
    """What of a value without an indicator can be seen to change."""
    return (reading.value, reading.unit, reading.quality, reading.kind, reading.alarm, reading.is_foreseen)


def gauge_key(gauge: Gauge) -> tuple[object, ...]:
    """An indicator is some hundred pixels tall: finer steps cannot be seen."""
    places = (None if each is None else round(each * 300) for each in (gauge.level, gauge.setpoint))
    return (*places, gauge.look, gauge.band, gauge.limits, gauge.alarm, gauge.ends)


def read_at(
    model: Model, snapshot: Snapshot | None, at: int, badges: Mapping[str, Badge] = NO_BADGES
) -> Reading:
    """The words of the tag at a position; ``badges`` by path say what is foreseen of it."""
    tag = model.tags[at]
    return marked(values.reading(tag, snapshot, at, model.plant), badges.get(tag.path))


def card_look(
    model: Model, snapshot: Snapshot | None, device: Device, badges: Mapping[str, Badge]
) -> CardLook:
    """What the card of a device shows now."""
    main = None if device.main is None else read_at(model, snapshot, device.main, badges)
    words = device_words(model, snapshot, device)
    kind = words.kind if device.state is not None else main.kind if main is not None else "normal"
    gauge = NO_GAUGE
    if device.main is not None and main is not None and main.has_range:
        gauge = gauge_of(model, device.main, snapshot, model.assets[device.path])
    lines = tuple(read_at(model, snapshot, at, badges) for at in device.lines)
    running = is_running(snapshot, device.state, device.running)
    return CardLook(words, running, kind, main, gauge, lines, badges.get(device.path))


def main_look(
    model: Model, snapshot: Snapshot | None, shown: Arrangement, at: int, badges: Mapping[str, Badge]
) -> MainLook:
    """What the block of the main value shows now."""
    setpoint = None if shown.setpoint is None else read_at(model, snapshot, shown.setpoint)
    gauge = gauge_of(model, at, snapshot, shown.asset)
    limits = limit_words(model, at)
    reading = read_at(model, snapshot, at, badges)
    owner = asset_of(model, model.tags[at].path)
    name = reading.name
    if owner is not None and owner.path != shown.asset.path:
        name = f"{name} · {owner.name}"
    return MainLook(reading, gauge, setpoint, values.trust_text(snapshot, at), limits, name)


def limit_words(model: Model, at: int) -> str:
    """The limits of a tag in a line, highest first: ``HH 240 · H 232 · L 180``."""
    locale = model.plant.locale
    told: list[str] = []
    for limit, kind in reversed(levels(model, at)):
        figure = formats.number(limit, _digits(limit), locale)
        told.append(f"{t('Trip') if kind == 'trip' else kind.upper()} {figure}")
    return " · ".join(told)


def _digits(limit: float) -> int:
    """As many digits as a round number has: 240, 11.5."""
    return next((digits for digits in range(4) if round(limit, digits) == limit), 4)
