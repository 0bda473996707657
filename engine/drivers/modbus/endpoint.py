"""Where a Modbus device is, as a person writes it in plant.toml."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from engine.drivers.modbus.blocks import LIMITS, Limits
from engine.types import Source

LARGEST_PORT = 0xFFFF
DEFAULT_PORT = 502
DEFAULT_UNIT = 1
DEFAULT_TIMEOUT_S = 1.0
LONGEST_TIMEOUT_S = 60.0
WIDEST_GAP = 120
HOST = re.compile(r"[A-Za-z0-9._:%-]+")
SERIAL_WORDS = ("baud", "parity", "stop", "unit")
SLOWEST_BAUD, FASTEST_BAUD = 300, 1_000_000
FAST_BAUD = 19_200
FAST_SILENCE_S = 1.75e-3


class EndpointError(ValueError):
    """An endpoint that cannot be used; ``sentences`` has one per mistake."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class TcpPlace:
    """A host and port, on which several units may answer."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def key(self) -> str:
        """One connection per key."""
        return f"modbus tcp {self.host.lower()}:{self.port}"


@dataclass(frozen=True, slots=True)
class SerialPlace:
    """A serial port; 19200 baud, even, 1 stop are the defaults of "MODBUS over Serial Line" V1.02, 2.5.1."""

    device: str
    baud: int = 19_200
    parity: str = "E"
    stop: int = 1

    def __str__(self) -> str:
        return self.device

    @property
    def key(self) -> str:
        """One connection per key; a port has one speed, whatever its sources say."""
        return f"modbus rtu {self.device}"

    @property
    def character_s(self) -> float:
        """Seconds that one byte takes: start bit, 8 data bits, parity and stop bits."""
        return (9 + (self.parity != "N") + self.stop) / self.baud

    @property
    def silence_s(self) -> float:
        """The silence between two frames: 3.5 characters, 1.75 ms above 19200 baud (V1.02, 2.5.1.1)."""
        return FAST_SILENCE_S if self.baud > FAST_BAUD else 3.5 * self.character_s


Place = TcpPlace | SerialPlace


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One Modbus device: the place it is connected to and its unit id there."""

    place: Place
    unit: int = DEFAULT_UNIT

    def __str__(self) -> str:
        return f"{self.place} unit {self.unit}"


def parse_endpoint(text: str) -> Endpoint:
    """Read ``tcp://host[:port][?unit=7]`` or ``rtu:///dev/ttyS0[?baud=…]``; raises EndpointError."""
    strange = EndpointError(
        [f'"{text}" is not a Modbus endpoint; write tcp://host:port?unit=1 or rtu:///dev/ttyS0?unit=1.']
    )
    if not text.startswith(("tcp://", "rtu://")):
        raise strange
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that do not close
        raise strange from None
    sentences: list[str] = []
    words = _words(text, parts.query, ("unit",) if parts.scheme == "tcp" else SERIAL_WORDS, sentences)
    place = (_tcp if parts.scheme == "tcp" else _serial)(text, parts, words, sentences)
    unit = _unit(text, words.get("unit"), parts.scheme, sentences)
    if sentences:
        raise EndpointError(sentences)
    return Endpoint(place, unit)


def _words(text: str, query: str, known: tuple[str, ...], sentences: list[str]) -> dict[str, str]:
    words: dict[str, str] = {}
    for word, value in parse_qsl(query, keep_blank_values=True):
        if word not in known:
            allowed = ", ".join(f"{name}=" for name in known)
            sentences.append(
                f'"{text}": "{word}" is not known here; only {allowed} may follow the question mark.'
            )
        words[word] = value
    return words


def _tcp(text: str, parts: SplitResult, words: dict[str, str], sentences: list[str]) -> TcpPlace:
    try:
        port = parts.port
    except ValueError:
        port = -1
    if port is not None and not 0 < port <= LARGEST_PORT:
        sentences.append(f'"{text}": the port must be a number from 1 to {LARGEST_PORT}; Modbus uses 502.')
    if not HOST.fullmatch(parts.hostname or "") or "@" in parts.netloc:
        sentences.append(f'"{text}" needs a host name or IP address: tcp://192.168.1.20:502.')
    if parts.path not in {"", "/"} or parts.fragment:
        sentences.append(f'"{text}": nothing may follow the port but ?unit=.')
    return TcpPlace(parts.hostname or "", DEFAULT_PORT if port is None else port)


def _serial(text: str, parts: SplitResult, words: dict[str, str], sentences: list[str]) -> SerialPlace:
    device = unquote(parts.netloc + ("" if parts.netloc and parts.path == "/" else parts.path))
    if not device.strip("/") or parts.fragment or not device.isprintable():
        sentences.append(
            f'"{text}" needs a serial port: rtu:///dev/ttyS0?unit=1, or rtu://COM3?unit=1 on Windows.'
        )
    baud = words.get("baud", "19200")
    if not re.fullmatch(r"[0-9]{1,7}", baud) or not SLOWEST_BAUD <= int(baud) <= FASTEST_BAUD:
        sentences.append(
            f'"{text}": baud must be a number from {SLOWEST_BAUD} to {FASTEST_BAUD}, usually 9600 or 19200.'
        )
        baud = "19200"
    parity = words.get("parity", "E").upper()
    if parity not in {"E", "O", "N"}:
        sentences.append(f'"{text}": parity must be E (even), O (odd) or N (none).')
    stop = words.get("stop", "1")
    if stop not in {"1", "2"}:
        sentences.append(f'"{text}": stop must be 1 or 2 (stop bits).')
    return SerialPlace(device, int(baud), parity, 2 if stop == "2" else 1)


def _unit(text: str, unit: str | None, scheme: str, sentences: list[str]) -> int:
    """On a serial line unit 0 is the broadcast, which nobody answers, and 248 to 255 are reserved."""
    first, last = (0, 255) if scheme == "tcp" else (1, 247)
    if unit is None:
        return DEFAULT_UNIT
    if re.fullmatch(r"[0-9]{1,3}", unit) and first <= int(unit) <= last:
        return int(unit)
    sentences.append(f'"{text}": unit must be a number from {first} to {last}, usually 1.')
    return DEFAULT_UNIT


def timeout_s(source: Source) -> float:
    """The longest wait for one answer of this source."""
    return source.timeout_s or DEFAULT_TIMEOUT_S


def limits(source: Source) -> Limits:
    """The largest block and the widest hole worth reading over, as the source says."""
    block = LIMITS.registers if source.block is None else source.block
    gap = LIMITS.gap if source.gap is None else source.gap
    return Limits(block, min(LIMITS.bits, 16 * block), gap)


def check_source(source: Source) -> list[str]:
    """A sentence per mistake in a source of driver "modbus"; does not touch the network."""
    sentences: list[str] = []
    try:
        parse_endpoint(source.endpoint)
    except EndpointError as error:
        sentences += error.sentences
    if source.security not in {"", "none"}:
        sentences.append(
            f'Modbus cannot keep security "{source.security}"; leave security out or write "none".'
        )
    if source.user:
        sentences.append(f'Modbus knows no users; take user = "{source.user}" out.')
    if not math.isfinite(source.timeout_s) or not (
        source.timeout_s == 0 or 0.02 <= source.timeout_s <= LONGEST_TIMEOUT_S
    ):
        sentences.append(
            f"timeout_s = {source.timeout_s:g} must be from 0.02 to {LONGEST_TIMEOUT_S:g} seconds; "
            f"leave it out for {DEFAULT_TIMEOUT_S:g} s."
        )
    if source.block is not None and not 1 <= source.block <= LIMITS.registers:
        sentences.append(
            f"block = {source.block} must be from 1 to {LIMITS.registers}, the most registers that a "
            "request may ask for; leave it out unless the device takes fewer."
        )
    if source.gap is not None and not 0 <= source.gap <= WIDEST_GAP:
        sentences.append(
            f"gap = {source.gap} must be from 0 to {WIDEST_GAP} registers; leave it out for {LIMITS.gap}."
        )
    return sentences
