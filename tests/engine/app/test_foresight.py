"""Prediction in a running project: from the driver's samples to what the window is answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine import paths
from engine.app.foresight import EVENT, Foresight
from engine.app.foresight_answers import LEARNED, foresight_answers, foresight_kinds
from engine.app.foresight_bind import Chosen, bind
from engine.app.plant import Running, open_plant
from engine.server import RequestRefused
from engine.store import Journal, StoredEvent
from engine.types import (
    AssetType,
    Batch,
    InputMap,
    Limit,
    ModelInput,
    Origin,
    Outlook,
    Plant,
    Project,
    Source,
    Tag,
)
from engine.wire import (
    EpisodesBody,
    ForecastAnswer,
    ForecastBody,
    NormalAnswer,
    NormalBody,
    OutlooksAnswer,
    OutlooksBody,
    VerdictBody,
)
from tests.engine.prediction.fleet_rig import START_US, Formula, MovedClock, card
from tests.running import until

MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000
PUMP = "Line/P1"
TAGS = (
    Tag(-1, f"{PUMP}/Vibration", "plc", "holding:0", "float32", "mm/s", 0, 50),
    Tag(-1, f"{PUMP}/Pressure", "plc", "holding:2", "float32", "bar", 0, 20),
    Tag(-1, f"{PUMP}/Starts", "plc", "holding:4", "float32", "", 0, 1e6),
    Tag(-1, f"{PUMP}/State", "plc", "holding:6", "uint16", states={0: "off", 1: "on", 2: "broken"}),
)
TYPE = AssetType(id="pump", paths=("*/P?",), state="State", running=(1,), failed=(2,))
HH = Limit(f"{PUMP}/Pressure", "hh", 9.0, 1)


class Rig:
    """A pump with a model, minute after minute; ``looks_ahead`` = at its limits, which takes its time."""

    def __init__(
        self, folder: Path, models: Sequence[Chosen] = (), *, looks_ahead: bool = False, **more: Any
    ) -> None:
        (folder / "runtime").mkdir(exist_ok=True)
        source = (Source("plc", "modbus", "tcp://10.0.0.6:502?unit=3"),)
        self.clock, self.written = MovedClock(), list[StoredEvent]()
        facts: dict[str, Any] = {"types": (TYPE,), "limits": (HH,)} | more
        project = Project(str(folder), Plant("p", ring_mb=1), source, facts.pop("tags", TAGS), **facts)
        self.running: Running = open_plant(folder, project, 7, folder / "runtime", self.clock)
        self.journal = Journal(paths.data(folder) / "journal.db", self.written.extend, print, print)
        self.running.journal = self.journal
        self.sink, self.is_closed, self.sent = self.running.sinks[0], False, 0
        assert self.running.foresight is not None and self.running.eyes is not None
        self.foresight: Foresight = self.running.foresight
        self.foresight.given = replace(self.foresight.given, models=lambda: tuple(models))
        self.foresight.turn()
        if not looks_ahead:
            self.foresight.ahead = None

    def run(
        self, minutes: int, vibration: float = 3.0, pressure: Any = 6.0, state: float = 1.0, *,
        is_stuck: bool = False,
    ) -> None:  # fmt: skip
        """So many minutes of samples, one a minute; arrays of as many values move, and where ``is_stuck``
        the pressure without any noise.
        """
        noise = np.random.default_rng(round(self.clock.at_us / 1e6) % 1000).normal(0, 0.05, (minutes, 2))
        noise[:, 1] *= not is_stuck
        for at in range(0, minutes, 10):
            rows = min(10, minutes - at)
            times = self.clock.at_us + MINUTE_US * np.arange(rows, dtype=np.int64)
            value = np.empty((rows, 4))
            value[:, 0] = vibration + noise[at : at + rows, 0]
            value[:, 1] = (pressure[at : at + rows] if np.ndim(pressure) else pressure) + noise[
                at : at + rows, 1
            ]
            value[:, 2], value[:, 3] = times / 1e12, state
            tags = np.array([tag.tag_id for tag in self.running.project.tags], np.int32)
            self.sink.batch(Batch(0, tags, times, times, value, np.zeros(4, np.uint32)))
            self.clock.at_us = int(times[-1]) + MINUTE_US
            self.look()
        last = int(self.running.project.tags[3].tag_id), START_US, self.clock.at_us
        past = self.running.past
        assert past is not None
        self.sent += minutes
        until(lambda: past.stored.count(*last) >= self.sent, 15, "the history holds it")

    def look(self, blocked: str = "") -> None:
        self.running.look_ahead(lambda _: blocked)
        self.foresight.turn()

    def ask(self, op: str, body: object) -> Any:
        found = foresight_answers(self.foresight, self.running.tags, lambda: self.running.project.limits)
        return asyncio.run(answered(found[op], msgspec.Raw(msgspec.msgpack.encode(body))))

    def job(self, body: object) -> Any:
        kinds = foresight_kinds(self.foresight, self.running.tags)
        return kinds["normal"](msgspec.Raw(msgspec.msgpack.encode(body)))(lambda _: True)

    def outlook(self) -> Outlook:
        answer: OutlooksAnswer = self.ask("outlooks", OutlooksBody())
        return next(each for each in answer.outlooks if each.asset == PUMP)

    def noted(self, event: str) -> list[dict[str, Any]]:
        seq = self.journal.last()
        self.journal.append(self.clock.now_us(), "mark", {})
        waits = threading.Event()
        for _ in range(500):
            if self.journal.last() > seq:
                break
            waits.wait(0.01)
        return [each.body for each in self.journal.after(0) if each.event == event]

    def close(self) -> None:
        if not self.is_closed:
            self.running.close()
            self.journal.close()
        self.is_closed = True


async def answered(answer: Any, body: msgspec.Raw) -> Any:
    return await answer(body)


@pytest.fixture
def rigs(tmp_path: Path) -> Iterator[Any]:
    made: list[Rig] = []

    def make(*models: Chosen, **more: Any) -> Rig:
        made.append(Rig(tmp_path, models, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def chosen(**changes: object) -> Chosen:
    return Chosen(Formula(card(events=(), **changes)), "champion")


def test_samples_of_a_driver_become_an_outlook_a_warning_and_a_label(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    rig.run(50, vibration=8.5)
    found = rig.outlook()
    assert (found.tier, found.reason, found.model) == ("act", "", "pump-48h")
    assert found.p48 is not None and 0.8 < found.p48 < 0.9 and found.episode
    warned = [each for each in rig.noted(EVENT) if each["what"] == "act"]
    assert [(each["asset"], each["about"]) for each in warned] == [(PUMP, "bearing")]
    answer: OutlooksAnswer = rig.ask("outlooks", OutlooksBody())
    again: OutlooksAnswer = rig.ask("outlooks", OutlooksBody(answer.version))
    assert (answer.is_whole, again.is_whole, again.outlooks) == (True, False, ())
    rig.run(10, vibration=8.5, state=2.0)
    assert rig.outlook().reason == "it has failed: broken"
    (episode,) = [e for e in rig.ask("episodes", EpisodesBody(PUMP)).episodes if not e.is_shadow]
    assert (episode.outcome, episode.failed_us > 0) == ("right", True)
    with pytest.raises(RequestRefused, match="it was right, whatever is said"):
        rig.ask("verdict", VerdictBody(episode.id, False, "no", "Ada Maier"))


def test_after_a_start_nobody_waits_for_a_bucket_to_close(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    rig.run(51, vibration=5.0)
    before = rig.outlook()
    watched = rig.foresight.rates("pump-48h", "1")[0].months
    rig.close()
    again: Rig = rigs(chosen())
    again.clock.at_us, again.sent = rig.clock.at_us, rig.sent
    again.foresight.rebind()
    again.look()
    assert again.outlook().reason == "waiting for the first minute of samples since the start"
    again.run(3, vibration=5.0)
    back = again.outlook()
    assert (back.reason, back.tier, back.since_us) == ("", before.tier, before.since_us)
    assert back.p48 == pytest.approx(before.p48, abs=1e-6)
    assert again.foresight.rates("pump-48h", "1")[0].months == watched, "no time is counted twice"


def test_verdict_needs_a_name_and_a_reason_and_is_on_record(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    rig.run(50, vibration=5.0)
    number = rig.outlook().episode
    with pytest.raises(RequestRefused, match="say who"):
        rig.ask("verdict", VerdictBody(number, False, "a test run"))
    with pytest.raises(RequestRefused, match="say why"):
        rig.ask("verdict", VerdictBody(number, False, " ", "Ada Maier"))
    done = rig.ask("verdict", VerdictBody(number, False, "a test run", "Ada Maier"))
    assert (done.outcome, done.by) == ("dismissed", "Ada Maier")
    assert rig.outlook().episode == 0, "nobody is asked again"
    (said,) = rig.noted("prediction_verdict")
    assert (said["by"], said["why"], said["outcome"]) == ("Ada Maier", "a test run", "dismissed")


def test_work_on_an_asset_ends_its_prediction_and_its_warnings_are_unclear(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    rig.run(50, vibration=5.0)
    rig.look("work by A. Maier")
    rig.clock.at_us += 6 * MINUTE_US
    rig.sink.batch(one_more(rig))
    rig.look("work by A. Maier")
    rig.clock.at_us += 6 * MINUTE_US
    rig.look("work by A. Maier")
    assert rig.outlook().reason == "work by A. Maier"
    bound, rig.foresight._binding = rig.foresight._binding, None  # noqa: SLF001 - as while it is bound anew
    rig.look("work by A. Maier")
    rig.foresight._binding = bound  # noqa: SLF001
    rig.look("work by A. Maier")
    assert {each.outcome for each in rig.ask("episodes", EpisodesBody(PUMP)).episodes} == {"open"}
    rig.look()
    (episode,) = [e for e in rig.ask("episodes", EpisodesBody(PUMP)).episodes if not e.is_shadow]
    assert (episode.outcome, episode.reason) == ("unclear", "work was done on it")


def one_more(rig: Rig) -> Batch:
    tags = np.array([tag.tag_id for tag in rig.running.project.tags], np.int32)
    now = np.array([rig.clock.now_us()])
    return Batch(0, tags, now, now, np.array([[5.0, 6.0, 1.0, 1.0]]), np.zeros(4, np.uint32))


def test_marked_normal_is_learned_from_history_and_what_leaves_it_is_abnormal_since(
    rigs: Any, tmp_path: Path
) -> None:
    rig: Rig = rigs()
    rig.run(30 * 60)
    body = NormalBody(PUMP, START_US, rig.clock.now_us(), (), "Ada Maier", "a calm day")
    learned: NormalAnswer = rig.job(body)
    assert learned.tags == ("Vibration", "Pressure"), "what only counts is no measure of normal"
    assert learned.rows >= 170
    rig.look()
    calm = rig.outlook()
    assert calm.layers == ("limits", "normal") and calm.p48 is None
    assert calm.abnormal is not None and calm.abnormal.since_us == 0
    turned_us = rig.clock.now_us()
    rig.run(90, pressure=7.5)
    found = rig.outlook().abnormal
    assert found is not None and found.score > found.limit
    assert abs(found.since_us - turned_us) <= 20 * MINUTE_US
    assert found.top[0].tag == f"{PUMP}/Pressure" and found.top[0].value > 7
    # A restart knows it from the history, not from the present alone.
    rig.close()
    again: Rig = rigs()
    again.clock.at_us = rig.clock.at_us
    again.foresight.rebind()
    again.look()
    back = again.outlook().abnormal
    assert back is not None and abs(back.since_us - found.since_us) <= 10 * MINUTE_US
    (said,) = again.noted(LEARNED)
    assert (said["by"], said["why"], said["asset"]) == ("Ada Maier", "a calm day", PUMP)
    again.job(NormalBody(PUMP, 1, 1, (), "Ada Maier", "new bearings"))
    again.look()
    assert again.ask("outlooks", OutlooksBody()).outlooks == ()
    assert not list((tmp_path / "normals").glob("*.json"))


def test_a_sensor_that_is_stuck_is_named_and_makes_nothing_abnormal(rigs: Any) -> None:
    rig: Rig = rigs()
    rig.run(30 * 60)
    rig.job(NormalBody(PUMP, START_US, rig.clock.now_us(), (), "Ada Maier", "a calm day"))
    rig.look()
    assert rig.outlook().degraded == ()
    rig.run(60, is_stuck=True)
    assert rig.outlook().degraded == (), "an hour is no proof"
    rig.run(8 * 60, is_stuck=True)
    found = rig.outlook()
    (why,) = found.degraded
    assert "Pressure" in why and "does not move" in why, "in good quality, and inside what is normal"
    assert found.abnormal is not None and found.abnormal.score <= found.abnormal.limit
    rig.run(30)
    assert rig.outlook().degraded == (), "it moves again"


def test_normal_that_cannot_be_learned_is_refused_in_words(rigs: Any) -> None:
    rig: Rig = rigs()
    rig.run(60)
    span = START_US, rig.clock.now_us()
    for body, words in (
        (NormalBody(PUMP, *span, (), "", "why"), "say who"),
        (NormalBody("Line/P9", *span, (), "Ada", "why"), "no asset"),
        (NormalBody(PUMP, *span, ("Colour",), "Ada", "why"), "no tag 'Colour'"),
        (NormalBody(PUMP, *span, (), "Ada", "why"), "120"),
        (NormalBody(PUMP, 5, 5, (), "Ada", "why"), "nothing was marked"),
        (NormalBody(PUMP, span[1], span[0], (), "Ada", "why"), "stretch of the past"),
    ):
        with pytest.raises(RequestRefused, match=words):
            rig.job(body)
    assert rig.ask("outlooks", OutlooksBody()).outlooks == ()


def test_ramp_is_forecast_with_the_limit_it_will_cross(rigs: Any) -> None:
    rig: Rig = rigs()
    rig.run(30 * 60)
    rig.run(40 * 60, pressure=6.0 + np.arange(40 * 60) / 900)
    answer: ForecastAnswer = rig.ask("forecast", ForecastBody((f"{PUMP}/Pressure", "no such"), 12 * 3600.0))
    (found,) = answer.forecasts
    assert found.limit == 9.0 and found.crosses_us is not None and found.earliest_us is not None
    assert 2 < (found.crosses_us - rig.clock.now_us()) / HOUR_US < 12
    assert found.earliest_us <= found.crosses_us
    with pytest.raises(RequestRefused, match="at most 16"):
        rig.ask("forecast", ForecastBody((f"{PUMP}/Pressure",) * 17))


def test_what_never_falls_is_forecast_too(rigs: Any) -> None:
    """A tank that fills for days without a ripple, or the hours until a service is due."""
    rig: Rig = rigs()
    rig.run(70 * 60, pressure=3.7 + np.arange(70 * 60) / 900, is_stuck=True)
    (found,) = rig.ask("forecast", ForecastBody((f"{PUMP}/Pressure",), 12 * 3600.0)).forecasts
    assert found.limit == 9.0 and found.crosses_us is not None
    assert 6 < (found.crosses_us - rig.clock.now_us()) / HOUR_US < 12


def test_another_unit_is_no_input_and_a_project_names_its_own(rigs: Any) -> None:
    other = (msgspec.structs.replace(TAGS[0], unit="in/s"), *TAGS[1:])
    rig: Rig = rigs(chosen(), tags=other)
    assert "has in/s and the model pump-48h knows mm/s" in rig.outlook().reason
    tags = (*TAGS, Tag(-1, f"{PUMP}/Motor/Speed of shaking", "plc", "holding:8", "float32", "mm/s", 0, 50))
    numbered = tuple(msgspec.structs.replace(tag, tag_id=at) for at, tag in enumerate(tags))
    project = Project(
        "", Plant("p"), (), numbered, types=(TYPE,),
        inputs=(InputMap("pump", "Vibration", "Motor/Speed of shaking"),),
    )  # fmt: skip
    found = bind(project, numbered, [chosen()], ())
    assert found.bounds[0].assets == (PUMP,)
    assert [int(found.tags[c]) for c in found.bounds[0].columns[0]] == [4, 1]


def test_samples_that_cannot_be_taken_stop_nobody(rigs: Any, caplog: pytest.LogCaptureFixture) -> None:
    rig: Rig = rigs(chosen())
    rig.foresight.append(object(), Origin.LIVE)  # type: ignore[arg-type]
    assert "misses samples" in rig.ask("outlooks", OutlooksBody()).trouble
    rig.run(10)


def test_a_model_whose_inputs_no_asset_has_says_so_and_holds_up_nothing(rigs: Any) -> None:
    inputs = (ModelInput("Colour", "", "Colour"),)
    rig: Rig = rigs(Chosen(Formula(card(events=(), inputs=inputs, normal={})), "champion"))
    rig.run(15)
    assert rig.outlook().reason.startswith("the asset has none of the inputs of pump-48h")


def test_an_engine_that_stops_waits_for_no_history(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    rig.run(20)
    asked: list[int] = []

    def rolled(tag: int, start_us: int, end_us: int, step_us: int) -> Any:
        asked.append(tag)
        rig.foresight._stop.set()  # noqa: SLF001 - the engine stops meanwhile
        return real(tag, start_us, end_us, step_us)

    real = rig.foresight.given.rolled
    rig.foresight.given = replace(rig.foresight.given, rolled=rolled)
    (Path(rig.running.project.folder) / "data" / "prediction.db").unlink()
    rig.foresight._file = rig.foresight._episodes = rig.foresight.ahead = None  # noqa: SLF001 - nothing was kept
    rig.foresight.rebind()
    rig.foresight.turn()
    assert len(asked) == 1 and rig.foresight.prediction is None
