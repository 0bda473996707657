"""The tree, against the vectors of RFC 6962's reference code, against pymerkle and against the verifier."""

from __future__ import annotations

import random

import pymerkle
import pytest

from engine.ledger import merkle
from engine.ledger import verify_bundle as stranger

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
    + ("606162636465666768696a6b6c6d6e6f",)
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Of the first 0 to 8 leaves (merkletree/merkle_tree_test.cc of certificate-transparency)."""
FIRST_OF_EIGHT = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
SIX_TO_EIGHT = (
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)


def tree(entries: list[bytes]) -> merkle.Node:
    """All complete subtrees of a tree over these entries."""
    nodes: dict[tuple[int, int], bytes] = {}
    peaks: list[bytes] = []
    for index, entry in enumerate(entries):
        nodes[0, index] = merkle.leaf_hash(entry)
        for level, position, found in merkle.grow(index, peaks, nodes[0, index]):
            nodes[level, position] = found
    return lambda level, position: nodes[level, position]


def root(node: merkle.Node, size: int) -> bytes:
    return merkle.root_of(merkle.peaks_of(size, node))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    assert root(tree(LEAVES), size).hex() == ROOTS[size]
    assert merkle.root_of_leaves(map(merkle.leaf_hash, LEAVES[:size])).hex() == ROOTS[size]


def test_proofs_are_those_of_the_reference() -> None:
    node = tree(LEAVES)
    assert tuple(step.hex() for step in merkle.inclusion_proof(0, 8, node)) == FIRST_OF_EIGHT
    assert tuple(step.hex() for step in merkle.consistency_proof(1, 8, node)) == FIRST_OF_EIGHT
    assert tuple(step.hex() for step in merkle.consistency_proof(6, 8, node)) == SIX_TO_EIGHT


def test_every_proof_of_small_trees_holds_for_both_verifiers() -> None:
    entries = [bytes([k]) * k for k in range(33)]
    node = tree(entries)
    for size in range(1, 34):
        for index in range(size):
            leaf, path = merkle.leaf_hash(entries[index]), merkle.inclusion_proof(index, size, node)
            assert merkle.is_included(leaf, index, size, path, root(node, size))
            assert stranger.root_by_inclusion(leaf, index, size, path) == root(node, size)
        for old in range(1, size + 1):
            path = merkle.consistency_proof(old, size, node)
            before, after = root(node, old), root(node, size)
            assert merkle.is_consistent(old, before, size, after, path)
            assert stranger.roots_by_consistency(old, size, path, before) == (before, after)


def test_random_trees_agree_with_pymerkle() -> None:
    dice = random.Random(7)
    for size in (1, 2, 3, 7, 64, 100, 257, 1000):
        entries = [dice.randbytes(dice.randrange(60)) for _ in range(size)]
        theirs, node = pymerkle.InmemoryTree(algorithm="sha256"), tree(entries)
        theirs.append_entries(entries)
        for _ in range(30):
            new = dice.randrange(1, size + 1)
            old, index = dice.randrange(1, new + 1), dice.randrange(new)
            assert root(node, new) == theirs.get_root(new)
            proof = theirs.prove_inclusion(index + 1, new)
            assert merkle.inclusion_proof(index, new, node) == [*proof.path[1:]]
            pymerkle.verify_inclusion(merkle.leaf_hash(entries[index]), root(node, new), proof)
            between = theirs.prove_consistency(old, new)
            pymerkle.verify_consistency(root(node, old), root(node, new), between)
            ours = merkle.consistency_proof(old, new, node)
            assert merkle.is_consistent(old, theirs.get_root(old), new, theirs.get_root(new), ours)


def test_wrong_proofs_are_refused() -> None:
    dice = random.Random(3)
    entries = [dice.randbytes(9) for _ in range(70)]
    node = tree(entries)
    for _ in range(2000):
        new = dice.randrange(2, 71)
        old, index = dice.randrange(1, new), dice.randrange(new)
        leaf, whole = merkle.leaf_hash(entries[index]), root(node, new)
        path = merkle.inclusion_proof(index, new, node)
        assert not merkle.is_included(leaf, index, new, spoilt(dice, path), whole)
        assert not merkle.is_included(leaf, (index + 1) % new, new, path, whole)
        between = merkle.consistency_proof(old, new, node)
        assert not merkle.is_consistent(old, root(node, old), new, whole, spoilt(dice, between))
        assert not merkle.is_consistent(old, dice.randbytes(32), new, whole, between)


def spoilt(dice: random.Random, path: list[bytes]) -> list[bytes]:
    """Another path: a hash more, a hash less, or a bit of one."""
    way, path = dice.randrange(3), list(path)
    if not path or way == 0:
        path.insert(dice.randrange(len(path) + 1), dice.randbytes(32))
    elif way == 1:
        del path[dice.randrange(len(path))]
    else:
        at = dice.randrange(len(path))
        path[at] = bytes([path[at][0] ^ 1]) + path[at][1:]
    return path


def test_no_proof_of_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="no entry 8"):
        merkle.inclusion_proof(8, 8, tree(LEAVES))
    with pytest.raises(ValueError, match="cannot follow"):
        merkle.consistency_proof(9, 8, tree(LEAVES))
    assert not merkle.is_included(b"", 8, 8, [], b"")
    assert merkle.is_consistent(0, merkle.EMPTY_ROOT, 8, b"any", [])
