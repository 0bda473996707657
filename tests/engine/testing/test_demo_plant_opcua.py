"""The OPC UA servers of a demo plant: types, units and words; samples as arrays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asyncua import Client, ua

from engine.drivers.opcua.arrays import parse_response
from engine.testing.demo_plant.certificate import server_certificate
from engine.testing.demo_plant.conditions import Conditions
from engine.testing.demo_plant.controller import refuse
from engine.testing.demo_plant.opcua import KINDS, PlcServer, start_server
from engine.testing.demo_plant.opcua_items import Sampled, encoded
from engine.testing.demo_plant.plant import Model, Plant
from engine.testing.demo_plant.plants import plant_named

NOW_US = 1_700_000_000_000_000
PRESS = plant_named("press")


@asynccontextmanager
async def served(folder: Path, plant: Plant, source: str) -> AsyncIterator[tuple[PlcServer, Model]]:
    model = Model(plant)
    first = model.values(Conditions(), np.array([0.0]))[0]
    own = [point for point in model.points if point.source == source]
    files = server_certificate(folder, source, NOW_US)
    server = await start_server(plant, own, first, 0, files, refuse, NOW_US)
    try:
        yield server, model
    finally:
        await server.stop()


class Seen:
    """Collects what a stock asyncua client is notified of."""

    def __init__(self) -> None:
        self.values: list[tuple[str, Any, Any]] = []

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        content = data.monitored_item.Value
        self.values.append((str(node.nodeid.Identifier), value, content.SourceTimestamp))


@pytest.mark.system
async def test_every_variable_of_the_framing_line_has_its_type_range_unit_and_words(tmp_path: Path) -> None:
    plant = plant_named("framing")
    async with served(tmp_path, plant, "plc-2") as (server, model):
        points = [point for point in model.points if point.source == "plc-2"]
        space = server.server.iserver.aspace
        for point, node in zip(points, server.offered.column, strict=True):
            value = space.read_attribute_value(node, ua.AttributeIds.Value)
            assert value.Value is not None and value.Value.VariantType == KINDS[point.spec.wire], point.path
            properties = {
                ref.BrowseName.Name: space.read_attribute_value(ref.NodeId, ua.AttributeIds.Value).Value
                for ref in space[node].references
                if ref.ReferenceTypeId.Identifier == ua.ObjectIds.HasProperty
            }
            ranged = not point.spec.states and point.spec.wire != "bool"
            assert ("EURange" in properties) == ranged, point.path
            assert ("EngineeringUnits" in properties) == bool(point.spec.unit), point.path
            if point.spec.unit:
                assert properties["EngineeringUnits"].Value.DisplayName.Text == point.spec.unit
            if point.spec.states:
                data_type = space.read_attribute_value(node, ua.AttributeIds.DataType).Value.Value
                (words,) = (
                    space.read_attribute_value(ref.NodeId, ua.AttributeIds.Value).Value.Value
                    for ref in space[data_type].references
                    if ref.BrowseName is not None and ref.BrowseName.Name == "EnumStrings"
                )
                assert tuple(word.Text for word in words) == point.spec.states


@pytest.mark.system
async def test_stock_client_gets_first_values_changes_and_their_times(tmp_path: Path) -> None:
    async with served(tmp_path, PRESS, "press") as (server, model):
        async with Client(server.endpoint) as client:
            seen = Seen()
            subscription = await client.create_subscription(50, seen)
            nodes = [client.get_node(node) for node in server.offered.column]
            await subscription.subscribe_data_change(nodes, queuesize=10)
            await _until(lambda: len(seen.values) == len(nodes))
            later = model.values(Conditions(), np.array([5.0]))[0]
            changed = int((later[server.columns] != server.offered.value).sum())
            assert changed > 3
            seen.values.clear()
            await server.show(later, np.ones(len(later), np.bool_), NOW_US + 1_000_000)
            await _until(lambda: len(seen.values) == changed)
            by_node = {node: value for node, value, _ in seen.values}
            pressure = next(p for p in model.points if p.path.endswith("Hydraulics/Pressure"))
            assert by_node["S50.Pressure"] == pytest.approx(later[pressure.column])
            assert {time.timestamp() for *_, time in seen.values} == {(NOW_US + 1_000_000) / 1e6}
            seen.values.clear()
            await server.show(later, np.ones(len(later), np.bool_), NOW_US + 2_000_000)
            none_due = np.zeros(len(later), np.bool_)
            await server.show(later + 1.0, none_due, NOW_US + 3_000_000)
            read = await nodes[0].read_value()
            assert read == pytest.approx(later[pressure.column])
            assert seen.values == [], "what did not change or is not due is not sent"


def test_encoded_samples_are_what_the_driver_decodes() -> None:
    kinds = np.array([11, 10, 6, 1, 7, 11], np.uint8)
    values = np.array([1.5, 2.25, -7.0, 1.0, 40_000.0, -3.5])
    handles, times = np.arange(6, dtype=np.uint32) + 10, np.full(6, NOW_US)
    body = encoded(Sampled(handles, kinds, values, times, np.zeros(6, np.uint32)))
    decoded = parse_response(_response(body)).samples
    order = np.argsort(decoded.handle)
    assert decoded.handle[order].tolist() == handles.tolist()
    assert decoded.value[order].tolist() == values.tolist()


def _response(body: bytes) -> bytes:
    """A PublishResponse around one notification, encoded by asyncua itself."""
    make: Any = ua.ExtensionObject
    type_id: Any = ua.FourByteNodeId
    response = ua.PublishResponse()
    response.Parameters.NotificationMessage.NotificationData = [make(TypeId=type_id(811), Body=body)]
    from asyncua.ua.ua_binary import struct_to_binary

    return bytes(struct_to_binary(response))


async def _until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)
