"""Certificates in words, and the proof that a person looked at the server."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hmi.displays.system import certificate_state as certificates
from tests.hmi.plant import NOW_US
from tests.hmi.sources import DAY_US, OWN, THUMBPRINT, certificate


@pytest.mark.parametrize(
    "typed",
    [
        THUMBPRINT[:8],
        THUMBPRINT[-8:],
        THUMBPRINT,
        THUMBPRINT[:12].upper(),
        "3F:2A:91:BC",
        " 3f2a 91bc ",
        "cc75-d81e",
    ],
)
def test_first_or_last_digits_are_proof_however_they_are_written(typed: str) -> None:
    assert certificates.proof(typed, THUMBPRINT) == "right"


@pytest.mark.parametrize("typed", ["", "3f2a91b", "3f:2a 91", "d81e"])
def test_too_few_digits_are_no_proof_yet(typed: str) -> None:
    assert certificates.proof(typed, THUMBPRINT) == "wanting"


@pytest.mark.parametrize(
    "typed", [THUMBPRINT[1:9], THUMBPRINT[:7] + "d", THUMBPRINT + "0", "trust me", "--------3f2"]
)
def test_digits_of_something_else_are_wrong_or_no_proof(typed: str) -> None:
    assert certificates.proof(typed, THUMBPRINT) != "right"


def test_certificates_stand_by_what_can_be_done_with_them() -> None:
    trusted = certificate("trusted", "ab" * 32)
    cards = certificates.cards((OWN, trusted, certificate()), NOW_US, "UTC")
    assert [card.certificate for card in cards.rejected] == [certificate()]
    assert [card.certificate for card in cards.trusted] == [trusted]
    assert [card.certificate for card in cards.own] == [OWN]


def test_server_with_ever_new_certificates_does_not_flood_the_page() -> None:
    many = [certificate(thumbprint=f"{n:064x}") for n in range(50)]
    cards = certificates.cards(many, NOW_US, "UTC")
    assert [card.certificate.thumbprint for card in cards.rejected] == [f"{n:064x}" for n in range(6)]
    assert cards.older == 44


def test_thumbprint_stands_in_sixteen_groups_of_four_on_two_lines() -> None:
    card = certificates.cards((certificate(),), NOW_US, "UTC").rejected[0]
    assert len(card.groups) == 16 and {len(group) for group in card.groups} == {4}
    assert "".join(card.groups) == THUMBPRINT
    assert card.thumbprint.splitlines()[0] == "3f2a 91bc 04de 77a1 c9e0 528b 6d13 f4aa"


@pytest.mark.parametrize(
    ("begin_days", "end_days", "words", "is_out"),
    [
        (-300, 1500, "26 Jan 2026 to 31 Dec 2030", False),
        (-300, 12, "26 Jan 2026 to 4 Dec 2026, ends in 12 days", False),
        (-300, -1, "expired on 21 Nov 2026", True),
        (1, 1500, "not valid before 23 Nov 2026; check both clocks", True),
    ],
)
def test_life_of_a_certificate_is_told_in_words(
    begin_days: int, end_days: int, words: str, is_out: bool
) -> None:
    made = certificate(not_before_us=NOW_US + begin_days * DAY_US, not_after_us=NOW_US + end_days * DAY_US)
    card = certificates.cards((made,), NOW_US, "UTC").rejected[0]
    assert (card.life, card.is_out_of_date) == (words, is_out)


def test_certificate_that_names_nobody_says_so() -> None:
    card = certificates.cards((certificate(subject="", uri=""),), NOW_US, "UTC").rejected[0]
    assert (card.subject, card.uri) == ("names nobody", "none")


def test_saved_file_is_named_after_the_plant() -> None:
    assert certificates.file_name(OWN, "Framing line 3") == "watchroom-framing-line-3.der"
    assert certificates.file_name(certificate("own", file="x.pem"), "../..") == "watchroom-plant.pem"


def test_it_needs_no_screen() -> None:
    code = (
        "import sys; sys.modules['PySide6'] = None\n"
        "import hmi.displays.system.state, hmi.displays.system.certificate_state, hmi.links"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
