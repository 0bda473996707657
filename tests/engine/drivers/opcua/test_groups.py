from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.opcua.groups import Group, Plan, place, planned


def filled(
    plan: Plan, wanted: list[tuple[float, str]], most: int, most_items: int = 0
) -> tuple[list[Group], list[int | None]]:
    """Place tags one after another; the groups that come of it and the place of each tag."""
    groups: list[Group] = []
    places: list[int | None] = []
    for handle, (rate, data_type) in enumerate(wanted):
        slot = plan.slot_of[rate]
        number = place(groups, plan, slot, data_type, most, most_items)
        if number == len(groups):
            groups.append(Group(number, slot, data_type, plan.publish_ms[slot], np.zeros(1, np.bool_)))
        if number is not None:
            groups[number].items[handle] = 1
        places.append(number)
    return groups, places


def test_each_rate_and_data_type_has_a_subscription() -> None:
    wanted = [(10.0, "Double"), (10.0, "Boolean"), (1.0, "Double"), (10.0, "Double")]
    groups, places = filled(planned([r for r, _ in wanted], 8), wanted, 8)
    assert places == [0, 1, 2, 0]
    assert [g.publish_ms for g in groups] == [100.0, 100.0, 500.0]


@pytest.mark.parametrize(("most", "expected"), [(2, [0, 0, 1, 0]), (1, [0, 0, 0, 0]), (3, [0, 1, 2, 0])])
def test_data_types_share_before_rates_do(most: int, expected: list[int]) -> None:
    wanted = [(10.0, "Double"), (10.0, "Boolean"), (1.0, "Double"), (10.0, "Double")]
    _, places = filled(planned([r for r, _ in wanted], most), wanted, most)
    assert places == expected


def test_rates_that_share_publish_as_the_fastest_of_them() -> None:
    plan = planned([1.0, 5.0, 10.0], 2)
    assert plan.slot_of == {10.0: 0, 5.0: 1, 1.0: 1}
    assert plan.publish_ms == (100.0, 200.0)


def test_tags_that_come_as_blocks_are_published_every_100_ms() -> None:
    assert planned([1000.0, 10.0, 1.0], 8).publish_ms == (100.0, 100.0, 500.0)
    assert planned([1000.0, 20.0], 1).publish_ms == (50.0,), "the quicker of those that share counts"


def test_full_subscription_gets_a_sister_and_then_tags_have_no_place() -> None:
    wanted = [(1.0, "Double")] * 5
    _, places = filled(planned([1.0], 2), wanted, 2, most_items=2)
    assert places == [0, 0, 1, 1, None]


@given(
    st.lists(st.tuples(st.sampled_from([0.1, 1.0, 5.0, 10.0]), st.sampled_from("abcdef")), max_size=40),
    st.integers(1, 9),
)
def test_every_tag_has_a_place_and_no_more_subscriptions_than_allowed(
    wanted: list[tuple[float, str]], most: int
) -> None:
    groups, places = filled(planned([r for r, _ in wanted], most), wanted, most)
    assert None not in places
    assert len(groups) <= most
