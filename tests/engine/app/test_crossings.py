"""A tag on its way to a limit: an alert from real samples, withdrawn at once, with its end on record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.app.foresight import EVENT
from engine.types import Batch, Crossing, Limit
from engine.wire import OutlooksAnswer, OutlooksBody
from tests.engine.app.test_foresight import HOUR_US, PUMP, Rig

PRESSURE = f"{PUMP}/Pressure"
H, HH = Limit(PRESSURE, "h", 9.0, 2), Limit(PRESSURE, "hh", 12.0, 1)
PER_HOUR = 1 / 15
"""Bar an hour: slow enough that the limit is hours away, steep enough to be told from the noise."""


@pytest.fixture
def rigs(tmp_path: Path) -> Iterator[Any]:
    made: list[Rig] = []

    def make(**more: Any) -> Rig:
        made.append(Rig(tmp_path, (), looks_ahead=True, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def filled(rig: Rig, hours: int, start: float = 6.0, per_hour: float = 0.0) -> float:
    """So many hours that nobody looked at, as if they were read back; gives where they end."""
    ahead, rig.foresight.ahead = rig.foresight.ahead, None
    rig.run(hours * 60, pressure=start + np.arange(hours * 60) / 60 * per_hour)
    rig.foresight.ahead = ahead
    return start + hours * per_hour


def ramp(rig: Rig, hours: int, start: float, per_hour: float = PER_HOUR) -> float:
    """Row by row: a row is looked at when the history holds it, as it is when time does not fly."""
    for at in range(0, hours * 60, 10):
        rig.run(10, pressure=start + np.arange(at, at + 10) / 60 * per_hour)
    return start + hours * per_hour


def pass_by(rig: Rig, seconds: int) -> None:
    """So many seconds, each looked at, nothing new from the driver but that all still holds."""
    tags = np.array([tag.tag_id for tag in rig.running.project.tags], np.int32)
    for _ in range(seconds):
        rig.clock.at_us += 1_000_000
        rig.running.table.alive(tags, rig.clock.mono_us(), rig.clock.now_us())
        rig.look()


def say(rig: Rig, value: float, status: int) -> None:
    """The driver sends the pressure with this status; a second later all has been looked at."""
    rig.clock.at_us += 1_000_000
    tag, now = np.array([rig.running.project.tags[1].tag_id], np.int32), np.array([rig.clock.now_us()])
    rig.sink.batch(Batch(0, tag, now, now, np.array([[value]]), np.array([status], np.uint32)))
    pass_by(rig, 1)


def alerts(rig: Rig) -> tuple[Crossing, ...]:
    answer: OutlooksAnswer = rig.ask("outlooks", OutlooksBody())
    return answer.crossings


def told(rig: Rig) -> list[tuple[str, str]]:
    return [(e["outcome"], e["why"]) for e in rig.noted(EVENT) if e["what"] == "crossing"]


def test_a_ramp_is_an_alert_until_its_limit_is_reached(rigs: Any) -> None:
    rig: Rig = rigs(limits=(H, HH))
    filled(rig, 30)
    pass_by(rig, 3)
    assert alerts(rig) == () and told(rig) == [], "a quiet plant has none"
    at = filled(rig, 40, 6.0, PER_HOUR)
    pass_by(rig, 5)
    (found,) = alerts(rig)
    assert (found.path, found.asset, found.name, found.limit, found.unit) == (PRESSURE, PUMP, "H", 9.0, "bar")
    said_h = (found.crosses_us - rig.clock.now_us()) / HOUR_US
    assert said_h == pytest.approx((9.0 - at) / PER_HOUR, rel=0.25), "as the ramp goes on"
    assert found.earliest_us is not None and found.earliest_us <= found.crosses_us
    assert found.value == pytest.approx(at, abs=0.25) and 0 < found.since_us <= rig.clock.now_us()

    say(rig, at, 0x80000000)
    assert alerts(rig) == (), "withdrawn within a second: nobody knows where it stands"
    say(rig, at, 0)
    assert [each.since_us for each in alerts(rig)] == [found.since_us], "a moment ends nothing"

    at = ramp(rig, 6, at)
    pass_by(rig, 3)
    assert rig.running.alarms.of(H) is not None, "the alarm speaks"
    assert not [each for each in alerts(rig) if each.name == "H"], "and the alert is over"
    of_h = [each for each in rig.noted(EVENT) if each["what"] == "crossing" and each["kind"] == "h"]
    ends = [(each["outcome"], each["reached_until_now"]) for each in of_h]
    assert ends == [("open", 0), ("reached", 1)], "one alert, not one a look"


def test_an_alert_outlives_a_restart_and_not_the_silence_of_its_source(rigs: Any) -> None:
    rig: Rig = rigs(limits=(H,))
    filled(rig, 24)
    at = filled(rig, 37, 6.0, PER_HOUR)
    pass_by(rig, 5)
    (before,) = alerts(rig)
    rig.close()
    again: Rig = rigs(limits=(H,))
    again.clock.at_us, again.sent = rig.clock.at_us, rig.sent
    assert alerts(again) == (), "nothing was looked at yet"
    ramp(again, 1, at)
    pass_by(again, 3)
    (found,) = alerts(again)
    assert found.since_us == before.since_us and told(again) == [("open", "")]
    again.clock.at_us += 5_000_000
    again.running.sweep(again.clock.mono_us(), again.clock.now_us())
    again.look()
    assert alerts(again) == ()
    project = msgspec.structs.replace(again.running.project, limits=())
    again.running.project = project
    again.look()
    assert told(again)[-1] == ("unclear", "its limit was changed")
