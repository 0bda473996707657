import asyncio
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.clock import SystemClock, rfc3339

YEAR_2100_US = 4_102_444_800_000_000


def test_times_are_written_in_utc_with_microseconds():
    assert rfc3339(0) == "1970-01-01T00:00:00.000000Z"
    assert rfc3339(1_795_357_626_123_456) == "2026-11-22T14:27:06.123456Z"


@settings(deadline=None)
@given(st.integers(0, YEAR_2100_US))
@example(YEAR_2100_US - 1)
def test_no_microsecond_is_lost_in_the_text(time_us: int):
    epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    span = datetime.fromisoformat(rfc3339(time_us)) - epoch
    assert (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds == time_us


@settings(deadline=None)
@given(st.integers(-(2**63), 2**63 - 1))
def test_any_time_a_device_may_claim_can_be_written(time_us: int):
    assert "0001-01-01T00:00:00.000000Z" <= rfc3339(time_us) <= "9999-12-31T23:59:59.999999Z"


def test_a_time_outside_the_calendar_becomes_its_first_or_last_instant():
    assert rfc3339(-(2**63)) == "0001-01-01T00:00:00.000000Z"
    assert rfc3339(2**63 - 1) == "9999-12-31T23:59:59.999999Z"


def test_wall_clock_agrees_with_the_time_the_file_system_gives_a_new_file(tmp_path: Path):
    file = tmp_path / "new"
    file.touch()
    assert abs(SystemClock().now_us() - file.stat().st_mtime_ns // 1000) < 60_000_000


def test_monotonic_time_never_goes_back():
    clock = SystemClock()
    times = [clock.mono_us() for _ in range(1000)]
    assert times == sorted(times)


def test_monotonic_time_is_comparable_between_processes():
    clock = SystemClock()
    before = clock.mono_us()
    code = "from engine.clock import SystemClock; print(SystemClock().mono_us())"
    other = int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)
    assert before <= other <= clock.mono_us()


def test_sleep_waits_at_least_what_it_was_told():
    clock = SystemClock()
    start = clock.mono_us()
    asyncio.run(clock.sleep(0.02))
    assert clock.mono_us() - start >= 20_000
