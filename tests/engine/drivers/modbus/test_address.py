import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.modbus import DRIVER
from engine.drivers.modbus.address import Address, AddressError, check_address, parse_address, tag_type
from engine.drivers.modbus.endpoint import (
    Endpoint,
    EndpointError,
    SerialPlace,
    TcpPlace,
    check_source,
    limits,
    parse_endpoint,
    timeout_s,
)
from engine.types import Source


@pytest.mark.parametrize(
    ("text", "address", "kind"),
    [
        ("holding:100:float32", Address("holding", 100, "float32", 2), "float32"),
        ("holding:100:float32:swap", Address("holding", 100, "float32", 2, swap=True), "float32"),
        ("holding:0:uint16:bswap", Address("holding", 0, "uint16", bswap=True), "uint16"),
        ("input:8:int64:bswap+swap", Address("input", 8, "int64", 4, swap=True, bswap=True), "int64"),
        ("input:7", Address("input", 7, "uint16"), "uint16"),
        ("coil:3", Address("coil", 3, "bit"), "bool"),
        ("discrete:65535", Address("discrete", 65535, "bit"), "bool"),
        ("holding:5:bit3", Address("holding", 5, "bit", bit=3), "bool"),
        ("holding:5:bit15:bswap", Address("holding", 5, "bit", bit=15, bswap=True), "bool"),
        ("holding:9:string:7", Address("holding", 9, "string", 4, characters=7), "string"),
        ("holding:65534:uint32", Address("holding", 65534, "uint32", 2), "uint32"),
    ],
)
def test_addresses_of_the_architecture_are_read(text: str, address: Address, kind: str) -> None:
    assert parse_address(text) == address
    assert tag_type(text) == kind


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a Modbus address"),
        ("Holding:1", "is not a Modbus address"),
        ("40101", "write holding:100"),
        ("300001", "write input:0"),
        ("holding", "needs a number"),
        ("holding:", "needs a number"),
        ("holding:-1", "needs a number"),
        ("holding:1.5", "needs a number"),
        ("holding:65536", "registers go from 0 to 65535"),
        ("coil:70000", "bits go from 0 to 65535"),
        ("holding:65535:float32", "float32 ends at register 65536"),
        ("holding:65533:float64", "float64 ends at register 65536"),
        ("coil:3:bool", "takes no type"),
        ("holding:1:real", '"real" is not known'),
        ("holding:1:bit16", "bit0 (least significant) to bit15"),
        ("holding:1:uint16:swap", "has only one"),
        ("holding:1:bit1:swap", "has only one"),
        ("holding:1:uint32:left", "only swap, bswap or bswap+swap"),
        ("holding:1:uint32:swap:bswap", "only swap, bswap or bswap+swap"),
        ("holding:1:string", "length in characters"),
        ("holding:1:string:0", "length in characters"),
    ],
)
def test_each_mistake_in_an_address_has_its_sentence(text: str, says: str) -> None:
    sentences = check_address(text)
    assert len(sentences) == 1
    assert says in sentences[0]


def test_two_mistakes_give_two_sentences() -> None:
    sentences = check_address("holding:x:bit99")
    assert len(sentences) == 2


def test_an_unreadable_address_states_no_type() -> None:
    assert tag_type("holding:x") == ""


@given(st.text(max_size=30))
def test_any_text_is_either_read_or_explained(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError as error:
        assert error.sentences
        assert check_address(text) == error.sentences
    else:
        assert 0 <= address.start <= 65535 - address.width + 1


@given(st.from_regex(r"(holding|input|coil):[0-9]{0,7}(:[a-z0-9]{0,8}){0,3}", fullmatch=True))
def test_nearly_right_addresses_never_leave_the_device(text: str) -> None:
    if not check_address(text):
        address = parse_address(text)
        assert address.start + address.width <= 65536


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("tcp://plc1", Endpoint(TcpPlace("plc1", 502), 1)),
        ("tcp://10.0.0.7:1502", Endpoint(TcpPlace("10.0.0.7", 1502), 1)),
        ("tcp://10.0.0.7:502?unit=7", Endpoint(TcpPlace("10.0.0.7", 502), 7)),
        ("tcp://10.0.0.7/?unit=0", Endpoint(TcpPlace("10.0.0.7", 502), 0)),
        ("tcp://[::1]:502?unit=255", Endpoint(TcpPlace("::1", 502), 255)),
        ("rtu:///dev/ttyS0", Endpoint(SerialPlace("/dev/ttyS0", 19200, "E", 1), 1)),
        (
            "rtu:///dev/ttyUSB0?baud=9600&parity=n&stop=2&unit=7",
            Endpoint(SerialPlace("/dev/ttyUSB0", 9600, "N", 2), 7),
        ),
        ("rtu://COM3?parity=O&unit=247", Endpoint(SerialPlace("COM3", 19200, "O", 1), 247)),
        ("rtu:///dev/serial/by-id/a%20b", Endpoint(SerialPlace("/dev/serial/by-id/a b"), 1)),
    ],
)
def test_endpoints_are_read(text: str, endpoint: Endpoint) -> None:
    assert parse_endpoint(text) == endpoint


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rtu://", "needs a serial port"),
        ("rtu:///?unit=1", "needs a serial port"),
        ("rtu:///dev/ttyS0?baud=fast", "baud must be a number from 300"),
        ("rtu:///dev/ttyS0?baud=50", "baud must be a number from 300"),
        ("rtu:///dev/ttyS0?parity=M", "E (even), O (odd) or N (none)"),
        ("rtu:///dev/ttyS0?stop=1.5", "stop must be 1 or 2"),
        ("rtu:///dev/ttyS0?unit=0", "from 1 to 247"),
        ("rtu:///dev/ttyS0?unit=248", "from 1 to 247"),
        ("rtu:///dev/ttyS0?speed=9600", '"speed" is not known here; only baud=, parity=, stop=, unit='),
        ("10.0.0.7:502", "write tcp://"),
        ("opc.tcp://10.0.0.7", "write tcp://"),
        ("tcp://", "needs a host name"),
        ("tcp://:502", "needs a host name"),
        ("tcp://h:0", "number from 1 to 65535"),
        ("tcp://h:99999", "number from 1 to 65535"),
        ("tcp://h:x", "number from 1 to 65535"),
        ("tcp://h?unit=256", "from 0 to 255"),
        ("tcp://h?unit=", "from 0 to 255"),
        ("tcp://h?slave=2", '"slave" is not known'),
        ("tcp://h/plc", "nothing may follow"),
        ("tcp://[::1", "is not a Modbus endpoint"),
    ],
)
def test_each_mistake_in_an_endpoint_has_its_sentence(text: str, says: str) -> None:
    sentences = check_source(Source("s", "modbus", text))
    assert len(sentences) == 1
    assert says in sentences[0]


@given(st.text(max_size=30))
def test_any_endpoint_is_either_read_or_explained(text: str) -> None:
    try:
        assert isinstance(parse_endpoint("tcp://" + text).place, TcpPlace)
    except EndpointError as error:
        assert error.sentences


@given(st.text(max_size=30))
def test_any_serial_endpoint_is_either_read_or_explained(text: str) -> None:
    try:
        assert isinstance(parse_endpoint("rtu://" + text).place, SerialPlace)
    except EndpointError as error:
        assert error.sentences


def test_four_mistakes_in_a_serial_endpoint_give_four_sentences() -> None:
    assert len(check_source(Source("s", "modbus", "rtu:///dev/ttyS0?baud=x&parity=x&stop=x&unit=x"))) == 4


def test_the_silence_between_frames_is_3_5_characters_and_never_under_1_75_ms_when_fast() -> None:
    assert SerialPlace("a", 9600).silence_s == pytest.approx(3.5 * 11 / 9600)
    assert SerialPlace("a", 9600, "N").silence_s == pytest.approx(3.5 * 10 / 9600)
    assert SerialPlace("a", 115_200).silence_s == 1.75e-3


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"timeout_s": -1.0}, "timeout_s = -1 must be from 0.02 to 60"),
        ({"timeout_s": 61.0}, "timeout_s = 61 must be from 0.02 to 60"),
        ({"timeout_s": float("nan")}, "timeout_s = nan must be"),
        ({"block": 0}, "block = 0 must be from 1 to 125"),
        ({"block": 126}, "block = 126 must be from 1 to 125"),
        ({"gap": -1}, "gap = -1 must be from 0 to 120"),
    ],
)
def test_each_mistake_in_the_settings_has_its_sentence(settings: dict[str, float], says: str) -> None:
    sentences = check_source(Source("s", "modbus", "tcp://h", **settings))
    assert len(sentences) == 1
    assert says in sentences[0]


def test_settings_left_out_are_one_second_125_registers_and_a_gap_of_8() -> None:
    source = Source("s", "modbus", "tcp://h")
    assert timeout_s(source) == 1.0
    assert (limits(source).registers, limits(source).bits, limits(source).gap) == (125, 2000, 8)


def test_settings_are_taken_over_and_bits_are_16_to_a_register() -> None:
    source = Source("s", "modbus", "tcp://h", timeout_s=0.25, block=10, gap=0)
    assert check_source(source) == []
    assert timeout_s(source) == 0.25
    assert (limits(source).registers, limits(source).bits, limits(source).gap) == (10, 160, 0)


@pytest.mark.parametrize(("security", "sentences"), [("", 0), ("none", 0), ("Basic256Sha256", 1)])
def test_only_no_security_is_accepted(security: str, sentences: int) -> None:
    assert len(DRIVER.check_source(Source("s", "modbus", "tcp://h", security))) == sentences


def test_importing_the_driver_does_not_load_pymodbus() -> None:
    code = "import sys, engine.drivers.modbus as m; print(m.DRIVER.name, 'pymodbus' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["modbus", "False"]
