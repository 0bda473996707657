"""Certificates in words, and the proof a person has to give before one is trusted. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from engine.types import Certificate
from hmi import formats
from hmi.formats import t

PROOF_DIGITS = 8
"""Digits of a thumbprint a person types from what the server shows, so that nobody says yes unseen."""
MOST_SHOWN = 6
GROUPS_A_LINE = 8
SOON_US = 30 * 86_400_000_000
Act = Literal["trust", "distrust"]
Proof = Literal["wanting", "right", "wrong"]


@dataclass(frozen=True, slots=True)
class Card:
    """One certificate in the words on the screen. ``groups`` = its thumbprint, 4 hex digits each."""

    certificate: Certificate
    subject: str
    uri: str
    life: str
    is_out_of_date: bool
    groups: tuple[str, ...]

    @property
    def thumbprint(self) -> str:
        """The thumbprint in groups, eight a line."""
        lines = (self.groups[at : at + GROUPS_A_LINE] for at in range(0, len(self.groups), GROUPS_A_LINE))
        return "\n".join(" ".join(line) for line in lines)


@dataclass(frozen=True, slots=True)
class Cards:
    """The certificates of a source by what a person can do with them; ``older`` ones are not shown."""

    rejected: tuple[Card, ...] = ()
    trusted: tuple[Card, ...] = ()
    own: tuple[Card, ...] = ()
    older: int = 0


def cards(certificates: Sequence[Certificate], now_us: int, zone: str) -> Cards:
    """Sort and word the certificates; the engine lists the newest first."""
    made = [_card(each, now_us, zone) for each in certificates]
    rejected, trusted, own = (
        tuple(each for each in made if each.certificate.place == place)
        for place in ("rejected", "trusted", "own")
    )
    return Cards(rejected[:MOST_SHOWN], trusted, own, max(0, len(rejected) - MOST_SHOWN))


def _card(certificate: Certificate, now_us: int, zone: str) -> Card:
    words, is_out = _life(certificate, now_us, zone)
    return Card(
        certificate,
        formats.one_line(certificate.subject) or t("names nobody"),
        formats.one_line(certificate.uri) or t("none"),
        words,
        is_out,
        formats.grouped(certificate.thumbprint),
    )


def _life(certificate: Certificate, now_us: int, zone: str) -> tuple[str, bool]:
    begin, end = (
        formats.date_of(each, zone) for each in (certificate.not_before_us, certificate.not_after_us)
    )
    if now_us > certificate.not_after_us:
        return t("expired on {end}", end=end), True
    if now_us < certificate.not_before_us:
        return t("not valid before {begin}; check both clocks", begin=begin), True
    if certificate.not_after_us - now_us < SOON_US:
        left = formats.span((certificate.not_after_us - now_us) / 1e6)
        return t("{begin} to {end}, ends in {left}", begin=begin, end=end, left=left), False
    return t("{begin} to {end}", begin=begin, end=end), False


def proof(typed: str, thumbprint: str) -> Proof:
    """Whether what a person typed is the beginning or the end of a thumbprint, ``PROOF_DIGITS`` at least.

    Upper case, spaces, colons and dashes are allowed, as tools write thumbprints in many ways.
    """
    digits = "".join(each for each in typed.casefold() if each not in " \t\u202f\xa0:-")
    if len(digits) < PROOF_DIGITS:
        return "wanting"
    fits = thumbprint.startswith(digits) or thumbprint.endswith(digits)
    return "right" if fits else "wrong"


def file_name(certificate: Certificate, plant: str) -> str:
    """What our certificate is called when it is saved for the server's side."""
    name = "".join(each if each.isalnum() else "-" for each in plant.casefold()).strip("-") or "plant"
    return f"watchroom-{name}{PurePath(certificate.file).suffix or '.der'}"
