from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from asyncua import ua

from engine.clock import SystemClock
from engine.drivers.driver import NotReady
from engine.drivers.opcua.clock import ServerClock
from engine.drivers.opcua.decode import decode
from engine.drivers.opcua.failures import Place
from engine.drivers.opcua.feed import Feed
from engine.drivers.opcua.groups import Group
from engine.types import Status
from tests.engine.drivers.opcua.recording import RecordingSink

NOW = datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC)


def feed(tags: int, clock: ServerClock | None = None) -> tuple[Feed, Group, RecordingSink]:
    sink = RecordingSink()
    ids = np.arange(100, 100 + tags, dtype=np.int32)
    made = Feed(ids, sink, SystemClock(), Place("plc:4840", "press"), clock or ServerClock())
    group = Group(0, 0, "Double", 100.0, np.zeros(tags, np.bool_))
    group.monitored[:tags] = True
    made.add(group)
    return made, group, sink


def publish(sequence: int, *items: tuple[int, object, int], more: bool = False) -> ua.PublishResult:
    result = ua.PublishResult(MoreNotifications=more)
    result.NotificationMessage.SequenceNumber = sequence
    if items:
        changes = ua.DataChangeNotification()
        changes.MonitoredItems = [
            ua.MonitoredItemNotification(
                handle,
                ua.DataValue(ua.Variant(value), ua.StatusCode(status), NOW + timedelta(microseconds=k)),
            )
            for k, (handle, value, status) in enumerate(items)
        ]
        result.NotificationMessage.NotificationData = [changes]
    return result


def test_keep_alive_proves_only_tags_that_have_a_value() -> None:
    made, group, sink = feed(2)
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    made.on_publish(group, publish(2))
    assert sink.proofs == {100: 2}


def test_missing_notification_is_noted_and_nothing_counts_as_current_until_it_is_made_good() -> None:
    made, group, sink = feed(1)
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    made.on_publish(group, publish(4, (0, 6.0, 0)))
    assert group.gaps == [(2, 3)] and group.broken
    assert sink.proofs == {100: 1}
    group.gaps.clear()
    made.on_publish(group, publish(5))
    assert sink.proofs == {100: 2}


def test_keep_alive_that_skips_a_number_shows_the_loss_too() -> None:
    made, group, sink = feed(1)
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    made.on_publish(group, publish(3))
    assert group.gaps == [(2, 2)]


def test_sequence_number_wraps_from_its_largest_to_one() -> None:
    made, group, sink = feed(1)
    made.on_publish(group, publish(0xFFFFFFFF, (0, 5.0, 0)))
    made.on_publish(group, publish(1, (0, 6.0, 0)))
    assert not group.broken and sink.losses == []


def test_values_still_queued_at_the_server_are_not_proven_current() -> None:
    made, group, sink = feed(1)
    made.on_publish(group, publish(1, (0, 5.0, 0), more=True))
    assert sink.proofs == {}


def test_full_queue_at_the_server_is_a_loss() -> None:
    made, group, sink = feed(1)
    made.on_publish(group, publish(1, (0, 5.0, 0x0480)))
    assert [count for count, _ in sink.losses] == [1]
    last = sink.last(100)
    assert last is not None and (last.value, last.status) == (5.0, 0)


def test_loss_begins_with_the_last_value_known_and_on_a_new_tag_with_the_first_that_came() -> None:
    made, group, sink = feed(2)
    made.on_publish(group, publish(1, (0, 5.0, 0x0480), (0, 6.0, 0)))
    made.on_publish(group, publish(2, (1, 1.0, 0), (0, 7.0, 0x0480)))
    assert sink.losses_since == [seen.source_us for seen in sink.samples[100][:2]]


def test_stopped_server_program_makes_values_uncertain_and_running_again_reads_all() -> None:
    made, group, sink = feed(1)
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    made.on_publish(group, publish(2, (1, 3, 0)))
    assert sink.marks == {100: Status.LAST_USABLE}
    assert "state Suspended" in sink.notes["server state"][0]
    made.on_publish(group, publish(3, (0, 6.0, 0)))
    last = sink.last(100)
    assert last is not None and last.status == Status.LAST_USABLE
    assert sink.proofs == {100: 1}
    made.on_publish(group, publish(4, (1, 0, 0)))
    assert group.stale and sink.notes == {}


def test_vanished_node_is_marked_and_looked_for_again() -> None:
    made, group, sink = feed(1)
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    made.on_publish(group, publish(2, (0, None, ua.StatusCodes.BadNodeIdUnknown)))
    assert sink.marks == {100: Status.CONFIGURATION_ERROR}
    assert made.gone == {0}
    assert sink.whys[100] == "the node is no longer on the server"
    assert len(sink.samples[100]) == 1


def test_subscription_ended_by_the_server_is_a_failure() -> None:
    made, group, _ = feed(1)
    result = ua.PublishResult()
    result.NotificationMessage.NotificationData = [
        ua.StatusChangeNotification(Status=ua.StatusCode(ua.StatusCodes.BadTimeout))
    ]
    made.on_publish(group, result)
    assert isinstance(made.failure, NotReady)
    assert "BadTimeout" in str(made.failure)


def test_notification_that_comes_after_newer_ones_becomes_history_only_where_it_is_older() -> None:
    made, group, sink = feed(2)
    late = decode(publish(2, (0, 5.0, 0), (1, 7.0, 0)))
    made.on_publish(group, publish(3, (0, 6.0, 0)))
    old = replace(late.samples, source_us=late.samples.source_us - 1_000)
    made.take_old(group, old)
    assert [seen.value for seen in sink.samples[100]] == [6.0]
    assert [seen.value for seen in sink.samples[101]] == [7.0]
    assert [(b.tags.tolist(), b.value.tolist()) for b in sink.lates] == [([100], [[5.0]])]


def test_clock_that_is_far_off_makes_the_time_of_receipt_the_source_time() -> None:
    clock = ServerClock()
    now_us = SystemClock().now_us()
    clock.take(now_us + 60_000_000, now_us, now_us)
    made, group, sink = feed(1, clock)
    ahead = decode(publish(1, (0, 5.0, 0), (0, 6.0, 0))).samples
    made.take(group, replace(ahead, source_us=ahead.source_us + 60_000_000))
    first, second = sink.samples[100]
    assert (first.value, second.value) == (5.0, 6.0)
    assert first.source_us < second.source_us == second.receive_us
    assert first.status == second.status == Status.GOOD
    assert not clock.doubted


def test_time_that_the_clocks_offset_does_not_explain_asks_for_a_new_measurement() -> None:
    clock = ServerClock()
    made, group, sink = feed(1, clock)
    ahead = decode(publish(1, (0, 5.0, 0))).samples
    made.take(group, replace(ahead, source_us=np.array([SystemClock().now_us() + 60_000_000])))
    assert sink.samples[100][0].status == Status.UNCERTAIN
    assert clock.doubted


@pytest.mark.parametrize("handle", [1, 3, 9999, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF])
def test_value_of_an_item_we_do_not_monitor_is_dropped_and_told_and_the_session_lives(handle: int) -> None:
    made, group, sink = feed(2)
    group.monitored[1] = False
    made.on_publish(group, publish(1, (handle, 8.0, 0), (0, 5.0, 0)))
    made.on_publish(group, publish(2))
    made.take_old(group, decode(publish(1, (handle, 8.0, 0))).samples)
    assert made.failure is None
    assert sink.samples.keys() == sink.proofs.keys() == {100}
    assert [count for count, _ in sink.losses] == [1]
    assert "plc:4840" in sink.notes["strangers"][0] and sink.notes["strangers"][1]


def test_server_state_is_taken_from_its_own_subscription_only() -> None:
    made, _, sink = feed(1)
    other = Group(1, 0, "Double", 100.0, np.zeros(1, np.bool_))
    made.add(other)
    made.on_publish(other, publish(1, (1, 3, 0)))
    assert made.failure is None and "server state" not in sink.notes and "strangers" in sink.notes


def test_value_that_was_still_on_its_way_when_its_item_was_given_up_is_dropped_without_a_word() -> None:
    made, group, sink = feed(1)
    made.on_publish(group, publish(1, (0, None, ua.StatusCodes.BadNodeIdUnknown)))
    made.on_publish(group, publish(2, (0, 5.0, 0)))
    assert 100 not in sink.samples and sink.proofs == {}
    assert sink.losses == [] and sink.notes == {}
