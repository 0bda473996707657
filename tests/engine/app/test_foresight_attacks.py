"""Prediction under attack: cut sources, set clocks, failing disks, hostile files and models, and people."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from engine import paths
from engine.app.foresight_bind import Chosen
from engine.prediction.normal import learn
from engine.prediction.normal_file import packed
from engine.prediction.normals import FOLDER, MOST_BYTES, KeptNormal, keep
from engine.prediction.prediction_file import PredictionFile
from engine.prediction.presets import SLOW
from engine.server import RequestRefused
from engine.store import StoredEvent, StoreError
from engine.store.database import close_quietly, open_database
from engine.types import Batch, Tag
from engine.wire import EpisodesBody, NormalBody, OutlooksBody, VerdictBody
from tests.engine.app.test_foresight import HOUR_US, MINUTE_US, PUMP, TAGS, Rig, chosen
from tests.engine.prediction.fleet_rig import START_US, Formula, MovedClock, card
from tests.running import until


@pytest.fixture
def rigs(tmp_path: Path) -> Iterator[Any]:
    made: list[Rig] = []

    def make(*models: Chosen, **more: Any) -> Rig:
        made.append(Rig(tmp_path, models, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def pass_by(rig: Rig, minutes: int, vibration: float | None = None) -> None:
    """Minutes of a running engine, one sample of all tags in each, None = the source is silent."""
    tags = np.array([tag.tag_id for tag in rig.running.project.tags], np.int32)
    for _ in range(minutes):
        rig.clock.at_us += MINUTE_US
        now = np.array([rig.clock.now_us()])
        if vibration is not None:
            value = np.array([[vibration, 6.0, 1.0, 1.0]])
            rig.sink.batch(Batch(0, tags, now, now, value, np.zeros(4, np.uint32)))
        rig.running.sweep(rig.clock.mono_us(), rig.clock.now_us())
        rig.look()


def test_a_source_that_falls_silent_leaves_no_number_however_late_it_is_noticed(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    rig.run(50, vibration=5.0)
    assert rig.outlook().p48 is not None
    # What went stale is dated to its last proof, long before: it counts all the same.
    pass_by(rig, 3)
    found = rig.outlook()
    assert (found.p48, found.tier) == (None, "") and "no good value now" in found.reason
    pass_by(rig, 12)
    assert "was good for 0 %" in rig.outlook().reason


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, 51.0, -1.0])
def test_an_input_that_is_bad_or_out_of_range_leaves_no_number(rigs: Any, value: float) -> None:
    rig: Rig = rigs(chosen())
    rig.run(50, vibration=5.0)
    pass_by(rig, 12, value)
    found = rig.outlook()
    assert (found.p48, found.tier) == (None, "") and "Vibration" in found.reason


class SetClock(MovedClock):
    """A clock that can be set, beside a time that only passes."""

    set_us = 0

    def mono_us(self) -> int:
        return self.at_us - self.set_us

    def set(self, by_us: int) -> None:
        self.at_us, self.set_us = self.at_us + by_us, self.set_us + by_us


def with_clock(rig: Rig) -> SetClock:
    rig.clock.__class__ = SetClock
    assert isinstance(rig.clock, SetClock)
    return rig.clock


def test_hours_that_a_clock_jumped_over_were_not_good(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    clock = with_clock(rig)
    rig.run(50, vibration=5.0)
    clock.set(5 * HOUR_US)
    pass_by(rig, 2, 5.0)
    found = rig.outlook()
    assert found.p48 is None and found.coverage < 0.8, "nobody knows what was in these hours"
    rig.foresight.rebind()
    pass_by(rig, 2, 5.0)
    found = rig.outlook()
    assert found.p48 is None and found.coverage < 0.8, "nor does the history, which lets values hold"
    pass_by(rig, 42, 5.0)
    assert rig.outlook().p48 == pytest.approx(0.5, abs=0.01), "half an hour later it goes on"


def test_the_history_fills_no_bucket_with_what_held_before_the_computer_slept(rigs: Any) -> None:
    rig: Rig = rigs()
    clock = with_clock(rig)
    rig.run(60, vibration=5.0)
    slept_us = clock.now_us()
    clock.set(5 * HOUR_US)
    assert rig.running.turns is not None
    rig.running.turns.slept(5 * HOUR_US)
    pass_by(rig, 20, 5.0)
    tag, past = rig.running.project.tags[0].tag_id, rig.running.past
    assert past is not None
    until(lambda: past.historian.durable_us >= clock.now_us() - 2 * MINUTE_US, 10, "it is on disk")
    start_us = slept_us - slept_us % (10 * MINUTE_US)
    good = past.stored.rollup(tag, start_us - HOUR_US, start_us + 6 * HOUR_US, 10 * MINUTE_US).good
    assert (good[:6] > 0.9).sum() >= 5, "before"
    assert not good[7:35].any(), "nobody knows what was in these hours"
    assert (good[37:] > 0.5).any(), "and it goes on"


def test_a_clock_set_back_ends_no_prediction_for_as_long(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    clock = with_clock(rig)
    rig.run(50, vibration=5.0)
    clock.set(-5 * HOUR_US)
    rig.look()
    assert rig.outlook().p48 is None
    pass_by(rig, 45, 9.0)
    assert rig.outlook().p48 == pytest.approx(0.9, abs=0.01)


def test_binding_that_fails_shows_nothing_and_is_done_again(
    rigs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, closed = chosen(), list[int]()
    rig: Rig = rigs(model)

    def close(models: Sequence[Chosen]) -> None:
        closed.append(len(models))

    rig.foresight.given = replace(rig.foresight.given, closing=close)
    rig.run(50, vibration=5.0)

    def broken(*_: object) -> Any:
        raise StoreError("prediction.db cannot be used; check the disk")

    with monkeypatch.context() as patched:
        patched.setattr(PredictionFile, "buckets", broken)
        rig.foresight.rebind()
        pass_by(rig, 1, 9.0)
        answer = rig.ask("outlooks", OutlooksBody())
        # The values of before would hold for ever: nothing reaches them any more.
        assert (answer.outlooks, answer.is_whole) == ((), True)
        assert "check the disk" in answer.trouble
        assert sum(closed) == 2, "the models of before and those just opened are given back"
    pass_by(rig, 12, 9.0)
    assert rig.outlook().p48 is not None and rig.ask("outlooks", OutlooksBody()).trouble == ""


@pytest.mark.parametrize(
    "answer",
    [
        np.empty(0),  # it raises
        np.empty((7, 2)),
        np.empty(2),
        np.full((1, 2), np.nan),
    ],
)
def test_a_model_that_fails_stops_itself_alone(rigs: Any, answer: NDArray[np.float64]) -> None:
    def said(_: NDArray[np.float32]) -> NDArray[np.float64]:
        if not answer.size:
            raise RuntimeError("whatever a runtime raises")
        return answer

    rig: Rig = rigs(Chosen(Formula(card(events=(), id="bad"), said), "shadow"), chosen())
    rig.run(50, vibration=5.0)
    assert rig.outlook().p48 == pytest.approx(0.5, abs=0.01)
    assert rig.foresight.told() == ""


@pytest.mark.parametrize("row", [[5.0], [5.0, 700.0, -1e300], [math.nan, 1.0, 2.0]])
def test_a_life_without_an_interval_is_absent_with_its_reason(rigs: Any, row: Sequence[float]) -> None:
    def answer(features: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.tile(np.array([row]), (len(features), 1))

    rig: Rig = rigs(Chosen(Formula(card(events=(), kind="rul"), answer), "champion"))
    rig.run(50, vibration=5.0)
    found = rig.outlook()
    assert found.rul is None and "pump-48h gave no" in found.reason


def test_windows_are_answered_while_a_model_takes_long(rigs: Any) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow(features: NDArray[np.float32]) -> NDArray[np.float64]:
        asked.set()
        go_on.wait(10)
        return np.full((len(features), 2), 0.5)

    rig: Rig = rigs(Chosen(Formula(card(events=()), slow), "champion"))
    version = rig.ask("outlooks", OutlooksBody()).version
    running = threading.Thread(target=rig.run, args=(50,))
    running.start()
    assert asked.wait(10)
    answer = rig.ask("outlooks", OutlooksBody(version))
    is_over = go_on.is_set()
    go_on.set()
    running.join()
    assert (answer.outlooks, answer.is_whole, is_over) == ((), False, False)
    assert rig.outlook().p48 == 0.5


def test_an_asset_that_failed_or_is_worked_on_shows_no_number_at_once(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    rig.run(50, vibration=8.5)
    assert rig.outlook().tier == "act"
    rig.clock.at_us += 1_000_000
    rig.look("work by A. Maier")
    found = rig.outlook()
    assert (found.p48, found.tier, found.reason) == (None, "", "work by A. Maier")


def pumps(*names: str) -> tuple[Tag, ...]:
    return tuple(msgspec.structs.replace(t, path=f"Line/{p}/{t.path[8:]}") for p in names for t in TAGS)


def test_what_was_kept_of_one_asset_is_not_given_to_another(rigs: Any) -> None:
    rig: Rig = rigs(chosen(), tags=TAGS)
    rig.run(56, vibration=9.0)
    rig.close()
    other: Rig = rigs(chosen(), tags=pumps("P9"))
    other.clock.at_us = rig.clock.at_us
    other.foresight.rebind()
    other.look()
    for _ in range(6):
        pass_by(other, 1, 2.0)
        (found,) = other.ask("outlooks", OutlooksBody()).outlooks
        assert (found.asset, found.p48) == ("Line/P9", None) and found.reason


def test_a_trip_and_an_error_of_the_time_of_a_binding_are_not_lost(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    rig.run(50, vibration=8.5)
    change = {"what": "active", "kind": "trip", "name": "Overspeed", "path": f"{PUMP}/Vibration"}
    event = StoredEvent(1, rig.clock.now_us(), "alarm", {"change": change})
    before, rig.foresight.prediction = rig.foresight.prediction, None  # as while it begins
    rig.foresight.heard([event])
    rig.foresight.prediction = before
    rig.look()
    (episode,) = [e for e in rig.ask("episodes", EpisodesBody(PUMP)).episodes if not e.is_shadow]
    assert episode.outcome == "right"


def test_warnings_and_verdicts_that_the_disk_refused_outlast_a_binding(
    rigs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig: Rig = rigs(chosen())

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(PredictionFile, "keep", full)
        rig.run(50, vibration=5.0)
        number = rig.outlook().episode
        rig.ask("verdict", VerdictBody(number, False, "a test run", "Ada Maier"))
        assert "not on disk" in rig.foresight.told()
        rig.foresight.rebind()
        rig.look()
    found = {each.id: each for each in rig.ask("episodes", EpisodesBody(PUMP)).episodes}
    assert found[number].outcome == "dismissed"


def test_warnings_that_cannot_be_read_are_told_in_words(rigs: Any, tmp_path: Path) -> None:
    rig: Rig = rigs(chosen())
    rig.run(10)
    rig.close()
    database = open_database(paths.data(tmp_path) / "prediction.db")
    database.execute("INSERT INTO episodes VALUES (99, '{}')")
    close_quietly(database)
    again: Rig = rigs(chosen())
    assert "holds warnings that cannot be read" in again.foresight.told()
    assert "restore it from a backup" in again.foresight.told()


def kept_normal(asset: str = PUMP, **changes: object) -> KeptNormal:
    rows = np.random.default_rng(1).normal(5.0, 1.0, (200, 2))
    normal = learn(rows, ("Vibration", "Pressure"), SLOW.settings)
    raw = msgspec.json.decode(packed(normal))
    raw["settings"] |= {name: each for name, each in changes.items() if name in raw["settings"]}
    raw |= {name: each for name, each in changes.items() if name in raw}
    named = ("Vibration", "Pressure")
    return KeptNormal(asset, named, START_US, START_US + HOUR_US, "Ada", "calm", 1, encoded(raw))


def encoded(raw: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(raw))


@pytest.mark.parametrize(
    ("hostile", "words"),
    [
        (kept_normal("Line/Gone"), "no asset here"),
        (kept_normal(smooth=7.0), "settings that none"),
        (kept_normal(limit=-1.0), "never learned"),
        (kept_normal(centre=[1e308]), "parts that are not"),
        (b" " * (MOST_BYTES + 1), "MB"),
        (b"[" * 100_000, "cannot be used"),
    ],
)
def test_a_hostile_normal_is_told_and_harms_no_other(
    rigs: Any, tmp_path: Path, hostile: KeptNormal | bytes, words: str
) -> None:
    if isinstance(hostile, bytes):
        (tmp_path / FOLDER).mkdir()
        (tmp_path / FOLDER / "x.json").write_bytes(hostile)
    else:
        keep(tmp_path, hostile)
    rig: Rig = rigs(chosen())
    rig.run(50, vibration=5.0)
    assert words in rig.foresight.told()
    assert [each.asset for each in rig.ask("outlooks", OutlooksBody()).outlooks] == [PUMP]
    assert rig.outlook().p48 is not None


def test_a_normal_in_another_unit_says_nothing_but_why(rigs: Any, tmp_path: Path) -> None:
    keep(tmp_path, msgspec.structs.replace(kept_normal(), units=("mm/s", "psi")))
    rig: Rig = rigs()
    rig.run(20)
    found = rig.outlook()
    assert found.abnormal is None and "has bar, and its normal was learned in psi" in found.reason


def test_what_nobody_could_read_is_refused(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    rig.run(50, vibration=5.0)
    number = rig.outlook().episode
    with pytest.raises(RequestRefused, match="at most 100 letters"):
        rig.ask("verdict", VerdictBody(number, False, "x" * 501, "Ada"))
    with pytest.raises(RequestRefused, match="at most 100 letters"):
        rig.job(NormalBody(PUMP, START_US, rig.clock.now_us(), (), "A" * 101, "why"))
    for span in ((-(2**62), 2**62), (2**62, 2**62 + 1), (-(2**63), -(2**63) + 1)):
        with pytest.raises(RequestRefused):
            rig.job(NormalBody(PUMP, *span, (), "Ada", "why"))
    for version in (-(2**63), -1, 1, 2**64 - 1):
        answer = rig.ask("outlooks", OutlooksBody(version))
        assert answer.is_whole and [each.asset for each in answer.outlooks] == [PUMP]


@pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody take away a file that is open")
@pytest.mark.parametrize("how", ["taken away", "replaced", "cut short"])
def test_a_file_of_predictions_that_goes_while_it_is_used_is_told_at_once(rigs: Any, how: str) -> None:
    rig: Rig = rigs(chosen())
    rig.run(50, vibration=5.0)
    assert rig.ask("outlooks", OutlooksBody()).trouble == ""
    file = paths.data(Path(rig.running.project.folder)) / "prediction.db"
    if how == "cut short":
        os.truncate(file, 0)
        file.with_name("prediction.db-wal").write_bytes(b"")
    else:
        content = file.read_bytes()
        file.unlink()
        if how == "replaced":
            file.write_bytes(content)
    pass_by(rig, 6, 9.0)
    answer = rig.ask("outlooks", OutlooksBody())
    assert "prediction.db" in answer.trouble
    # What is shown still is of real samples, and newer than what happened to the file.
    assert all(each.p48 is None or each.data_until_us > START_US + 50 * MINUTE_US for each in answer.outlooks)
