"""The order of a list of alarms, where all of them go at once."""

from __future__ import annotations

from hmi.displays.alarms.order import Order
from tests.hmi.line import HIGH


def test_a_list_that_is_judged_anew_when_all_alarms_are_gone_shows_none() -> None:
    order = Order()
    order.update({HIGH.id: HIGH})
    assert order.lines(frozenset()).ids == [HIGH.id]
    order.judge(lambda alarm: True)
    order.update({})
    assert order.ids == [] and order.lines(frozenset()).ids == []
