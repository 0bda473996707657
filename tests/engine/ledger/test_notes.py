"""Notes, checkpoints, canonical JSON and disclosures, against the texts of their specifications."""

from __future__ import annotations

import json

import pytest

from engine.ledger.canonical import canonical, parsed
from engine.ledger.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from engine.ledger.errors import EntryRefused, ProofRefused
from engine.ledger.note import COSIGNATURE, Signature, is_signed, parse_key, parse_note
from engine.ledger.sharing import digest, hide, read_disclosure, reveal
from engine.ledger.witness import cosign, is_cosigned
from tests.engine.ledger.made import ORIGIN, PARTNER, key

NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAID = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6K"
    "E6RyyBwJnAM=\n"
)  # fmt: skip
BEHIND_THE_SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
    "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin"
    "1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def test_note_of_the_reference_implementation_is_signed_by_its_key() -> None:
    assert is_signed(parse_note(SAID), parse_key(NEUMANN))
    assert parse_key(NEUMANN).text == NEUMANN
    with pytest.raises(ProofRefused, match="is not by that key"):
        is_signed(parse_note(SAID.replace("answer", "question")), parse_key(NEUMANN))


def test_checkpoint_of_the_specification_is_read() -> None:
    note, checkpoint = read_checkpoint(BEHIND_THE_SOFA)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert [each.name for each in note.signatures] == [checkpoint.origin, "witness.example.com/w1"]
    assert int.from_bytes(note.signatures[1].content[:8], "big") == 1679315147
    assert str(note) == BEHIND_THE_SOFA


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n20852163\n", "\n020852163\n"),
        ("\n20852163\n", "\n-1\n"),
        ("jxq2I=", "jxq2J="),
        ("\n\n", "\n"),
        ("AYQ8=\n", "AYQ8="),
        ("\u2014", "-"),
        ("CsUY", "\tCsUY"),
        ("CsUYapGG", ""),
    ],
)  # fmt: skip
def test_checkpoint_in_another_form_is_refused(old: str, new: str) -> None:
    with pytest.raises(ProofRefused):
        read_checkpoint(BEHIND_THE_SOFA.replace(old, new, 1))


def test_mistyped_key_is_refused() -> None:
    for wrong in (
        "",
        "name",
        NEUMANN[:-1] + "X",
        NEUMANN.replace("c74f", "c74e"),
        NEUMANN.replace("P", "p", 1),
    ):
        with pytest.raises(ProofRefused):
            parse_key(wrong)


def test_cosignature_is_over_the_text_and_its_time() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)), key())
    both = cosign(note, PARTNER, 1_795_000_000)
    assert is_signed(both, key().verifier())
    assert is_cosigned(both, PARTNER.verifier(COSIGNATURE))
    assert not is_cosigned(note, PARTNER.verifier(COSIGNATURE))
    theirs = both.signatures[1]
    later = Signature(PARTNER.name, theirs.key_id, theirs.content[:7] + b"\1" + theirs.content[8:])
    forged = str(both).replace(theirs.line, later.line)
    with pytest.raises(ProofRefused, match="not by that key"):
        is_cosigned(parse_note(forged), PARTNER.verifier(COSIGNATURE))


def test_canonical_form_is_that_of_rfc_8785() -> None:
    text = (
        '{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        '"string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/",'
        ' "literals": [null, true, false]}'
    )
    wanted = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(json.loads(text)).decode() == wanted
    assert canonical(parsed(wanted.encode())).decode() == wanted
    keys = {"\u20ac": 5, "\r": 1, "\ufb33": 7, "1": 2, "\U0001f600": 6, "\u0080": 3, "\u00f6": 4}
    assert list(json.loads(canonical(keys)).values()) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), {1: 2}, "\ud800", object(), b"x"])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(EntryRefused, match="cannot be written"):
        canonical({"value": value})


def test_deep_nesting_is_refused() -> None:
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(EntryRefused, match="nests deeper"):
        canonical(deep)


@pytest.mark.parametrize(
    "text", [b'{"b":1,"a":2}', b'{ "a":2}', b"1.0", b'"\\u0041"', b'{"a":1,"a":1}', b"{"]
)
def test_another_text_of_the_same_meaning_is_refused(text: bytes) -> None:
    with pytest.raises(ProofRefused):
        parsed(text)


def test_disclosure_of_rfc_9901_has_its_digest() -> None:
    disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest(disclosure) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert read_disclosure(disclosure) == ("family_name", "M\u00f6bius")


def test_a_field_is_proven_once_it_is_revealed_and_no_other() -> None:
    digests, disclosures = hide({"amount": 12, "price": 9.5})
    entry = {"_sd": list(digests), "_sd_alg": "sha-256"}
    assert reveal(entry, disclosures[1:]) == {"price": 9.5}
    assert "12" not in json.dumps(entry)
    _, others = hide({"price": 9.5})
    with pytest.raises(ProofRefused, match="does not belong"):
        reveal(entry, others)
    with pytest.raises(ProofRefused, match="twice"):
        reveal(entry, [disclosures[0], disclosures[0]])
    with pytest.raises(ProofRefused, match="not known here"):
        reveal(entry | {"_sd_alg": "md5"}, disclosures)


def test_the_same_value_never_has_the_same_digest() -> None:
    assert len({hide({"amount": 12})[0] for _ in range(100)}) == 100
