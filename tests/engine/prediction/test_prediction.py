"""Prediction as the engine drives it: from samples to outlooks, warnings, restarts and what is withheld."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.prediction.baselines import LIMIT, RULE
from engine.prediction.buckets import MINUTE_US, Intake
from engine.prediction.episodes import Refused
from engine.prediction.events import Happened
from engine.prediction.fleet import Bound
from engine.prediction.normals import Normals, Watched, learned
from engine.prediction.prediction import Calls, Prediction
from engine.prediction.prediction_file import PredictionFile
from engine.types import Batch, Contribution, ModelInput, Outlook, Status
from tests.engine.prediction.fleet_rig import BUCKET_US, START_US, Formula, MovedClock, Plant, card

Make = Callable[..., Plant]
GOOD = (3.0, 6.0)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Plant] = []

    def plant(**how: object) -> Plant:
        made.append(Plant(tmp_path, **how))
        return made[-1]

    yield plant
    for each in made:
        each.close()


def test_good_samples_become_a_probability_with_its_age_and_coverage(make: Make) -> None:
    plant = make()
    plant.run(45, GOOD)
    found = plant.outlook()
    assert (found.p24, found.p48, found.tier, found.reason) == (0.15, 0.3, "watch", "")
    assert found.coverage == 1.0 and found.layers == ("limits", "failure")
    assert found.data_until_us == START_US + 8 * BUCKET_US
    assert found.issued_us - found.data_until_us <= 90_000_000
    assert (found.model, found.version, found.valid_s) == ("pump-48h", "1", 600.0)


def test_before_its_window_is_filled_there_is_no_number(make: Make) -> None:
    plant = make()
    assert plant.outlook().reason == "waiting for the first minute of samples since the start"
    plant.run(2, GOOD)
    assert plant.outlook().reason == "waiting for the first bucket of samples to close"
    plant.run(12, GOOD)
    assert plant.outlook().p48 is None
    assert plant.outlook().reason == "Vibration was good for 33 % of the last 30 min, 80 % are needed"


BROKEN = {
    "bad": (lambda role: None, Status.SENSOR_FAILURE),
    "stale": (lambda role: None, Status.STALE),
    "not a number": (lambda role: np.nan, Status.GOOD),
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("role", [0, 1])
def test_each_input_gone_in_turn_is_told_within_a_step(make: Make, how: str, role: int) -> None:
    plant = make()
    plant.run(45, (9.0, 6.0))
    assert (plant.outlook().tier, plant.outlook().degraded) == ("act", ())
    value, quality = BROKEN[how]
    values: list[float | None] = [9.0, 6.0]
    values[role] = value(role)
    once = [9.0, 6.0]
    once[role] = np.nan if how == "not a number" else 9.0
    codes = [0, 0]
    codes[role] = int(quality)
    plant.run(0.5, once, codes)
    silent = [each if at != role else None for at, each in enumerate(values)]
    plant.run(7, silent)
    found = plant.outlook()
    if role == 0:  # required
        assert (found.p24, found.p48, found.tier) == (None, None, "")
        assert "Vibration was good for" in found.reason or "has no good value now" in found.reason
    else:
        assert found.tier == "watch" and found.p48 == 0.9
        assert found.degraded[0].startswith("Pressure was good for")
        features = plant.model.asked[-1][0]
        of_pressure = [at for at, name in enumerate(plant.model.names) if name.startswith("Pressure:")]
        assert np.isnan(features[of_pressure]).all()


def test_a_required_input_that_turns_bad_withholds_the_number_before_the_bucket_ends(make: Make) -> None:
    plant = make()
    plant.run(46, GOOD)
    assert plant.outlook().p48 == 0.3
    plant.run(2, GOOD, (int(Status.BAD), 0))
    assert plant.outlook().reason == "Vibration has no good value now"
    assert plant.outlook().p48 is None


def test_a_tag_that_an_asset_does_not_have_is_named(make: Make) -> None:
    plant = make()
    plant.columns[0, 0] = -1
    plant.columns[1, 1] = -1
    plant.run(45, GOOD)
    assert plant.outlook(1).reason == "Vibration is missing: the asset has no such tag"
    assert plant.outlook(2).degraded == ("Pressure is missing: the asset has no such tag",)
    assert plant.outlook(2).p48 == 0.3


def test_outside_what_the_model_knows_there_is_no_number(make: Make) -> None:
    plant = make()
    plant.run(45, GOOD)
    plant.run(10, (80.0, 6.0))
    assert plant.outlook().reason == "Vibration 80 mm/s is outside what the model knows (0 to 50)"
    assert plant.outlook().p48 is None
    plant.run(10, (3.0, 30.0))
    assert plant.outlook().degraded == ("Pressure 30 bar is outside what the model knows (0 to 20)",)


def test_what_was_outside_is_missing_as_long_as_a_window_reaches_back_to_it(make: Make) -> None:
    plant = make()
    plant.run(60, [9.0, 6.0])
    assert plant.outlook().tier == "act"
    plant.run(5, [80.0, 6.0])
    plant.run(10, [9.0, 6.0])
    found = plant.outlook()
    assert found.p48 == pytest.approx(0.9, abs=0.01), "it is in no mean"
    assert found.degraded == ("Vibration was outside what the model knows (0 to 50 mm/s) for 5 min",)
    plant.run(40, [9.0, 6.0])
    assert plant.outlook().degraded == ()


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"journal_us": None}, "the event journal is missing"),
        ({"journal_us": START_US + 30 * 60_000_000}, "the event journal reaches back 0 of 0.5 h"),
        ({"made": card(failures=12)}, "not enough history: 12 of 30 failures"),
        ({"calls": Calls(situation=lambda asset: "it is stopped")}, "it is stopped"),
    ],
)
def test_what_a_model_was_not_made_for_has_its_reason(
    make: Make, how: dict[str, object], reason: str
) -> None:
    plant = make(**how)
    plant.run(45, GOOD)
    assert (plant.outlook().p48, plant.outlook().tier, plant.outlook().reason) == (None, "", reason)
    assert plant.prediction.episodes() == ()


def test_a_model_without_a_number_says_none(make: Make) -> None:
    plant = make()
    plant.model.answer = lambda features: np.full((len(features), 2), np.nan)
    plant.run(45, GOOD)
    assert plant.outlook().reason == "the model pump-48h gave no number for these inputs"


def test_nothing_new_withdraws_the_outlook_also_when_nobody_steps(make: Make) -> None:
    plant = make()
    plant.run(45, GOOD)
    version = plant.prediction.outlooks()[0]
    plant.clock.at_us += 601_000_000
    found = plant.outlook()
    assert (found.p24, found.p48, found.tier) == (None, None, "")
    assert found.reason.startswith("withdrawn: nothing new since 20")
    assert plant.prediction.outlooks()[0] > version


def test_only_what_changed_is_answered_after_a_version(make: Make) -> None:
    plant = make(others={"Line 1/V1": "no model for valves"})
    plant.run(46.5, GOOD)
    version, every, is_whole = plant.prediction.outlooks()
    assert is_whole and {each.asset for each in every} == {"Line 1/P1", "Line 1/P2", "Line 1/V1"}
    assert plant.prediction.outlooks(version) == (version, (), False)
    one = np.array([plant.tags[0]], np.int32)
    now = np.array([plant.clock.now_us()])
    plant.intake.append(Batch(0, one, now, now, np.array([[3.0]]), np.array([Status.BAD], np.uint32)))
    plant.run(2, (None, 6.0))
    newer, changed, is_whole = plant.prediction.outlooks(version)
    assert newer > version and not is_whole and [each.asset for each in changed] == ["Line 1/P1"]
    assert plant.prediction.outlooks(newer + 5)[2]


def test_act_goes_to_the_operator_once_and_watch_to_maintenance_alone(make: Make) -> None:
    alerts: list[Outlook] = []
    advice: list[Outlook] = []
    plant = make(pumps=1, calls=Calls(alert=alerts.append, maintain=advice.append))
    plant.run(60, GOOD)
    assert (len(advice), alerts) == (1, [])
    plant.run(30, (9.0, 6.0))
    assert len(advice) == 1 and [(e.asset, e.tier) for e in alerts] == [("Line 1/P1", "act")]
    (episode,) = [e for e in plant.prediction.episodes() if not e.is_shadow]
    assert alerts[0].episode == episode.id == plant.outlook().episode


def test_a_restart_in_the_middle_keeps_warning_tier_and_window(make: Make, tmp_path: Path) -> None:
    plant = make(pumps=1)
    plant.run(62, (9.0, 6.0))
    before = [e for e in plant.prediction.episodes() if not e.is_shadow]
    plant.close()
    plant.clock.at_us += 20_000_000
    again = make(pumps=1, clock=plant.clock)
    again.run(10, (6.0, 6.0))  # below ACT's threshold, above where it is left
    assert again.outlook().reason == ""
    assert [e.id for e in again.prediction.episodes() if not e.is_shadow] == [e.id for e in before]
    assert again.outlook().tier == "act" and again.outlook().p48 < 0.8
    assert again.outlook().episode == before[0].id
    assert again.outlook().since_us == before[0].act_us


def test_a_restart_scores_the_open_bucket_like_an_engine_that_never_stopped(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    steady, stopped = Plant(tmp_path / "a", pumps=1), Plant(tmp_path / "b", pumps=1)
    for plant in (steady, stopped):
        plant.run(42, GOOD)
    kept = stopped.file.open_bucket("pump/300/Vibration,Pressure/device")
    stopped.close()
    stopped = Plant(tmp_path / "b", pumps=1, clock=stopped.clock, again=(kept.until_us, stopped.history()))
    for plant in (steady, stopped):
        plant.run(12, (4.0, 6.0))
    a, b = steady.outlook(), stopped.outlook()
    assert a.p48 != 0.3 and a.coverage == 1.0
    assert (b.p48, b.coverage, b.data_until_us) == (a.p48, a.coverage, a.data_until_us)
    assert stopped.model.asked[-1].tobytes() == steady.model.asked[-1].tobytes()
    steady.close()
    stopped.close()


def test_events_of_the_journal_reach_the_features_live_and_read_back(make: Make, tmp_path: Path) -> None:
    plant = make(pumps=1)
    at = plant.model.names.index("device:count_3h")
    since = plant.model.names.index("device:hours_since")
    plant.run(40, GOOD)
    error = Happened(plant.clock.now_us(), "Line 1/P1/Vibration", ("device", "device:E1"))
    plant.prediction.events([error])
    plant.run(8, GOOD)
    live = plant.model.asked[-1][0]
    assert (live[at], live[since]) == (1.0, 0.0)
    plant.close()
    again = make(pumps=1, clock=plant.clock, events=[error])
    again.run(6, GOOD)
    assert again.model.asked[-1][0][at] == 1.0
    again.close()
    (tmp_path / "prediction.db").unlink()
    fresh = make(pumps=1, clock=plant.clock, events=[error])
    fresh.run(45, GOOD)
    assert fresh.model.asked[-1][0][at] == 1.0


def test_the_history_fills_the_window_of_a_first_start(make: Make) -> None:
    def past(bound: Bound, start_us: int, end_us: int) -> tuple[np.ndarray, np.ndarray]:
        shape = (end_us - start_us) // BUCKET_US, *bound.columns.shape
        return np.full(shape, 3.0, np.float32), np.ones(shape, np.float32)

    plant = make(calls=Calls(past=past))
    plant.run(7, GOOD)
    assert (plant.outlook().p48, plant.outlook().reason) == (pytest.approx(0.3), "")


def test_a_shadow_is_recorded_and_not_shown(make: Make) -> None:
    alerts: list[Outlook] = []
    plant = make(role="challenger", calls=Calls(alert=alerts.append), others={"Line 1/P1": "no model yet"})
    plant.run(45, (9.0, 6.0))
    assert alerts == [] and plant.outlook().reason == "no model yet"
    assert {(e.tier, e.is_shadow) for e in plant.prediction.episodes() if e.model == "pump-48h"} == {
        ("act", True)
    }


def test_a_model_below_its_budget_is_set_aside_and_says_so(make: Make) -> None:
    told: list[str] = []
    tight = {"act": {"precision": 0.9, "false_per_month": 0.1, "least": 3}}
    plant = make(
        pumps=4, made=card(extra={"budget": tight}), calls=Calls(shadowed=lambda made, why: told.append(why))
    )
    plant.run(45, (9.0, 6.0))
    assert plant.outlook().tier == "act"
    for episode in [e for e in plant.prediction.episodes() if not e.is_shadow]:
        plant.prediction.verdict(episode.id, False, "ann", "nothing found")
    plant.run(6, (9.0, 6.0))
    assert told == ["0 of 4 ACT warnings were right here, below 90%"]
    found = plant.outlook()
    assert (found.p48, found.tier) == (None, "")
    assert found.reason == f"Pump failure was set aside: {told[0]}"


def test_the_baselines_run_beside_with_a_record_of_their_own(make: Make) -> None:
    plant = make(pumps=1)
    plant.run(40, (9.5, 6.0))  # 4.5 deviations above normal
    plant.prediction.events([Happened(plant.clock.now_us(), "Line 1/P1", ("device",))])
    plant.run(10, (9.5, 6.0))
    assert plant.outlook().baseline
    plant.prediction.failed("Line 1/P1", plant.clock.now_us())
    for model, version in (("pump-48h", "1"), (LIMIT, "pump-48h 1"), (RULE, "pump-48h 1")):
        assert plant.prediction.rates(model, version)[1].right == 1, model
    leads = [plant.prediction.rates(m, "pump-48h 1")[1].lead_h for m in (LIMIT, RULE)]
    assert leads[0] > leads[1]


def test_drift_blocks_act_and_the_record_stands_beside_every_prediction(make: Make) -> None:
    plant = make(calls=Calls(blocked=lambda made: "Vibration has drifted from its training"))
    plant.run(45, (9.0, 6.0))
    found = plant.outlook()
    assert (found.tier, found.degraded) == ("watch", ("Vibration has drifted from its training",))
    assert [each.tier for each in found.rates] == ["watch", "act"] and found.rates[0].open == 1
    with pytest.raises(Refused, match="say why"):
        plant.prediction.verdict(found.episode, True, "ann", "")


def test_what_is_likely_is_explained_and_what_is_not_is_not(make: Make) -> None:
    asked: list[str] = []

    def explain(bound: Bound, asset: int, features: np.ndarray) -> tuple[tuple[Contribution, ...], None]:
        asked.append(bound.assets[asset])
        return (Contribution("Vibration", 2.0, float(features[0])),), None

    plant = make(pumps=1, calls=Calls(explain=explain))
    plant.run(45, (0.5, 6.0))
    assert asked == [] and plant.outlook().top == ()
    plant.run(20, GOOD)
    assert plant.outlook().top[0].value == 3.0


def test_normal_and_life_are_layers_of_the_same_outlook(tmp_path: Path) -> None:
    clock, file = MovedClock(), PredictionFile(tmp_path / "prediction.db")
    intake = Intake(np.array([1, 2], np.int32), START_US, MINUTE_US)
    one = (ModelInput("Vibration", "mm/s", "Vibration"),)
    rul = Formula(
        card(id="life", kind="rul", inputs=one, horizon_h=(), tiers={}),
        lambda features: np.column_stack([features[:, 0], features[:, 0] - 1, features[:, 0] + 1]).astype(
            float
        ),
    )
    columns, assets = np.array([[0], [1]]), ("P1", "P2")
    bounds = [Bound(rul, assets, columns), Bound(Formula(card(inputs=one)), assets, columns)]
    rows = np.random.default_rng(3).normal(1.0, 0.1, (300, 1)), np.ones((300, 1), np.float32)
    kept, normal = learned("P1", ("Vibration",), rows, (0, 1), "Ana", "a calm week", 2)
    normals = Normals([Watched(kept, normal, np.array([0]))], MINUTE_US)
    made = Prediction(clock, intake, bounds, file, normals=normals, journal_us=0)
    tags = np.array([1, 2], np.int32)
    for _ in range(90):
        now = np.array([clock.now_us()])
        intake.append(Batch(0, tags, now, now, np.array([[4.0, 4.0]]), np.zeros(2, np.uint32)))
        clock.at_us += 30_000_000
        made.step()
    first = made.outlooks()[1][0]
    assert first.layers == ("limits", "normal", "failure", "rul")
    assert (first.p48, first.rul.value, first.rul.low) == (0.4, 4.0, 3.0)
    assert first.abnormal.score > first.abnormal.limit and first.abnormal.since_us
    assert first.abnormal.top[0].tag == "P1/Vibration"
    file.close()


def test_a_fleet_of_250_assets_with_8_sensors_costs_little(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prints what a step costs; asserts only that all is there."""
    inputs = tuple(ModelInput(f"S{at}", "", f"S{at}", low=-9.0, high=9.0) for at in range(8))
    made = card(inputs=inputs, windows_h=(0.5, 3.0, 12.0), normal={})
    clock, file = MovedClock(), PredictionFile(tmp_path / "prediction.db")
    tags = np.arange(1, 2001, dtype=np.int32)
    intake = Intake(tags, START_US, MINUTE_US)
    bound = Bound(Formula(made), tuple(f"A{at}" for at in range(250)), np.arange(2000).reshape(250, 8))
    calls = Calls(past=lambda b, s, e: _steady((e - s) // BUCKET_US, b.columns.shape))
    whole = Prediction(clock, intake, [bound], file, calls, journal_us=0)
    random, take_ms, step_ms, score_ms = np.random.default_rng(1), [], [], []
    for _ in range(6 * 60):
        now = np.array([clock.now_us()])
        batch = Batch(0, tags, now, now, random.normal(0, 1, (1, 2000)), np.zeros(2000, np.uint32))
        begun = time.perf_counter()
        intake.append(batch)
        taken = time.perf_counter()
        clock.at_us += 1_000_000
        scored = len(bound.model.asked)
        whole.step()
        took_ms = (time.perf_counter() - taken) * 1e3
        (score_ms if len(bound.model.asked) > scored else step_ms).append(took_ms)
        take_ms.append((taken - begun) * 1e3)
    assert len(score_ms) == 1
    assert sum(each.p48 is not None for each in whole.outlooks()[1]) == 250
    with capsys.disabled():
        print(
            f"\n250 assets x 8 sensors at 1 Hz: 2000 samples taken in {np.median(take_ms):.3f} ms (median), "
            f"a step without a bucket {np.median(step_ms):.1f} ms (p95 {np.percentile(step_ms, 95):.1f}), "
            f"with a bucket scored {score_ms[0]:.0f} ms"
        )
    file.close()


def _steady(count: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((count, *shape), np.float32), np.ones((count, *shape), np.float32)
