"""Growth is what happens within a life after its warm-up; a restart is none."""

import pytest

from engine.testing.soak.probe import JUDGED_S, WARM_S, Use, broken, growth


def life(pid: int, begin_s: float, mb_h: float, fds: int = 0) -> list[Use]:
    """Half an hour, one look every ten seconds; before it is warm it fills quickly."""
    return [
        Use(
            begin_s + second,
            pid,
            rss_mb=100 + min(second, WARM_S) + mb_h * second / 3600,
            fds=20 + fds * second // 1800,
            threads=9,
            cpu_s=second / 4,
            tail_mb=0.5 * mb_h * second / 3600,
        )
        for second in range(0, 1801, 10)
    ]


def test_slope_is_found_over_several_lives_and_not_between_them() -> None:
    found = growth([*life(1, 0, 12.0), *life(2, 5000, 12.0)])
    assert found.mb_h == pytest.approx(12.0)
    assert found.mb_h_but_tail == pytest.approx(6.0)
    assert (found.lives, found.cpu_pct) == (2, pytest.approx(25.0))
    assert found.warm_s > JUDGED_S
    assert broken("the engine", found) == ["the engine grew by 6.0 MB/h; 1 is promised"]


def test_flat_use_breaks_nothing() -> None:
    assert broken("the engine", growth(life(1, 0, 0.0))) == []


def test_a_short_run_has_no_slope_and_none_is_made_up() -> None:
    found = growth(life(1, 0, 500.0)[:30])
    assert found.mb_h is None
    assert broken("the engine", found) == []


def test_descriptors_that_only_grow_are_told() -> None:
    said = broken("the window", growth(life(1, 0, 0.0, fds=40)))
    assert len(said) == 1 and "more descriptors" in said[0]
