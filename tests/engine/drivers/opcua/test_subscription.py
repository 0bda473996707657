from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from asyncua import ua

from engine.clock import SystemClock
from engine.drivers.driver import NotReady
from engine.drivers.opcua.decode import decode
from engine.drivers.opcua.subscription import Feed, Group, grouped
from engine.types import Status
from tests.engine.drivers.opcua.recording import RecordingSink

NOW = datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC)


def feed(rates: list[float]) -> tuple[Feed, list[Group], RecordingSink]:
    sink = RecordingSink()
    made = Feed(np.arange(100, 100 + len(rates), dtype=np.int32), sink, SystemClock(), "press")
    groups = grouped(rates)
    for group in groups:
        made.add(group)
    return made, groups, sink


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


def test_tags_of_one_rate_share_a_subscription() -> None:
    groups = grouped([10.0, 1.0, 10.0])
    assert [(g.rate, g.handles.tolist()) for g in groups] == [(10.0, [0, 2]), (1.0, [1])]
    assert len(grouped([])) == 1


def test_keep_alive_proves_only_tags_that_have_a_value() -> None:
    made, (group,), sink = feed([1.0, 1.0])
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    made.on_publish(group, publish(2))
    assert sink.proofs == {100: 2}


def test_missing_notification_is_told_and_nothing_counts_as_current_until_read_again() -> None:
    made, (group,), sink = feed([1.0])
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    made.on_publish(group, publish(4, (0, 6.0, 0)))
    assert [count for count, _ in sink.losses] == [2]
    assert group.gap
    assert sink.proofs == {100: 1}


def test_keep_alive_that_skips_a_number_shows_the_loss_too() -> None:
    made, (group,), sink = feed([1.0])
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    made.on_publish(group, publish(3))
    assert [count for count, _ in sink.losses] == [1]


def test_sequence_number_wraps_from_its_largest_to_one() -> None:
    made, (group,), sink = feed([1.0])
    made.on_publish(group, publish(0xFFFFFFFF, (0, 5.0, 0)))
    made.on_publish(group, publish(1, (0, 6.0, 0)))
    assert sink.losses == []


def test_values_still_queued_at_the_server_are_not_proven_current() -> None:
    made, (group,), sink = feed([1.0])
    made.on_publish(group, publish(1, (0, 5.0, 0), more=True))
    assert sink.proofs == {}


def test_full_queue_at_the_server_is_a_loss() -> None:
    made, (group,), sink = feed([1.0])
    made.on_publish(group, publish(1, (0, 5.0, 0x0480)))
    assert [count for count, _ in sink.losses] == [1]
    last = sink.last(100)
    assert last is not None and (last.value, last.status) == (5.0, 0)


def test_stopped_server_program_makes_values_uncertain_and_running_again_reads_all() -> None:
    made, (group,), sink = feed([1.0])
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    made.on_publish(group, publish(2, (1, 3, 0)))
    assert sink.marks == {100: Status.LAST_USABLE}
    made.on_publish(group, publish(3, (0, 6.0, 0)))
    last = sink.last(100)
    assert last is not None and last.status == Status.LAST_USABLE
    assert sink.proofs == {100: 1}
    made.on_publish(group, publish(4, (1, 0, 0)))
    assert group.gap


def test_vanished_node_is_marked_and_looked_for_again() -> None:
    made, (group,), sink = feed([1.0])
    made.on_publish(group, publish(1, (0, 5.0, 0)))
    made.on_publish(group, publish(2, (0, None, ua.StatusCodes.BadNodeIdUnknown)))
    assert sink.marks == {100: Status.CONFIGURATION_ERROR}
    assert made.gone == {0}
    assert len(sink.samples[100]) == 1


def test_subscription_ended_by_the_server_is_a_failure() -> None:
    made, (group,), _ = feed([1.0])
    result = ua.PublishResult()
    result.NotificationMessage.NotificationData = [
        ua.StatusChangeNotification(Status=ua.StatusCode(ua.StatusCodes.BadTimeout))
    ]
    made.on_publish(group, result)
    assert isinstance(made.failure, NotReady)
    assert "BadTimeout" in str(made.failure)


def test_text_arrays_and_nothing_never_become_numbers() -> None:
    decoded = decode(
        publish(1, (0, "12.5", 0), (1, [1.0, 2.0], 0), (2, None, 0), (3, True, 0), (4, 2**40, 0))
    )
    assert np.isnan(decoded.samples.value[:3]).all()
    assert decoded.samples.status.tolist() == [
        Status.CONFIGURATION_ERROR,
        Status.CONFIGURATION_ERROR,
        Status.WAITING_FOR_INITIAL_DATA,
        0,
        0,
    ]
    assert decoded.samples.value[3:].tolist() == [1.0, float(2**40)]


def test_source_time_is_exact_to_the_microsecond() -> None:
    time = datetime(2026, 11, 22, 14, 27, 6, 123457, UTC)
    result = publish(1, (0, 1.0, 0))
    item = result.NotificationMessage.NotificationData[0].MonitoredItems[0]
    item.Value = ua.DataValue(ua.Variant(1.0), SourceTimestamp=time)
    microseconds = decode(result).samples.source_us.tolist()[0]
    assert microseconds % 1_000_000 == 123457
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds) == time
