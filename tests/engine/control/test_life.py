"""The life of a write as a table: what may follow what, and nothing else."""

from __future__ import annotations

from itertools import product
from typing import get_args

import msgspec
import pytest

from engine.control.life import NEXT, Illegal, advanced, after_restart
from engine.types import Step, Write

STEPS: tuple[Step, ...] = get_args(Step)
LEGAL = {
    ("proposed", "checked"), ("checked", "selected"), ("selected", "confirmed"), ("confirmed", "sent"),
    ("sent", "verified"), ("sent", "rejected"), ("sent", "unknown"),
    ("proposed", "rejected"), ("checked", "rejected"), ("selected", "rejected"), ("confirmed", "rejected"),
    ("confirmed", "unknown"), ("unknown", "verified"), ("unknown", "closed"), ("rejected", "verified"),
    ("verified", "closed"), ("rejected", "closed"),
}  # fmt: skip


def at(step: Step, **more: object) -> Write:
    return msgspec.structs.replace(Write("w", "setpoint", "a", step, 1.0, sent_us=1), **more)


@pytest.mark.parametrize(("now", "then"), list(product(STEPS, STEPS)))
def test_only_the_steps_of_the_table_can_be_taken(now: Step, then: Step) -> None:
    if (now, then) in LEGAL:
        after = advanced(at(now), then, why="so")
        assert (after.step, after.why, after.is_locked) == (then, "so", then == "unknown")
    else:
        with pytest.raises(Illegal):
            advanced(at(now), then)


def test_nothing_leads_back_to_sent() -> None:
    reachable: set[Step] = set(NEXT["sent"])
    for _ in STEPS:
        reachable |= {then for step in reachable for then in NEXT[step]}
    assert not reachable & {"proposed", "checked", "selected", "confirmed", "sent"}


def test_a_critical_write_is_not_sent_before_the_second_person_confirmed_it() -> None:
    waiting = at("confirmed", needs_second=True)
    with pytest.raises(Illegal, match="without one"):
        advanced(waiting, "sent")
    both = advanced(waiting, "confirmed", second="ben")
    assert advanced(both, "sent").step == "sent"
    with pytest.raises(Illegal, match="second person it waits for"):
        advanced(both, "confirmed", second="cora")


def test_what_was_never_sent_is_never_verified() -> None:
    with pytest.raises(Illegal, match="never sent"):
        advanced(at("rejected", sent_us=0), "verified")


@pytest.mark.parametrize(
    ("write", "became"),
    [
        (at("proposed"), "rejected"),
        (at("checked"), "rejected"),
        (at("selected"), "rejected"),
        (at("confirmed", needs_second=True), "rejected"),
        (at("confirmed", needs_second=True, second="ben"), "unknown"),
        (at("confirmed"), "unknown"),
        (at("sent"), "unknown"),
        (at("unknown"), None),
        (at("verified"), None),
        (at("rejected"), None),
        (at("closed"), None),
    ],
)
def test_after_a_restart_what_may_have_been_sent_is_unknown(write: Write, became: Step | None) -> None:
    assert after_restart(write) == became
