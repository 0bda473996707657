from __future__ import annotations

import numpy as np
import pytest

from engine.drivers.opcua.proof import Proof, keep_alive_note, patience_s, proof_period_s
from tests.engine.drivers.opcua.test_audit import read
from tests.engine.drivers.opcua.test_feed import feed, publish

S = 1_000_000


@pytest.mark.parametrize(
    ("keep_alive_s", "tags", "slowest_s", "period_s"),
    [(0.75, 10, 0.1, 0.75), (60.0, 10, 0.1, 2.0), (60.0, 10_000, 0.1, 15.0), (60.0, 10, 5.0, 5.0)],
)
def test_rare_keep_alives_do_not_stretch_the_time_after_which_values_are_stale(
    keep_alive_s: float, tags: int, slowest_s: float, period_s: float
) -> None:
    _, group, _ = feed(1)
    group.keep_alive_s = keep_alive_s
    assert proof_period_s(group, tags, slowest_s) == period_s
    what, do = keep_alive_note([group], "plc:4840")
    assert bool(what) == bool(do) == (keep_alive_s > 2)


def test_value_that_reads_as_delivered_is_proven_and_another_is_not() -> None:
    made, group, sink = feed(3)
    made.on_publish(group, publish(1, (0, 5.0, 0), (1, 6.0, 0), (2, 7.0, 0)))
    sink.proofs.clear()
    proof = Proof()
    assert proof.turn(group, 0) == [0, 1, 2]
    proof.judge(made, group, read(5.0, 6.5, 7.0), sink, group.heard_us + S)
    assert sink.proofs == {100: 1, 102: 1}


def test_value_that_differs_and_is_not_published_is_found_out_and_a_publish_clears_it() -> None:
    made, group, sink = feed(1)
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    proof, start = Proof(), group.heard_us
    assert proof.judge(made, group, read(6.0), sink, start + S) == 0.0
    assert proof.turn(group, start + 2 * S) == [0]
    assert proof.judge(made, group, read(7.0), sink, start + 5 * S) == 4.0 > patience_s(group, 0.1)
    group.heard_us = start + 6 * S
    assert proof.judge(made, group, read(8.0), sink, start + 7 * S) == 0.0
    assert proof.judge(made, group, read(5.0), sink, start + 20 * S) == 0.0


def test_value_of_a_program_that_stopped_is_not_proven_by_reading() -> None:
    made, group, sink = feed(1)
    made.on_publish(group, publish(1, (0, 5.0, 0), (1, 3, 0)))
    Proof().judge(made, group, read(5.0), sink, group.heard_us)
    assert sink.proofs == {}


def test_large_group_is_read_in_turns_and_none_is_left_out() -> None:
    _, group, _ = feed(2_500)
    group.live[:] = True
    proof = Proof()
    turns = [proof.turn(group, 0) for _ in range(4)]
    assert [len(turn) for turn in turns] == [1000, 1000, 500, 1000]
    assert np.array_equal(sorted(sum(turns[:3], [])), np.arange(2_500))
