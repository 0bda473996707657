"""The second party: what it cosigns, what it refuses, and what proves that it was cheated."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.ledger import Forked, ProofRefused, find_fork, is_proven
from engine.ledger.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from engine.ledger.fork import Evidence, compare, read_evidence
from engine.ledger.merkle import leaf_hash
from engine.ledger.rotation import LogKey
from tests.engine.ledger.made import ORIGIN, cosigned, drafts, key, ledger, witness

KEYS = (LogKey(key().verifier()),)


def test_witness_follows_a_ledger_that_only_grows(tmp_path: Path) -> None:
    opened, partner = ledger(tmp_path / "ledger.db"), witness(tmp_path / "witness.note")
    for k in range(8):
        opened.append(drafts(k + 1))
        cosigned(opened, partner)
    assert read_checkpoint(partner.last)[1].size == opened.size == 37
    assert opened.reading.checkpoint_sizes(cosigned=True)[-1] == 37
    cosigned(opened, partner)  # the same checkpoint again is no harm
    opened.close()


def test_witness_refuses_what_nothing_proves(tmp_path: Path) -> None:
    opened, partner = ledger(tmp_path / "ledger.db"), witness(tmp_path / "witness.note")
    old = opened.checkpoint
    opened.append(drafts(5))
    cosigned(opened, partner)
    kept = partner.last
    with pytest.raises(ProofRefused, match="cut back"):
        partner.cosign(old, [])
    opened.append(drafts(5))
    for proof in ([], opened.reading.consistency(5, 11), [bytes(32)] * 3):
        with pytest.raises(ProofRefused, match="nothing proves"):
            partner.cosign(opened.checkpoint, proof)
    stolen = sign_checkpoint(read_checkpoint(opened.checkpoint)[1], key(number=5))
    with pytest.raises(ProofRefused, match="not signed by a key"):
        partner.cosign(str(stolen), opened.reading.consistency(6, 11))
    other = sign_checkpoint(Checkpoint("other.example", 20, bytes(32)), key())
    with pytest.raises(ProofRefused, match="is of 'other.example'"):
        partner.cosign(str(other), [])
    assert partner.last == kept
    opened.close()


def test_ledger_that_shows_two_pasts_is_proven_to(tmp_path: Path) -> None:
    one, other = ledger(tmp_path / "one.db"), ledger(tmp_path / "other.db")
    partner = witness(tmp_path / "witness.note")
    one.append(drafts(5))
    other.append(drafts(5, 100))
    cosigned(one, partner)
    with pytest.raises(Forked, match="two different pasts of 6 entries"):
        partner.cosign(other.checkpoint, [])
    [file] = tmp_path.glob("fork-*.json")
    evidence = read_evidence(file)
    assert is_proven(evidence, KEYS)
    assert not is_proven(evidence, [LogKey(key(number=2).verifier())])
    assert find_fork([one.checkpoint, other.checkpoint]) == Evidence(
        evidence.text, one.checkpoint, other.checkpoint
    )
    assert find_fork([one.checkpoint, one.checkpoint]) is None
    one.close()
    other.close()


def test_fork_of_two_sizes_is_proven_with_the_entries(tmp_path: Path) -> None:
    one, other = ledger(tmp_path / "one.db"), ledger(tmp_path / "other.db")
    one.append(drafts(5))
    first = one.checkpoint
    one.append(drafts(4))
    other.append(drafts(9, 100))
    leaves = [leaf_hash(each.line) for each in other.reading.entries()]
    evidence = compare(other.checkpoint, first, [], leaves)
    assert evidence is not None
    assert is_proven(evidence, KEYS)
    honest = [leaf_hash(each.line) for each in one.reading.entries()]
    assert compare(first, one.checkpoint, [], honest) is None
    assert compare(first, one.checkpoint, one.reading.consistency(6, 10)) is None
    with pytest.raises(ProofRefused, match="ask for the entries"):
        compare(first, other.checkpoint, one.reading.consistency(6, 10))
    with pytest.raises(ProofRefused, match="not those of the later"):
        compare(first, other.checkpoint, [], honest)
    one.close()
    other.close()


def test_cheap_evidence_proves_nothing(tmp_path: Path) -> None:
    opened = ledger(tmp_path / "ledger.db")
    opened.append(drafts(2))
    made_up = str(sign_checkpoint(Checkpoint(ORIGIN, 3, bytes(32)), key(number=2)))
    assert not is_proven(Evidence("they cheated", opened.checkpoint, made_up), KEYS)
    assert not is_proven(Evidence("they cheated", opened.checkpoint, opened.checkpoint), KEYS)
    opened.close()
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(ProofRefused, match="no evidence"):
        read_evidence(tmp_path / "x.json")
