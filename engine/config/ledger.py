"""``[ledger]`` of plant.toml: who outside vouches for the ledger."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from engine.config.findings import Findings, shown
from engine.config.locate import Section, key_line, place, places
from engine.config.plant import TIME_OF_DAY
from engine.config.record import read_record
from engine.types import LedgerSettings, LedgerWitness

COSIGNATURE = 0x04
"""Type of a cosignature/v1 in C2SP signed-note."""


def read_ledger(data: dict[str, Any], found: list[Section], findings: Findings) -> LedgerSettings:
    """What ``[ledger]`` says; defaults stand where something was absent or wrong (reported)."""
    section, keys = place(found, "ledger"), data.get("ledger", {})
    if not isinstance(keys, dict):
        findings.error(section.line, "ledger must be one section: write [ledger] and its keys below it")
        return LedgerSettings()
    stated = cast(dict[str, Any], keys)
    settings = read_record(LedgerSettings, stated, found, section, findings, where="[ledger]")
    if settings is None:
        return LedgerSettings()
    for key, sentence in _mistakes(settings):
        findings.error(key_line(section, key), sentence)
    lines = places(found, "ledger.witnesses", len(settings.witnesses))
    for at, witness in zip(lines, settings.witnesses, strict=True):
        for key, sentence in _witness_mistakes(witness):
            findings.error(key_line(at, key), sentence)
    if len({each.key for each in settings.witnesses}) < len(settings.witnesses):
        findings.error(lines[-1].line, "two witnesses have the same key: write each witness once")
    return settings


def _mistakes(settings: LedgerSettings) -> Iterator[tuple[str, str]]:
    """Key and sentence of each mistake."""
    if settings.daily_at and not TIME_OF_DAY.fullmatch(settings.daily_at):
        use = 'use 00:00 to 23:59, as in "06:00"'
        yield "daily_at", f"daily_at {shown(settings.daily_at)} is not a time of day: {use}"
    if settings.stamp_url:
        yield from (("stamp_url", sentence) for sentence in _wrong_url("stamp_url", settings.stamp_url))
        if not settings.stamp_ca:
            yield (
                "stamp_url",
                "stamp_url needs stamp_ca, the full path of a PEM file with the authorities that vouch for "
                "the time-stamping authority: without it nobody can check its answers",
            )
    if settings.stamp_ca and not (settings.stamp_ca.isprintable() and Path(settings.stamp_ca).is_absolute()):
        text = f"stamp_ca {shown(settings.stamp_ca)} is not the full path of a file: write it from the top"
        yield "stamp_ca", text


def _witness_mistakes(witness: LedgerWitness) -> Iterator[tuple[str, str]]:
    yield from (("url", sentence) for sentence in _wrong_url("url", witness.url))
    if not _is_cosigner(witness.key):
        use = "copy what the witness shows, as in partner.example/audit+915c31dd+BN…"
        yield "key", f"key {shown(witness.key)} is no key for cosignatures, or was mistyped: {use}"


def _wrong_url(name: str, url: str) -> Iterator[str]:
    use = 'use "https://host/path" or "http://host/path"'
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        yield f"{name} {shown(url)} cannot be read: {use}"
        return
    if parts.scheme not in ("http", "https") or not host or port == 0 or not url.isprintable():
        yield f"{name} {shown(url)} is no address of a server: {use}"
    elif parts.username is not None or parts.fragment:
        yield f"{name} holds more than a host and a path: {use}; names and passwords never stand here"


def _is_cosigner(text: str) -> bool:
    """Whether it is a vkey of C2SP signed-note for cosignatures, with the id that belongs to it."""
    name, _, rest = text.partition("+")
    key_id, _, coded = rest.partition("+")
    try:
        content = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        return False
    digest = hashlib.sha256(f"{name}\n".encode() + content).hexdigest()
    return bool(name) and len(content) == 33 and content[0] == COSIGNATURE and digest[:8] == key_id
