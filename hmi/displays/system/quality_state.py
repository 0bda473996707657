"""How good the data are, as the page of System shows it: areas, devices and tags, the worst first. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.typed import convert
from engine.types import TagScore
from hmi import formats
from hmi.displays.system.state import Cells, Row
from hmi.formats import t

Level = Literal["areas", "devices", "tags"]
LEVELS: tuple[Level, ...] = ("areas", "devices", "tags")
POOR = 0.9
"""Below this a person should look."""
FINE = 0.995
"""From here on there is nothing to say: it is written as 100 %."""
PEN_COUNT = 8
PAGE_US, TILE_US, REFUSED_US = 60_000_000, 600_000_000, 5_000_000
"""Scores are asked anew once a minute while the page can be seen, every ten while only its line can; after
a refusal sooner, for the engine cannot judge the first seconds of a history."""
SIDES = {
    "complete": "samples missing",
    "timely": "late",
    "in_range": "out of range",
    "moving": "stuck",
    "consistent": "differs",
}


class Scores(msgspec.Struct, frozen=True):
    """The answer to ``scores``: the last hour, worst first."""

    tags: tuple[TagScore, ...]
    devices: tuple[TagScore, ...]
    areas: tuple[TagScore, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """``scores`` None = not told yet; then ``trouble`` may say why."""

    scores: Scores | None = None
    trouble: str = ""
    level: Level = "areas"
    filter: str = ""


def as_scores(answer: Any) -> Scores | None:
    """The answer to ``scores`` as a struct; None when it cannot be read."""
    try:
        return convert(answer, Scores)
    except msgspec.ValidationError:
        return None


def of_level(scores: Scores, level: Level) -> tuple[TagScore, ...]:
    """The scores of a level, worst first."""
    return {"areas": scores.areas, "devices": scores.devices, "tags": scores.tags}[level]


def percent(part: float) -> str:
    """0 to 1 as ``71 %``; 100 % only where nothing worth a word is missing."""
    return t("{n} %", n=int(_whole(np.array(part))))


def _whole(part: NDArray[np.float64]) -> NDArray[np.intp]:
    # A hair more: 0.29 times 100 is a little less than 29.
    return np.where(part >= FINE, 100, np.minimum(100 * part + 1e-9, 99)).astype(np.intp)


@lru_cache(maxsize=256)
def part_of(words: str) -> float:
    """What `percent` wrote, as 0 to 1."""
    return float("".join(each for each in words if each.isdecimal()) or 0) / 100


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """The lines of one level, made once for each news: filtering only looks through ``texts``."""

    scores: Scores
    level: Level
    cells: tuple[Cells, ...]
    texts: tuple[str, ...]


def listed(scores: Scores, level: Level) -> Listed:
    """Name, score, the five sides and the weakest one in words, and what a filter looks for in each."""
    found = of_level(scores, level)
    parts = np.array([(each.score, *sides(each)) for each in found]).reshape(-1, 6)
    # There are thousands of tags, and a hundred and one percents.
    words = np.array([t("{n} %", n=n) for n in range(101)], object)
    percents = words[_whole(parts)].tolist()
    cells = tuple((each.path, *row, why(each)) for each, row in zip(found, percents, strict=True))
    return Listed(scores, level, cells, tuple(f"{each.path} {each.worst}".casefold() for each in found))


def rows(of: Listed | None, filter: str) -> tuple[Cells, ...]:
    """The table: the lines that hold all words of the filter."""
    if of is None:
        return ()
    places: Sequence[int] = range(len(of.cells))
    for word in filter.casefold().split():
        places = [at for at in places if word in of.texts[at]]
    return of.cells if len(places) == len(of.cells) else tuple(of.cells[at] for at in places)


def sides(score: TagScore) -> tuple[float, float, float, float, float]:
    """The five sides in the order of `SIDES`."""
    return score.complete, score.timely, score.in_range, score.moving, score.consistent


def why(score: TagScore) -> str:
    """The weakest side in words. Of a device or an area: that of the tag that costs it most."""
    path, _, words = score.worst.rpartition(": ")
    if not path:
        return words if words.isprintable() else formats.one_line(words)
    return formats.one_line(t("{tag}: {words}", words=words or weakest(score), tag=short(path)))


def weakest(score: TagScore) -> str:
    """The weakest side in a word or two."""
    return t(min(zip(sides(score), SIDES.values(), strict=True), key=lambda side: side[0])[1])


def short(path: str) -> str:
    """A tag as people say it where there is little room: its equipment and its name."""
    return " ".join(path.split("/")[-2:])


def overall(scores: Scores) -> float:
    """The score of the whole plant: of the means of the five sides over all tags the lowest."""
    if not scores.tags:
        return 1.0
    return min(sum(side) / len(scores.tags) for side in zip(*map(sides, scores.tags), strict=True))


def row(quality: Quality, is_stalled: bool) -> Row:
    """The quality of all data as one line beside the sources."""
    name, scores = t("Data quality"), quality.scores
    known = "" if scores is None or not scores.tags else percent(overall(scores))
    if is_stalled:
        return Row(name, "unknown", t("not known"), known, "")
    if scores is None:
        said = t("not told") if quality.trouble else t("being worked out…")
        return Row(name, "unknown" if quality.trouble else "well", said, "", "")
    if not scores.tags:
        return Row(name, "well", t("no tags yet"), "", "")
    worst = scores.tags[0]
    if worst.score >= FINE:
        return Row(name, "well", t("nothing to see to"), known, "")
    said = t("worst: {tag}, {n}, {how}", tag=short(worst.path), n=percent(worst.score), how=weakest(worst))
    is_poor = any(each.score < POOR for each in (*scores.areas, *scores.devices))
    return Row(name, "look" if is_poor else "well", said, known, "")


def title(scores: Scores | None, level: Level) -> str:
    """The words on the button of a level: its name, and how many there are once that is known."""
    name = {"areas": t("Areas"), "devices": t("Devices"), "tags": t("Tags")}[level]
    return name if scores is None else f"{name} {formats.number(len(of_level(scores, level)), 0)}"


def summary(quality: Quality) -> str:
    """How good all of it is and how much needs a look, beside the title."""
    scores = quality.scores
    if scores is None or not scores.tags:
        return ""
    poor = sum(each.score < POOR for each in scores.tags)
    need = t("1 tag needs a look") if poor == 1 else t("{n} tags need a look", n=formats.number(poor, 0))
    said = need if poor else t("no tag needs a look")
    return t("{n} over the last hour · {need}", n=percent(overall(scores)), need=said)


def calm_words(quality: Quality, has_rows: bool, is_stalled: bool) -> str:
    """What stands where the table would be empty; "" = it is not."""
    if has_rows:
        return ""
    if quality.scores is None:
        if is_stalled:
            return t("Not known: the engine does not answer.")
        if quality.trouble:
            return t("{why} It is asked again within a minute.", why=formats.sentence(quality.trouble))
        return t("The engine looks at the samples of the last hour. This takes some seconds.")
    if not quality.scores.tags:
        return t("There is nothing to judge yet. Tags are lines of tags.csv; F1 shows how.")
    return t("Nothing here contains “{what}”. Clear the filter to see all.", what=quality.filter.strip())


def news_words(quality: Quality, is_stalled: bool) -> str:
    """What is to be said beside scores that are on show but old; "" = they are not."""
    if quality.scores is None:
        return ""
    if is_stalled:
        return t("The engine does not answer. These are its last scores.")
    if quality.trouble:
        return t("{why} These scores are older.", why=formats.sentence(quality.trouble))
    return ""


def legend() -> str:
    """What the five sides mean."""
    return t(
        "The bars from left to right. Complete: every sample came. Timely: none came late. In range: between "
        "low and high of tags.csv. Moving: not stuck. Consistent: agrees with the tag that measures the "
        "same. The score is the weakest side. Tap a line to open it."
    )


def pens(shown: Sequence[Cells], chosen: Sequence[str]) -> str:
    """The tags to draw, one a line: those chosen, else the worst on show."""
    return "\n".join((tuple(chosen) or tuple(cells[0] for cells in shown))[:PEN_COUNT])
