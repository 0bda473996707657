"""The past of a demo plant: believable, the same model as live, and filled through the real historian."""

from __future__ import annotations

import functools
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import paths
from engine.historian import gaps, load_tail
from engine.historian.history import StoredHistory
from engine.store import Catalogue
from engine.testing.demo_plant.conditions import Conditions, severity
from engine.testing.demo_plant.framing.line import REASONS
from engine.testing.demo_plant.framing.plant import PLANT
from engine.testing.demo_plant.past import CALM_BEFORE_S, Past, invented, read_past, write_past
from engine.testing.demo_plant.plant import Model
from engine.testing.demo_plant.plants import plant_named
from engine.testing.demo_plant.readings import Stream, as_sent, is_lively, streams
from engine.testing.demo_plant.specs import COUNTER_TOP
from engine.types import Origin, Samples
from tests.running import until

ROOT = Path(__file__).resolve().parents[3]
ORIGIN_US = 1_790_000_000_000_000
DAYS_S = 72 * 3600.0
MODEL = Model(PLANT)
COLUMN = {point.path: point.column for point in MODEL.points}
LINE = "Framing line 3"


@functools.lru_cache(maxsize=1)
def past() -> Past:
    return invented(PLANT, 1, ORIGIN_US, DAYS_S)


@functools.lru_cache(maxsize=1)
def minutes() -> NDArray[np.float64]:
    return MODEL.values(past().conditions, np.arange(0.0, DAYS_S, 60.0))


def test_three_days_have_two_nights_two_stops_and_faults_that_were_repaired() -> None:
    conditions = past().conditions
    assert len(conditions.pauses) >= 2
    repaired = [fault for fault in conditions.faults if fault.end_s < DAYS_S]
    assert [fault.name for fault in repaired] == ["seal-leak", "tip-wear"]
    assert len(conditions.stops) == 4 and conditions == invented(PLANT, 1, ORIGIN_US, DAYS_S).conditions
    assert conditions != invented(PLANT, 2, ORIGIN_US, DAYS_S).conditions
    ends = [end for _, end in conditions.pauses] + [fault.end_s for fault in repaired]
    assert max(ends) <= DAYS_S - CALM_BEFORE_S, "who begins to watch sees the plant run"
    for fault in repaired:
        grown = severity(conditions, fault.name, np.array([fault.end_s - 1.0, fault.end_s]))
        assert grown[0] > 0.8 and grown[1] == 0.0
        assert not any(begin < fault.end_s and fault.begin_s < end for begin, end in conditions.pauses)


def test_a_bearing_wears_slowly_when_somebody_begins_to_watch_and_goes_on_live(tmp_path: Path) -> None:
    (slow,) = (fault for fault in past().conditions.faults if fault.end_s > DAYS_S)
    assert slow.name == "bearing-wear" and 30 <= (DAYS_S - slow.begin_s) / 3600 <= 40
    write_past(tmp_path / "past.json", past())
    live = read_past(tmp_path / "past.json")
    assert live is not None
    hours = DAYS_S + 3600.0 * np.array([-45.0, 0.0, 1.0, 10.0])
    grown = severity(live.conditions, slow.name, hours)
    assert grown[0] == 0.0 and (np.diff(grown) > 0).all() and 0.4 <= grown[1] <= 0.56
    shaken = MODEL.values(live.conditions, hours)[
        :, COLUMN[f"{LINE}/S50 Roof press/Hydraulics/Pump vibration"]
    ]
    assert shaken[1] < 4.5 + 0.8, "no alarm of it yet: something to foresee"
    repaired = live.conditions.cleared("bearing-wear", DAYS_S + 60.0)
    assert severity(repaired, slow.name, hours)[-1] == 0.0


def test_nights_are_those_of_the_plant_and_nothing_is_made_then() -> None:
    begin = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ORIGIN_US)
    zone = ZoneInfo(PLANT.timezone)
    first, second = past().conditions.pauses[-2:]
    for moment, hour in ((first[0], 22), (first[1], 6), (second[0], 22)):
        assert (begin + timedelta(seconds=moment)).astimezone(zone).hour == hour
    at = np.array([first[0], first[0] + 3600.0, first[1], first[1] + 3600.0])
    values = MODEL.values(past().conditions, at)
    body = values[:, COLUMN[f"{LINE}/S80 Inspect/Body"]]
    assert body[0] <= body[1] <= body[0] + 8, "the line runs empty"
    assert body[2] == body[1] and body[3] > body[2] + 30
    assert values[1, COLUMN[f"{LINE}/S50 Roof press/State"]] == 3, "it is starved"


def test_short_past_has_what_has_room_in_it() -> None:
    assert invented(PLANT, 1, ORIGIN_US, 600.0).conditions == Conditions(live_s=600.0)
    day = invented(PLANT, 3, ORIGIN_US, 86_400.0).conditions
    assert len(day.pauses) >= 1 and day.faults


def test_found_fault_stops_the_press_for_its_repair_and_says_so() -> None:
    stop = next(each for each in past().conditions.stops if each.unit == 4)
    time = stop.time_s + np.arange(0.0, stop.length_s + 300.0, 10.0)
    values = MODEL.values(past().conditions, time)
    reason = values[:, COLUMN[f"{LINE}/S50 Roof press/Stop reason"]]
    stood_s = 10.0 * np.count_nonzero(reason == REASONS.index("press fault"))
    assert stood_s == pytest.approx(stop.length_s, abs=20)
    ripple = values[:, COLUMN[f"{LINE}/S50 Roof press/Hydraulics/Pressure ripple"]]
    assert ripple[0] > 5.0 and ripple[-1] < 2.5


def test_counters_never_fall_over_three_days_and_into_the_present() -> None:
    for point in MODEL.points:
        if point.spec.high == COUNTER_TOP and not point.path.endswith("/Carrier"):
            assert (np.diff(minutes()[:, point.column]) >= 0).all(), point.path


def test_past_is_kept_with_all_that_happened(tmp_path: Path) -> None:
    write_past(tmp_path / "past.json", past())
    assert read_past(tmp_path / "past.json") == past()
    assert read_past(tmp_path / "none.json") is None
    assert past().time_s(ORIGIN_US + 90_000_000) == 90.0


def small_past() -> tuple[Past, list[Stream], dict[str, int]]:
    ids = {point.path: 500 + point.column for point in MODEL.points}
    made = invented(PLANT, 1, ORIGIN_US, 900.0)
    return made, streams(PLANT, ids, made, 900.0), ids


def test_every_sample_of_a_measured_value_is_made_once_at_its_rate() -> None:
    made, running, ids = small_past()
    slow = next(stream for stream in running if stream.rate == 1.0)
    column = COLUMN["Utilities/Power/Total"]
    fast = next(stream for stream in running if stream.rate == 10.0)
    got: dict[int, list[NDArray[np.int64]]] = {}
    for stream in (slow, fast):
        for end_s in (100.0, 100.05, 333.3):  # in pieces of any length
            for batch in stream.until(made, end_s):
                for tag in batch.tags.tolist():
                    got.setdefault(tag, []).append(batch.source_time_us)
    times = np.concatenate(got[ids[MODEL.points[column].path]])
    assert times.tolist() == [ORIGIN_US + 100_000 * k for k in range(3333)]
    for point in MODEL.points:
        if is_lively(point) and point.spec.rate == 1.0:
            assert len(np.concatenate(got[ids[point.path]])) == 334, point.path


def test_what_was_filled_and_what_the_live_plant_shows_at_that_time_are_the_same() -> None:
    made, running, ids = small_past()
    last: dict[int, float] = {}
    for stream in running:
        if stream.rate < 1000:
            for batch in stream.until(made, 200.0 + 0.5 / stream.rate):
                last.update(zip(batch.tags.tolist(), batch.value[-1].tolist(), strict=True))
    live = as_sent(MODEL.points, MODEL.values(made.conditions, np.array([200.0])))[0]
    wrong = [
        point.path
        for point in MODEL.points
        if point.spec.rate < 1000 and abs(last[ids[point.path]] - live[point.column]) > 1e-9
    ]
    assert wrong == []


def test_states_are_there_only_when_they_change() -> None:
    made, running, ids = small_past()
    path = f"{LINE}/S50 Roof press/Interlocks/Part in place"
    changes: list[float] = []
    for stream in running:
        if stream.rate == 1.0:
            for batch in stream.until(made, 600.0):
                if batch.tags.tolist() == [ids[path]]:
                    changes += batch.value[:, 0].tolist()
    assert 10 < len(changes) < 40
    assert all(before != after for before, after in zip(changes, changes[1:], strict=False))


def project(folder: Path) -> Path:
    shutil.copytree(paths.resources() / "demo" / "press", folder)
    return folder


def command(folder: Path, plant: str, hours: float) -> list[str]:
    words = ["--plant", plant, "--fill", str(folder), "--hours", str(hours)]
    return [sys.executable, "-m", "engine.testing.demo_plant", *words]


def stored(folder: Path, path: str) -> Samples:
    catalogue = Catalogue(folder / "data" / "catalogue.db")
    place = folder / "data" / "history"
    try:
        tag = _tag_ids(folder, catalogue)[path]
    finally:
        catalogue.close()
    history = StoredHistory(place, load_tail(place))
    try:
        return history.raw(tag, 0, 2**62)
    finally:
        history.close()


def _tag_ids(folder: Path, catalogue: Catalogue) -> dict[str, int]:
    from engine.app.project import load

    return {tag.path: tag.tag_id for tag in catalogue.number(load(folder).tags, 0)}


@pytest.mark.system
def test_filled_history_is_complete_ends_now_and_is_not_filled_twice(tmp_path: Path) -> None:
    folder = project(tmp_path / "demo")
    done = subprocess.run(
        command(folder, "press", 0.5), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "30 min filled" in done.stdout
    made = read_past(folder / "data" / "demo-plant" / "past.json")
    assert made is not None
    plant = plant_named("press")
    model = Model(plant)
    for point in model.points:
        samples = stored(folder, point.path)
        live = samples.origin == Origin.LIVE
        times = samples.time_us[live]
        assert times[0] == made.origin_us
        assert (np.diff(times) > 0).all()
        received = len(times) + int(samples.dropped.sum())
        if is_lively(point):
            span_s = (times[-1] - times[0]) / 1e6
            assert span_s >= 1800 and received == round(span_s * point.spec.rate) + 1, point.path
        time_s = (times - made.origin_us) / 1e6
        right = as_sent(model.points, model.values(made.conditions, time_s))[:, point.column]
        assert np.array_equal(samples.value[live], right), point.path
        assert samples.origin[-1] == Origin.ENGINE, "the line ends where the filling ended"
    assert gaps(folder / "data" / "history", 0, 2**62) == []
    assert not list((folder / "data" / "demo-plant").glob("*.part"))
    again = subprocess.run(
        command(folder, "press", 0.5), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert again.returncode == 1 and "holds a history already" in again.stderr


@pytest.mark.system
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cancelled_filling_leaves_no_history_and_says_so(tmp_path: Path, number: signal.Signals) -> None:
    folder = project(tmp_path / "demo")
    filling = subprocess.Popen(
        command(folder, "press", 720.0), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        history = folder / "data" / "history"
        until(lambda: list(history.glob("samples-*.db")), 40, "a segment is written")
        assert (folder / "data" / "demo-plant" / "past.part").exists()
        filling.send_signal(number)
        said = filling.communicate(timeout=30)
    finally:
        filling.kill()
        filling.wait()
    assert filling.returncode == 1 and "no history was kept" in said[1]
    assert not history.exists()
    assert not list((folder / "data" / "demo-plant").iterdir())


@pytest.mark.system
def test_project_without_the_tags_of_the_plant_is_refused(tmp_path: Path) -> None:
    folder = project(tmp_path / "demo")
    done = subprocess.run(
        command(folder, "aerospace", 0.1), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 1 and "has no tag" in done.stderr
    assert not (folder / "data" / "history").exists()
