"""What our OPC UA driver writes, as a server by another maker takes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.drivers.opcua import rejected, trust
from engine.types import Reading, Sent, WriteOrder
from tests.engine.drivers.opcua.recording import context, sink_of, tag, until
from tests.engine.drivers.opcua.writable import monitored, source_of

pytestmark = [pytest.mark.peer, pytest.mark.system, pytest.mark.timeout(240)]
VALUES = {"Setpoint": 12.5, "Steps": -300.0, "Switch": 1.0}
TAGS = [tag(number, f"nsu=urn:peer:plant;s={name}") for number, name in enumerate(VALUES)]
MEASURED, CONSTANT = tag(8, "nsu=urn:peer:plant;s=Measured"), tag(9, "nsu=urn:peer:plant;s=Constant")


async def test_values_are_taken_read_back_and_shown_by_another_makers_server(
    tmp_path: Path, node_opcua: str
) -> None:
    port = int(node_opcua.rsplit(":", 1)[1])
    one = source_of(tmp_path, port, *TAGS, MEASURED, CONSTANT)
    async with monitored(one) as (writes, run):
        for number, value in enumerate(VALUES.values()):
            assert await writes.send(one, WriteOrder(number, value)) == Sent("accepted", "", 1)
            assert await writes.read(one, number) == Reading(value)
        samples = sink_of(one).samples
        await until(lambda: [samples[n][-1].value for n in range(3)] == list(VALUES.values()), 10, run)
        refused = await writes.send(one, WriteOrder(8, 5.0))
        assert (refused.outcome, refused.frames) == ("rejected", 1), refused
        assert "can only be read" in refused.why or "does not allow us" in refused.why
        # This server says Good and goes on with its own value: only reading back shows it.
        assert (await writes.send(one, WriteOrder(9, 5.0))).outcome == "accepted"
        assert await writes.read(one, 9) == Reading(12.5)


async def test_encrypted_link_is_written_without_anybodys_exception(tmp_path: Path, node_opcua: str) -> None:
    one = context(tmp_path, node_opcua, TAGS[0], security="")
    with pytest.raises(Exception, match="not trusted"):
        async with monitored(one):
            pass
    trust(tmp_path, "press", rejected(tmp_path, "press")[0].thumbprint)
    async with monitored(one) as (writes, _):
        assert await writes.send(one, WriteOrder(0, 77.0)) == Sent("accepted", "", 1)
        assert await writes.read(one, 0) == Reading(77.0)
