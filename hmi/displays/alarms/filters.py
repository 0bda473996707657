"""Which alarms a person wants to see, and such wishes under a name, kept for this station. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from engine import paths
from engine.typed import from_json
from engine.types import Alarm
from hmi import alarms as words
from hmi.formats import t
from hmi.model import Model

State = Literal["all", "waiting", "active", "returned"]
FILE = "alarm-filters.json"
MOST_FILTERS, LONGEST_NAME = 100, 60


class Filter(msgspec.Struct, frozen=True):
    """What is let through. No priority = all; ``text`` is looked for in path, place and message."""

    priorities: tuple[int, ...] = ()
    state: State = "all"
    alarm_class: str = ""
    text: str = ""
    under: str = ""


EVERYTHING = Filter()


class Named(msgspec.Struct, frozen=True):
    """A filter under a name, for the plant of that name."""

    name: str
    plant: str
    filter: Filter


class Kept(msgspec.Struct, frozen=True):
    """The whole file."""

    filters: tuple[Named, ...] = ()


def keeps(wanted: Filter, model: Model) -> Callable[[Alarm], bool]:
    """Whether an alarm is let through, as quick as the filter allows."""
    if wanted == EVERYTHING:
        return lambda _: True
    letters = wanted.text.casefold().split()
    below = f"{wanted.under}/"

    def keep(alarm: Alarm) -> bool:
        if wanted.priorities and alarm.priority not in wanted.priorities:
            return False
        if wanted.under and alarm.path != wanted.under and not alarm.path.startswith(below):
            return False
        if wanted.alarm_class and alarm.alarm_class != wanted.alarm_class:
            return False
        if not _is_in_state(alarm, wanted.state):
            return False
        if not letters:
            return True
        text = f"{alarm.path} {words.where(model, alarm)} {words.message(alarm)}".casefold()
        return all(each in text for each in letters)

    return keep


def _is_in_state(alarm: Alarm, state: State) -> bool:
    if state == "all":
        return True
    if state == "waiting":
        return words.is_waiting(alarm)
    return alarm.active is (state == "active")


def file() -> Path:
    """Where the filters of this station are."""
    return paths.user_config() / FILE


def load() -> tuple[tuple[Named, ...], str]:
    """The filters, and words where the file could not be read. A damaged one is kept beside, not lost."""
    try:
        content = file().read_bytes()
    except FileNotFoundError:
        return (), ""
    except OSError as error:
        return (), t("Saved filters cannot be read: {why}.", why=f"{file()}: {error.strerror}")
    try:
        return from_json(content, Kept).filters, ""
    except (msgspec.MsgspecError, UnicodeDecodeError):
        aside = file().with_suffix(".damaged")
        try:
            file().replace(aside)
        except OSError:
            aside = file()
        return (), t("Saved filters were damaged; the file is kept as {file}.", file=aside)


def save(filters: Sequence[Named]) -> str:
    """Write them; words where that failed, "" where it is done."""
    try:
        paths.replace_file(file(), msgspec.json.format(msgspec.json.encode(Kept(tuple(filters)))))
    except OSError as error:
        return t("The filter is not saved: {why}.", why=error.strerror or str(error))
    return ""


def with_filter(filters: Sequence[Named], made: Named) -> tuple[Named, ...]:
    """With one more, in the order of their names; one of the same plant and name is replaced."""
    others = without(filters, made.plant, made.name)
    return tuple(sorted((*others, made), key=lambda each: (each.plant, each.name.casefold())))[:MOST_FILTERS]


def without(filters: Sequence[Named], plant: str, name: str) -> tuple[Named, ...]:
    """Without the one of this plant and name."""
    return tuple(each for each in filters if (each.plant, each.name) != (plant, name))


def of_plant(filters: Sequence[Named], plant: str) -> tuple[Named, ...]:
    """The filters of one plant."""
    return tuple(each for each in filters if each.plant == plant)


def good_name(text: str) -> str:
    """A name as it is kept: one line, not too long."""
    return " ".join(text.split())[:LONGEST_NAME]


def in_words(wanted: Filter) -> str:
    """What is let through, in words; "" = everything."""
    states = {"waiting": "not acknowledged", "active": "active", "returned": "returned", "all": ""}
    parts = [
        t("priority {n}", n=", ".join(map(str, wanted.priorities))) if wanted.priorities else "",
        t(states[wanted.state]) if states[wanted.state] else "",
        t("class {name}", name=wanted.alarm_class) if wanted.alarm_class else "",
        t("“{words}”", words=wanted.text) if wanted.text.strip() else "",
        t("in {place}", place=wanted.under.replace("/", " › ")) if wanted.under else "",
    ]
    return " · ".join(each for each in parts if each)
