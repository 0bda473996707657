"""Named sets of pens, kept for this station in the user's settings folder. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine import paths
from engine.typed import from_json
from hmi.formats import t

FILE = "trend-groups.json"
MOST_GROUPS = 200
LONGEST_NAME = 60


class Group(msgspec.Struct, frozen=True):
    """A set of pens under a name: the tags' paths, for the plant of that name."""

    name: str
    plant: str
    paths: tuple[str, ...]


class Kept(msgspec.Struct, frozen=True):
    """The whole file."""

    groups: tuple[Group, ...] = ()


def file() -> Path:
    """Where the groups of this station are."""
    return paths.user_config() / FILE


def load() -> tuple[tuple[Group, ...], str]:
    """The groups, and words where the file could not be read. A damaged one is kept beside, not lost."""
    try:
        content = file().read_bytes()
    except FileNotFoundError:
        return (), ""
    except OSError as error:
        return (), t("Saved groups cannot be read: {why}.", why=f"{file()}: {error.strerror}")
    try:
        return from_json(content, Kept).groups, ""
    except msgspec.MsgspecError:
        aside = file().with_suffix(".damaged")
        try:
            file().replace(aside)
        except OSError:
            aside = file()
        return (), t(
            "Saved groups were damaged and could not be read; the file is kept as {file}.", file=aside
        )


def save(groups: Sequence[Group]) -> str:
    """Write them; words where that failed, "" where it is done."""
    try:
        paths.replace_file(file(), msgspec.json.format(msgspec.json.encode(Kept(tuple(groups)))))
    except OSError as error:
        return t("The group is not saved: {why}.", why=error.strerror or str(error))
    return ""


def with_group(groups: Sequence[Group], made: Group) -> tuple[Group, ...]:
    """With one more, in the order of their names; one of the same plant and name is replaced."""
    others = without(groups, made.plant, made.name)
    return tuple(sorted((*others, made), key=lambda each: (each.plant, each.name.casefold())))[:MOST_GROUPS]


def without(groups: Sequence[Group], plant: str, name: str) -> tuple[Group, ...]:
    """Without the one of this plant and name."""
    return tuple(each for each in groups if (each.plant, each.name) != (plant, name))


def of_plant(groups: Sequence[Group], plant: str) -> tuple[Group, ...]:
    """The groups of one plant."""
    return tuple(each for each in groups if each.plant == plant)


def good_name(text: str) -> str:
    """A name as it is kept: one line, not too long."""
    return " ".join(text.split())[:LONGEST_NAME]
