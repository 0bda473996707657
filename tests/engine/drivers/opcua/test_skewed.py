"""Real servers with wrong clocks, over fast and slow lines: the offset that is measured, and its error."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.drivers.opcua import watch
from engine.testing.fault_proxy import FaultProxy
from tests.engine.drivers.opcua.conftest import StartServer
from tests.engine.drivers.opcua.recording import context, running, tag, until

A = "urn:test:a"
pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
DELAYS_S = ((0.0, 0.0), (0.12, 0.0), (0.0, 0.2), (0.15, 0.05))
"""How long a byte is under way to the server, and back."""


@pytest.mark.parametrize("shift", [0.0, 0.35, -1.7, 42.0, -3600.0])
async def test_true_offset_lies_within_the_stated_error(
    tmp_path: Path, start_server: StartServer, monkeypatch: pytest.MonkeyPatch, shift: float
) -> None:
    monkeypatch.setattr(watch, "STATUS_S", 0.5)
    server = start_server([(A, "T", 0.0)], shift=shift)
    async with FaultProxy(server.port) as proxy:
        port = proxy.port
        endpoint = server.endpoint.replace(str(server.port), str(port))
        async with running(context(tmp_path, endpoint, tag(1, f"nsu={A};s=T"))) as (sink, task):
            for up_s, down_s in DELAYS_S:
                proxy.drip(0, up_s, "up")
                proxy.drip(0, down_s, "down")
                count = len(sink.offsets)
                await until(lambda count=count: len(sink.offsets) >= count + 2, 20, task)
            proxy.resume()
    assert len(sink.offsets) >= 2 * len(DELAYS_S)
    for offset_s, error_s in zip(sink.offsets, sink.offset_errors, strict=True):
        assert abs(offset_s - shift) <= error_s + 0.002, (offset_s, error_s)
    assert min(sink.offset_errors) < 0.1, "a fast line is measured well"
    told = "clock" in sink.notes
    assert told == (abs(shift) > 1.0), sink.notes
