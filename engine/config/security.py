"""``[security]``, ``[security.ldap]`` and ``[control]`` of plant.toml."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast, get_args
from urllib.parse import urlsplit

import msgspec

from engine.config.findings import Findings, listed, meant, shown
from engine.config.locate import Section, key_line, place
from engine.config.names import Names
from engine.config.record import read_record
from engine.types import ControlSettings, LdapSettings, Role, SecuritySettings
from engine.types.people import IDLE_MIN

ROLES: tuple[str, ...] = get_args(Role)
SPANS = {
    "session_h": (0.25, 24.0, "hours"),
    "break_glass_min": (1.0, 240.0, "minutes"),
    "second_after_days": (0.0, 90.0, "days"),
    "timeout_s": (0.2, 30.0, "seconds"),
    "offline_days": (0.0, 30.0, "days"),
}
"""Least, most and unit of the numbers."""
MOST_IDLE_MIN = 1440.0
SECRETS = ("password", "bind_password", "secret", "pin", "passphrase")
LONGEST_REASON, LONGEST_LINE, MOST_TEXTS = 60, 200, 50
AT = " at "


def read_security(
    data: dict[str, Any], found: list[Section], names: Names, findings: Findings
) -> SecuritySettings:
    """What ``[security]`` says; defaults stand where something was absent or wrong (reported)."""
    keys, section = _table(data, "security", found, findings)
    inner = place(found, "security.ldap") if _has(found, "security.ldap") else section
    ldap = _ldap(keys, inner, found, names, findings)
    stated = {key: each for key, each in keys.items() if key != "ldap"}
    given: dict[str, Any] = {"ldap": ldap}
    read = read_record(SecuritySettings, stated, found, section, findings, given, "[security]")
    settings = read or SecuritySettings()
    for key, sentence in (*_out_of_range(settings), *_idle_mistakes(settings.idle_min)):
        findings.error(_line(found, section, "security", key), sentence)
    return msgspec.structs.replace(settings, idle_min={**IDLE_MIN, **settings.idle_min})


def read_control(data: dict[str, Any], found: list[Section], findings: Findings) -> ControlSettings:
    """What ``[control]`` says; defaults stand where something was absent or wrong (reported)."""
    keys, section = _table(data, "control", found, findings)
    read = read_record(ControlSettings, keys, found, section, findings, where="[control]")
    settings = read or ControlSettings()
    for key, sentence in _control_mistakes(settings):
        findings.error(key_line(section, key), sentence)
    return settings


def _table(
    data: dict[str, Any], name: str, found: list[Section], findings: Findings
) -> tuple[dict[str, Any], Section]:
    """The keys of a section and where it stands; none, and an error, where the name is something else."""
    section, keys = place(found, name), data.get(name, {})
    if not isinstance(keys, dict):
        findings.error(section.line, f"{name} must be one section: write [{name}] and its keys below it")
        return {}, section
    return _without_secrets(cast(dict[str, Any], keys), section, findings), section


def _without_secrets(keys: dict[str, Any], section: Section, findings: Findings) -> dict[str, Any]:
    for key in keys:
        if key in SECRETS:
            findings.error(
                key_line(section, key),
                f"{key}: no secret may stand in plant.toml, which everybody reads; take it out and change it",
            )
    return {key: each for key, each in keys.items() if key not in SECRETS}


def _has(found: list[Section], name: str) -> bool:
    return any(section.name == name for section in found)


def _line(found: list[Section], section: Section, name: str, key: str) -> int:
    """The line of a key, which may be a section of its own (``[security.idle_min]``)."""
    own = f"{name}.{key}"
    return place(found, own).line if _has(found, own) else key_line(section, key)


def _out_of_range(settings: msgspec.Struct) -> Iterator[tuple[str, str]]:
    for key in settings.__struct_fields__:
        if key in SPANS:
            low, high, unit = SPANS[key]
            number = getattr(settings, key)
            if not low <= number <= high:
                yield key, f"{key} {number:g} is out of range: use {low:g} to {high:g} ({unit})"


def _idle_mistakes(idle_min: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    for role, minutes in idle_min.items():
        if role not in ROLES:
            yield "idle_min", f"idle_min: {shown(role)} is no role: use {listed(ROLES)}{meant(role, ROLES)}"
        if not 0 <= minutes <= MOST_IDLE_MIN:
            yield (
                "idle_min",
                f"idle_min {minutes:g} of {shown(role)} is out of range: use 0 (never) to {MOST_IDLE_MIN:g} "
                "(minutes)",
            )


def _control_mistakes(settings: ControlSettings) -> Iterator[tuple[str, str]]:
    """Key and sentence of each mistake."""
    if settings.reason_for and not settings.reasons:
        yield "reasons", "reasons is empty, but reason_for asks for one: write at least one"
    if not settings.checklist:
        yield (
            "checklist",
            "checklist is empty: write what must hold before anything may be written to the plant",
        )
    for key, longest in (("reasons", LONGEST_REASON), ("checklist", LONGEST_LINE)):
        texts: tuple[str, ...] = getattr(settings, key)
        if len(texts) > MOST_TEXTS:
            yield key, f"{key} has {len(texts)} texts: use at most {MOST_TEXTS}"
        if len(set(texts)) < len(texts):
            yield key, f"{key} says something twice: write each once"
        if not all(text.strip() for text in texts):
            yield key, f"{key} holds an empty text: take it out"
        for text in texts:
            if len(text) > longest:
                yield key, f"{key}: {shown(text)} has {len(text)} characters: use at most {longest}"


def _ldap(
    keys: dict[str, Any], section: Section, found: list[Section], names: Names, findings: Findings
) -> LdapSettings | None:
    """The directory, None where none is named or it cannot be used (reported)."""
    if "ldap" not in keys:
        return None
    if not isinstance(keys["ldap"], dict):
        sentence = "ldap must be one section: write [security.ldap] and its keys below it"
        findings.error(key_line(section, "ldap"), sentence)
        return None
    own = _without_secrets(cast(dict[str, Any], keys["ldap"]), section, findings)
    read = read_record(LdapSettings, own, found, section, findings, where="[security.ldap]")
    if read is None:
        return None
    before = len(findings.problems)
    for key, sentence in (*_out_of_range(read), *_ldap_mistakes(read), *_role_mistakes(read.roles)):
        findings.error(_line(found, section, "security.ldap", key), sentence)
    for sentence in _unknown_areas(read.roles, names):
        findings.warning(_line(found, section, "security.ldap", "roles"), sentence)
    return read if len(findings.problems) == before or not _errors(findings, before) else None


def _errors(findings: Findings, before: int) -> bool:
    return any(problem.severity == "error" for problem in findings.problems[before:])


def _ldap_mistakes(ldap: LdapSettings) -> Iterator[tuple[str, str]]:
    """Key and sentence of each mistake."""
    yield from (("url", sentence) for sentence in _wrong_url(ldap))
    if ldap.person.count("{name}") != 1:
        use = 'write the distinguished name with {name} once, as in "uid={name},ou=people,dc=example,dc=com"'
        yield "person", f"person {shown(ldap.person)} cannot be used: {use}"
    if "@" in ldap.person and "=" not in ldap.person and not ldap.people:
        use = 'write where they are sought, as in people = "dc=example,dc=com"'
        yield "person", f"person {shown(ldap.person)} alone does not say where people are: {use}"
    if ldap.roles and not ldap.groups:
        use = 'write where groups are sought, as in "ou=groups,dc=example,dc=com"'
        yield "groups", f"groups is empty, so no group of roles would be found: {use}"
    if ldap.ca_file and not (ldap.ca_file.isprintable() and Path(ldap.ca_file).is_absolute()):
        yield (
            "ca_file",
            f"ca_file {shown(ldap.ca_file)} is not the full path of a file: write it from the top",
        )


def _wrong_url(ldap: LdapSettings) -> Iterator[str]:
    """An open link carries passwords in the clear, so there is one only on this machine itself."""
    use = 'use "ldaps://host" or "ldap://host" with start_tls = true'
    try:
        parts = urlsplit(ldap.url)
        host, port, user = parts.hostname or "", parts.port, parts.username
    except ValueError:
        yield f"url {shown(ldap.url)} cannot be read: {use}"
        return
    if parts.scheme not in ("ldap", "ldaps") or not host or port == 0:
        yield f"url {shown(ldap.url)} is no directory server: {use}"
    elif user is not None or parts.path.strip("/") or parts.query or parts.fragment:
        yield f"url holds more than a host and a port: {use}; names and passwords never stand here"
    elif parts.scheme == "ldap" and not ldap.start_tls and not _is_loopback(host):
        yield f"url {shown(ldap.url)} without start_tls would send passwords in the clear: {use}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _role_mistakes(roles: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    for group, given in roles.items():
        if not group.strip():
            yield "roles", "roles names a group without a name: write the name of the group"
        for text in given:
            role, at, area = text.partition(AT)
            if role not in ROLES:
                near = meant(role, ROLES)
                yield "roles", f"roles: {shown(text)} of {shown(group)} is no role: use {listed(ROLES)}{near}"
            elif at and not area.strip():
                yield "roles", f'roles: {shown(text)} of {shown(group)} names no area: write "role at area"'


def _unknown_areas(roles: Mapping[str, tuple[str, ...]], names: Names) -> Iterator[str]:
    for group, given in roles.items():
        for text in given:
            area = text.partition(AT)[2]
            if area and names.tags and not names.is_asset(area):
                yield f"roles: {shown(area)} of {shown(group)} is no asset: {names.why_not(area)}"
