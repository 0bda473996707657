"""Publishes as arrays: readers, the fast way and the stock way together."""

from __future__ import annotations

import math
from typing import Any

import pytest
from asyncua import Client, ua
from asyncua.client.ua_session import UaSession
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_to_binary

from engine.drivers.opcua import publish
from engine.drivers.opcua.decode import STRANGER, Change, Reader, decode, to_samples
from engine.types import Status

TYPES = ua.VariantType


def sample(value: Any, kind: ua.VariantType, status: int = 0) -> ua.DataValue:
    return ua.DataValue(ua.Variant(value, kind), ua.StatusCode(status))


def received(*items: tuple[int, ua.DataValue]) -> ua.PublishResult:
    """A publish as it comes from the wire."""
    made = ua.PublishResponse()
    made.Parameters.SubscriptionId = 5
    made.Parameters.MoreNotifications = True
    made.Parameters.NotificationMessage.SequenceNumber = 9
    made.Parameters.NotificationMessage.NotificationData = [
        ua.DataChangeNotification(
            MonitoredItems=[ua.MonitoredItemNotification(ClientHandle=h, Value=v) for h, v in items]
        )
    ]
    return publish.response_of(Buffer(struct_to_binary(made))).Parameters


def doubled(value: ua.DataValue) -> tuple[float, int]:
    assert value.Value is not None
    return 2 * value.Value.Value, Status.UNCERTAIN


def test_numbers_come_as_arrays_and_keep_sequence_and_more() -> None:
    result = received((1, sample(1.5, TYPES.Double)), (2, sample(-3, TYPES.Int16, 0x400)))
    assert isinstance(result.NotificationMessage.NotificationData[0], Change)
    assert result.SubscriptionId == 5
    made = decode(result)
    assert (made.sequence, made.holds_data, made.more, made.ended) == (9, True, True, 0)
    assert made.samples.handle.tolist() == [1, 2]
    assert made.samples.value.tolist() == [1.5, -3.0]
    assert made.samples.status.tolist() == [0, 0x400]


def test_a_tag_with_a_reader_is_read_by_it_even_in_a_publish_of_numbers() -> None:
    result = received((1, sample(1.5, TYPES.Double)), (2, sample(4.0, TYPES.Double)))
    readers: dict[int, Reader] = {2: doubled}
    made = decode(result, readers)
    assert made.samples.value.tolist() == [1.5, 8.0]
    assert made.samples.status.tolist() == [0, Status.UNCERTAIN]
    assert (made.sequence, made.more) == (9, True)


def test_readers_of_other_tags_do_not_slow_a_publish_of_numbers_down() -> None:
    result = received((1, sample(1.5, TYPES.Double)))
    change: Any = result.NotificationMessage.NotificationData[0]
    assert decode(result, {7: doubled}).samples is change.samples


def test_texts_without_a_reader_are_a_mistake_in_the_configuration() -> None:
    made = decode(received((1, sample("a", TYPES.String)), (2, sample(2.0, TYPES.Double))))
    assert math.isnan(made.samples.value[0]) and made.samples.value[1] == 2.0
    assert made.samples.status.tolist() == [Status.CONFIGURATION_ERROR, Status.GOOD]


def test_a_text_is_read_by_its_reader() -> None:
    read: dict[int, Reader] = {1: lambda value: (float(len(value.Value.Value)), 0)}
    assert decode(received((1, sample("abc", TYPES.String))), read).samples.value.tolist() == [3.0]


def test_values_that_were_read_go_through_the_same_readers() -> None:
    samples = to_samples([3, 4], [sample(1.0, TYPES.Double), sample(2.0, TYPES.Double)], {4: doubled})
    assert samples.value.tolist() == [1.0, 4.0]


def test_the_installed_asyncua_is_the_one_we_know() -> None:
    assert publish.fits()


async def test_another_asyncua_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def other(self: UaSession, acks: Any, more: Any) -> None:
        raise AssertionError(self, acks, more)

    monkeypatch.setattr(UaSession, "publish", other)
    publish.fits.cache_clear()
    try:
        client = Client("opc.tcp://127.0.0.1:1")
        before = client.uaclient.session.publish
        assert not publish.install(client)
        assert not publish.install(client)
        assert client.uaclient.session.publish == before
        told = [record.message for record in caplog.records if "one by one" in record.message]
        assert len(told) == 1 and "acks, more" in told[0]
    finally:
        publish.fits.cache_clear()


async def test_a_client_without_connection_says_so() -> None:
    client = Client("opc.tcp://127.0.0.1:1")
    assert publish.install(client)
    with pytest.raises(ConnectionError):
        await client.uaclient.session.publish([])


@pytest.mark.parametrize("kind", [TYPES.Int64, TYPES.UInt64])
def test_integer_that_is_rounded_is_uncertain_in_both_decoders(kind: ua.VariantType) -> None:
    values = [2**53, 2**53 + 1, 2**62] + (
        [-(2**53), -(2**53) - 1] if kind is TYPES.Int64 else [2**64 - 1] * 2
    )
    sent = (
        [sample(value, kind) for value in values]
        + [sample(2**62, kind, 0x480)]
        + [sample(2**62, kind, Status.BAD)]
    )
    arrays = decode(received(*enumerate(sent))).samples.status.tolist()
    stock = to_samples(range(len(sent)), sent).status.tolist()
    first = Status.GOOD if kind is TYPES.Int64 else Status.UNCERTAIN
    assert (
        arrays
        == stock
        == [0, Status.UNCERTAIN, Status.UNCERTAIN, first, Status.UNCERTAIN, 0x40000480, Status.BAD]
    )


@pytest.mark.parametrize("handle", [0x80000000, 0xFFFFFFFE, 0xFFFFFFFF])
def test_handle_that_cannot_be_ours_does_not_spoil_the_publish(handle: int) -> None:
    made = decode(received((handle, sample(1.5, TYPES.Double)), (2, sample(4.0, TYPES.Double))))
    assert made.samples.handle.tolist() == [STRANGER, 2]
    assert made.samples.value.tolist() == [1.5, 4.0]
