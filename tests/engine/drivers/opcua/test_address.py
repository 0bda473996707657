from __future__ import annotations

import subprocess
import sys
import uuid

import pytest

from engine.drivers.opcua import DRIVER
from engine.drivers.opcua.address import NodeAddress, address_text, dialled, host_and_port, parse, path_text
from engine.types import Source


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("nsu=urn:demo:plant;s=S50.Pressure", NodeAddress("urn:demo:plant", 0, "s", "S50.Pressure")),
        ("ns=2;s=S50.Pressure", NodeAddress("", 2, "s", "S50.Pressure")),
        ("ns=3;i=1001", NodeAddress("", 3, "i", 1001)),
        ("i=2258", NodeAddress("", 0, "i", 2258)),
        ("ns=2;s=a;b=c d", NodeAddress("", 2, "s", "a;b=c d")),
        ("nsu=http://x/a%3Bb%25;s=1", NodeAddress("http://x/a;b%", 0, "s", "1")),
        ("ns=4;b=AQID", NodeAddress("", 4, "b", b"\x01\x02\x03")),
        (
            "ns=5;g=09087e75-8e5e-499b-954f-f2a9603db28a",
            NodeAddress("", 5, "g", uuid.UUID("09087e75-8e5e-499b-954f-f2a9603db28a")),
        ),
    ],
)
def test_node_id_is_read_as_written(text: str, meant: NodeAddress) -> None:
    assert parse(text) == meant
    assert DRIVER.check_address(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no identifier"),
        ("S50.Pressure", "no identifier"),
        ("ns=two;s=a", "after ns= comes a number"),
        ("ns=2", "after ns= comes a number"),
        ("ns=70000;s=a", "at most 65535"),
        ("nsu=;s=a", "names no namespace URI"),
        ("nsu=urn:a", "names no namespace URI"),
        ("ns=2;s=", "identifier is missing"),
        ("ns=2;i=12x", "numeric identifier"),
        ("ns=2;i=4294967296", "numeric identifier"),
        ("ns=2;g=123", "no GUID"),
        ("ns=2;b=%%", "no base64"),
        (" ns=2;s=a", "begins or ends with a space"),
        ("ns=2;s=" + "a" * 5000, "longer than 4096"),
    ],
)
def test_wrong_node_id_gets_one_plain_sentence(text: str, said: str) -> None:
    mistakes = DRIVER.check_address(text)
    assert len(mistakes) == 1
    assert said in mistakes[0]


def test_printed_address_reads_back_to_the_same_node() -> None:
    for address in (
        NodeAddress("urn:a;b%c", 0, "s", "x;y"),
        NodeAddress("urn:a", 0, "b", b"\x00\xff"),
        NodeAddress("urn:a", 0, "i", 7),
    ):
        assert parse(address_text(address.uri, address.kind, address.identifier)) == address


def source(endpoint: str = "opc.tcp://plc:4840", security: str = "") -> Source:
    return Source(id="press", driver="opcua", endpoint=endpoint, security=security)


@pytest.mark.parametrize(
    "security", ["", "none", "Aes256_Sha256_RsaPss", "Aes128_Sha256_RsaOaep", "Basic256Sha256"]
)
def test_known_security_words_are_accepted(security: str) -> None:
    assert DRIVER.check_source(source(security=security)) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (source("http://plc:4840"), "must begin with opc.tcp://"),
        (source("opc.tcp://:4840"), "names no host"),
        (source("opc.tcp://plc:x"), "port must be a number"),
        (source("opc.tcp://plc:99999"), "port must be a number"),
        (source("opc.tcp://me:secret@plc:4840"), "never in plant.toml"),
        (source(security="Basic256"), "SHA-1"),
        (source(security="best"), "unknown"),
    ],
)
def test_wrong_source_gets_one_plain_sentence(wrong: Source, said: str) -> None:
    mistakes = DRIVER.check_source(wrong)
    assert len(mistakes) == 1
    assert said in mistakes[0]
    assert "secret" not in mistakes[0]


def test_endpoint_without_port_means_4840() -> None:
    assert host_and_port("opc.tcp://plc/path") == ("plc", 4840)
    assert dialled("opc.tcp://plc/path") == "opc.tcp://plc:4840/path"
    assert dialled("opc.tcp://[::1]:4841") == "opc.tcp://[::1]:4841"


def test_checking_addresses_does_not_load_the_protocol_library() -> None:
    code = (
        "import sys; from engine.drivers.opcua import DRIVER; DRIVER.check_address('i=1'); "
        "sys.exit('asyncua' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("at=3;nsu=urn:demo:plant;s=Counts", (3,)),
        ("at=1,2;ns=2;s=Grid", (1, 2)),
        ("at=Motor.Speed;ns=2;s=Machine", ("Motor", "Speed")),
        ("at=Axes.0.Position;ns=2;s=Machine", ("Axes", 0, "Position")),
        ("at=Set%2Epoint%3B1;ns=2;s=Machine", ("Set.point;1",)),
        ("at=2nd;ns=2;s=Machine", ("2nd",)),
        ("ns=2;s=at=3;x", ()),
    ],
)
def test_an_address_may_pick_one_element_or_field(text: str, at: tuple[int | str, ...]) -> None:
    assert parse(text).at == at
    assert DRIVER.check_address(text) == []
    assert DRIVER.tag_type(text) == ""


@pytest.mark.parametrize("at", [(3,), ("Motor", "Speed"), ("Axes", 0, "Position"), ("a.b;c%2E",)])
def test_a_path_can_be_written_and_read_again(at: tuple[int | str, ...]) -> None:
    assert parse(f"at={path_text(at)};ns=2;s=x").at == at


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("at=3", "no node id after 'at='"),
        ("at=3;", "has no identifier"),
        ("at=;ns=2;s=x", "empty step"),
        ("at=Motor..Speed;ns=2;s=x", "empty step"),
        ("at= 3;ns=2;s=x", "empty step or a space"),
        ("at=1,;ns=2;s=x", "not a number or field"),
        ("at=-1;ns=2;s=x", "not a number or field"),
        ("at=4294967296;ns=2;s=x", "at most 4294967295"),
    ],
)
def test_a_mistake_behind_at_is_said_with_an_example(text: str, why: str) -> None:
    (mistake,) = DRIVER.check_address(text)
    assert why in mistake
