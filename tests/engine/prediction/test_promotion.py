"""The rule of promotion: long enough in shadow, and no worse in anything."""

from __future__ import annotations

import msgspec
import pytest

from engine.prediction.promotion import DAY_US, PromotionRule, Standing

RULE = PromotionRule()
SINCE, NOW = 1_000 * DAY_US, 1_014 * DAY_US
CHAMPION = Standing(failures=20, found=18, false_alarms=4, months=60.0, brier=0.016)


def against(
    challenger: Standing | None, champion: Standing | None = CHAMPION, now_us: int = NOW
) -> tuple[str, ...]:
    return RULE.against(SINCE, now_us, challenger, champion)


def test_one_that_is_as_good_after_fourteen_days_may_become_champion() -> None:
    assert against(CHAMPION) == ()
    assert against(msgspec.structs.replace(CHAMPION, found=20, false_alarms=0, brier=0.01)) == ()


def test_a_moment_before_fourteen_days_it_may_not() -> None:
    (told,) = against(CHAMPION, now_us=NOW - DAY_US // 100)
    assert "14 are asked for" in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"found": 17}, "fewer failures: 17 of 20, the champion 18"),
        ({"false_alarms": 5}, "more false alarms: 0.0833 per machine-month, the champion 0.0667"),
        ({"brier": 0.0161}, "probabilities are worse"),
        ({"brier": None}, "not known for both"),
        ({"months": 30.0, "false_alarms": 2}, "same time and assets"),
        ({"failures": 19, "found": 18}, "same time and assets"),
    ],
)
def test_one_that_loses_on_anything_may_not(change: dict[str, float | None], told: str) -> None:
    found = against(msgspec.structs.replace(CHAMPION, **change))
    assert any(told in each for each in found), found


def test_everything_that_speaks_against_it_is_told() -> None:
    worse = msgspec.structs.replace(CHAMPION, found=10, false_alarms=40, brier=0.5)
    assert len(against(worse, now_us=SINCE)) == 4


def test_without_a_failure_or_without_a_record_nothing_is_shown() -> None:
    quiet = Standing(failures=0, found=0, false_alarms=0, months=60.0, brier=0.0)
    assert any("0 failures" in each for each in against(quiet, quiet))
    assert any("nothing is known" in each for each in against(None))


def test_where_there_is_no_champion_the_shadow_time_still_counts() -> None:
    assert against(CHAMPION, champion=None) == ()
    assert len(against(CHAMPION, champion=None, now_us=SINCE + DAY_US)) == 1


LIVES = Standing(failures=5, found=5, false_alarms=0, months=6.0, rmse_h=14.0, inside=0.82)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rmse_h": 14.1}, "further off: 14.1 h (root mean square), the champion 14 h"),
        ({"inside": 0.7}, "holds fewer of the true lives: 70% of 80%, the champion 82%"),
        ({"rmse_h": None, "inside": None}, "not known for both"),
        ({"failures": 4}, "same time and assets"),
    ],
)
def test_a_life_that_is_further_off_or_less_sure_may_not(change: dict[str, float | None], told: str) -> None:
    found = against(msgspec.structs.replace(LIVES, **change), LIVES)
    assert any(told in each for each in found), found


def test_a_life_told_as_well_may_and_needs_no_wider_interval_than_it_promises() -> None:
    assert against(LIVES, LIVES) == ()
    assert against(msgspec.structs.replace(LIVES, rmse_h=9.0, inside=0.8), LIVES) == ()
    none = msgspec.structs.replace(LIVES, failures=0, found=0)
    assert any("0 failures" in each for each in against(none, none))
