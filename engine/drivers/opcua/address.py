"""OPC UA addresses: node ids in tags.csv, endpoints and security words in plant.toml. Pure."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from engine.types import Source

POLICIES = ("Aes256_Sha256_RsaPss", "Aes128_Sha256_RsaOaep", "Basic256Sha256")
"""Security policies we use, best first (OPC 10000-7; the older ones rest on SHA-1)."""
POLICY_ROOT = "http://opcfoundation.org/UA/SecurityPolicy#"
DEPRECATED = ("Basic128Rsa15", "Basic256")
DEFAULT_PORT = 4840
MAX_STRING = 4096
"""Longest string identifier a server must accept (OPC 10000-3, 8.2.4)."""

IdentifierKind = Literal["i", "s", "g", "b"]
_INDEX = re.compile(r"ns=(\d+)\Z")
_NUMBER = re.compile(r"\d+\Z")
_STEP = re.compile(r"\d+(,\d+)*\Z")
_INDEX_LIMIT = 0xFFFFFFFF
_AT_EXAMPLE = "write it like at=3;nsu=…, at=1,2;nsu=…, at=Motor.Speed;nsu=… or at=Axes.0.Position;nsu=…"
_EXAMPLE = "write it like nsu=urn:demo:plant;s=S50.Pressure, ns=2;s=S50.Pressure or ns=2;i=1001"


class AddressMistake(ValueError):
    """A node id that cannot be meant; the text says what is wrong and how to write it."""


Path = tuple[int | str, ...]
"""The way into a value, outermost step first: an array's index from 0, or a structure's field."""


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """A node id as written: namespace by ``uri``, or by ``index`` when ``uri`` is empty.

    ``at`` picks one element or field of its value, () is the whole value.
    """

    uri: str
    index: int
    kind: IdentifierKind
    identifier: int | str | bytes | uuid.UUID
    at: Path = ()


def parse(text: str) -> NodeAddress:
    """Read an address: a node id, maybe with ``at=…;`` before it. Raises ``AddressMistake``."""
    if text != text.strip():
        raise AddressMistake(f"'{text}' begins or ends with a space")
    at: Path = ()
    node = text
    if text.startswith("at="):
        head, semicolon, node = text.partition(";")
        if not semicolon:
            raise AddressMistake(f"'{text}' has no node id after 'at=': {_AT_EXAMPLE}")
        at = _path(head[3:])
    uri, index, rest = _namespace(node)
    kind, equals, identifier = rest.partition("=")
    if not equals or kind not in ("i", "s", "g", "b"):
        raise AddressMistake(f"'{text}' has no identifier i=, s=, g= or b=: {_EXAMPLE}")
    if not identifier:
        raise AddressMistake(f"'{text}' ends after '{kind}=': the identifier is missing")
    return NodeAddress(uri, index, kind, _identifier(kind, identifier), at)


def _path(text: str) -> Path:
    """``Motor.Speed``, ``3``, ``1,2`` or ``Axes.0.Position`` as steps; %2E and %3B stand for . and ;."""
    path: list[int | str] = []
    for step in text.split("."):
        if not step or step != step.strip():
            raise AddressMistake(f"'at={text}' has an empty step or a space: {_AT_EXAMPLE}")
        if not _STEP.match(step):
            if step[0].isdigit() and "," in step or step[0] in "-,":
                raise AddressMistake(f"'at={text}': '{step}' is not a number or field: {_AT_EXAMPLE}")
            path.append(step.replace("%2E", ".").replace("%3B", ";").replace("%25", "%"))
            continue
        numbers = [int(number) for number in step.split(",")]
        if max(numbers) > _INDEX_LIMIT:
            raise AddressMistake(f"'at={text}': an index is at most {_INDEX_LIMIT}")
        path += numbers
    return tuple(path)


def path_text(at: Path) -> str:
    """A path as it is written behind ``at=``."""
    steps = (str(s).replace("%", "%25").replace(".", "%2E").replace(";", "%3B") for s in at)
    return ".".join(steps)


def _namespace(text: str) -> tuple[str, int, str]:
    """Namespace URI, index, and what follows them."""
    head, semicolon, rest = text.partition(";")
    if text.startswith("nsu="):
        if not semicolon or not head[4:]:
            raise AddressMistake(f"'{text}' names no namespace URI followed by ';': {_EXAMPLE}")
        return head[4:].replace("%3B", ";").replace("%25", "%"), 0, rest
    if not text.startswith("ns="):
        return "", 0, text
    found = _INDEX.match(head)
    if not found or not semicolon:
        raise AddressMistake(f"'{text}': after ns= comes a number and ';': {_EXAMPLE}")
    index = int(found[1])
    if index > 65_535:
        raise AddressMistake(f"'{text}': a namespace index is at most 65535")
    return "", index, rest


def _identifier(kind: str, text: str) -> int | str | bytes | uuid.UUID:
    if kind == "i":
        if not _NUMBER.match(text) or int(text) > 0xFFFFFFFF:
            raise AddressMistake(f"'i={text}': a numeric identifier is 0 to 4294967295; for text write s=")
        return int(text)
    if kind == "s":
        if len(text) > MAX_STRING:
            raise AddressMistake(f"'s={text[:20]}…' is longer than {MAX_STRING} characters")
        return text
    if kind == "g":
        try:
            return uuid.UUID(text)
        except ValueError:
            raise AddressMistake(
                f"'g={text}' is no GUID: write it like g=09087e75-8e5e-499b-954f-f2a9603db28a"
            ) from None
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise AddressMistake(f"'b={text}' is no base64 text") from None


def address_text(uri: str, kind: str, identifier: object) -> str:
    """A node id to paste into tags.csv, with its namespace URI ("" = the OPC UA namespace 0)."""
    if isinstance(identifier, bytes):
        identifier = base64.b64encode(identifier).decode()
    escaped = uri.replace("%", "%25").replace(";", "%3B")
    return f"nsu={escaped};{kind}={identifier}" if uri else f"{kind}={identifier}"


def check_address(address: str) -> Sequence[str]:
    """A sentence per mistake in an address of tags.csv."""
    try:
        parse(address)
    except AddressMistake as mistake:
        return [str(mistake)]
    return []


def check_frame(addresses: Sequence[str]) -> str:
    """Why values at these addresses cannot go out in one Write; "" = they can (OPC 10000-4, 5.11.4)."""
    if any(address.startswith("at=") for address in addresses):
        return "a part of a larger value (at=) cannot be written: give each a node of its own"
    return ""


def tag_type(address: str) -> str:
    """The type an address states: always "", an OPC UA server states the type itself."""
    del address
    return ""


def host_and_port(endpoint: str) -> tuple[str, int]:
    """Host and TCP port of an endpoint, port 4840 if none. Raises ``ValueError``."""
    parts = urlsplit(endpoint)
    if parts.scheme != "opc.tcp":
        raise ValueError(
            f"endpoint '{endpoint}' must begin with opc.tcp://, like opc.tcp://192.168.1.10:4840"
        )
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"endpoint '{endpoint}': the port must be a number from 1 to 65535") from None
    if port == 0:
        raise ValueError(f"endpoint '{endpoint}': the port must be a number from 1 to 65535")
    if not parts.hostname:
        raise ValueError(f"endpoint '{endpoint}' names no host, write opc.tcp://host:port")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"endpoint of '{parts.hostname}' holds a user or password: never in plant.toml")
    return parts.hostname, port or DEFAULT_PORT


def dialled(endpoint: str) -> str:
    """The endpoint with its port spelled out: what we dial, whatever the server advertises."""
    host, port = host_and_port(endpoint)
    parts = urlsplit(endpoint)
    shown = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{shown}:{port}").geturl()


def needs_trust(source: Source) -> bool:
    """Whether a person must have vouched for its server: the link is encrypted, or a password goes there."""
    return source.security != "none" or bool(source.user)


def check_source(source: Source) -> Sequence[str]:
    """A sentence per mistake in a ``[[sources]]`` entry."""
    mistakes: list[str] = []
    try:
        host_and_port(source.endpoint)
    except ValueError as mistake:
        mistakes.append(str(mistake))
    word = source.security
    if word in DEPRECATED:
        mistakes.append(
            f"security '{word}' rests on SHA-1, which is broken: use one of {', '.join(POLICIES)}, "
            "or leave security out for the best the server has"
        )
    elif word not in ("", "none", *POLICIES):
        mistakes.append(
            f"security '{word}' is unknown: leave it out for the best the server has, or write "
            f"{', '.join(POLICIES)} or none"
        )
    return mistakes
