"""Scores find what was broken on purpose and little else; accounting leaves no loss unexplained."""

import time

import numpy as np
import pytest

from engine.historian.rollup import MINUTE_US, SECOND_US
from engine.historian.scores import FINE, SIDES, Accounting, accounting, named_alike, scores
from engine.types import Gap, Origin, Status, Tag, TagScore
from tests.engine.historian.defects import HOUR_US, T0, hour
from tests.engine.historian.made import Memory, samples

FLOW = Tag(7, "Line/Press/Flow", "plc", "", low=0.0, high=100.0)


def memory(tag: Tag = FLOW, **changes: object) -> Memory:
    """An hour of noisy values, once a second."""
    found = Memory()
    clock = np.arange(T0, T0 + HOUR_US, SECOND_US)
    value = 50 + np.random.default_rng(3).normal(0, 1, len(clock))
    given = {"value": value, "delay_us": 50_000, **changes}
    found.add(tag.tag_id, samples(clock, **given))  # type: ignore[arg-type]
    return found


def score(history: Memory, tag: Tag = FLOW) -> TagScore:
    return scores(history, [tag], T0, T0 + HOUR_US)[0][0]


@pytest.mark.parametrize("seed", [1, 2])
def test_injected_defects_are_found_and_little_else(seed: int) -> None:
    made = hour(seed)
    found, _, _ = scores(made.history, made.tags, T0, T0 + HOUR_US, made.pairs)
    assert len(found) == len(made.tags)
    for side in SIDES:
        told = {each.path for each in found if getattr(each, side) < FINE}
        right = told & made.has[side]
        precision, recall = len(right) / max(len(told), 1), len(right) / len(made.has[side])
        print(f"seed {seed} {side}: precision {precision:.3f}, recall {recall:.3f} of {len(made.tags)} tags")
        assert precision >= 0.9, (side, sorted(told - made.has[side])[:9])
        assert recall >= 0.9, (side, sorted(made.has[side] - told)[:9])


def test_sound_tag_has_full_marks_and_nothing_to_say() -> None:
    assert score(memory()) == TagScore(FLOW.path, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, "")


def test_tag_without_samples_says_so() -> None:
    found = score(Memory())
    assert (found.score, found.complete, found.worst) == (0.0, 0.0, "no samples")


def test_stretch_without_link_is_not_complete() -> None:
    history = memory()
    whole = history.tags[7]
    lost = (whole.time_us > T0 + 10 * MINUTE_US) & (whole.time_us < T0 + 25 * MINUTE_US)
    history.tags.clear()
    history.add(7, samples(whole.time_us[~lost], whole.value[~lost]))
    end = T0 + 10 * MINUTE_US + 3 * SECOND_US
    history.add(7, samples([end], [np.nan], Status.NO_COMMUNICATION, origin=Origin.ENGINE))
    found = score(history)
    assert found.complete == pytest.approx(0.75, abs=0.01)
    assert found.worst == "without a good value for 15 min" or "samples did not come" in found.worst


def test_silence_of_a_tag_that_sends_only_changes_is_no_loss() -> None:
    history = Memory()
    history.add(7, samples([T0 - 5 * HOUR_US, T0 + 7 * MINUTE_US, T0 + 40 * MINUTE_US], [1, 2, 3]))
    assert score(history).score == 1.0


def test_late_samples_are_told_with_how_late() -> None:
    delay = np.full(3600, 50_000)
    delay[:900] = 34 * SECOND_US
    found = score(memory(delay_us=delay))
    assert found.timely == pytest.approx(0.75, abs=0.001)
    assert found.worst == "late by 34 s"


def test_value_out_of_its_range_is_told_with_for_how_long() -> None:
    value = 50 + np.random.default_rng(3).normal(0, 1, 3600)
    value[600:1200] += 100
    found = score(memory(value=value))
    assert found.in_range == pytest.approx(1 - 600 / 3600)
    assert found.worst == "outside 0 to 100 for 10 min"


def test_frozen_sensor_is_stuck_and_a_resting_or_commanded_one_is_not() -> None:
    value = 50 + np.random.default_rng(3).normal(0, 1, 3600)
    value[600:2400] = value[600]
    found = score(memory(value=value))
    assert found.moving == pytest.approx(0.5, abs=0.01)
    assert found.worst == "has not changed for 30 min"
    value[600:2400] = 0.0
    assert score(memory(value=value)).moving == 1.0
    setpoint = Tag(7, "Line/Press/Setpoint", "plc", "", writable=True)
    value[600:2400] = 7.7
    assert score(memory(setpoint, value=value), setpoint).moving == 1.0
    state = Tag(7, "Line/Press/State", "plc", "", states={0: "off", 1: "on"})
    assert score(memory(state, value=value), state).moving == 1.0


def test_sensor_that_was_frozen_all_the_time_is_stuck_where_it_moved_before() -> None:
    history = memory(value=np.full(3600, 42.5))
    assert score(history).moving == 1.0
    before = np.arange(T0 - HOUR_US, T0, SECOND_US)
    history.add(7, samples(before, 50 + np.random.default_rng(1).normal(0, 1, 3600)))
    found = score(history)
    assert (found.moving, found.worst) == (0.0, "has not changed for 60 min")


def test_pair_that_drifts_apart_is_inconsistent_on_both_sides() -> None:
    twin = Tag(8, "Line/Press/Flow B", "plc", "", low=0.0, high=100.0)
    history = memory()
    whole = history.tags[7]
    history.add(8, samples(whole.time_us, whole.value + np.linspace(0, 4, 3600)))
    found, _, _ = scores(history, [FLOW, twin], T0, T0 + HOUR_US, [(7, 8, 2.0)])
    assert [each.consistent for each in found] == [0.5, 0.5]
    assert found[0].worst == "differs from Line/Press/Flow B for 30 min"


def test_tags_named_alike_are_pairs() -> None:
    tags = [
        Tag(1, "L/Flow A", "p", "", low=0.0, high=50.0),
        Tag(2, "L/Flow B", "p", "", low=0.0, high=50.0),
        Tag(3, "L/Level A", "p", ""),
        Tag(4, "L/Level B", "p", ""),
        Tag(5, "L/Heat A", "p", "", unit="K", low=0.0, high=1.0),
        Tag(6, "L/Heat B", "p", "", unit="degC"),
    ]
    assert named_alike(tags) == [(1, 2, 1.0)]


def test_devices_and_areas_are_weighted_by_how_critical_their_tags_are_worst_first() -> None:
    tags = [
        Tag(1, "Hall/Press/Flow", "plc", "", criticality="critical"),
        Tag(2, "Hall/Oven/Heat", "plc", "", criticality="low"),
        Tag(3, "Yard/Gate/State", "gate", ""),
    ]
    history = memory(tags[1])
    history.tags[3] = history.tags[2]
    found, devices, areas = scores(history, tags, T0, T0 + HOUR_US)
    assert [each.path for each in found] == ["Hall/Press/Flow", "Hall/Oven/Heat", "Yard/Gate/State"]
    assert [(each.path, round(each.complete, 3)) for each in devices] == [("plc", 0.2), ("gate", 1.0)]
    assert devices[0].worst == "Hall/Press/Flow: no samples"
    assert [(each.path, round(each.score, 3)) for each in areas] == [
        ("Hall/Press", 0.0),
        ("Hall", 0.2),
        ("Hall/Oven", 1.0),
        ("Yard", 1.0),
        ("Yard/Gate", 1.0),
    ]


def test_work_that_is_stopped_gives_what_was_done() -> None:
    tags = [Tag(at, f"L/T{at}", "plc", "") for at in range(40)]
    told: list[float] = []
    found, _, _ = scores(Memory(), tags, T0, T0 + HOUR_US, watch=lambda part: bool(told.append(part)))
    assert len(found) == 16
    assert told == [0.4]


def test_accounting_of_a_whole_hour_misses_nothing() -> None:
    assert accounting(memory(), FLOW, T0, T0 + HOUR_US) == Accounting(3600, 3600, 0)


def test_loss_that_nobody_explains_shows() -> None:
    history = memory()
    whole = history.tags[7]
    keep = np.ones(3600, np.bool_)
    keep[1000:1600] = False
    history.tags[7] = samples(whole.time_us[keep], whole.value[keep])
    found = accounting(history, FLOW, T0, T0 + HOUR_US)
    assert found == Accounting(3600, 3000, 0)
    assert found.lost == 600


@pytest.mark.parametrize(
    "gap",
    [
        Gap(T0 + 1000 * SECOND_US, T0 + 1600 * SECOND_US, "link", source="plc"),
        Gap(T0 + 1000 * SECOND_US, T0 + 1600 * SECOND_US, "engine"),
        Gap(T0 + 1000 * SECOND_US, T0 + 1600 * SECOND_US, "backlog", source="plc", tag_id=7, samples=600),
    ],
    ids=["link", "engine", "backlog"],
)
def test_loss_with_a_known_cause_is_explained(gap: Gap) -> None:
    history = memory()
    whole = history.tags[7]
    keep = np.ones(3600, np.bool_)
    keep[1000:1600] = False
    history.tags[7] = samples(whole.time_us[keep], whole.value[keep])
    history.gap_list.append(gap)
    found = accounting(history, FLOW, T0, T0 + HOUR_US)
    assert (found.expected, found.stored, found.lost) == (3600, 3000, 0)
    history.gap_list[:] = [Gap(gap.start_us, gap.end_us, "link", source="another")]
    assert accounting(history, FLOW, T0, T0 + HOUR_US).lost == 600


def test_stretch_that_the_engine_ended_is_explained_without_a_gap() -> None:
    history = memory()
    whole = history.tags[7]
    keep = np.ones(3600, np.bool_)
    keep[1000:1600] = False
    history.tags[7] = samples(whole.time_us[keep], whole.value[keep])
    history.add(7, samples([T0 + 1000 * SECOND_US], [50.0], Status.STALE, origin=Origin.ENGINE))
    found = accounting(history, FLOW, T0, T0 + HOUR_US)
    assert (found.stored, found.lost) == (3000, 0)


def test_left_out_samples_are_not_lost() -> None:
    history = Memory()
    history.add(7, samples(np.arange(T0, T0 + HOUR_US, 10 * SECOND_US), np.arange(360.0), dropped=9))
    assert accounting(history, FLOW, T0, T0 + HOUR_US).lost == 0


@pytest.mark.bench
def test_scores_of_2800_tags_cost_less_than_two_seconds() -> None:
    history, tags = Memory(), [Tag(at, f"L/T{at}", "plc", "", low=0.0, high=100.0) for at in range(2800)]
    hour_long = memory().tags[7]
    history.tags.update(dict.fromkeys(range(2800), hour_long))
    began = time.process_time()
    scores(history, tags, T0, T0 + HOUR_US)
    print(f"scores of 2,800 tags over an hour: {time.process_time() - began:.2f} s CPU")
