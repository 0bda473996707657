"""Predictions in words: checkable, without percents, and silent about what does not hold."""

from __future__ import annotations

import re

import pytest

from engine.types import Abnormal, HitRate, Outlook, Tier
from hmi.model import build
from hmi.outlook_words import Block, block_of, odds, parts, title
from tests.hmi import foreseen as made
from tests.hmi.foreseen import HYDRAULICS, NOTHING, WATCH, outlook
from tests.hmi.line import LINE, PRESS, WELD
from tests.hmi.plant import NOW_US

MODEL = build(LINE)
ALL = {
    name: each for name, each in vars(made).items() if isinstance(each, Outlook)
} | {"ACT": outlook(abnormal=made.ABNORMAL, rul=made.LIFE.rul)}  # fmt: skip


def block(given: Outlook | None, now_us: int = NOW_US, trouble: str = "") -> Block:
    return block_of(given, MODEL, now_us, trouble)


def texts(shown: Block) -> list[str]:
    bars = (f"{each.name} {each.value}" for each in (*shown.bars, *shown.tags))
    return [shown.title, *shown.story, *shown.more, shown.abnormal, *shown.cautions, *shown.foot, *bars]


def fraction(text: str) -> float:
    right, of = map(int, re.findall(r"\d+", text))
    return right / of


def test_odds_rise_with_the_probability_and_stay_near_it() -> None:
    told = [(each / 1000, fraction(odds(each / 1000))) for each in range(1, 1000)]
    assert all(before[1] <= after[1] for before, after in zip(told, told[1:], strict=False))
    for p, shown in told[9:990]:
        assert 0.68 <= (shown / (1 - shown)) / (p / (1 - p)) <= 1.47, (p, shown)


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0, "less than 1 in 100"), (0.33, "about 1 in 3"), (0.5, "about 1 in 2"), (0.91, "about 9 in 10"),
     (1.0, "more than 99 in 100"), (float("nan"), "not known"), (1.2, "not known")],
)  # fmt: skip
def test_odds_are_words(p: float, words: str) -> None:
    assert odds(p) == words


@pytest.mark.parametrize("name", sorted(ALL))
def test_no_percent_is_shown_but_in_a_reason_of_the_engine(name: str) -> None:
    shown = block(ALL[name])
    assert not any("%" in each for each in texts(shown) if each not in shown.cautions)


def test_act_says_what_when_how_sure_and_how_often_that_was_right() -> None:
    shown = block(outlook())
    assert (shown.title, shown.tier, shown.episode) == (
        "Act: the press seal fails within 48\u00a0h",
        "act",
        7,
    )
    assert shown.story == (
        "19 of 20 such warnings here were right · about 23 h ahead",
        "About 1 in 2 within 24 h · about 9 in 10 within 48 h",
    )
    assert shown.more == (
        "Since 09:13:46",
        "Most like 2 Aug 2026, Ram: seal replaced 23 h later",
        "The plain rule of limits and events warns too.",
    )
    assert [(each.name, round(each.share, 2)) for each in shown.bars] == [
        ("Pressure", 1.0), ("Oil temperature", 0.48), ("Events", 0.13)
    ]  # fmt: skip
    assert [each.value for each in shown.bars] == [
        "241.6\u202fbar, normally 220.4\u202fbar", "46.25\u202f°C, normally 41.00\u202f°C", ""
    ]  # fmt: skip
    assert shown.foot == (
        "Watched by limits, its own normal, a model of failures.",
        "press-48h 1.2.0",
        "Data until 14:07:46, 6 min old",
    )


def test_watch_has_a_record_of_its_own_with_what_it_missed() -> None:
    told = block(WATCH).story
    assert told[:2] == (
        "30 of 42 such warnings here were right · about 31 h ahead", "1 failure here came without one"
    )  # fmt: skip


@pytest.mark.parametrize("rates", [(), (HitRate("act", open=1), HitRate("watch", 5, 1))])
def test_without_a_record_here_it_says_so(rates: tuple[HitRate, ...]) -> None:
    assert (
        block(outlook(rates=rates)).story[0]
        == "No such warning here yet: how often it is right is not known."
    )


@pytest.mark.parametrize(
    ("right", "words"), [(1, "The one such warning here was right"), (0, "The one here was wrong")]
)
def test_one_warning_is_no_statistic(right: int, words: str) -> None:
    assert block(outlook(rates=(HitRate("act", right, 1 - right),))).story[0] == words


def test_nothing_foreseen_has_no_mark_no_hands_and_no_record() -> None:
    shown = block(NOTHING)
    assert (shown.title, shown.tier, shown.episode, shown.bars) == ("Nothing foreseen", "", 0, ())
    assert shown.story == (
        "The press seal fails: less than 1 in 100 within 24 h · about 1 in 50 within 48 h",
    )


def test_no_prediction_says_why_and_who_watches_all_the_same() -> None:
    shown = block(made.NONE)
    assert shown.title == "No prediction: pressure is missing: the asset has no such tag."
    assert shown.story == () and shown.bars == () and shown.foot[0].startswith("Watched by limits")


def test_asset_that_only_limits_watch_says_so() -> None:
    assert block(None).title == "Only limits watch this asset."
    assert block(Outlook(HYDRAULICS, 0, 0, 0.0)).title == "Only limits watch this asset."


@pytest.mark.parametrize("late_us", [7_141_000_000, 10**13, -7_261_000_000])
def test_too_old_or_from_the_future_it_is_withdrawn_with_all_its_numbers(late_us: int) -> None:
    shown = block(outlook(abnormal=made.ABNORMAL, rul=made.LIFE.rul), NOW_US + late_us)
    assert shown.title.startswith("Withdrawn: ")
    assert (shown.tier, shown.story, shown.bars, shown.more, shown.abnormal, shown.tags, shown.episode) == (
        "", (), (), (), "", (), 0
    )  # fmt: skip


def test_withdrawn_says_how_old_it_is() -> None:
    assert block(made.OLD).title == "Withdrawn: made 3 h ago, and it holds for 2 h."
    said = "withdrawn: nothing new since 2026-11-22T10:00Z"
    assert block(outlook(reason=said, p24=None, p48=None, tier="")).title == (
        "Withdrawn: nothing new since 2026-11-22T10:00Z."
    )


def test_one_that_was_never_dated_is_not_shown_as_current() -> None:
    assert block(outlook(issued_us=0)).title.startswith("Withdrawn: ")


def test_degraded_says_why_it_is_worth_less() -> None:
    shown = block(made.DEGRADED, trouble="samples were dropped")
    assert shown.cautions == (
        "Worth less than usual: variant was good for 40 % of the last 24 h, 80 % are needed.",
        "Samples were dropped.",
    )


def test_abnormal_is_no_claim_of_a_failure_and_names_its_tags() -> None:
    shown = block(outlook(tier="", p24=None, p48=None, reason="no model", abnormal=made.ABNORMAL))
    assert shown.abnormal.startswith("Abnormal since 11:13:46") and "no claim" in shown.abnormal
    assert shown.tier == "" and [each.name for each in shown.tags] == ["Oil temperature"]
    assert shown.tags[0].value == "46.25\u202f°C, normally 41.00\u202f°C"
    calm = block(outlook(abnormal=Abnormal(1.0, 4.0, 0, "distance")))
    assert (calm.abnormal, calm.tags) == ("It is as it normally is.", ())


def test_remaining_life_comes_with_its_interval() -> None:
    assert block(made.LIFE).more == ("Remaining life about 120 h: 90 to 160 in 4 of 5 cases",)


def test_day_ahead_is_said_where_a_model_looks_no_further() -> None:
    assert title(outlook(p48=None)) == "Act: the press seal fails within 24\u00a0h"
    assert title(outlook(what="")) == "Act: trouble within 48\u00a0h"


def test_an_asset_tells_of_its_parts_the_urgent_first() -> None:
    tiers: dict[str, Tier] = {f"{PRESS}/Ram": "watch", HYDRAULICS: "act", WELD: "act"}
    assert parts(PRESS, tiers, MODEL) == "Within it: Hydraulics (Act), Ram (Watch)."
    assert parts(HYDRAULICS, tiers, MODEL) == ""
    many: dict[str, Tier] = {f"{PRESS}/{each}": "watch" for each in range(5)}
    assert parts(PRESS, many, MODEL).endswith(" and 2 more.")
