"""Our OPC UA driver against node-opcua, a server by another maker."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.drivers.driver import Refused
from engine.drivers.opcua import DRIVER, rejected, trust
from engine.types import Status
from tests.engine.drivers.opcua.recording import context, running, tag, until

pytestmark = [pytest.mark.peer, pytest.mark.system, pytest.mark.timeout(300)]
TAGS = (
    tag(1, "nsu=urn:peer:plant;s=Counter"),
    tag(2, "nsu=urn:peer:plant;s=Constant", rate=1.0),
    tag(3, "nsu=urn:peer:plant;s=Running", rate=1.0),
    tag(4, "nsu=urn:peer:plant;s=Nothing", rate=1.0),
)


async def test_values_of_another_makers_server_are_read_openly(tmp_path: Path, node_opcua: str) -> None:
    async with running(context(tmp_path, node_opcua, *TAGS)) as (sink, task):
        await until(lambda: len(sink.samples.get(1, [])) >= 10 and {2, 3} <= sink.samples.keys(), 15, task)
        counted = [seen.value for seen in sink.samples[1]]
        assert counted == sorted(counted)
        assert all(seen.status == Status.GOOD for seen in sink.samples[1])
        assert (sink.samples[2][-1].value, sink.samples[3][-1].value) == (12.5, 1.0)
        assert sink.marks == {4: Status.CONFIGURATION_ERROR}
        assert [sink.infos[k].type for k in (1, 2, 3)] == ["uint32", "float64", "bool"]
        proofs = sink.proofs[2]
        await until(lambda: sink.proofs[2] >= proofs + 3, 4, task)
        assert sink.losses == []


async def test_another_makers_server_is_read_with_the_best_encryption(
    tmp_path: Path, node_opcua: str
) -> None:
    one = context(tmp_path, node_opcua, *TAGS, security="")
    with pytest.raises(Refused, match="server certificate not trusted"):
        await DRIVER.run(one)
    trust(tmp_path, "press", rejected(tmp_path, "press")[0].thumbprint)
    async with running(one) as (sink, task):
        await until(lambda: len(sink.samples.get(1, [])) >= 5, 15, task)
        assert sink.security == ["Aes256_Sha256_RsaPss"]
    names = [item.name for item in await DRIVER.browse(one, "")]
    assert {"Counter", "Constant", "Running"} <= set(names)
