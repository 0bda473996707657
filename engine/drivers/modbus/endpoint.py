"""Where a Modbus device is, as a person writes it in plant.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from engine.types import Source

LARGEST_PORT = 0xFFFF
DEFAULT_PORT = 502
DEFAULT_UNIT = 1
HOST = re.compile(r"[A-Za-z0-9._:%-]+")


class EndpointError(ValueError):
    """An endpoint that cannot be used; ``sentences`` has one per mistake."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A Modbus TCP device: host, port and unit id."""

    host: str
    port: int
    unit: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port} unit {self.unit}"


def parse_endpoint(text: str) -> Endpoint:
    """Read ``tcp://host[:port][?unit=7]`` (port 502, unit 1); raises EndpointError."""
    if text.startswith("rtu://"):
        raise EndpointError(
            [f'"{text}": serial lines (RTU) come later; use tcp://host:port?unit=1 or a gateway.']
        )
    strange = EndpointError([f'"{text}" is not a Modbus endpoint; write tcp://host:port?unit=1.'])
    if not text.startswith("tcp://"):
        raise strange
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that do not close
        raise strange from None
    sentences: list[str] = []
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
    unit = _unit(text, parts.query, sentences)
    if sentences:
        raise EndpointError(sentences)
    return Endpoint(parts.hostname or "", DEFAULT_PORT if port is None else port, unit)


def _unit(text: str, query: str, sentences: list[str]) -> int:
    unit = DEFAULT_UNIT
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key != "unit":
            sentences.append(f'"{text}": "{key}" is not known here; only unit= may follow the question mark.')
        elif re.fullmatch(r"[0-9]{1,3}", value) and int(value) <= 255:
            unit = int(value)
        else:
            sentences.append(f'"{text}": unit must be a number from 0 to 255, usually 1.')
    return unit


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
    return sentences
