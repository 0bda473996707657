"""Warnings in words: what was foreseen, when, how it ended, and what is left to do. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from engine.types import Episode
from hmi import formats
from hmi.displays.system.models.state import BASELINES, TIERS
from hmi.displays.system.state import Cells
from hmi.formats import t
from hmi.outlook_words import odds
from hmi.values import near

TITLES = ("No.", "Asset", "Tier", "Highest", "Begun", "Ended", "Outcome")
NOTHING = (
    "No warning yet.\n"
    "A warning begins when a champion says Watch or Act of an asset. Watch goes to this list alone: the "
    "maintenance list. Act goes to the operator too. Each one waits here for its outcome: a failure within "
    "its time makes it right, none makes it wrong, and a person may say so first, with a reason."
)


def ordered(episodes: Sequence[Episode], with_shadow: bool) -> tuple[Episode, ...]:
    """Open ones on top, then the newest first; those of shadows and baselines only where wanted."""
    found = [each for each in episodes if with_shadow or not each.is_shadow]
    return tuple(sorted(found, key=lambda each: (each.outcome != "open", -each.begun_us, -each.id)))


def rows(episodes: Sequence[Episode], now_us: int, zone: str) -> tuple[Cells, ...]:
    """One row a warning, with `TITLES`."""
    return tuple(
        (
            str(each.id),
            near(each.asset),
            tier(each),
            odds(each.peak),
            formats.moment(each.begun_us, now_us, zone, False),
            ended(each, now_us, zone),
            outcome(each, now_us, zone),
        )
        for each in episodes
    )


def tier(episode: Episode) -> str:
    """Its tier; what nobody is shown says so."""
    word = t(TIERS[episode.tier])
    return t("{tier}, in shadow", tier=word) if episode.is_shadow else word


def ended(episode: Episode, now_us: int, zone: str) -> str:
    """When its signs were gone."""
    return t("still there") if not episode.ended_us else formats.moment(episode.ended_us, now_us, zone, False)


def outcome(episode: Episode, now_us: int, zone: str) -> str:
    """How it ended."""
    if episode.outcome == "right" and episode.failed_us:
        lead = episode.lead_h
        when = formats.moment(episode.failed_us, now_us, zone, False)
        if lead is None:
            return t("right: failed {time}", time=when)
        return t("right: failed {time}, {lead} later", time=when, lead=formats.span(lead * 3600))
    words = {
        "open": t("open"),
        "right": t("right, says a person"),
        "wrong": t("wrong: nothing failed in its time"),
        "missed": t("missed"),
        "dismissed": t("wrong, says a person"),
        "unclear": t("unclear: worked on before its time was over"),
    }
    return words[episode.outcome]


def told(episode: Episode, now_us: int, zone: str) -> str:
    """All of it in two or three sentences."""
    who = BASELINES.get(episode.model)
    by = t(who) if who else f"{episode.model} {episode.version}"
    said = [
        t(
            "{tier} for {asset}, by {model}, begun {time}.",
            tier=tier(episode), asset=episode.asset.replace("/", " › "), model=by,
            time=formats.moment(episode.begun_us, now_us, zone),
        )
    ]  # fmt: skip
    if episode.act_us:
        said.append(t("Act since {time}.", time=formats.moment(episode.act_us, now_us, zone)))
    if episode.outcome == "open" and episode.ended_us:
        said.append(t("Its signs are gone since {time}; the outcome is awaited.",
                      time=formats.moment(episode.ended_us, now_us, zone)))  # fmt: skip
    elif episode.outcome != "open":
        said.append(formats.sentence(outcome(episode, now_us, zone)))
    if episode.reason:
        said.append(
            t("{who}: {why}", who=episode.by or t("nobody named"), why=formats.sentence(episode.reason))
        )
    return " ".join(said)


def why_not(episode: Episode) -> str:
    """Why nobody can judge it any more; "" = they can."""
    if episode.failed_us:
        return t("The asset failed after it: it was right, whatever is said.")
    if episode.is_shadow:
        return t("Nobody was shown it; only its record counts.")
    return ""
