from __future__ import annotations

from engine.security.delays import (
    KEPT_BACK,
    MOST,
    NONE,
    after_restart,
    failed,
    is_closed,
    left_s,
    passed,
    wait_s,
)


def test_each_failure_doubles_the_wait_up_to_five_minutes() -> None:
    assert [wait_s(n, "password") for n in range(11)] == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert wait_s(100_000, "password") == 300


def test_a_badge_that_nobody_has_waits_seconds_only() -> None:
    assert wait_s(50, "badge") == 8 and not is_closed(_after(5000, "badge"), "badge", "a")


def _after(count: int, way: str, station: str = "a"):
    tries = NONE
    for _ in range(count):
        tries = failed(tries, way, station, 0)  # type: ignore[arg-type]
    return tries


def test_a_wait_is_for_one_station_only() -> None:
    tries = _after(4, "password")
    assert left_s(tries, "a", 0) == 8 and left_s(tries, "a", 7_000_000) == 1 and left_s(tries, "b", 0) == 0


def test_a_password_closes_after_a_hundred_failures_wherever_they_were() -> None:
    tries = NONE
    for k in range(100):
        assert not is_closed(tries, "password", "x")
        tries = failed(tries, "password", f"station {k % 7}", 0)
    assert is_closed(tries, "password", "a station that saw none of them")


def test_strangers_have_none_of_the_last_guesses() -> None:
    tries = _after(MOST["password"] - KEPT_BACK, "password", "")
    assert is_closed(tries, "password", "") and not is_closed(tries, "password", "own")


def test_a_pin_closes_after_five_failures_at_its_station_only() -> None:
    assert not is_closed(_after(4, "pin"), "pin", "a")
    assert is_closed(_after(5, "pin"), "pin", "a") and not is_closed(_after(5, "pin"), "pin", "b")


def test_a_success_begins_the_count_again_but_leaves_other_stations_their_wait() -> None:
    tries = passed(failed(_after(40, "password"), "password", "b", 0), "b")
    assert tries.total == 0 and left_s(tries, "b", 0) == 0 and left_s(tries, "a", 0) == 300


def test_a_restart_shortens_no_wait_and_forgets_no_failure() -> None:
    tries = after_restart(_after(6, "password"), "password", 77_000_000)
    assert tries.total == 6 and left_s(tries, "a", 77_000_000) == 32
